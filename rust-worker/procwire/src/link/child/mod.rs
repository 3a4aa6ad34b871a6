//! A child process and its pipes, for the side that has started it.

#[cfg(not(unix))]
mod other;
mod process;
pub(crate) mod stderr;
#[cfg(unix)]
mod unix;
pub(crate) mod vitals;

#[cfg(not(unix))]
pub(crate) use other::{Sleeper, Waker, Words};
pub(crate) use process::{Exit, Pipes, Process, Stop};
#[cfg(unix)]
pub(crate) use unix::{Sleeper, Waker, Words};
