//! The threads of a pool of rayon's, which all calls share. Where the system refuses them, the work is done here.

use std::sync::OnceLock;

use rayon::iter::{IndexedParallelIterator, ParallelIterator};
use rayon::slice::{ParallelSlice, ParallelSliceMut};
use rayon::{ThreadPool, ThreadPoolBuilder};

/// Not rayon's own pool, which panics for ever once it was refused a thread. This one is asked for again.
fn pool() -> Option<&'static ThreadPool> {
    static POOL: OnceLock<ThreadPool> = OnceLock::new();
    if POOL.get().is_none() {
        let pool = ThreadPoolBuilder::new().build().ok()?;
        // Of two that were built at once, one is dropped.
        let _ = POOL.set(pool);
    }
    POOL.get()
}

pub fn parts<T: Sync, R: Send>(items: &[T], size: usize, work: impl Fn(usize, &[T]) -> R + Sync) -> Vec<R> {
    let part = |(at, part): (usize, &[T])| work(at * size, part);
    match pool() {
        Some(pool) => pool.install(|| items.par_chunks(size).enumerate().map(part).collect()),
        None => items.chunks(size).enumerate().map(part).collect(),
    }
}

/// The pool decides how many threads take part.
pub fn pieces<T: Send, E: Send>(
    out: &mut [T],
    size: usize,
    _: usize,
    work: impl Fn(usize, &mut [T]) -> Result<(), E> + Sync,
) -> Result<(), E> {
    let failed = |(at, piece): (usize, &mut [T])| work(at * size, piece).err();
    let error = match pool() {
        Some(pool) => pool.install(|| out.par_chunks_mut(size).enumerate().find_map_first(failed)),
        None => out.chunks_mut(size).enumerate().find_map(failed),
    };
    error.map_or(Ok(()), Err)
}
