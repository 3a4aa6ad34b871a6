//! The one way out. Whoever has bytes appends them; whoever then finds nobody writing writes for all.

mod helper;
#[cfg(feature = "client")]
mod late;
mod queue;

use std::io;
use std::mem;
use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use crate::link::sink::{Sink, is_departure, write_waiting, write_without_waiting};
use crate::locks;
use helper::Left;
pub(crate) use queue::Parcel;
use queue::Queue;

struct State {
    queue: Queue,
    /// `None` while somebody writes: the writer holds it.
    sink: Option<Box<dyn Sink>>,
    /// Work the reader left because it would have had to wait.
    left: Option<Left>,
    /// A write failed; everything is dropped from now on.
    broken: bool,
    /// What the peer's departure does not explain.
    failure: Option<io::Error>,
    closed: bool,
    /// The helper was asked to write what waits.
    nudged: bool,
    /// Nothing more is appended, and the sink is dropped when everything is written.
    ending: bool,
    /// Threads that wait for a change. Waking nobody would still be a system call.
    waiters: usize,
}

impl State {
    /// Nobody writes any more.
    fn put_back(&mut self, sink: Box<dyn Sink>) {
        if self.ending {
            return self.queue.close();
        }
        self.sink = Some(sink);
    }
}

pub(crate) struct Outbox {
    state: Mutex<State>,
    changed: Condvar,
    /// Of the helper alone: it waits nearly always, and waking it after each write costs more than the write.
    called: Condvar,
    limit: usize,
    on_broken: OnBroken,
}

/// Called once, by the thread whose write failed, with the reason if that is not just that the peer has gone.
pub(crate) type OnBroken = Box<dyn Fn(Option<&str>) + Send + Sync>;

impl Outbox {
    pub fn new(sink: Box<dyn Sink>, limit: usize, on_broken: OnBroken) -> Self {
        let state = State {
            queue: Queue::default(),
            sink: Some(sink),
            left: None,
            broken: false,
            failure: None,
            closed: false,
            nudged: false,
            ending: false,
            waiters: 0,
        };
        Outbox { state: Mutex::new(state), changed: Condvar::new(), called: Condvar::new(), limit, on_broken }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        locks::lock(&self.state)
    }

    /// Appends; somebody has to pump.
    pub fn put(&self, bytes: &mut Vec<u8>) {
        self.lock().queue.append(bytes);
    }

    /// Writes what waits, if nobody does; for threads that may wait for the parent to read.
    pub fn pump(&self) {
        let mut state = self.lock();
        if state.queue.is_empty() {
            return;
        }
        let Some(mut sink) = state.sink.take() else {
            return;
        };
        drop(state);
        self.write_all(&mut *sink);
        self.give_back(sink);
    }

    /// As [`Outbox::pump`], for threads that may not wait.
    pub fn pump_now(&self) {
        self.send_now(&mut Vec::new());
    }

    /// Appends and writes; for threads that may wait for the parent to read. Waits for room above the limit.
    pub fn send(&self, bytes: &mut Vec<u8>) {
        self.wait_for_room().queue.append(bytes);
        self.pump();
    }

    /// As [`Outbox::send`], for one frame in several parcels.
    pub fn send_all(&self, parcels: impl IntoIterator<Item = Parcel>) {
        let mut state = self.wait_for_room();
        parcels.into_iter().for_each(|parcel| state.queue.push(parcel));
        drop(state);
        self.pump();
    }

    fn wait_for_room(&self) -> MutexGuard<'_, State> {
        let mut state = self.lock();
        while state.queue.pending() > self.limit && !state.broken {
            state = self.wait(state, None);
        }
        state
    }

    /// Appends and writes what can be written without waiting; for the reader, which may not wait.
    pub fn send_now(&self, bytes: &mut Vec<u8>) {
        let mut state = self.lock();
        state.queue.append(bytes);
        let Some(mut sink) = state.sink.take() else {
            return;
        };
        while let Some(parcel) = state.queue.take() {
            drop(state);
            let result = write_without_waiting(&mut *sink, &parcel);
            match result {
                Ok(done) if done < parcel.len() => {
                    return self.call_helper(Left { sink, parcel, done });
                }
                _ => state = self.finish(parcel, result.map(drop)),
            }
        }
        state.put_back(sink);
        self.wake(&state);
    }

    /// Bytes the parent has not taken yet.
    pub fn pending(&self) -> usize {
        self.lock().queue.pending()
    }

    pub fn limit(&self) -> usize {
        self.limit
    }

    pub fn is_broken(&self) -> bool {
        self.lock().broken
    }

    /// As if writing had failed: nothing more can be said.
    pub fn fail(&self, error: io::Error) {
        drop(self.break_off(self.lock(), error));
    }

    /// Why writing failed, unless it did not, or the peer has just gone. Told once.
    pub fn failure(&self) -> io::Result<()> {
        self.lock().failure.take().map_or(Ok(()), Err)
    }

    /// Whether the parent no longer reads. Unknown, so false, while somebody writes.
    pub fn peer_gone(&self) -> bool {
        let state = self.lock();
        state.broken || state.sink.as_ref().is_some_and(|sink| sink.peer_gone())
    }

    /// Waits until at most `level` bytes are pending; false if the deadline came first.
    pub fn wait_below(&self, level: usize, deadline: Option<Instant>) -> bool {
        let mut state = self.lock();
        while (state.queue.pending() > level || (level == 0 && state.sink.is_none())) && !state.broken {
            let left = deadline.map(|at| at.saturating_duration_since(Instant::now()));
            if left.is_some_and(|left| left.is_zero()) {
                return false;
            }
            state = self.wait(state, left);
        }
        true
    }

    /// Ends the helper thread; what is pending has been written or given up.
    pub fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        self.called.notify_one();
    }

    fn write_all(&self, sink: &mut dyn Sink) {
        let mut state = self.lock();
        while let Some(parcel) = state.queue.take() {
            drop(state);
            let result = write_waiting(sink, &parcel);
            state = self.finish(parcel, result);
            self.wake(&state);
        }
    }

    /// Gives the role of writer back, unless more has come meanwhile.
    fn give_back(&self, mut sink: Box<dyn Sink>) {
        loop {
            let mut state = self.lock();
            if state.queue.is_empty() {
                state.put_back(sink);
                self.wake(&state);
                return;
            }
            drop(state);
            self.write_all(&mut *sink);
        }
    }

    /// A parcel is written, or its writing has failed.
    fn finish(&self, parcel: Parcel, result: io::Result<()>) -> MutexGuard<'_, State> {
        let spare = parcel.into_spare();
        let mut state = self.lock();
        if let Err(error) = result {
            return self.break_off(state, error);
        }
        state.queue.written(spare);
        state
    }

    fn break_off<'a>(&'a self, mut state: MutexGuard<'a, State>, error: io::Error) -> MutexGuard<'a, State> {
        state.queue.close();
        let first = !mem::replace(&mut state.broken, true);
        let unexplained = first && !is_departure(&error);
        let text = unexplained.then(|| error.to_string());
        if unexplained {
            state.failure = Some(error);
        }
        self.wake(&state);
        drop(state);
        if first {
            (self.on_broken)(text.as_deref());
        }
        self.lock()
    }

    fn wait<'a>(&'a self, mut state: MutexGuard<'a, State>, at_most: Option<Duration>) -> MutexGuard<'a, State> {
        state.waiters += 1;
        state = match at_most {
            None => locks::wait(&self.changed, state),
            Some(time) => locks::wait_timeout(&self.changed, state, time),
        };
        state.waiters -= 1;
        state
    }

    /// Wakes whoever waits; called with the lock held, so that nobody begins to wait in between.
    fn wake(&self, state: &State) {
        if state.waiters > 0 {
            self.changed.notify_all();
        }
    }
}

#[cfg(test)]
mod tests;
