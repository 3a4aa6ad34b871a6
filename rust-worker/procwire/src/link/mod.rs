//! What moves bytes between two sides: this process's own stdin and stdout.

pub(crate) mod sink;
pub(crate) mod source;
pub(crate) mod stdio;
