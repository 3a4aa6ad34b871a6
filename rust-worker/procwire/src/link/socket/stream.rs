//! A connected socket, local or of TCP.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use crate::link::sys;

/// Never waits, unless it is told to. What std calls a local one is any that is connected: nothing here asks for its family.
#[derive(Debug)]
pub(crate) struct Socket(UnixStream);

impl Socket {
    pub fn local(fd: impl Into<OwnedFd>) -> io::Result<Socket> {
        let stream = UnixStream::from(fd.into());
        stream.set_nonblocking(true)?;
        Ok(Socket(stream))
    }

    pub fn tcp(stream: TcpStream) -> io::Result<Socket> {
        stream.set_nodelay(true)?;
        sys::keep_alive(&stream)?;
        Socket::local(stream)
    }

    pub fn duplicate(&self) -> io::Result<OwnedFd> {
        self.0.as_fd().try_clone_to_owned()
    }

    /// `None` where it would have to wait.
    pub fn read_now(&self, into: &mut [u8]) -> io::Result<Option<usize>> {
        now(|| (&self.0).read(into))
    }

    pub fn write_now(&self, bytes: &[u8]) -> io::Result<Option<usize>> {
        now(|| (&self.0).write(bytes))
    }

    /// Waits until it can be read, or written; false if that took too long.
    pub fn wait(&self, events: i16, until: Instant) -> io::Result<bool> {
        loop {
            let left = until.saturating_duration_since(Instant::now());
            match sys::poll_within(&self.0, events, left) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Ok(0) if !left.is_zero() => {}
                shown => return shown.map(|shown| shown != 0),
            }
        }
    }

    /// Waits for as long as it takes.
    pub fn wait_for_words(&self) {
        // Whatever it was, whoever looks again finds out.
        let _ = sys::poll(&self.0, libc::POLLIN, true);
    }

    /// Refused, it is closed.
    pub fn shutdown(&self, how: Shutdown) {
        let _ = self.0.shutdown(how);
    }

    /// Ends this direction, and waits until the other side has ended its own, so long at most. What still arrives is read
    /// and dropped: unread, it would make the system throw away what is on its way out.
    pub fn depart(&self, at_most: Duration) {
        self.shutdown(Shutdown::Write);
        let until = Instant::now() + at_most;
        let mut bytes = [0; 4096];
        while Instant::now() < until {
            match self.read_now(&mut bytes) {
                Ok(Some(1..)) => {}
                Ok(None) if self.wait(libc::POLLIN, until).unwrap_or(false) => {}
                _ => break,
            }
        }
        self.shutdown(Shutdown::Both);
    }
}

impl AsFd for Socket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

fn now(mut call: impl FnMut() -> io::Result<usize>) -> io::Result<Option<usize>> {
    loop {
        return match call() {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(None),
            other => other.map(Some),
        };
    }
}
