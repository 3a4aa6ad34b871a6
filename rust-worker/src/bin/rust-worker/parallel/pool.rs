//! The threads of rayon's pool, which all calls share.

use rayon::iter::{IndexedParallelIterator, ParallelIterator};
use rayon::slice::{ParallelSlice, ParallelSliceMut};

pub fn parts<T: Sync, R: Send>(items: &[T], size: usize, work: impl Fn(usize, &[T]) -> R + Sync) -> Vec<R> {
    items.par_chunks(size).enumerate().map(|(at, part)| work(at * size, part)).collect()
}

/// The pool decides how many threads take part.
pub fn pieces<T: Send, E: Send>(
    out: &mut [T],
    size: usize,
    _: usize,
    work: impl Fn(usize, &mut [T]) -> Result<(), E> + Sync,
) -> Result<(), E> {
    let failed = |(at, piece): (usize, &mut [T])| work(at * size, piece).err();
    match out.par_chunks_mut(size).enumerate().find_map_first(failed) {
        Some(error) => Err(error),
        None => Ok(()),
    }
}
