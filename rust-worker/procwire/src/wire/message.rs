//! The JSON-RPC meaning of one decoded value, whatever codec it came in.

use std::borrow::Cow;
use std::fmt;

use crate::fault::Fault;
use crate::wire::long_values::LongValues;

/// What is nested beyond the limit is not read: a parse error, as what cannot be read.
pub(crate) const TOO_DEEP: &str = "Parse error: the message is nested too deeply";

/// The members of one message, each still in the codec's own bytes. Of several with one name the last counts, as in most
/// readers of JSON.
#[derive(Debug, Default)]
pub(crate) struct Envelope<'a> {
    /// The version member says "2.0".
    pub version: bool,
    /// A string, a number or null.
    pub id: Option<&'a [u8]>,
    /// The id is neither string nor number nor null.
    pub bad_id: bool,
    pub method: Option<Cow<'a, str>>,
    /// There is a method, but it is not a string.
    pub bad_method: bool,
    pub params: Option<Sent<'a>>,
    /// `params` is there, and is neither object nor array.
    pub bad_params: bool,
    pub result: Option<&'a [u8]>,
    pub error: Option<&'a [u8]>,
    /// There is a `result` or an `error`, perhaps a torn one.
    pub has_outcome: bool,
    /// Nested deeper than the limit.
    pub too_deep: bool,
}

/// Params in the codec's own bytes, with what was noted of them when they were first gone over.
#[derive(Clone, Copy)]
pub(crate) struct Sent<'a> {
    pub bytes: &'a [u8],
    pub long: LongValues,
}

impl<'a> Sent<'a> {
    /// Params of which nothing was noted.
    pub fn new(bytes: &'a [u8]) -> Self {
        Sent { bytes, long: LongValues::default() }
    }
}

impl fmt::Debug for Sent<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.bytes.fmt(f)
    }
}

/// What a message asks for.
#[derive(Debug)]
pub(crate) enum Message<'a> {
    Request {
        id: &'a [u8],
        method: Cow<'a, str>,
        params: Option<Sent<'a>>,
    },
    Notification {
        method: Cow<'a, str>,
        params: Option<Sent<'a>>,
    },
    /// The peer's answer to something we asked.
    Response {
        id: &'a [u8],
        outcome: Outcome<'a>,
    },
    /// An answer without an id: nothing to do, nothing to say.
    Ignore,
    Invalid {
        id: Option<&'a [u8]>,
        fault: Fault,
    },
}

/// What a response holds.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Outcome<'a> {
    Result(&'a [u8]),
    Error(&'a [u8]),
    /// Neither, or both, or more than could be read.
    Broken,
}

/// What is known of a message of which only the head was kept.
#[derive(Debug, PartialEq)]
pub(crate) enum Salvaged<'a> {
    Call(Option<&'a [u8]>),
    Response(Option<&'a [u8]>),
}

impl<'a> Envelope<'a> {
    /// An answer from the peer, which must never be answered.
    pub fn is_response(&self) -> bool {
        self.has_outcome && !self.has_method()
    }

    /// An id, and neither a method nor an outcome. Many JSON writers leave out a result that is undefined, so it is the
    /// answer to a request of ours, if there is one; else it is a call that lost its method.
    #[inline]
    fn is_torn_response(&self, awaited: impl FnOnce(&[u8]) -> bool) -> bool {
        !self.has_method() && self.version && self.id.is_some_and(awaited)
    }

    fn has_method(&self) -> bool {
        self.method.is_some() || self.bad_method
    }

    /// What the message is; `awaited` tells whether a request of ours with an id is in flight.
    pub fn classify(self, awaited: impl FnOnce(&[u8]) -> bool) -> Message<'a> {
        if self.is_response() || self.is_torn_response(awaited) {
            return self.response();
        }
        // What stands behind the place was not read: nothing is missing for sure.
        if self.too_deep {
            return Message::Invalid { id: self.id, fault: Fault::parse_error(TOO_DEEP) };
        }
        if let Some(reason) = self.problem() {
            return Message::Invalid { id: self.id, fault: Fault::invalid_request(reason) };
        }
        let method = self.method.unwrap_or_default();
        match self.id {
            Some(id) => Message::Request { id, method, params: self.params },
            None => Message::Notification { method, params: self.params },
        }
    }

    /// The head of a message that is too long, once its members are read as far as they go.
    #[cfg(feature = "msgpack")]
    pub fn salvaged(self) -> Salvaged<'a> {
        // Without an outcome it may well have been about to name its method.
        match self.is_response() {
            true => Salvaged::Response(self.id),
            false => Salvaged::Call(self.id),
        }
    }

    fn response(self) -> Message<'a> {
        let outcome = match (self.result, self.error, self.too_deep) {
            (Some(result), None, false) => Outcome::Result(result),
            (None, Some(error), false) => Outcome::Error(error),
            _ => Outcome::Broken,
        };
        self.id.map_or(Message::Ignore, |id| Message::Response { id, outcome })
    }

    fn problem(&self) -> Option<&'static str> {
        Some(match self {
            Envelope { bad_id: true, .. } => "id must be a string, a number or null",
            Envelope { version: false, .. } => "jsonrpc must be \"2.0\"",
            Envelope { bad_method: true, .. } => "method must be a string",
            Envelope { method: None, .. } => "method is missing",
            Envelope { bad_params: true, .. } => "params must be an object or an array",
            _ => return None,
        })
    }
}

impl Message<'_> {
    /// The id that this is answered with, if it is answered.
    pub fn answered(&self) -> Option<Option<&[u8]>> {
        match self {
            Message::Request { id, .. } => Some(Some(id)),
            Message::Invalid { id, .. } => Some(*id),
            _ => None,
        }
    }
}
