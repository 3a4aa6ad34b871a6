//! What moves bytes between two sides: any reader and writer, or this process's own stdin and stdout.

#[cfg(unix)]
mod descriptor;
pub(crate) mod sink;
pub(crate) mod source;
#[cfg(unix)]
mod spin;
pub(crate) mod stdio;
#[cfg(unix)]
mod sys;
