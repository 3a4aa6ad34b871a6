//! Where input comes from.

use std::io::{self, Read};

/// Bytes that are zeroed for one read of a plain `Read`, which may look at them.
const AT_ONCE: usize = 256 * 1024;

pub(crate) trait Source {
    /// Waits for bytes and appends some, no more than fit without growing. 0 at the end.
    fn read(&mut self, into: &mut Vec<u8>) -> io::Result<usize>;
}

/// Any `Read`.
pub(crate) struct Reading<R>(pub R);

impl<R: Read> Source for Reading<R> {
    fn read(&mut self, into: &mut Vec<u8>) -> io::Result<usize> {
        let start = into.len();
        into.resize(into.capacity().min(start + AT_ONCE), 0);
        let result = self.0.read(&mut into[start..]);
        into.truncate(start + *result.as_ref().unwrap_or(&0));
        result
    }
}
