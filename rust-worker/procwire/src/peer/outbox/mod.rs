//! The one way out. Whoever has bytes appends them; whoever then finds nobody writing writes for all.

mod helper;
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
    /// Threads that wait for a change. Waking nobody would still be a system call.
    waiters: usize,
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
                _ => state = self.settle(parcel, result.map(drop)),
            }
        }
        state.sink = Some(sink);
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
            state = self.settle(parcel, result);
            self.wake(&state);
        }
    }

    /// Gives the role of writer back, unless more has come meanwhile.
    fn give_back(&self, mut sink: Box<dyn Sink>) {
        loop {
            let mut state = self.lock();
            if state.queue.is_empty() {
                state.sink = Some(sink);
                self.wake(&state);
                return;
            }
            drop(state);
            self.write_all(&mut *sink);
        }
    }

    /// A parcel is written, or its writing has failed.
    fn settle(&self, parcel: Parcel, result: io::Result<()>) -> MutexGuard<'_, State> {
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
mod tests {
    use std::sync::Arc;
    use std::sync::mpsc::{Receiver, Sender, channel};
    use std::thread;

    use super::*;
    use crate::link::sink::Plain;
    use crate::threads::refusing;

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
        let outbox = Arc::new(Outbox::new(Box::new(Full(sender)), 1000, Box::new(|_| {})));
        outbox.start_helper().unwrap();
        (outbox, written)
    }

    #[test]
    fn a_helper_that_the_system_refuses_is_an_error_with_a_name() {
        let outbox = Arc::new(Outbox::new(Box::new(Plain(Vec::new())), 1000, Box::new(|_| {})));
        refusing::after(0);
        let refused = outbox.start_helper().unwrap_err().to_string();
        refusing::no_more();
        assert!(refused.contains("the system refuses a thread (writer)"), "{refused}");
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
    fn a_peer_that_has_gone_is_no_failure_and_a_full_disk_is_one() {
        struct Fails(io::ErrorKind);
        impl io::Write for Fails {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(self.0.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let serve = |kind| {
            let input = br#"{"jsonrpc":"2.0","id":1,"method":"$/ping"}"#;
            crate::Worker::new().serve(&input[..], Fails(kind)).map_err(|error| error.kind())
        };
        assert_eq!(serve(io::ErrorKind::BrokenPipe), Ok(()));
        assert_eq!(serve(io::ErrorKind::ConnectionReset), Ok(()));
        assert_eq!(serve(io::ErrorKind::StorageFull), Err(io::ErrorKind::StorageFull));
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
