//! The names of the protocol's own requests and notifications. Nothing else spells them.

/// Answered by the reader with null.
pub(crate) const PING: &str = "$/ping";
/// Answered with the list of methods.
pub(crate) const DISCOVER: &str = "rpc.discover";
/// A request or a notification: the worker ends.
pub(crate) const SHUTDOWN: &str = "shutdown";

/// The request `id` is not wanted any more.
pub(crate) const CANCEL: &str = "$/cancelRequest";
/// How far the request `token` is.
pub(crate) const PROGRESS: &str = "$/progress";
/// A line for people, from the worker.
pub(crate) const LOG: &str = "log";

/// The caller takes so many items of a streamed answer.
pub(crate) const STREAM_PULL: &str = "$/stream/pull";
/// Items of a streamed answer.
pub(crate) const STREAM_ITEMS: &str = "$/stream/items";

/// Inputs go with the request that follows.
pub(crate) const INPUT_OPEN: &str = "$/input/open";
/// The worker takes so many inputs.
pub(crate) const INPUT_PULL: &str = "$/input/pull";
/// Inputs.
pub(crate) const INPUT_ITEMS: &str = "$/input/items";
/// No more inputs.
pub(crate) const INPUT_END: &str = "$/input/end";

/// Whether a notification that nobody knows is to be passed over in silence: it may be of a newer protocol.
pub(crate) fn is_optional(method: &str) -> bool {
    method.starts_with("$/")
}

/// Whether a method is one of the protocol's own.
#[cfg(any(unix, feature = "client"))]
pub(crate) fn is_reserved(method: &str) -> bool {
    method.starts_with("$/") || method.starts_with("rpc.")
}
