//! Descriptors as links: pipes, sockets, files. Reading waits where there is nothing; writing never does for those who may
//! not wait.
//!
//! No inherited descriptor is made non-blocking, since that mode belongs to the open file and would be shared with whoever
//! else holds it. Sockets (what Node gives its children) are asked not to wait call by call. Pipes are opened a second
//! time where the system allows it, which gives an open file of our own; elsewhere they are polled first. Files and
//! terminals have no such mode: whoever may not wait leaves them to somebody who may.

use std::ffi::c_short;
use std::fs::{File, OpenOptions};
#[cfg(feature = "client")]
use std::io::Read;
use std::io::{self, ErrorKind, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::time::Duration;

use super::sys;
use crate::link::sink::Sink;
use crate::link::source::Source;
use crate::link::spin::Spin;

/// From so many frames in one read on, the wake-up for the next read costs each of them little.
const MANY: usize = 128;
/// A socket whose other end writes no more.
#[cfg(any(target_os = "linux", target_os = "android"))]
const END: c_short = libc::POLLRDHUP;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const END: c_short = 0;

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Socket,
    Pipe,
    /// A pipe that is open for us alone, and non-blocking.
    OwnPipe,
    /// A file or a terminal.
    Other,
}

/// The descriptor to use in place of `fd`, and its kind.
fn open_again(fd: OwnedFd, mode: &mut OpenOptions) -> io::Result<(File, Kind)> {
    let file = File::from(fd);
    let kind = file.metadata()?.file_type();
    if kind.is_fifo() && cfg!(target_os = "linux") {
        let path = format!("/proc/self/fd/{}", file.as_raw_fd());
        if let Ok(own) = mode.custom_flags(libc::O_NONBLOCK).open(path) {
            return Ok((own, Kind::OwnPipe));
        }
    }
    let kind = match () {
        () if kind.is_socket() => Kind::Socket,
        () if kind.is_fifo() => Kind::Pipe,
        () => Kind::Other,
    };
    Ok((file, kind))
}

pub(crate) struct Input {
    file: File,
    kind: Kind,
    spin: Spin,
    /// So many came with the last read.
    frames: usize,
}

impl Input {
    /// Polls for `spin` before it sleeps.
    pub fn open(fd: OwnedFd, spin: Duration) -> io::Result<Input> {
        let (file, kind) = open_again(fd, OpenOptions::new().read(true))?;
        Ok(Input { file, kind, spin: Spin::new(spin), frames: 0 })
    }

    /// One that nobody shares.
    #[cfg(feature = "client")]
    pub fn own(fd: OwnedFd) -> io::Result<Input> {
        sys::never_wait(&fd)?;
        Ok(Input { file: fd.into(), kind: Kind::OwnPipe, spin: Spin::new(Duration::ZERO), frames: 0 })
    }

    /// The same, to be waited with.
    #[cfg(feature = "client")]
    pub fn duplicate(&self) -> io::Result<Input> {
        Ok(Input { file: self.file.try_clone()?, kind: self.kind, spin: Spin::new(Duration::ZERO), frames: 0 })
    }

    /// Reads what is there; `None` if nothing is.
    pub fn try_read(&self, into: &mut Vec<u8>) -> io::Result<Option<usize>> {
        let result = match self.kind {
            Kind::Socket => sys::receive_now(&self.file, into),
            Kind::Pipe if !is_ready(&self.file, libc::POLLIN, false)? => return Ok(None),
            Kind::Pipe | Kind::OwnPipe | Kind::Other => sys::read(&self.file, into),
        };
        now(result)
    }

    /// Sleeps until there is something to read, or to read from `waker`, at most so long.
    #[cfg(feature = "client")]
    pub fn sleep(&self, waker: &impl AsRawFd, at_most: Option<Duration>) {
        // Whatever it was, whoever looks again finds out.
        let _ = sys::poll_both([(&self.file, libc::POLLIN), (waker, libc::POLLIN)], at_most);
    }

    /// As [`Input::try_read`], into memory that is there.
    #[cfg(feature = "client")]
    pub fn try_read_into(&mut self, into: &mut [u8]) -> io::Result<Option<usize>> {
        now(self.file.read(into))
    }

    /// Sleeps until there is something to read; false if nobody writes to `other` any more.
    #[cfg(feature = "client")]
    pub fn sleep_unless_left(&self, other: &impl AsRawFd) -> bool {
        let shown = sys::poll_both([(&self.file, libc::POLLIN), (other, 0)], None);
        !shown.is_ok_and(|[_, other]| other & (libc::POLLHUP | libc::POLLERR) != 0)
    }

    /// Sleeps until there is something.
    fn read_sleeping(&self, into: &mut Vec<u8>) -> io::Result<usize> {
        loop {
            match now(sys::read(&self.file, into))? {
                Some(count) => return Ok(count),
                None => is_ready(&self.file, libc::POLLIN, true)?,
            };
        }
    }
}

impl Source for Input {
    fn read(&mut self, into: &mut Vec<u8>) -> io::Result<usize> {
        if self.kind == Kind::Other {
            return self.read_sleeping(into);
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
        count
    }

    fn delivered(&mut self, frames: usize) {
        self.frames = frames;
    }

    fn is_left(&self) -> bool {
        self.kind != Kind::Other && is_left(&self.file, END)
    }
}

pub(crate) struct Output {
    file: File,
    kind: Kind,
}

impl Output {
    pub fn open(fd: OwnedFd) -> io::Result<Output> {
        let (file, kind) = open_again(fd, OpenOptions::new().write(true))?;
        Ok(Output { file, kind })
    }

    /// One that nobody shares.
    #[cfg(feature = "client")]
    pub fn own(fd: OwnedFd) -> io::Result<Output> {
        sys::never_wait(&fd)?;
        Ok(Output { file: fd.into(), kind: Kind::OwnPipe })
    }

    /// Writes what can be written now, also to a file or a terminal: that takes a line at once, or has no room.
    pub fn write_line_now(&mut self, bytes: &[u8]) -> io::Result<()> {
        if !is_ready(&self.file, libc::POLLOUT, false)? {
            return Ok(());
        }
        match self.kind {
            Kind::Other => self.file.write(bytes).map(drop),
            _ => self.try_write(bytes).map(drop),
        }
    }
}

impl Sink for Output {
    fn try_write(&mut self, bytes: &[u8]) -> io::Result<Option<usize>> {
        let result = match self.kind {
            Kind::Socket => sys::send_now(&self.file, bytes),
            Kind::OwnPipe => self.file.write(bytes),
            Kind::Pipe if is_ready(&self.file, libc::POLLOUT, false)? => {
                // So much a pipe that is ready takes.
                self.file.write(&bytes[..bytes.len().min(libc::PIPE_BUF)])
            }
            Kind::Pipe | Kind::Other => return Ok(None),
        };
        match result {
            Err(error) if error.kind() == ErrorKind::Interrupted => self.try_write(bytes),
            result => now(result),
        }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        loop {
            match now(self.file.write(bytes))? {
                Some(count) => return Ok(count),
                None => is_ready(&self.file, libc::POLLOUT, true)?,
            };
        }
    }

    fn peer_gone(&self) -> bool {
        self.kind != Kind::Other && is_left(&self.file, 0)
    }
}

/// `None` for what would have to wait.
fn now(result: io::Result<usize>) -> io::Result<Option<usize>> {
    match result {
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(None),
        other => other.map(Some),
    }
}

/// Whether nobody holds the other end, or it shows one of these signs that it is done.
fn is_left(file: &File, signs: c_short) -> bool {
    sys::poll(file, signs, false).is_ok_and(|shown| shown & (signs | libc::POLLERR | libc::POLLHUP) != 0)
}

/// Whether the descriptor is ready, or broken, which the next call on it will tell.
fn is_ready(file: &File, what: c_short, waits: bool) -> io::Result<bool> {
    match sys::poll(file, what, waits) {
        Err(error) if error.kind() == ErrorKind::Interrupted => Ok(false),
        other => other.map(|shown| shown != 0),
    }
}

#[cfg(test)]
mod tests {
    #[cfg(not(feature = "client"))]
    use std::io::Read;
    use std::os::unix::net::UnixStream;
    use std::process::{Command, Stdio};

    use super::*;

    /// Writes without waiting until there is no room; tells how much went.
    fn fill(output: &mut Output) -> usize {
        let mut written = 0;
        while let Some(count) = output.try_write(&[b'x'; 10_000]).unwrap() {
            written += count;
        }
        written
    }

    #[test]
    fn a_socket_or_a_pipe_that_nobody_reads_has_no_room_and_keeps_nobody_waiting() {
        let (_reader, socket) = UnixStream::pair().unwrap();
        let mut sleeper = Command::new("sleep").arg("600").stdin(Stdio::piped()).spawn().unwrap();
        let pipe = sleeper.stdin.take().unwrap();
        for fd in [OwnedFd::from(socket), OwnedFd::from(pipe)] {
            let mut output = Output::open(fd).unwrap();
            let inherited = Output { file: output.file.try_clone().unwrap(), kind: output.kind };
            assert!(fill(&mut output) >= 4096);
            output.write_line_now(b"line\n").unwrap();
            // As it is opened where the system does not give a pipe of our own.
            let kind = if output.kind == Kind::OwnPipe { Kind::Pipe } else { output.kind };
            assert_eq!(fill(&mut Output { kind, ..inherited }), 0);
        }
        sleeper.kill().unwrap();
        sleeper.wait().unwrap();
    }

    #[test]
    fn a_file_is_written_by_those_who_may_wait_and_takes_a_line() {
        let path = std::env::temp_dir().join(format!("procwire-descriptor-{}", std::process::id()));
        let mut output = Output::open(File::create(&path).unwrap().into()).unwrap();
        assert_eq!(output.try_write(b"x").unwrap(), None);
        assert_eq!(Sink::write(&mut output, b"whole\n").unwrap(), 6);
        output.write_line_now(b"line\n").unwrap();
        let mut text = String::new();
        File::open(&path).unwrap().read_to_string(&mut text).unwrap();
        std::fs::remove_file(&path).unwrap();
        assert_eq!(text, "whole\nline\n");
    }
}
