//! A connection from its first byte on, and its two directions once messages begin.

use std::io;
use std::net::Shutdown;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Socket;
use super::tls::Secured;
use crate::link::descriptor::{Input, Output};
use crate::link::sink::Sink;
use crate::link::source::Source;

pub(crate) struct Connection {
    pub socket: Arc<Socket>,
    pub secured: Option<Arc<Secured>>,
    /// What was read already.
    pub(super) early: Vec<u8>,
}

impl Connection {
    pub fn new(socket: Arc<Socket>, secured: Option<Arc<Secured>>) -> Self {
        Connection { socket, secured, early: Vec::new() }
    }

    /// `None` where it would have to wait, 0 at the end.
    pub fn read_now(&self, into: &mut [u8]) -> io::Result<Option<usize>> {
        match &self.secured {
            None => self.socket.read_now(into),
            Some(secured) => secured.read_now(&self.socket, into),
        }
    }

    /// Writes a line, waiting for room if it must.
    pub fn say(&self, mut line: &[u8], until: Instant) -> io::Result<()> {
        if let Some(secured) = &self.secured {
            return secured.write(&self.socket, line, Some(until)).map(drop);
        }
        while !line.is_empty() {
            match self.socket.write_now(line)? {
                Some(count) => line = &line[count..],
                None if self.socket.wait(libc::POLLOUT, until)? => {}
                None => return Err(io::ErrorKind::TimedOut.into()),
            }
        }
        Ok(())
    }

    /// What is heard, and what is said: both go over one socket, which is closed when nobody has it any more.
    pub fn split(self, spin: Duration) -> io::Result<(Ear, Box<dyn Sink>)> {
        let Connection { socket, secured, early } = self;
        let input = Input::open(socket.duplicate()?, spin)?;
        let sink: Box<dyn Sink> = match &secured {
            None => Box::new(Mouth { output: Output::open(socket.duplicate()?)?, socket: Arc::clone(&socket) }),
            Some(secured) => Box::new(SecuredMouth { secured: Arc::clone(secured), socket: Arc::clone(&socket) }),
        };
        Ok((Ear { input, early, at: 0, secured: secured.map(|secured| (secured, socket)) }, sink))
    }
}

/// What arrives.
pub(crate) struct Ear {
    input: Input,
    early: Vec<u8>,
    /// So much of that was handed on.
    at: usize,
    secured: Option<(Arc<Secured>, Arc<Socket>)>,
}

impl Ear {
    /// Of a pipe of our own, which says nothing but messages.
    #[cfg(feature = "client")]
    pub fn pipe(fd: OwnedFd) -> io::Result<Ear> {
        Ok(Ear { input: Input::own(fd)?, early: Vec::new(), at: 0, secured: None })
    }

    /// Reads what is there; `None` if nothing is.
    #[inline]
    pub fn try_read(&mut self, into: &mut Vec<u8>) -> io::Result<Option<usize>> {
        if self.early.is_empty() && self.secured.is_none() {
            self.input.try_read(into)
        } else {
            self.try_read_first(into)
        }
    }

    #[cold]
    fn try_read_first(&mut self, into: &mut Vec<u8>) -> io::Result<Option<usize>> {
        let room = into.capacity() - into.len();
        if !self.early.is_empty() {
            let end = self.early.len().min(self.at + room);
            into.extend_from_slice(&self.early[self.at..end]);
            let count = end - self.at;
            self.at = end;
            if end == self.early.len() {
                self.early = Vec::new();
            }
            return Ok(Some(count));
        }
        let Some((secured, socket)) = &self.secured else { return self.input.try_read(into) };
        let mut bytes = [0; 16 * 1024];
        let count = secured.read_now(socket, &mut bytes[..room.min(16 * 1024)])?;
        into.extend_from_slice(&bytes[..count.unwrap_or(0)]);
        Ok(count)
    }

    /// The part of it that waits.
    #[cfg(feature = "client")]
    pub fn duplicate(&self) -> io::Result<Input> {
        self.input.duplicate()
    }
}

impl Source for Ear {
    fn read(&mut self, into: &mut Vec<u8>) -> io::Result<usize> {
        if self.early.is_empty() && self.secured.is_none() {
            return self.input.read(into);
        }
        loop {
            if let Some(count) = self.try_read(into)? {
                return Ok(count);
            }
            if let Some((_, socket)) = &self.secured {
                socket.wait_for_words();
            }
        }
    }

    fn delivered(&mut self, frames: usize) {
        self.input.delivered(frames);
    }

    fn is_left(&self) -> bool {
        self.input.is_left()
    }
}

/// What is said. Dropped, it ends this direction: the other side hears of it when all that was said has arrived.
struct Mouth {
    output: Output,
    socket: Arc<Socket>,
}

impl Sink for Mouth {
    fn try_write(&mut self, bytes: &[u8]) -> io::Result<Option<usize>> {
        self.output.try_write(bytes)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.output.write(bytes)
    }

    fn peer_gone(&self) -> bool {
        self.output.peer_gone()
    }
}

impl Drop for Mouth {
    fn drop(&mut self) {
        self.socket.shutdown(Shutdown::Write);
    }
}

/// Over TLS. Whether the system has room for what becomes of the bytes is not known before, so whoever may not wait leaves
/// it to somebody who may.
struct SecuredMouth {
    secured: Arc<Secured>,
    socket: Arc<Socket>,
}

impl Sink for SecuredMouth {
    fn try_write(&mut self, _: &[u8]) -> io::Result<Option<usize>> {
        Ok(None)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.secured.write(&self.socket, bytes, None)
    }
}

impl Drop for SecuredMouth {
    fn drop(&mut self) {
        self.secured.say_goodbye(&self.socket);
        self.socket.shutdown(Shutdown::Write);
    }
}

impl AsFd for Connection {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}
