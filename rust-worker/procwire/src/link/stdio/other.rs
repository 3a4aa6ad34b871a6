//! Systems without Unix descriptors: std's streams, no polling, no signals.

use std::io::{self, Write};
use std::time::Duration;

use crate::link::sink::{Sink, Writing};
use crate::link::source::{Reading, Source};

pub(crate) fn open_stdio(_: Duration) -> io::Result<(impl Source, Box<dyn Sink>)> {
    Ok((Reading::new(io::stdin().lock()), Box::new(Writing(io::stdout()))))
}

pub(crate) fn on_terminate(_: Group, _: impl FnOnce() + Send + 'static) -> io::Result<()> {
    Ok(())
}

pub(super) fn write_stderr(bytes: &[u8]) -> io::Result<()> {
    io::stderr().write_all(bytes)
}

/// There are no process groups.
#[derive(Clone, Copy)]
pub(crate) struct Group;

impl Group {
    pub fn given() -> Group {
        Group
    }

    pub fn sweep_if_orphan(self) {}

    pub fn sweep_once_orphan(self) {}

    pub fn watch_parent(self) -> io::Result<()> {
        Ok(())
    }
}
