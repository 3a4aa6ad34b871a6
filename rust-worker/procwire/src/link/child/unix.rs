//! Unix: a group for each child, pipes that never wait.

use std::collections::BTreeSet;
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus};
use std::sync::{Mutex, Once};
use std::time::Duration;

use super::{Exit, Stop};
use crate::link::descriptor::{Input, Output};
use crate::link::sink::Sink;
use crate::link::socket::Ear;
use crate::link::stdio::{GROUP_VARIABLE, PARENT_VARIABLE};
use crate::link::sys;
use crate::locks;

/// The leaders of the groups that were made here, and whose leader was not reaped.
static LEADERS: Mutex<BTreeSet<u32>> = Mutex::new(BTreeSet::new());

/// Makes the child lead a group of its own, and tells it so.
pub(super) fn prepare(command: &mut Command) {
    command.process_group(0).env(GROUP_VARIABLE, "1").env(PARENT_VARIABLE, std::process::id().to_string());
}

/// From now on the group goes when this process exits by itself.
pub(super) fn adopt(leader: u32) {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| sys::at_exit(kill_all));
    locks::lock(&LEADERS).insert(leader);
}

/// There is no time to ask politely.
extern "C" fn kill_all() {
    // A thread that holds the lock has only just started or reaped a child, and may never run again.
    let Some(leaders) = locks::try_lock(&LEADERS) else { return };
    leaders.iter().for_each(|leader| sys::signal_group(*leader, libc::SIGKILL));
}

/// Waits for the exit; the child is still to be reaped.
pub(super) fn wait_for_exit(pid: u32, _: &Mutex<super::process::State>) -> io::Result<()> {
    sys::wait_for_exit(pid)
}

/// Kills what the child has left behind, and then reaps it.
pub(super) fn reap(pid: u32, child: &mut Child) -> io::Result<ExitStatus> {
    sys::signal_group(pid, libc::SIGKILL);
    let status = child.wait();
    locks::lock(&LEADERS).remove(&pid);
    status
}

/// Signals the group of a child that was not reaped.
pub(super) fn stop(pid: u32, _: &mut Child, how: Stop) {
    sys::signal_group(pid, if how == Stop::Ask { libc::SIGTERM } else { libc::SIGKILL });
}

pub(super) fn exit_of(status: ExitStatus) -> Exit {
    Exit { status: status.code(), signal: status.signal() }
}

/// What is written to the child.
pub(super) fn sink(fd: impl Into<OwnedFd>) -> io::Result<Box<dyn Sink>> {
    Ok(Box::new(Output::own(fd.into())?))
}

/// What a child says, or any other that has a descriptor of ours.
pub(crate) struct Words {
    ear: Ear,
    woken: UnixStream,
}

/// Makes whoever waits for words look up.
pub(crate) struct Waker(UnixStream);

impl Words {
    /// The words, and a way to stop hearing them and those of `beside`.
    pub fn open(fd: impl Into<OwnedFd>, beside: impl Into<OwnedFd>) -> io::Result<(Words, Beside, Waker)> {
        let (woken, waker) = UnixStream::pair()?;
        woken.set_nonblocking(true)?;
        waker.set_nonblocking(true)?;
        let beside = Beside { input: Input::own(beside.into())?, woken: woken.try_clone()? };
        Ok((Words { ear: Ear::pipe(fd.into())?, woken }, beside, Waker(waker)))
    }

    /// The words of a connection, and a way to stop hearing them.
    pub fn of(ear: Ear) -> io::Result<(Words, Waker)> {
        let (woken, waker) = UnixStream::pair()?;
        woken.set_nonblocking(true)?;
        waker.set_nonblocking(true)?;
        Ok((Words { ear, woken }, Waker(waker)))
    }

    /// Whether [`Words::read_now`] does not wait, so that anybody may try.
    pub fn can_be_tried() -> bool {
        true
    }

    /// Reads what is there; `None` if nothing is.
    pub fn read_now(&mut self, into: &mut Vec<u8>) -> io::Result<Option<usize>> {
        self.ear.try_read(into)
    }

    /// The part of it that waits, and needs no lock to be waited with.
    pub fn sleeper(&self) -> io::Result<Sleeper> {
        Ok(Sleeper { input: self.ear.duplicate()?, woken: self.woken.try_clone()? })
    }
}

/// Waits for words.
pub(crate) struct Sleeper {
    input: Input,
    woken: UnixStream,
}

impl Sleeper {
    /// Sleeps until there are words, or somebody wakes it, at most so long.
    pub fn sleep(&self, at_most: Option<Duration>) {
        self.input.sleep(&self.woken, at_most);
        let mut tokens = [0; 64];
        // As many as there are; more make another round.
        let _ = (&self.woken).read(&mut tokens);
    }
}

/// What is read beside the words, until it ends or the waker is closed: others may hold it open for ever.
pub(crate) struct Beside {
    input: Input,
    woken: UnixStream,
}

impl Read for Beside {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.input.try_read_into(bytes)? {
                Some(count) => return Ok(count),
                None if self.input.sleep_unless_left(&self.woken) => {}
                None => return Ok(0),
            }
        }
    }
}

impl Waker {
    /// Whoever waits does not wait any more.
    pub fn close(&self) {
        // Refused, it is closed.
        let _ = self.0.shutdown(std::net::Shutdown::Both);
    }

    pub fn wake(&self) {
        // Full, it is awake; closed, there is nobody to wake.
        let _ = (&self.0).write(&[1]);
    }
}
