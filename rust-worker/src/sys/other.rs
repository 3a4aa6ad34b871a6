//! Systems without Unix descriptors: std's streams, no polling, no signals.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use crate::outbox::{Plain, Sink};
use crate::session::Session;
use crate::source::{Reading, Source};

pub(crate) fn open_stdio(_: Duration) -> io::Result<(impl Source, Box<dyn Sink>)> {
    Ok((Reading::new(io::stdin().lock()), Box::new(Plain(io::stdout()))))
}

pub(crate) fn on_terminate(_: &Arc<Session>) -> io::Result<()> {
    Ok(())
}
