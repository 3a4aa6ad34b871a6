//! Systems without process groups and signals: std's pipes, whose reader waits; the child alone is ended.

use std::io::{self, Read};
use std::process::{Child, ChildStdin, Command, ExitStatus};
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use super::{Exit, Stop};
use crate::link::sink::{Sink, Writing};
use crate::link::source::{Reading, Source};
use crate::locks;

/// Between two looks whether the child has exited: its handle can't be waited for while it may have to be ended.
const TICK: Duration = Duration::from_millis(10);

pub(super) fn prepare(_: &mut Command) {}

pub(super) fn adopt(_: u32) {}

pub(super) fn wait_for_exit(_: u32, state: &Mutex<super::process::State>) -> io::Result<()> {
    while locks::lock(state).child.try_wait()?.is_none() {
        thread::sleep(TICK);
    }
    Ok(())
}

pub(super) fn reap(_: u32, child: &mut Child) -> io::Result<ExitStatus> {
    child.wait()
}

/// With all it has started where the system's own tool does that.
pub(super) fn stop(pid: u32, child: &mut Child, _: Stop) {
    let tree = Command::new("taskkill").args(["/pid", &pid.to_string(), "/t", "/f"]).output();
    if !tree.is_ok_and(|tool| tool.status.success()) {
        // Refused, it has ended.
        let _ = child.kill();
    }
}

pub(super) fn exit_of(status: ExitStatus) -> Exit {
    Exit { status: status.code(), signal: None }
}

pub(super) fn sink(stdin: ChildStdin) -> io::Result<Box<dyn Sink>> {
    Ok(Box::new(Writing(stdin)))
}

/// What a child says.
pub(crate) struct Words(Reading<Box<dyn Read + Send>>);

/// Nobody can be woken out of a read: it ends with the child.
pub(crate) struct Waker;

impl Words {
    pub fn open<B: Read>(reader: impl Read + Send + 'static, beside: B) -> io::Result<(Words, B, Waker)> {
        Ok((Words(Reading::new(Box::new(reader))), beside, Waker))
    }

    pub fn can_be_tried() -> bool {
        false
    }

    /// Waits for words.
    pub fn read_now(&mut self, into: &mut Vec<u8>) -> io::Result<Option<usize>> {
        self.0.read(into).map(Some)
    }

    pub fn sleeper(&self) -> io::Result<Sleeper> {
        Ok(Sleeper)
    }
}

pub(crate) struct Sleeper;

impl Sleeper {
    pub fn sleep(&self, _: Option<Duration>) {}
}

impl Waker {
    pub fn wake(&self) {}

    pub fn close(&self) {}
}
