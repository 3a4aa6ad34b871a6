//! How a worker is ended, and what its end is called.

use std::time::Duration;

use crate::error::{Delivery, Error};
use crate::link::child::Exit;

/// How long each step of an end may take, and what is said first.
#[derive(Debug, Clone)]
pub(crate) struct Ends {
    /// The notification that asks the worker to end.
    pub shutdown: Option<String>,
    /// From the end of its stdin to SIGTERM.
    pub grace: Duration,
    /// From SIGTERM to SIGKILL.
    pub term: Duration,
    /// How long to poll for an answer before a thread sleeps.
    pub spin: Duration,
}

pub(crate) fn exit_error(exit: Exit, stderr: String) -> Error {
    Error::Exited { status: exit.status, signal: exit.signal, stderr, delivery: Delivery::Unknown }
}
