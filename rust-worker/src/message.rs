//! The JSON-RPC meaning of one decoded value, whatever codec it came in.

use std::borrow::Cow;

use crate::fault::Fault;

/// The members of one message, each still in the codec's own bytes.
#[derive(Debug, Default)]
pub(crate) struct Envelope<'a> {
    /// The version member says "2.0".
    pub version: bool,
    /// `null` counts as absent: such a request is a notification.
    pub id: Option<&'a [u8]>,
    /// The id is neither string nor number nor null.
    pub bad_id: bool,
    pub method: Option<Cow<'a, str>>,
    /// There is a method, but it is not a string.
    pub bad_method: bool,
    pub params: Option<&'a [u8]>,
    /// `params` is there, and is neither object nor array nor null.
    pub bad_params: bool,
    /// There is a `result` or an `error`.
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
        params: Result<Option<&'a [u8]>, Fault>,
    },
    Notification {
        method: Cow<'a, str>,
        params: Option<&'a [u8]>,
    },
    /// An answer to something we never asked, or bad notification params: nothing to do, nothing to say.
    Ignore,
    Invalid {
        id: Option<&'a [u8]>,
        fault: Fault,
    },
}

impl<'a> Envelope<'a> {
    /// An answer from the peer, which must never be answered.
    pub fn is_response(&self) -> bool {
        self.has_outcome && self.method.is_none() && !self.bad_method
    }

    pub fn classify(self) -> Message<'a> {
        if self.is_response() {
            return Message::Ignore;
        }
        if let Some(reason) = self.problem() {
            return Message::Invalid { id: self.id, fault: Fault::invalid_request(reason) };
        }
        let method = self.method.unwrap_or_default();
        match (self.id, self.bad_params) {
            (Some(id), false) => Message::Request { id, method, params: Ok(self.params) },
            (Some(id), true) => {
                let fault = Fault::invalid_params("params must be an object or an array");
                Message::Request { id, method, params: Err(fault) }
            }
            (None, false) => Message::Notification { method, params: self.params },
            (None, true) => Message::Ignore,
        }
    }

    fn problem(&self) -> Option<&'static str> {
        let problems = [
            (self.duplicate, "a member of the message appears twice"),
            (self.bad_id, "id must be a string, a number or null"),
            (!self.version, "jsonrpc must be \"2.0\""),
            (self.bad_method, "method must be a string"),
            (self.method.is_none(), "method is missing"),
            (self.has_outcome, "a message cannot have both a method and a result or error"),
            (self.too_deep, "the message is nested too deeply"),
        ];
        problems.into_iter().find_map(|(applies, reason)| applies.then_some(reason))
    }
}

impl Message<'_> {
    /// Whether the peer waits for an answer to this.
    pub fn wants_answer(&self) -> bool {
        matches!(self, Message::Request { .. } | Message::Invalid { .. })
    }
}
