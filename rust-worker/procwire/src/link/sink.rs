//! Where the outbox writes to.

use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

pub(crate) trait Sink: Send {
    /// Writes some bytes without waiting; `None` when it would have to wait.
    fn try_write(&mut self, bytes: &[u8]) -> io::Result<Option<usize>>;
    /// Writes some bytes, waiting for room.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize>;
    /// The reading end is known to be gone.
    fn peer_gone(&self) -> bool {
        false
    }
}

/// Any `Write`. Nobody knows whether it has room, so whoever may not wait leaves it to somebody who may.
pub(crate) struct Writing<W>(pub W);

impl<W: Write + Send> Sink for Writing<W> {
    fn try_write(&mut self, _: &[u8]) -> io::Result<Option<usize>> {
        Ok(None)
    }

    /// One that panics is broken: the thread that wrote has other things to do.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = catch_unwind(AssertUnwindSafe(|| self.0.write_all(bytes).and_then(|()| self.0.flush())));
        written.unwrap_or_else(|_| Err(io::Error::other("the writer panicked"))).map(|()| bytes.len())
    }
}

/// Whether an error says only that nobody reads any more.
pub(crate) fn is_departure(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, NotConnected};
    matches!(error.kind(), BrokenPipe | ConnectionAborted | ConnectionReset | NotConnected)
}

/// Writes as much as goes without waiting, and tells how much that was.
pub(crate) fn write_without_waiting(sink: &mut dyn Sink, bytes: &[u8]) -> io::Result<usize> {
    let mut done = 0;
    while done < bytes.len() {
        match sink.try_write(&bytes[done..])? {
            Some(0) => return Err(io::ErrorKind::WriteZero.into()),
            Some(count) => done += count,
            None => break,
        }
    }
    Ok(done)
}

/// Writes everything.
pub(crate) fn write_waiting(sink: &mut dyn Sink, bytes: &[u8]) -> io::Result<()> {
    let mut done = 0;
    while done < bytes.len() {
        match sink.write(&bytes[done..]) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(count) => done += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// For tests: what was written, to be looked at by another thread.
#[cfg(test)]
#[derive(Clone, Default)]
pub(crate) struct Shared(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);

#[cfg(test)]
impl Shared {
    pub fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

#[cfg(test)]
impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
