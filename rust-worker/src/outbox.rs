//! The one way out. Whoever has bytes appends them; whoever then finds nobody writing writes for all.

use std::io::{self, Write};
use std::mem;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// Where the outbox writes to.
pub(crate) trait Sink: Send {
    /// Writes some bytes without waiting; `None` when it would have to wait.
    fn try_write(&mut self, bytes: &[u8]) -> io::Result<Option<usize>>;
    /// Writes some bytes, waiting for room.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize>;
    /// The reading end is known to be gone.
    fn peer_gone(&self) -> bool {
        false
    }
}

/// Any `Write`, which is taken to have room always.
pub(crate) struct Plain<W>(pub W);

impl<W: Write + Send> Sink for Plain<W> {
    fn try_write(&mut self, bytes: &[u8]) -> io::Result<Option<usize>> {
        Sink::write(self, bytes).map(Some)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write_all(bytes)?;
        self.0.flush()?;
        Ok(bytes.len())
    }
}

struct State {
    /// Appended and not yet taken by a writer.
    waiting: Vec<u8>,
    /// Bytes a writer holds.
    held: usize,
    /// `None` while somebody writes: the writer holds it.
    sink: Option<Box<dyn Sink>>,
    /// Work the reader left because it would have had to wait.
    left: Option<(Box<dyn Sink>, Vec<u8>)>,
    /// A write failed; everything is dropped from now on.
    broken: bool,
    helper: bool,
    closed: bool,
    /// Threads that wait for a change. Waking nobody would still be a system call.
    waiters: usize,
}

pub(crate) struct Outbox {
    state: Mutex<State>,
    changed: Condvar,
    limit: usize,
    /// Called once, by the thread whose write failed.
    on_broken: Box<dyn Fn() + Send + Sync>,
}

impl Outbox {
    pub fn new(sink: Box<dyn Sink>, limit: usize, on_broken: Box<dyn Fn() + Send + Sync>) -> Self {
        let state = State {
            waiting: Vec::new(),
            held: 0,
            sink: Some(sink),
            left: None,
            broken: false,
            helper: false,
            closed: false,
            waiters: 0,
        };
        Outbox { state: Mutex::new(state), changed: Condvar::new(), limit, on_broken }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Appends; somebody has to pump.
    pub fn put(&self, bytes: &mut Vec<u8>) {
        self.lock().append(bytes);
    }

    /// Writes what waits, if nobody does; for threads that may wait for the parent to read.
    pub fn pump(&self) {
        let mut state = self.lock();
        if state.waiting.is_empty() {
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
    pub fn pump_now(self: &Arc<Self>) {
        self.send_now(&mut Vec::new());
    }

    /// Appends and writes; for threads that may wait for the parent to read. Waits for room above the limit.
    pub fn send(&self, bytes: &mut Vec<u8>) {
        let mut state = self.lock();
        while state.pending() > self.limit && !state.broken {
            state = self.wait(state, None);
        }
        state.append(bytes);
        drop(state);
        self.pump();
    }

    /// Appends and writes what can be written without waiting; for the reader, which may not wait.
    pub fn send_now(self: &Arc<Self>, bytes: &mut Vec<u8>) {
        let mut state = self.lock();
        state.append(bytes);
        let Some(mut sink) = state.sink.take() else {
            return;
        };
        while let Some(batch) = state.take_batch() {
            drop(state);
            let result = write_without_waiting(&mut *sink, &batch);
            state = self.lock();
            match result {
                Ok(done) if done == batch.len() => state.recycle(batch),
                Ok(done) => {
                    let rest = batch[done..].to_vec();
                    state.held = rest.len();
                    state.left = Some((sink, rest));
                    self.call_helper(&mut state);
                    return;
                }
                Err(_) => state = self.break_off(state),
            }
        }
        state.sink = Some(sink);
        self.wake(&state);
    }

    /// Bytes the parent has not taken yet.
    pub fn pending(&self) -> usize {
        self.lock().pending()
    }

    pub fn limit(&self) -> usize {
        self.limit
    }

    pub fn is_broken(&self) -> bool {
        self.lock().broken
    }

    /// Whether the parent no longer reads. Unknown, so false, while somebody writes.
    pub fn peer_gone(&self) -> bool {
        let state = self.lock();
        state.broken || state.sink.as_ref().is_some_and(|sink| sink.peer_gone())
    }

    /// Waits until at most `level` bytes are pending; false if the deadline came first.
    pub fn wait_below(&self, level: usize, deadline: Option<Instant>) -> bool {
        let mut state = self.lock();
        while (state.pending() > level || (level == 0 && state.sink.is_none())) && !state.broken {
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
        self.wake(&state);
    }

    fn write_all(&self, sink: &mut dyn Sink) {
        let mut state = self.lock();
        while let Some(batch) = state.take_batch() {
            drop(state);
            let result = write_waiting(sink, &batch);
            state = self.lock();
            match result {
                Ok(()) => state.recycle(batch),
                Err(_) => state = self.break_off(state),
            }
            self.wake(&state);
        }
    }

    /// Gives the role of writer back, unless more has come meanwhile.
    fn give_back(&self, mut sink: Box<dyn Sink>) {
        loop {
            let mut state = self.lock();
            if state.waiting.is_empty() {
                state.sink = Some(sink);
                self.wake(&state);
                return;
            }
            drop(state);
            self.write_all(&mut *sink);
        }
    }

    fn break_off<'a>(&'a self, mut state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        state.held = 0;
        state.waiting = Vec::new();
        let first = !mem::replace(&mut state.broken, true);
        self.wake(&state);
        drop(state);
        if first {
            (self.on_broken)();
        }
        self.lock()
    }

    fn call_helper(self: &Arc<Self>, state: &mut State) {
        if !mem::replace(&mut state.helper, true) {
            let outbox = Arc::clone(self);
            let started = thread::Builder::new().name("writer".into()).spawn(move || outbox.help());
            started.expect("the system refuses a thread for writing");
        }
        self.wake(state);
    }

    /// The helper thread: waits for the parent in the reader's stead.
    fn help(&self) {
        let mut state = self.lock();
        loop {
            if let Some((mut sink, rest)) = state.left.take() {
                drop(state);
                let result = write_waiting(&mut *sink, &rest);
                state = self.lock();
                state.held = 0;
                if result.is_err() {
                    state = self.break_off(state);
                }
                drop(state);
                self.write_all(&mut *sink);
                self.give_back(sink);
                state = self.lock();
            } else if state.closed {
                return;
            } else {
                state = self.wait(state, None);
            }
        }
    }

    fn wait<'a>(&'a self, mut state: MutexGuard<'a, State>, at_most: Option<Duration>) -> MutexGuard<'a, State> {
        state.waiters += 1;
        state = match at_most {
            None => self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
            Some(time) => self.changed.wait_timeout(state, time).unwrap_or_else(PoisonError::into_inner).0,
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

impl State {
    fn pending(&self) -> usize {
        self.waiting.len() + self.held
    }

    fn append(&mut self, bytes: &mut Vec<u8>) {
        if self.broken {
            bytes.clear();
        } else if self.waiting.is_empty() && !bytes.is_empty() {
            mem::swap(&mut self.waiting, bytes);
        } else {
            self.waiting.append(bytes);
        }
    }

    /// Everything waiting, to be written now.
    fn take_batch(&mut self) -> Option<Vec<u8>> {
        if self.waiting.is_empty() {
            return None;
        }
        self.held = self.waiting.len();
        Some(mem::take(&mut self.waiting))
    }

    fn recycle(&mut self, mut batch: Vec<u8>) {
        const KEEP: usize = 256 * 1024;
        self.held = 0;
        if self.waiting.capacity() == 0 && batch.capacity() <= KEEP {
            batch.clear();
            self.waiting = batch;
        }
    }
}

fn write_without_waiting(sink: &mut dyn Sink, bytes: &[u8]) -> io::Result<usize> {
    let mut done = 0;
    while done < bytes.len() {
        match sink.try_write(&bytes[done..])? {
            Some(0) => return Err(io::ErrorKind::WriteZero.into()),
            Some(count) => done += count,
            None => break,
        }
    }
    Ok(done)
}

fn write_waiting(sink: &mut dyn Sink, bytes: &[u8]) -> io::Result<()> {
    let mut done = 0;
    while done < bytes.len() {
        match sink.write(&bytes[done..]) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(count) => done += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, Sender, channel};

    use super::*;

    /// Has no room for those who may not wait; reports what the others wrote.
    struct Full(Sender<Vec<u8>>);

    impl Sink for Full {
        fn try_write(&mut self, _: &[u8]) -> io::Result<Option<usize>> {
            Ok(None)
        }

        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.send(bytes.to_vec()).map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))?;
            Ok(bytes.len())
        }
    }

    fn full() -> (Arc<Outbox>, Receiver<Vec<u8>>) {
        let (sender, written) = channel();
        (Arc::new(Outbox::new(Box::new(Full(sender)), 1000, Box::new(|| {}))), written)
    }

    #[test]
    fn what_the_reader_may_not_wait_for_is_written_by_another_thread_in_order() {
        let (outbox, written) = full();
        let expected: Vec<u8> = (0..200).collect();
        for byte in &expected {
            outbox.send_now(&mut vec![*byte]);
        }
        assert!(outbox.wait_below(0, Some(Instant::now() + Duration::from_secs(10))));
        outbox.close();
        assert_eq!(written.try_iter().flatten().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn bytes_of_many_threads_are_never_interleaved() {
        let (outbox, written) = full();
        thread::scope(|scope| {
            for name in 0..4_u8 {
                let outbox = &outbox;
                scope.spawn(move || (0..500).for_each(|_| outbox.send(&mut vec![name; 7])));
            }
        });
        let bytes: Vec<u8> = written.try_iter().flatten().collect();
        assert_eq!(bytes.len(), 4 * 500 * 7);
        assert!(bytes.chunks(7).all(|chunk| chunk.iter().all(|byte| *byte == chunk[0])));
    }

    #[test]
    fn after_a_failed_write_nothing_is_kept_and_nobody_waits() {
        let (outbox, written) = full();
        drop(written);
        outbox.send(&mut vec![0; 5000]);
        outbox.send(&mut vec![0; 5000]);
        assert!(outbox.is_broken());
        assert_eq!(outbox.pending(), 0);
    }
}
