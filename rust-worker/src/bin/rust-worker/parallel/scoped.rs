//! Threads that live as long as the work.

use std::sync::{Mutex, PoisonError};
use std::thread;

pub fn parts<T: Sync, R: Send>(items: &[T], size: usize, work: impl Fn(usize, &[T]) -> R + Sync) -> Vec<R> {
    let work = &work;
    thread::scope(|scope| {
        let part = |(at, part)| scope.spawn(move || work(at * size, part));
        let running: Vec<_> = items.chunks(size).enumerate().map(part).collect();
        running.into_iter().map(joined).collect()
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
        let others: Vec<_> = (1..count).map(|_| scope.spawn(run)).collect();
        let own = run();
        others.into_iter().map(joined).chain([own]).filter_map(Result::err).collect::<Vec<_>>()
    });
    match errors.into_iter().min_by_key(|(at, _)| *at) {
        Some((_, error)) => Err(error),
        None => Ok(()),
    }
}

fn joined<R>(thread: thread::ScopedJoinHandle<'_, R>) -> R {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}
