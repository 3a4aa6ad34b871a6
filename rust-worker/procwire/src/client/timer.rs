//! What is to be done at some time: one thread for all channels of the process, started with the first; it sleeps until
//! the earliest moment.

use std::collections::BTreeMap;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::Instant;

use crate::link::stdio::report;
use crate::locks;
use crate::threads;

type Job = Box<dyn FnOnce() + Send>;

/// When, and a running number, for several of one moment.
pub(crate) type Key = (Instant, u64);

#[derive(Default)]
struct Jobs {
    waiting: BTreeMap<Key, Job>,
    last: u64,
    is_started: bool,
}

static JOBS: Mutex<Option<Jobs>> = Mutex::new(None);
static CHANGED: Condvar = Condvar::new();

/// Does something at some time, on the timer's thread: it must be short and may not wait.
///
/// # Errors
///
/// When the system refuses the thread.
pub(crate) fn at(moment: Instant, job: impl FnOnce() + Send + 'static) -> io::Result<Key> {
    let mut jobs = locks::lock(&JOBS);
    let state = jobs.get_or_insert_default();
    if !state.is_started {
        threads::start("timer", threads::SMALL, run)?;
        state.is_started = true;
    }
    state.last += 1;
    let key = (moment, state.last);
    state.waiting.insert(key, Box::new(job));
    if state.waiting.first_key_value().is_some_and(|(first, _)| *first == key) {
        CHANGED.notify_one();
    }
    Ok(key)
}

/// It is not wanted any more.
pub(crate) fn forget(key: Key) {
    // Dropped without the lock: it may hold the last of something that has a timer of its own.
    let job = locks::lock(&JOBS).as_mut().and_then(|jobs| jobs.waiting.remove(&key));
    drop(job);
}

fn run() {
    let mut jobs = locks::lock(&JOBS);
    loop {
        let (job, guard) = next(jobs);
        drop(guard);
        if catch_unwind(AssertUnwindSafe(job)).is_err() {
            report("something panicked on the timer's thread");
        }
        jobs = locks::lock(&JOBS);
    }
}

/// The next job, when its time has come.
fn next(mut jobs: MutexGuard<'_, Option<Jobs>>) -> (Job, MutexGuard<'_, Option<Jobs>>) {
    loop {
        let now = Instant::now();
        let left = match jobs.get_or_insert_default().waiting.first_entry() {
            Some(first) if first.key().0 <= now => {
                let job = first.remove();
                return (job, jobs);
            }
            Some(first) => Some(first.key().0 - now),
            None => None,
        };
        jobs = match left {
            Some(left) => locks::wait_timeout(&CHANGED, jobs, left),
            None => locks::wait(&CHANGED, jobs),
        };
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::time::Duration;

    use super::*;

    #[test]
    fn jobs_come_in_the_order_of_their_moments_and_forgotten_ones_never() {
        let (done, order) = channel();
        let start = Instant::now();
        let put = |milliseconds, name| {
            let done = done.clone();
            at(start + Duration::from_millis(milliseconds), move || done.send(name).unwrap()).unwrap()
        };
        put(30, "late");
        let forgotten = put(20, "never");
        put(10, "early");
        let boom = || panic!("one that panics leaves the others theirs");
        at(start + Duration::from_millis(15), boom).unwrap();
        forget(forgotten);
        assert_eq!([order.recv().unwrap(), order.recv().unwrap()], ["early", "late"]);
        assert!(start.elapsed() >= Duration::from_millis(30));
    }
}
