//! The protocol's descriptors: stdin as it is, and a private duplicate of stdout.

use std::io;
use std::os::fd::AsFd;
use std::time::Duration;

use crate::link::descriptor::{Input, Output};
use crate::link::sink::Sink;
use crate::link::source::Source;
use crate::link::sys;

/// The two ends the worker serves. From now on file descriptor 1 leads to stderr.
pub(crate) fn open_stdio(spin: Duration) -> io::Result<(impl Source, Box<dyn Sink>)> {
    let input = Input::open(io::stdin().as_fd().try_clone_to_owned()?, spin)?;
    let output = Output::open(io::stdout().as_fd().try_clone_to_owned()?)?;
    sys::redirect_stdout(io::stderr())?;
    Ok((input, Box::new(output)))
}

/// Writes what stderr takes now.
pub(super) fn write_stderr(bytes: &[u8]) -> io::Result<()> {
    Output::open(io::stderr().as_fd().try_clone_to_owned()?)?.write_line_now(bytes)
}
