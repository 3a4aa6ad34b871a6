//! Every bound of a worker and of a channel, in one place.

use std::time::Duration;

/// Bounds that hold whatever the peer sends. Start from [`Limits::default`] and change fields.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of one frame, in and out, checked before allocation. Default 64 MiB.
    pub message_bytes: usize,
    /// Nesting of arrays and objects in one frame. Default 128.
    pub depth: usize,
    /// Requests that may wait for a thread. Default 1,024.
    pub queued: usize,
    /// Bytes of requests, parameters and ids, that may wait for a thread. Default 64 MiB.
    pub queued_bytes: usize,
    /// Bytes of answers the parent has not read, above which requests are refused as busy.
    /// At twice this figure reading pauses until the parent has read. Default 64 MiB.
    pub outbox_bytes: usize,
    /// Bytes of inputs of one call that may wait for its handler, above which the call fails. Items are asked for so that
    /// ordinary ones stay far below. Default 64 MiB.
    pub input_bytes: usize,
    /// Messages in one batch. Default 1,000: callers send no more in one array.
    pub batch: usize,
    /// Bytes of parameters up to which an inline handler runs on the reader. Default 64 KiB.
    pub inline_bytes: usize,
    /// How long a worker may live after the end of input, for requests to finish and answers to leave. Default 5 s. The
    /// last tenth of it, half a second at most, is for answers alone.
    pub grace: Duration,
    /// Requests of a channel that wait for their answers; more fail with
    /// [`Error::Overloaded`](crate::Error::Overloaded). Default 65,536.
    pub in_flight: usize,
    /// Bytes that a channel has received and that wait: notifications for their handler, items of one stream for whoever
    /// reads it. Default 64 MiB.
    pub held_bytes: usize,
    /// Bytes per minute of text on a child's stdout that is no message; more end the link. Default 256 KiB.
    pub noise_bytes: usize,
    /// Bytes of a child's stderr that are kept for errors. Default 64 KiB.
    pub stderr_bytes: usize,
    /// Notifications without a handler that are kept for one to come; more push the oldest out. Default 256.
    pub early_notifications: usize,
    /// Notifications that wait for the handlers; more push the oldest out. Default 1,024.
    pub queued_notifications: usize,
    /// Connections of a service at once, those that have not greeted included. Default 1,024.
    pub connections: usize,
}

impl Default for Limits {
    fn default() -> Self {
        const MIB: usize = 1024 * 1024;
        Limits {
            message_bytes: 64 * MIB,
            depth: 128,
            queued: 1024,
            queued_bytes: 64 * MIB,
            outbox_bytes: 64 * MIB,
            input_bytes: 64 * MIB,
            batch: 1_000,
            inline_bytes: 64 * 1024,
            grace: Duration::from_secs(5),
            in_flight: 65_536,
            held_bytes: 64 * MIB,
            noise_bytes: 256 * 1024,
            stderr_bytes: 64 * 1024,
            early_notifications: 256,
            queued_notifications: 1024,
            connections: 1024,
        }
    }
}
