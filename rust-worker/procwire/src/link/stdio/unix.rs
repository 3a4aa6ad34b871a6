//! The protocol's descriptors: stdin as it is, and a private duplicate of stdout.
//!
//! No inherited descriptor is made non-blocking, since that mode belongs to the open file and would be shared with whoever
//! else holds it. Sockets (what Node gives its children) are asked not to wait call by call. Pipes are opened a second
//! time where the system allows it, which gives an open file of our own; elsewhere they are polled first.

use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::time::Duration;

use rustix::buffer::spare_capacity;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{FileType, Mode, OFlags, fstat, open};
use rustix::io::{Errno, dup, fcntl_dupfd_cloexec, read, write};
use rustix::net::{RecvFlags, SendFlags, recv, send};

use super::spin::Spin;
use crate::link::sink::Sink;
use crate::link::source::Source;

/// What a pipe that is ready for writing takes without waiting.
const PIPE_ATOMIC: usize = 4096;
/// From so many frames in one read on, the wake-up for the next read costs each of them little.
const MANY: usize = 128;
/// A socket whose other end writes no more.
#[cfg(any(target_os = "linux", target_os = "android"))]
const END: PollFlags = PollFlags::RDHUP;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const END: PollFlags = PollFlags::empty();
const NOW: Timespec = Timespec { tv_sec: 0, tv_nsec: 0 };

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Socket,
    Pipe,
    /// A pipe that is open for us alone, and non-blocking.
    OwnPipe,
    /// A file or a terminal: reading and writing is always "now".
    Other,
}

/// The two ends the worker serves. From now on file descriptor 1 leads to stderr.
pub(crate) fn open_stdio(spin: Duration) -> io::Result<(impl Source, Box<dyn Sink>)> {
    let (fd, kind) = open_again(dup_cloexec(io::stdin().as_fd())?, OFlags::RDONLY)?;
    let input = Input { fd, kind, spin: Spin::new(spin), frames: 0 };
    let (fd, kind) = open_again(dup_cloexec(io::stdout().as_fd())?, OFlags::WRONLY)?;
    let output = Output { fd, kind };
    rustix::stdio::dup2_stdout(io::stderr().as_fd())?;
    Ok((input, Box::new(output)))
}

/// Writes what stderr takes now.
pub(super) fn write_stderr(bytes: &[u8]) -> io::Result<()> {
    let (fd, kind) = open_again(dup_cloexec(io::stderr().as_fd())?, OFlags::WRONLY)?;
    if ready(&fd, PollFlags::OUT, Some(&NOW))? {
        Output { fd, kind }.try_write(bytes)?;
    }
    Ok(())
}

fn dup_cloexec(fd: impl AsFd) -> io::Result<OwnedFd> {
    match fcntl_dupfd_cloexec(fd.as_fd(), 3) {
        Ok(fd) => Ok(fd),
        Err(_) => Ok(dup(fd)?),
    }
}

/// The descriptor to use in place of `fd`, and its kind.
fn open_again(fd: OwnedFd, mode: OFlags) -> io::Result<(OwnedFd, Kind)> {
    let kind = kind_of(&fd)?;
    if kind == Kind::Pipe && cfg!(target_os = "linux") {
        let path = format!("/proc/self/fd/{}", fd.as_raw_fd());
        if let Ok(own) = open(path, mode | OFlags::NONBLOCK | OFlags::CLOEXEC, Mode::empty()) {
            return Ok((own, Kind::OwnPipe));
        }
    }
    Ok((fd, kind))
}

fn kind_of(fd: &OwnedFd) -> io::Result<Kind> {
    Ok(match FileType::from_raw_mode(fstat(fd)?.st_mode as _) {
        FileType::Socket => Kind::Socket,
        FileType::Fifo => Kind::Pipe,
        _ => Kind::Other,
    })
}

struct Input {
    fd: OwnedFd,
    kind: Kind,
    spin: Spin,
    /// So many came with the last read.
    frames: usize,
}

impl Input {
    /// Reads what is there; `None` if nothing is.
    fn try_read(&self, into: &mut Vec<u8>) -> rustix::io::Result<Option<usize>> {
        let room = spare_capacity(into);
        let result = match self.kind {
            Kind::Socket => recv(&self.fd, room, RecvFlags::DONTWAIT).map(|(count, _)| count),
            Kind::Pipe if !ready(&self.fd, PollFlags::IN, Some(&NOW))? => return Ok(None),
            Kind::Pipe | Kind::OwnPipe | Kind::Other => read(&self.fd, room),
        };
        match result {
            Err(Errno::AGAIN) => Ok(None),
            other => other.map(Some),
        }
    }

    /// Sleeps until there is something.
    fn read_sleeping(&self, into: &mut Vec<u8>) -> rustix::io::Result<usize> {
        loop {
            match read(&self.fd, spare_capacity(into)) {
                Err(Errno::AGAIN) => ready(&self.fd, PollFlags::IN, None)?,
                other => return other,
            };
        }
    }
}

impl Source for Input {
    fn read(&mut self, into: &mut Vec<u8>) -> io::Result<usize> {
        if self.kind == Kind::Other {
            return Ok(self.read_sleeping(into)?);
        }
        let mut polling = self.spin.begin(self.frames < MANY);
        while polling.goes_on() {
            if let Some(count) = self.try_read(into)? {
                self.spin.found(&polling);
                return Ok(count);
            }
        }
        let count = self.read_sleeping(into);
        self.spin.slept(&polling);
        Ok(count?)
    }

    fn delivered(&mut self, frames: usize) {
        self.frames = frames;
    }

    fn is_left(&self) -> bool {
        self.kind != Kind::Other && is_left(&self.fd, END)
    }
}

struct Output {
    fd: OwnedFd,
    kind: Kind,
}

impl Sink for Output {
    fn try_write(&mut self, bytes: &[u8]) -> io::Result<Option<usize>> {
        let result = match self.kind {
            Kind::Socket => send(&self.fd, bytes, SendFlags::DONTWAIT | SendFlags::NOSIGNAL),
            Kind::Pipe if !ready(&self.fd, PollFlags::OUT, Some(&NOW))? => return Ok(None),
            Kind::Pipe => write(&self.fd, &bytes[..bytes.len().min(PIPE_ATOMIC)]),
            Kind::OwnPipe | Kind::Other => write(&self.fd, bytes),
        };
        match result {
            Err(Errno::AGAIN) => Ok(None),
            Err(Errno::INTR) => self.try_write(bytes),
            other => Ok(Some(other?)),
        }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        loop {
            match write(&self.fd, bytes) {
                Err(Errno::AGAIN) => ready(&self.fd, PollFlags::OUT, None)?,
                other => return Ok(other?),
            };
        }
    }

    fn peer_gone(&self) -> bool {
        self.kind != Kind::Other && is_left(&self.fd, PollFlags::empty())
    }
}

/// Whether nobody holds the other end, or it shows one of these signs that it is done.
fn is_left(fd: &OwnedFd, signs: PollFlags) -> bool {
    let mut fds = [PollFd::new(fd, signs)];
    poll(&mut fds, Some(&NOW)).is_ok() && fds[0].revents().intersects(signs | PollFlags::ERR | PollFlags::HUP)
}

/// Whether the descriptor is ready, or broken, which the next call on it will tell.
fn ready(fd: &OwnedFd, what: PollFlags, timeout: Option<&Timespec>) -> rustix::io::Result<bool> {
    let mut fds = [PollFd::new(fd, what)];
    match poll(&mut fds, timeout) {
        Err(Errno::INTR) => Ok(false),
        other => other.map(|count| count > 0),
    }
}
