//! A small pool with a bounded queue from which a job can be taken back.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};

use crate::locks;
use crate::threads;

/// Work that waits for a thread.
pub(crate) trait Job: Send + 'static {
    /// Bytes it holds while it waits.
    fn bytes(&self) -> usize;
    /// Jobs with the same key run one after the other, in order.
    fn key(&self) -> Option<&Arc<str>>;
    fn run(self);
}

/// Which bound refused a job.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Full {
    Jobs(usize),
    Bytes(usize),
    /// The system refuses even the first thread.
    Threads,
}

pub(crate) struct Pool<J> {
    shared: Arc<Shared<J>>,
    threads: usize,
    jobs: usize,
    bytes: usize,
}

struct Shared<J> {
    state: Mutex<State<J>>,
    work: Condvar,
}

struct State<J> {
    queue: VecDeque<J>,
    bytes: usize,
    /// Keys of serial jobs that run now.
    keys: Vec<Arc<str>>,
    started: usize,
    idle: usize,
    closed: bool,
}

impl<J: Job> Pool<J> {
    /// At most `threads` threads, started when they are needed; at most `jobs` jobs and `bytes` bytes wait.
    pub fn new(threads: usize, jobs: usize, bytes: usize) -> Self {
        let state = State { queue: VecDeque::new(), bytes: 0, keys: Vec::new(), started: 0, idle: 0, closed: false };
        let shared = Arc::new(Shared { state: Mutex::new(state), work: Condvar::new() });
        Pool { shared, threads: threads.max(1), jobs, bytes }
    }

    /// Queues a job, without waiting.
    pub fn submit(&self, job: J) -> Result<(), Full> {
        let mut state = self.shared.lock();
        // A free thread takes a job at once, so that one does not count as waiting.
        let free = state.idle + self.threads - state.started;
        if state.queue.len() >= self.jobs + free {
            return Err(Full::Jobs(self.jobs));
        }
        if state.bytes > 0 && state.bytes + job.bytes() > self.bytes {
            return Err(Full::Bytes(self.bytes));
        }
        state.bytes += job.bytes();
        state.queue.push_back(job);
        if state.idle < state.queue.len() && state.started < self.threads {
            self.start(&mut state);
        }
        if state.started == 0 {
            let last = state.queue.len() - 1;
            let job = state.remove(last);
            drop(state);
            drop(job);
            return Err(Full::Threads);
        }
        self.shared.wake_one(state);
        Ok(())
    }

    /// Takes back the first waiting job that `wanted` picks.
    pub fn take_back(&self, wanted: impl FnMut(&J) -> bool) -> Option<J> {
        let mut state = self.shared.lock();
        let at = state.queue.iter().position(wanted)?;
        state.remove(at)
    }

    /// Drops what waits and lets each thread end after its job.
    pub fn close(&self) {
        let mut state = self.shared.lock();
        state.closed = true;
        let dropped = std::mem::take(&mut state.queue);
        drop(state);
        drop(dropped);
        self.shared.work.notify_all();
    }

    /// One thread more. Refused it, the others do the work, and the next job asks again.
    fn start(&self, state: &mut State<J>) {
        let shared = Arc::clone(&self.shared);
        if threads::start("worker", threads::LARGE, move || shared.work()).is_ok() {
            state.started += 1;
        }
    }
}

impl<J: Job> Shared<J> {
    fn lock(&self) -> MutexGuard<'_, State<J>> {
        locks::lock(&self.state)
    }

    /// Wakes a thread for a job that may run now. Waking nobody would still be a system call.
    fn wake_one(&self, state: MutexGuard<'_, State<J>>) {
        let somebody = state.idle > 0;
        drop(state);
        if somebody {
            self.work.notify_one();
        }
    }

    fn work(&self) {
        let mut state = self.lock();
        while !state.closed {
            let Some(job) = state.next() else {
                state.idle += 1;
                state = locks::wait(&self.work, state);
                state.idle -= 1;
                continue;
            };
            let key = job.key().cloned();
            state.keys.extend(key.clone());
            drop(state);
            job.run();
            state = self.lock();
            if let Some(key) = key {
                state.keys.retain(|running| *running != key);
                self.wake_one(state);
                state = self.lock();
            }
        }
        state.started -= 1;
    }
}

impl<J: Job> State<J> {
    /// The first job that does not have to wait for one with its key.
    fn next(&mut self) -> Option<J> {
        let keys = &self.keys;
        let at = self.queue.iter().position(|job| job.key().is_none_or(|key| !keys.contains(key)))?;
        self.remove(at)
    }

    fn remove(&mut self, at: usize) -> Option<J> {
        let job = self.queue.remove(at)?;
        self.bytes -= job.bytes();
        Some(job)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Sender, channel};

    use super::*;
    use crate::threads::refusing;

    struct Note(u32, Sender<u32>);

    impl Job for Note {
        fn bytes(&self) -> usize {
            10
        }

        fn key(&self) -> Option<&Arc<str>> {
            None
        }

        fn run(self) {
            self.1.send(self.0).unwrap();
        }
    }

    #[test]
    fn without_a_single_thread_jobs_are_refused_and_nothing_of_them_is_kept() {
        let (sender, done) = channel();
        let pool = Pool::new(4, 10, 100);
        refusing::after(0);
        for number in 0..100 {
            assert_eq!(pool.submit(Note(number, sender.clone())), Err(Full::Threads));
        }
        refusing::no_more();
        assert_eq!(pool.submit(Note(100, sender)), Ok(()));
        assert_eq!(done.iter().collect::<Vec<_>>(), [100]);
        pool.close();
    }

    #[test]
    fn the_threads_there_are_do_the_work_of_those_that_are_refused() {
        let (sender, done) = channel();
        let pool = Pool::new(4, 10, 1000);
        refusing::after(1);
        for number in 0..10 {
            assert_eq!(pool.submit(Note(number, sender.clone())), Ok(()));
        }
        refusing::no_more();
        drop(sender);
        assert_eq!(done.iter().collect::<Vec<_>>(), (0..10).collect::<Vec<_>>());
        pool.close();
    }
}
