//! The process's own stdin, stdout and signals.

mod memory;
#[cfg(not(unix))]
mod other;
#[cfg(unix)]
mod signals;
#[cfg(unix)]
mod spin;
#[cfg(unix)]
mod unix;

pub(crate) use memory::prefer_large_pages;
#[cfg(not(unix))]
pub(crate) use other::{on_terminate, open_stdio};
#[cfg(unix)]
pub(crate) use signals::on_terminate;
#[cfg(unix)]
pub(crate) use unix::open_stdio;
