//! The process's own stdin, stdout and signals.

#[cfg(unix)]
mod group;
#[cfg(not(unix))]
mod other;
mod report;
#[cfg(unix)]
mod signals;
#[cfg(unix)]
mod unix;

#[cfg(unix)]
pub(crate) use group::{Group, PARENT_VARIABLE, VARIABLE as GROUP_VARIABLE};
#[cfg(not(unix))]
use other::write_stderr;
#[cfg(not(unix))]
pub(crate) use other::{Group, on_terminate, open_stdio};
pub use report::report;
#[cfg(unix)]
pub(crate) use signals::on_terminate;
#[cfg(unix)]
pub(crate) use unix::open_stdio;
#[cfg(unix)]
use unix::write_stderr;
