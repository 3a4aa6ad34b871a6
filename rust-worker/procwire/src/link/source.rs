//! Where input comes from.

use std::io::{self, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Bytes of one read of a plain `Read`.
const AT_ONCE: usize = 64 * 1024;

pub(crate) trait Source {
    /// Waits for bytes and appends some, no more than fit without growing. 0 at the end.
    fn read(&mut self, into: &mut Vec<u8>) -> io::Result<usize>;

    /// Is told how many frames came of what was read last: many share a wake-up, and are not worth polling for the next.
    fn delivered(&mut self, _frames: usize) {}

    /// Nobody writes any more, though there may be bytes to be read before the end.
    fn is_left(&self) -> bool {
        false
    }
}

/// Any `Read`. It may look at what it reads into, so that is zeroed: once, and not for every read.
pub(crate) struct Reading<R> {
    source: R,
    bytes: Vec<u8>,
}

impl<R: Read> Reading<R> {
    pub fn new(source: R) -> Self {
        Reading { source, bytes: vec![0; AT_ONCE] }
    }
}

impl<R: Read> Source for Reading<R> {
    fn read(&mut self, into: &mut Vec<u8>) -> io::Result<usize> {
        let room = AT_ONCE.min(into.capacity() - into.len());
        let read = catch_unwind(AssertUnwindSafe(|| self.source.read(&mut self.bytes[..room])));
        let count = read.unwrap_or_else(|_| Err(io::Error::other("the reader panicked")))?;
        if count > room {
            return Err(io::Error::other(format!("the reader says it read {count} bytes, where {room} had room")));
        }
        into.extend_from_slice(&self.bytes[..count]);
        Ok(count)
    }
}
