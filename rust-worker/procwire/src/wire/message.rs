//! The JSON-RPC meaning of one decoded value, whatever codec it came in.

use std::borrow::Cow;
use std::fmt;

use crate::fault::Fault;
use crate::wire::long_values::LongValues;

/// What is nested beyond the limit is not read: a parse error, as what cannot be read.
pub(crate) const TOO_DEEP: &str = "Parse error: the message is nested too deeply";

const NO_VERSION: &str = "jsonrpc must be \"2.0\"";

/// The members of one message, each still in the codec's own bytes. Of several with one name the last counts, as in most
/// readers of JSON.
#[derive(Debug, Default)]
pub(crate) struct Envelope<'a> {
    /// The version member says "2.0".
    pub version: bool,
    /// The version member says something else.
    pub other_version: bool,
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
    /// A value that is no message.
    Invalid {
        id: Option<&'a [u8]>,
        is_answer: bool,
        fault: Fault,
    },
}

/// What a response holds.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Outcome<'a> {
    Result(&'a [u8]),
    Error(&'a [u8]),
}

/// What can be told of a message that cannot be read, or of which only the head was kept.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Peeked<'a> {
    pub id: Option<&'a [u8]>,
    /// `None` where that cannot be told.
    pub is_answer: Option<bool>,
}

impl<'a> Envelope<'a> {
    /// Does not even claim to be a message.
    pub fn is_stray(&self) -> bool {
        !self.version && !self.other_version
    }

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
            return self.invalid(false, Fault::parse_error(TOO_DEEP));
        }
        if let Some(reason) = self.problem() {
            return self.invalid(false, Fault::invalid_request(reason));
        }
        let method = self.method.unwrap_or_default();
        match self.id {
            Some(id) => Message::Request { id, method, params: self.params },
            None => Message::Notification { method, params: self.params },
        }
    }

    /// What the members say that could be read.
    #[cfg(feature = "msgpack")]
    pub fn peeked(self) -> Peeked<'a> {
        // Without an outcome it may well have been about to name its method.
        let is_answer = self.has_method().then_some(false).or(self.has_outcome.then_some(true));
        Peeked { id: self.id, is_answer }
    }

    fn response(self) -> Message<'a> {
        let (id, outcome) = match (self.id, self.result, self.error) {
            (Some(id), Some(result), None) => (id, Outcome::Result(result)),
            (Some(id), None, Some(error)) => (id, Outcome::Error(error)),
            (None, ..) => return self.invalid(true, Fault::invalid_request("an answer without an id")),
            _ => return self.invalid(true, Fault::invalid_request("neither a result nor an error, or both")),
        };
        if self.too_deep {
            return self.invalid(true, Fault::parse_error(TOO_DEEP));
        }
        match self.version {
            true => Message::Response { id, outcome },
            false => self.invalid(true, Fault::invalid_request(NO_VERSION)),
        }
    }

    fn invalid(self, is_answer: bool, fault: Fault) -> Message<'a> {
        Message::Invalid { id: self.id, is_answer, fault }
    }

    fn problem(&self) -> Option<&'static str> {
        Some(match self {
            Envelope { bad_id: true, .. } => "id must be a string, a number or null",
            Envelope { version: false, .. } => NO_VERSION,
            Envelope { bad_method: true, .. } => "method must be a string",
            Envelope { method: None, .. } => "method is missing",
            Envelope { bad_params: true, .. } => "params must be an object or an array",
            _ => return None,
        })
    }
}
