//! Threads that live as long as the work. Where the system refuses one, its part of the work is done here.

use std::sync::{Mutex, PoisonError};
use std::thread::{self, Scope, ScopedJoinHandle};

/// Without its types: what starts threads is compiled once, and not for each kind of work.
type Task<'a> = Box<dyn FnOnce() + Send + 'a>;

pub fn parts<T: Sync, R: Send>(items: &[T], size: usize, work: impl Fn(usize, &[T]) -> R + Sync) -> Vec<R> {
    let work = &work;
    let mut results: Vec<Option<R>> = items.chunks(size).map(|_| None).collect();
    let tasks = items.chunks(size).zip(&mut results).enumerate().map(|(at, (part, result))| {
        let task: Task<'_> = Box::new(move || *result = Some(work(at * size, part)));
        task
    });
    run(tasks.collect(), &|| {});
    let parts = items.chunks(size).zip(results).enumerate();
    parts.map(|(at, (part, result))| result.unwrap_or_else(|| work(at * size, part))).collect()
}

pub fn pieces<T: Send, E: Send>(
    out: &mut [T],
    size: usize,
    count: usize,
    work: impl Fn(usize, &mut [T]) -> Result<(), E> + Sync,
) -> Result<(), E> {
    let waiting = Mutex::new(Some(out.chunks_mut(size).enumerate()));
    let take = || waiting.lock().unwrap_or_else(PoisonError::into_inner).as_mut()?.next();
    let errors = Mutex::new(Vec::new());
    // Pieces are taken in order: when one fails, all before it are done or being done.
    let work = || {
        while let Some((at, piece)) = take() {
            if let Err(error) = work(at * size, piece) {
                *waiting.lock().unwrap_or_else(PoisonError::into_inner) = None;
                errors.lock().unwrap_or_else(PoisonError::into_inner).push((at, error));
                return;
            }
        }
    };
    let others = (1..count).map(|_| -> Task<'_> { Box::new(work) });
    run(others.collect(), &work);
    let errors = errors.into_inner().unwrap_or_else(PoisonError::into_inner);
    match errors.into_iter().min_by_key(|(at, _)| *at) {
        Some((_, error)) => Err(error),
        None => Ok(()),
    }
}

/// Runs each task on a thread of its own, but for those whose thread is refused, and meanwhile `own` here.
fn run(tasks: Vec<Task<'_>>, own: &dyn Fn()) {
    thread::scope(|scope| {
        let running: Vec<_> = tasks.into_iter().filter_map(|task| spawn(scope, task)).collect();
        own();
        running.into_iter().for_each(joined);
    });
}

/// `None` when the system refuses the thread.
fn spawn<'scope>(scope: &'scope Scope<'scope, '_>, task: Task<'scope>) -> Option<ScopedJoinHandle<'scope, ()>> {
    #[cfg(test)]
    if tests::REFUSE.get() {
        return None;
    }
    thread::Builder::new().spawn_scoped(scope, task).ok()
}

fn joined(thread: ScopedJoinHandle<'_, ()>) {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    thread_local! {
        pub(super) static REFUSE: Cell<bool> = const { Cell::new(false) };
    }

    #[test]
    fn without_a_thread_more_all_of_the_work_is_done_here() {
        REFUSE.set(true);
        let items: Vec<u32> = (0..1000).collect();
        let here = thread::current().id();
        let sums = parts(&items, 300, |at, part| (at, part.iter().sum::<u32>(), thread::current().id() == here));
        assert_eq!(sums.iter().map(|(at, ..)| *at).collect::<Vec<_>>(), [0, 300, 600, 900]);
        assert_eq!(sums.iter().map(|(_, sum, _)| sum).sum::<u32>(), items.iter().sum::<u32>());
        assert!(sums.iter().all(|(.., own)| *own));
        let mut out = [0; 100];
        pieces(&mut out, 7, 3, |at, piece| {
            piece.iter_mut().zip(at + 1..).for_each(|(item, number)| *item += number);
            Ok::<(), ()>(())
        })
        .unwrap();
        assert!(out.iter().copied().eq(1..=100));
        REFUSE.set(false);
    }
}
