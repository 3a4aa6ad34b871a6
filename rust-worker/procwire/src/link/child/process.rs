//! A child from its start to its end: it is signalled as long as its number is its own, and reaped once.

use std::io;
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

#[cfg(not(unix))]
use super::other as system;
#[cfg(unix)]
use super::unix as system;
use crate::link::sink::Sink;
use crate::locks;
use crate::threads;

/// How a child ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Exit {
    pub status: Option<i32>,
    pub signal: Option<i32>,
}

/// How a child is told to end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Stop {
    /// SIGTERM. Systems without signals know no asking.
    Ask,
    /// SIGKILL.
    Kill,
}

pub(crate) struct Process {
    pid: u32,
    state: Mutex<State>,
    changed: Condvar,
}

pub(super) struct State {
    pub child: Child,
    /// Set when it has been reaped.
    exit: Option<Exit>,
}

/// This side's ends of the child's pipes.
pub(crate) struct Pipes {
    pub stdin: Box<dyn Sink>,
    pub stdout: ChildStdout,
    pub stderr: ChildStderr,
}

impl Process {
    /// Starts the command with three pipes.
    pub fn start(command: &mut Command) -> io::Result<(Arc<Process>, Pipes)> {
        system::prepare(command);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn()?;
        let pid = child.id();
        system::adopt(pid);
        let stdin = child.stdin.take();
        let pipes = (child.stdout.take(), child.stderr.take());
        let process = Process { pid, state: Mutex::new(State { child, exit: None }), changed: Condvar::new() };
        match (stdin.map(system::sink), pipes) {
            (Some(Ok(stdin)), (Some(stdout), Some(stderr))) => Ok((Arc::new(process), Pipes { stdin, stdout, stderr })),
            (stdin, _) => {
                process.give_up();
                Err(stdin.and_then(Result::err).unwrap_or_else(|| io::Error::other("the child has no pipes")))
            }
        }
    }

    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Watches for the exit on a thread of its own, and calls `on_exit` when the child is reaped. Without that thread the
    /// child is ended.
    pub fn watch(self: &Arc<Self>, on_exit: impl FnOnce() + Send + 'static) -> io::Result<()> {
        let process = Arc::clone(self);
        let watch = move || {
            // Refused, there is nothing to wait for: it is reaped all the same.
            let _ = system::wait_for_exit(process.pid, &process.state);
            process.reap();
            on_exit();
        };
        threads::start("exit", threads::SMALL, watch).map(drop).inspect_err(|_| self.give_up())
    }

    /// Ends it and reaps it, here and now.
    pub fn give_up(&self) {
        self.stop(Stop::Kill);
        self.reap();
    }

    fn reap(&self) {
        let mut state = locks::lock(&self.state);
        if state.exit.is_none() {
            let unknown = Exit { status: None, signal: None };
            state.exit = Some(system::reap(self.pid, &mut state.child).map_or(unknown, system::exit_of));
            self.changed.notify_all();
        }
    }

    /// Tells the child and all it has started to end, unless it has ended.
    pub fn stop(&self, how: Stop) {
        let mut state = locks::lock(&self.state);
        if state.exit.is_none() {
            system::stop(self.pid, &mut state.child, how);
        }
    }

    /// How it ended, once it was reaped.
    pub fn exit(&self) -> Option<Exit> {
        locks::lock(&self.state).exit
    }

    /// Waits for the exit, so long at most; `None` for as long as it takes. Tells whether it has exited.
    pub fn wait(&self, at_most: Option<Duration>) -> bool {
        // A time beyond what the clock can tell is no limit.
        let deadline = at_most.and_then(|time| Instant::now().checked_add(time));
        let mut state = locks::lock(&self.state);
        while state.exit.is_none() {
            state = match deadline.map(|at| at.saturating_duration_since(Instant::now())) {
                None => locks::wait(&self.changed, state),
                Some(left) if left.is_zero() => return false,
                Some(left) => locks::wait_timeout(&self.changed, state, left),
            };
        }
        true
    }
}
