//! Threads, which the system may refuse: whoever wants one says what to do then.

use std::hint;
use std::io;
use std::thread::{self, Thread};

/// Stack of a thread that runs no handler, in bytes.
pub(crate) const SMALL: usize = 512 * 1024;
/// Stack of a thread that does.
pub(crate) const LARGE: usize = 4 * 1024 * 1024;

/// Memory that must be left once a thread has its stack, in bytes.
const CUSHION: usize = 4 * 1024 * 1024;

/// Starts a thread; an error says which one was refused, and why.
pub(crate) fn start(name: &str, stack: usize, work: impl FnOnce() + Send + 'static) -> io::Result<Thread> {
    match spawn(name, stack, work) {
        Ok(handle) => Ok(handle.thread().clone()),
        Err(error) => Err(io::Error::new(error.kind(), format!("the system refuses a thread ({name}): {error}"))),
    }
}

fn spawn(name: &str, stack: usize, work: impl FnOnce() + Send + 'static) -> io::Result<thread::JoinHandle<()>> {
    #[cfg(test)]
    if refusing::are_refused() {
        return Err(io::ErrorKind::OutOfMemory.into());
    }
    // The system gives a thread the last of its memory, and ends the process at the next allocation.
    let mut probe = Vec::<u8>::new();
    probe.try_reserve_exact(stack + CUSHION).map_err(|_| io::ErrorKind::OutOfMemory)?;
    drop(hint::black_box(probe));
    thread::Builder::new().name(name.into()).stack_size(stack).spawn(work)
}

/// For tests: a system that has no thread for whoever asks on this one.
#[cfg(test)]
pub(crate) mod refusing {
    use std::cell::Cell;

    thread_local! {
        static LEFT: Cell<Option<usize>> = const { Cell::new(None) };
    }

    /// From now on this thread gets so many threads.
    pub fn after(count: usize) {
        LEFT.set(Some(count));
    }

    /// From now on it gets as many as it likes.
    pub fn no_more() {
        LEFT.set(None);
    }

    pub(super) fn are_refused() -> bool {
        let left = LEFT.get();
        LEFT.set(left.map(|count| count.saturating_sub(1)));
        left == Some(0)
    }
}
