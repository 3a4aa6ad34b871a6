//! What is said about one request between its arrival and its answer: streamed items, progress, and inputs.
//!
//! The lock is held for moments only, never while a handler's code runs or while anybody waits for the parent to read,
//! because the reader takes it too. What is said under the lock is in the outbox before the lock is given back, so that
//! it keeps its order, and nothing follows the answer.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use crate::locks;
use crate::peer::credit::Input;

/// Between two progress notifications of one request.
const PROGRESS_PAUSE: Duration = Duration::from_millis(50);

#[derive(Default)]
pub(crate) struct Flow {
    /// The lock was taken. Most requests say nothing, and a look at this costs less than the lock.
    used: AtomicBool,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
pub(crate) struct State {
    /// The answer is decided; nothing more may be said.
    pub closed: bool,
    /// Items the caller still takes.
    pub credit: u64,
    /// Items that wait to leave together, encoded, with the codec's separator between them.
    pub items: Vec<u8>,
    pub count: usize,
    pub progress: Progress,
    pub input: Option<Input>,
    /// Threads that wait for a change. Waking nobody would still be a system call.
    waiters: usize,
}

impl Flow {
    pub fn lock(&self) -> MutexGuard<'_, State> {
        self.used.store(true, Ordering::Relaxed);
        locks::lock(&self.state)
    }

    /// `None` while somebody else is at it.
    pub fn try_lock(&self) -> Option<MutexGuard<'_, State>> {
        locks::try_lock(&self.state)
    }

    /// Whether anything may have been said since the last [`Flow::reset`].
    pub fn was_used(&self) -> bool {
        self.used.load(Ordering::Relaxed)
    }

    /// Makes it ready for another request, of which the same holder knows.
    pub fn reset(&mut self) {
        if std::mem::take(self.used.get_mut()) {
            self.get_mut().progress = Progress::default();
        }
    }

    pub fn get_mut(&mut self) -> &mut State {
        locks::get_mut(&mut self.state)
    }

    pub fn wait<'a>(&'a self, mut state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        state.waiters += 1;
        state = locks::wait(&self.changed, state);
        state.waiters -= 1;
        state
    }

    /// Wakes whoever waits, once what it waits for has been changed.
    pub fn wake(&self) {
        self.wake_with(&self.lock());
    }

    pub fn wake_with(&self, state: &State) {
        if state.waiters > 0 {
            self.changed.notify_all();
        }
    }

    /// The caller takes so many items more.
    pub fn grant(&self, count: u64) {
        let mut state = self.lock();
        state.credit = state.credit.saturating_add(count);
        self.wake_with(&state);
    }

    /// Nothing may be said from now on; what waits is dropped.
    pub fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        state.items = Vec::new();
        state.count = 0;
        state.progress.waiting = None;
        if let Some(input) = &mut state.input {
            input.clear();
        }
        self.wake_with(&state);
    }
}

/// Progress notifications, of which few are sent and the last always is.
#[derive(Default)]
pub(crate) struct Progress {
    /// The latest one, framed, if it was held back.
    pub waiting: Option<Vec<u8>>,
    sent: Option<Instant>,
}

impl Progress {
    /// Whether the next one may leave now.
    pub fn is_due(&mut self) -> bool {
        let now = Instant::now();
        let due = self.sent.is_none_or(|sent| now.duration_since(sent) >= PROGRESS_PAUSE);
        if due {
            self.sent = Some(now);
            self.waiting = None;
        }
        due
    }
}
