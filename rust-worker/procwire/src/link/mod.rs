//! What moves bytes between two sides: any reader and writer, or this process's own stdin and stdout.

#[cfg(feature = "client")]
pub(crate) mod child;
#[cfg(unix)]
mod descriptor;
pub(crate) mod sink;
pub(crate) mod source;
#[cfg(any(unix, feature = "client"))]
pub(crate) mod spin;
pub(crate) mod stdio;
#[cfg(unix)]
mod sys;
