//! Systems without Unix descriptors: std's streams, no polling, no signals.

use std::io::{self, Read};
use std::sync::Arc;
use std::time::Duration;

use crate::outbox::{Plain, Sink};
use crate::session::Session;

pub(crate) fn open_stdio(_: Duration) -> io::Result<(impl Read, Box<dyn Sink>)> {
    Ok((io::stdin().lock(), Box::new(Plain(io::stdout()))))
}

pub(crate) fn on_terminate(_: &Arc<Session>) -> io::Result<()> {
    Ok(())
}
