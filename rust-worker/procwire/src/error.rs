//! Why a call of a [`Channel`](crate::Channel) has no result.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::fault::DecodeError;

/// Whether a request can have run, seen from the side that made it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// Not a byte of it has left: it has not run.
    NotSent,
    /// It may already have run.
    Unknown,
    /// It arrived, and was answered.
    Answered,
}

/// Why a call, or a channel, failed.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The worker answered with an error.
    #[error("{message} (code {code})")]
    Remote {
        /// The JSON-RPC code: see the constants of this crate.
        code: i64,
        /// What the worker says.
        message: String,
        /// What else it says.
        data: Option<Value>,
    },
    /// No answer within the time of the call. The worker was told to stop.
    #[error("{method}: no answer within {after:?}. {}", delivery.words())]
    Timeout {
        /// The method that was called.
        method: String,
        /// The time it had.
        after: Duration,
        /// Whether it can have run.
        delivery: Delivery,
    },
    /// The call was cancelled.
    #[error("{method}: cancelled. {}", delivery.words())]
    Cancelled {
        /// The method that was called.
        method: String,
        /// Whether it can have run.
        delivery: Delivery,
    },
    /// The worker has ended.
    #[error("{}", exited(*status, *signal, stderr, *delivery))]
    Exited {
        /// Its exit code; `None` when a signal ended it.
        status: Option<i32>,
        /// The signal that ended it.
        signal: Option<i32>,
        /// The last part of its stderr, [`Limits::stderr_bytes`](crate::Limits::stderr_bytes) at most.
        stderr: String,
        /// Whether the request can have run.
        delivery: Delivery,
    },
    /// The channel is closed, or its link broke.
    #[error("{reason} {}", delivery.words())]
    Closed {
        /// Why, in a sentence.
        reason: String,
        /// Whether the request can have run.
        delivery: Delivery,
    },
    /// The circuit breaker refuses calls, because too many in a row found nobody to answer. It was not sent.
    #[error("too many calls in a row got no answer, so this one was not sent. Try again in {retry_after:?}")]
    CircuitOpen {
        /// When the next call is let through.
        retry_after: Duration,
    },
    /// A limit of this side is reached. It was not sent, and may be tried again later.
    #[error("{method}: {limit} is reached, so it was not sent. Wait for some answers, or raise the limit")]
    Overloaded {
        /// The method that was called.
        method: String,
        /// The field of [`Limits`](crate::Limits), or `threads` where the system refuses one.
        limit: &'static str,
    },
    /// The worker could not be started.
    #[error("cannot start the worker {program}: {reason}")]
    Spawn {
        /// The program.
        program: String,
        /// What is wrong, and what to do about it.
        reason: String,
        /// What the system says.
        #[source]
        source: Arc<io::Error>,
    },
    /// A connection could not be made, or was refused.
    #[error("cannot connect to {target}: {reason}")]
    Connect {
        /// To what.
        target: String,
        /// What is wrong, and what to do about it.
        reason: String,
        /// What the system says, if it was asked.
        #[source]
        source: Option<Arc<io::Error>>,
    },
    /// The worker ended more often than its budget of restarts allows. The channel has ended.
    #[error("the worker keeps ending, and its budget of restarts is used up. The last time: {source}")]
    RestartsExhausted {
        /// How it ended the last time.
        #[source]
        source: Box<Error>,
        /// How often it has ended since the channel began.
        exits: u64,
        /// Whether the request can have run.
        delivery: Delivery,
    },
    /// Two workers died over this idempotent request: it is not sent to a third.
    #[error("{method}: two workers died over it, so it is not sent to a third. The last time: {source}")]
    Quarantined {
        /// The method that was called.
        method: String,
        /// How the last one ended.
        #[source]
        source: Box<Error>,
    },
    /// The params can't be sent. Nothing was.
    #[error("{method}: the params cannot be sent: {reason}")]
    Encode {
        /// The method that was called.
        method: String,
        /// What is wrong with them.
        #[source]
        reason: DecodeError,
    },
    /// An answer has come, and can't be read as what was asked for.
    #[error("{method}: the answer cannot be read: {reason}")]
    Decode {
        /// The method that was called.
        method: String,
        /// What is wrong with it.
        #[source]
        reason: DecodeError,
    },
}

impl Error {
    /// Whether the request can have run.
    #[must_use]
    pub fn delivery(&self) -> Delivery {
        match self {
            Error::Timeout { delivery, .. }
            | Error::Cancelled { delivery, .. }
            | Error::Exited { delivery, .. }
            | Error::RestartsExhausted { delivery, .. }
            | Error::Closed { delivery, .. } => *delivery,
            Error::Remote { .. } | Error::Decode { .. } => Delivery::Answered,
            Error::Quarantined { .. } => Delivery::Unknown,
            Error::CircuitOpen { .. }
            | Error::Overloaded { .. }
            | Error::Spawn { .. }
            | Error::Connect { .. }
            | Error::Encode { .. } => Delivery::NotSent,
        }
    }

    /// The same end, told to a request of which this is known.
    pub(crate) fn with_delivery(mut self, known: Delivery) -> Self {
        match &mut self {
            Error::Timeout { delivery, .. }
            | Error::Cancelled { delivery, .. }
            | Error::Exited { delivery, .. }
            | Error::RestartsExhausted { delivery, .. }
            | Error::Closed { delivery, .. } => *delivery = known,
            _ => {}
        }
        self
    }

    pub(crate) fn closed(reason: impl Into<String>) -> Self {
        Error::Closed { reason: reason.into(), delivery: Delivery::Unknown }
    }

    pub(crate) fn encode(method: &str, reason: impl Into<String>) -> Self {
        Error::Encode { method: method.to_owned(), reason: DecodeError::new(reason) }
    }

    pub(crate) fn decode(method: &str, reason: impl Into<String>) -> Self {
        Error::Decode { method: method.to_owned(), reason: DecodeError::new(reason) }
    }

    /// Whether it says that there is nobody to ask. An answer never does, nor does what is wrong with the request.
    pub(crate) fn is_a_lost_worker(&self) -> bool {
        matches!(
            self,
            Error::Exited { .. }
                | Error::Closed { .. }
                | Error::Timeout { .. }
                | Error::Spawn { .. }
                | Error::Connect { .. }
                | Error::RestartsExhausted { .. }
        )
    }
}

impl Delivery {
    fn words(self) -> &'static str {
        match self {
            Delivery::NotSent => "The request was not sent",
            Delivery::Unknown => "The request may already have run",
            Delivery::Answered => "The request was answered",
        }
    }
}

fn exited(status: Option<i32>, signal: Option<i32>, stderr: &str, delivery: Delivery) -> String {
    let how = match (status, signal) {
        (Some(status), _) => format!("exited with code {status}"),
        (None, Some(signal)) => format!("was ended by signal {signal}"),
        (None, None) => "has ended".to_owned(),
    };
    let words = crate::last_words::last_words(stderr);
    let said = if words.is_empty() { String::new() } else { format!(" (on stderr: {words})") };
    format!("the worker {how}{said}. {}", delivery.words())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_what_happened_and_whether_the_request_can_have_run() {
        let stderr = "thread 'main' panicked at a.rs:1:1:\nno luck\n".to_owned();
        let exited = Error::Exited { status: Some(101), signal: None, stderr, delivery: Delivery::Unknown };
        let text = "the worker exited with code 101 (on stderr: thread 'main' panicked at a.rs:1:1: no luck). \
                    The request may already have run";
        assert_eq!(exited.to_string(), text);
        assert_eq!(exited.clone().with_delivery(Delivery::NotSent).delivery(), Delivery::NotSent);
        assert!(exited.is_a_lost_worker());
        let remote = Error::Remote { code: 7, message: "no".into(), data: None };
        assert_eq!((remote.to_string(), remote.delivery()), ("no (code 7)".into(), Delivery::Answered));
        assert!(!remote.is_a_lost_worker());
    }

    #[test]
    fn what_is_behind_an_error_can_be_asked_for() {
        let source = Arc::new(io::Error::from(io::ErrorKind::NotFound));
        let error = Error::Spawn { program: "x".into(), reason: "no such program".into(), source };
        assert!(std::error::Error::source(&error).is_some());
        assert_eq!(error.delivery(), Delivery::NotSent);
    }
}
