//! Threads that live as long as the work. Where the system refuses one, its part of the work is done here.

use std::sync::{Mutex, PoisonError};
use std::thread::{self, Scope, ScopedJoinHandle};

pub fn parts<T: Sync, R: Send>(items: &[T], size: usize, work: impl Fn(usize, &[T]) -> R + Sync) -> Vec<R> {
    let work = &work;
    thread::scope(|scope| {
        let start = |(at, part)| (at, part, spawn(scope, move || work(at * size, part)));
        let running: Vec<_> = items.chunks(size).enumerate().map(start).collect();
        let finish = |(at, part, thread): (usize, _, Option<_>)| match thread {
            Some(thread) => joined(thread),
            None => work(at * size, part),
        };
        running.into_iter().map(finish).collect()
    })
}

pub fn pieces<T: Send, E: Send>(
    out: &mut [T],
    size: usize,
    count: usize,
    work: impl Fn(usize, &mut [T]) -> Result<(), E> + Sync,
) -> Result<(), E> {
    let waiting = Mutex::new(Some(out.chunks_mut(size).enumerate()));
    let take = || waiting.lock().unwrap_or_else(PoisonError::into_inner).as_mut()?.next();
    // Pieces are taken in order: when one fails, all before it are done or being done.
    let run = || {
        while let Some((at, piece)) = take() {
            if let Err(error) = work(at * size, piece) {
                *waiting.lock().unwrap_or_else(PoisonError::into_inner) = None;
                return Err((at, error));
            }
        }
        Ok(())
    };
    let errors = thread::scope(|scope| {
        let others: Vec<_> = (1..count).map_while(|_| spawn(scope, run)).collect();
        let own = run();
        others.into_iter().map(joined).chain([own]).filter_map(Result::err).collect::<Vec<_>>()
    });
    match errors.into_iter().min_by_key(|(at, _)| *at) {
        Some((_, error)) => Err(error),
        None => Ok(()),
    }
}

/// `None` when the system refuses the thread.
fn spawn<'scope, R: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    work: impl FnOnce() -> R + Send + 'scope,
) -> Option<ScopedJoinHandle<'scope, R>> {
    #[cfg(test)]
    if tests::REFUSE.get() {
        return None;
    }
    thread::Builder::new().spawn_scoped(scope, work).ok()
}

fn joined<R>(thread: ScopedJoinHandle<'_, R>) -> R {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
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
