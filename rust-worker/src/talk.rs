//! What is said about one call between its request and its answer: streamed items, progress, and inputs.
//!
//! The lock is held for moments only, never while a handler's code runs or while anybody waits for the parent to read,
//! because the reader takes it too. What is said under the lock is in the outbox before the lock is given back, so that
//! it keeps its order, and nothing follows the answer.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::{Duration, Instant};

/// Inputs of a request that may be under way or waiting for the handler.
pub(crate) const WINDOW: usize = 1024;
/// Between two progress notifications of one request.
const PROGRESS_PAUSE: Duration = Duration::from_millis(50);

#[derive(Default)]
pub(crate) struct Talk {
    /// The lock was taken. Most calls say nothing, and a look at this costs less than the lock.
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

impl Talk {
    pub fn lock(&self) -> MutexGuard<'_, State> {
        self.used.store(true, Ordering::Relaxed);
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `None` while somebody else is at it.
    pub fn try_lock(&self) -> Option<MutexGuard<'_, State>> {
        match self.state.try_lock() {
            Ok(state) => Some(state),
            Err(TryLockError::Poisoned(state)) => Some(state.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// Whether anything may have been said since the last [`Talk::reset`].
    pub fn was_used(&self) -> bool {
        self.used.load(Ordering::Relaxed)
    }

    /// Makes it ready for another call, of which the same holder knows.
    pub fn reset(&mut self) {
        if std::mem::take(self.used.get_mut()) {
            self.get_mut().progress = Progress::default();
        }
    }

    pub fn get_mut(&mut self) -> &mut State {
        self.state.get_mut().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn wait<'a>(&'a self, mut state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        state.waiters += 1;
        state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
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
            input.chunks.clear();
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

/// The inputs that come with one request.
#[derive(Default)]
pub(crate) struct Input {
    /// The handler reads them.
    pub opened: bool,
    /// Items asked for that have not come.
    pub granted: usize,
    pub chunks: VecDeque<Chunk>,
    /// Items in `chunks`.
    pub waiting: usize,
    /// No more will come.
    pub ended: bool,
}

impl Input {
    /// Takes items that have come; false if they are more than were asked for.
    pub fn push(&mut self, chunk: Chunk) -> bool {
        let count = chunk.len();
        if count > self.granted || self.ended {
            return false;
        }
        self.granted -= count;
        self.waiting += count;
        if count > 0 {
            self.chunks.push_back(chunk);
        }
        true
    }

    /// How many more to ask for, with `held` items in the handler's hands: few large requests instead of many small
    /// ones, and no standstill. Zero for not yet.
    pub fn ask(&mut self, held: usize) -> usize {
        let wanted = WINDOW.saturating_sub(self.granted + self.waiting + held);
        if self.ended || wanted * 2 < WINDOW {
            return 0;
        }
        self.granted += wanted;
        wanted
    }
}

/// The items of one message, each in the codec's own bytes.
#[derive(Default)]
pub(crate) struct Chunk {
    bytes: Vec<u8>,
    items: VecDeque<Range<usize>>,
}

impl Chunk {
    /// Copies an encoded array and notes where its items lie in it.
    pub fn new(array: &[u8], items: &[&[u8]]) -> Self {
        let base = array.as_ptr() as usize;
        let place = |item: &&[u8]| {
            let start = item.as_ptr() as usize - base;
            start..start + item.len()
        };
        Chunk { bytes: array.to_vec(), items: items.iter().map(place).collect() }
    }

    pub fn len(&self) -> usize {
        self.items.len()
    }

    pub fn next(&mut self) -> Option<&[u8]> {
        let range = self.items.pop_front()?;
        Some(&self.bytes[range])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(count: usize) -> Chunk {
        let bytes = vec![b'1'; count];
        Chunk::new(&bytes, &bytes.chunks(1).collect::<Vec<_>>())
    }

    #[test]
    fn inputs_are_asked_for_by_the_window_and_again_when_half_of_it_is_used() {
        let mut input = Input::default();
        assert_eq!(input.ask(0), WINDOW);
        assert_eq!(input.ask(0), 0);
        assert!(input.push(chunk(WINDOW / 2 - 1)));
        input.chunks.clear();
        input.waiting = 0;
        assert_eq!(input.ask(0), 0);
        assert!(input.push(chunk(1)));
        input.waiting = 0;
        assert_eq!(input.ask(1), 0);
        assert_eq!(input.ask(0), WINDOW / 2);
    }

    #[test]
    fn what_was_not_asked_for_is_refused() {
        let mut input = Input::default();
        assert!(!input.push(chunk(1)));
        input.ask(0);
        assert!(input.push(chunk(WINDOW)));
        assert!(!input.push(chunk(1)));
    }

    #[test]
    fn items_come_out_of_a_chunk_as_they_lie_in_it() {
        let array = b"[1, \"x\"]";
        let mut chunk = Chunk::new(array, &[&array[1..2], &array[4..7]]);
        assert_eq!(chunk.next(), Some(&b"1"[..]));
        assert_eq!(chunk.next(), Some(&b"\"x\""[..]));
        assert_eq!(chunk.next(), None);
    }
}
