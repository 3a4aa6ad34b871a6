//! The error a handler returns and the caller receives.

use std::borrow::Cow;
use std::fmt;

use serde_json::{Value, json};

/// The bytes of a frame are not valid JSON (or MessagePack).
pub const PARSE_ERROR: i64 = -32700;
/// The frame is a value, but not a JSON-RPC 2.0 message.
pub const INVALID_REQUEST: i64 = -32600;
/// Nobody serves the method.
pub const METHOD_NOT_FOUND: i64 = -32601;
/// The parameters do not fit the method.
pub const INVALID_PARAMS: i64 = -32602;
/// The handler failed, panicked, or its result cannot be sent.
pub const INTERNAL_ERROR: i64 = -32603;
/// A limit of this worker is reached; the request has not run.
pub const BUSY: i64 = -32000;
/// The time a method may take is up; the handler may have run.
pub const DEADLINE_EXCEEDED: i64 = -32001;
/// The caller cancelled the request, or the worker is ending.
pub const REQUEST_CANCELLED: i64 = -32800;

/// A JSON-RPC error object: what a handler returns instead of a result.
///
/// ```
/// use procwire::Fault;
/// let fault = Fault::new(7, "no such account").with_data(serde_json::json!({ "account": 12 }));
/// assert_eq!(fault.code, 7);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// The error code; -32768 to -32000 are reserved by JSON-RPC.
    pub code: i64,
    /// One sentence for the caller.
    pub message: Cow<'static, str>,
    /// Anything more the caller may use.
    pub data: Option<Value>,
}

impl Fault {
    /// An error with a code of your own.
    pub fn new(code: i64, message: impl Into<Cow<'static, str>>) -> Self {
        Fault { code, message: message.into(), data: None }
    }

    /// The same error with `data` attached.
    #[must_use]
    pub fn with_data(mut self, data: Value) -> Self {
        self.data = Some(data);
        self
    }

    /// -32700, bytes that are not a value.
    pub fn parse_error(message: impl Into<Cow<'static, str>>) -> Self {
        Fault::new(PARSE_ERROR, message)
    }

    /// -32600, a value that is not a message.
    pub fn invalid_request(message: impl Into<Cow<'static, str>>) -> Self {
        Fault::new(INVALID_REQUEST, message)
    }

    /// -32601, `Method not found: <name>`.
    pub fn method_not_found(name: &str) -> Self {
        Fault::new(METHOD_NOT_FOUND, format!("Method not found: {name}"))
    }

    /// -32602, parameters that do not fit.
    pub fn invalid_params(message: impl Into<Cow<'static, str>>) -> Self {
        Fault::new(INVALID_PARAMS, message)
    }

    /// -32603, a failure inside the worker.
    pub fn internal(message: impl Into<Cow<'static, str>>) -> Self {
        Fault::new(INTERNAL_ERROR, message)
    }

    /// -32800, the request was cancelled.
    pub fn cancelled() -> Self {
        Fault::new(REQUEST_CANCELLED, "Request cancelled")
    }

    /// -32001, the time of the request is up.
    pub fn deadline_exceeded() -> Self {
        Fault::new(DEADLINE_EXCEEDED, "Deadline exceeded")
    }

    /// -32000, a limit is reached; `data` names it (`threads`: the system refuses one). The request did not run and may be retried.
    pub fn busy(limit: &str, value: usize) -> Self {
        Fault::new(BUSY, "busy").with_data(json!({ "limit": limit, "value": value }))
    }

    /// -32600 for a batch of which nothing was run; `data` names the limit.
    pub(crate) fn batch_too_large(limit: usize) -> Self {
        Fault::invalid_request(format!("a batch has more than {limit} messages"))
            .with_data(json!({ "limit": "batchMessages", "value": limit }))
    }

    /// -32600 for inputs that wait for their handler and are too large together; `data` names the limit.
    pub(crate) fn inputs_too_large(limit: usize) -> Self {
        Fault::invalid_request(format!("inputs of more than {limit} bytes wait for the handler; send smaller items"))
            .with_data(json!({ "limit": "inputBytes", "value": limit }))
    }

    /// -32603 for an answer above the size limit; `data` names the limit in bytes.
    pub(crate) fn result_too_large(limit: usize) -> Self {
        Fault::internal("the result is larger than the limit of one message")
            .with_data(json!({ "limit": "messageBytes", "value": limit }))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (code {})", self.message, self.code)
    }
}

impl std::error::Error for Fault {}

impl From<std::io::Error> for Fault {
    fn from(error: std::io::Error) -> Self {
        Fault::internal(error.to_string())
    }
}

/// Why bytes cannot be read: they are not the value that is asked for, or no value at all. `?` makes a [`Fault`] of it,
/// -32602.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodeError(String);

impl DecodeError {
    /// An error that says so in one sentence.
    pub fn new(text: impl Into<String>) -> Self {
        DecodeError(text.into())
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for DecodeError {}

impl From<DecodeError> for Fault {
    fn from(error: DecodeError) -> Self {
        Fault::invalid_params(error.0)
    }
}
