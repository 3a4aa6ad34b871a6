//! The JSON-RPC meaning of one decoded value, whatever codec it came in.

use std::borrow::Cow;

use crate::fault::Fault;

/// The members of one message, each still in the codec's own bytes.
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
    pub params: Option<&'a [u8]>,
    /// `params` is there, and is neither object nor array nor null.
    pub bad_params: bool,
    pub result: Option<&'a [u8]>,
    pub error: Option<&'a [u8]>,
    /// There is a `result` or an `error`, perhaps a torn one.
    pub has_outcome: bool,
    /// A known member appears twice.
    pub duplicate: bool,
    /// Nested deeper than the limit.
    pub too_deep: bool,
}

/// What a message asks for.
#[derive(Debug)]
pub(crate) enum Message<'a> {
    Request {
        id: &'a [u8],
        method: Cow<'a, str>,
        params: Option<&'a [u8]>,
    },
    Notification {
        method: Cow<'a, str>,
        params: Option<&'a [u8]>,
    },
    /// The peer's answer to something we asked.
    Response {
        id: &'a [u8],
        outcome: Outcome<'a>,
    },
    /// An answer without an id, or bad notification params: nothing to do, nothing to say.
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
        self.has_outcome && self.method.is_none() && !self.bad_method
    }

    pub fn classify(self) -> Message<'a> {
        if self.is_response() {
            return self.response();
        }
        if let Some(reason) = self.problem() {
            return Message::Invalid { id: self.id, fault: Fault::invalid_request(reason) };
        }
        let method = self.method.unwrap_or_default();
        match (self.id, self.bad_params) {
            (Some(id), _) => Message::Request { id, method, params: self.params },
            (None, false) => Message::Notification { method, params: self.params },
            (None, true) => Message::Ignore,
        }
    }

    /// The head of a message that is too long, once its members are read as far as they go.
    pub fn salvaged(self) -> Salvaged<'a> {
        if self.is_response() { Salvaged::Response(self.id) } else { Salvaged::Call(self.id) }
    }

    fn response(self) -> Message<'a> {
        let outcome = match (self.result, self.error, self.too_deep || self.duplicate) {
            (Some(result), None, false) => Outcome::Result(result),
            (None, Some(error), false) => Outcome::Error(error),
            _ => Outcome::Broken,
        };
        self.id.map_or(Message::Ignore, |id| Message::Response { id, outcome })
    }

    fn problem(&self) -> Option<&'static str> {
        Some(match self {
            Envelope { duplicate: true, .. } => "a member of the message appears twice",
            Envelope { bad_id: true, .. } => "id must be a string, a number or null",
            Envelope { version: false, .. } => "jsonrpc must be \"2.0\"",
            Envelope { bad_method: true, .. } => "method must be a string",
            Envelope { method: None, .. } => "method is missing",
            Envelope { has_outcome: true, .. } => "a message cannot have both a method and a result or error",
            Envelope { bad_params: true, id: Some(_), .. } => "params must be an object or an array",
            Envelope { too_deep: true, .. } => "the message is nested too deeply",
            _ => return None,
        })
    }
}

impl Message<'_> {
    /// Whether the peer waits for an answer to this.
    pub fn wants_answer(&self) -> bool {
        matches!(self, Message::Request { .. } | Message::Invalid { .. })
    }
}
