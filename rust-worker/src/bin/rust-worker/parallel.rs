//! Work on a slice, shared among threads where that pays.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// More threads than this wait for the memory, or for each other.
const MOST: usize = 8;

/// How many threads to use for work of which each should get `grain` at least.
pub fn threads_for(work: usize, grain: usize) -> usize {
    match work / grain {
        0 | 1 => 1,
        shares => shares.min(thread::available_parallelism().map_or(1, usize::from)).min(MOST),
    }
}

/// Splits `items` into one part for each thread and collects what `work` makes of each, with the index of its first
/// item, in order. Parts begin at multiples of `align`.
pub fn parts<T: Sync, R: Send>(
    items: &[T],
    grain: usize,
    align: usize,
    work: impl Fn(usize, &[T]) -> R + Sync,
) -> Vec<R> {
    let threads = threads_for(items.len(), grain);
    if threads == 1 {
        return vec![work(0, items)];
    }
    let size = items.len().div_ceil(threads).next_multiple_of(align);
    let work = &work;
    thread::scope(|scope| {
        let part = |(at, part)| scope.spawn(move || work(at * size, part));
        let running: Vec<_> = items.chunks(size).enumerate().map(part).collect();
        running
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    })
}

/// Makes a result of each item, in order. Threads take `grain` items at a time, so that none waits long for the others.
/// Stops at the first error.
pub fn map<T: Sync, R: Send, E: Send>(
    items: &[T],
    grain: usize,
    work: impl Fn(&[T]) -> Result<Vec<R>, E> + Sync,
) -> Result<Vec<R>, E> {
    let threads = threads_for(items.len(), grain);
    let next = AtomicUsize::new(0);
    let run = || -> Result<Vec<(usize, Vec<R>)>, E> {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(chunk) = items.chunks(grain).nth(at) else { return Ok(done) };
            match work(chunk) {
                Ok(results) => done.push((at, results)),
                Err(error) => {
                    next.store(usize::MAX / 2, Ordering::Relaxed);
                    return Err(error);
                }
            }
        }
    };
    let mut done = thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(run)).collect();
        let mut all = run()?;
        for other in others {
            all.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
        }
        Ok(all)
    })?;
    done.sort_unstable_by_key(|(at, _)| *at);
    Ok(done.into_iter().flat_map(|(_, results)| results).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_their_items() {
        let items: Vec<u32> = (0..10_000).collect();
        let doubled = map(&items, 7, |chunk| Ok::<_, ()>(chunk.iter().map(|n| n * 2).collect())).unwrap();
        assert!(doubled.iter().zip(&items).all(|(double, n)| *double == n * 2));
        assert_eq!(doubled.len(), items.len());
        let sums = parts(&items, 100, 8, |at, part| (at, part.iter().sum::<u32>()));
        assert_eq!(sums.iter().map(|(_, sum)| sum).sum::<u32>(), items.iter().sum::<u32>());
        assert_eq!(map::<u32, u32, ()>(&[], 7, |_| Ok(vec![])), Ok(vec![]));
    }

    #[test]
    fn the_first_error_stops_the_work() {
        let items = vec![0; 1000];
        assert_eq!(map::<_, u8, _>(&items, 1, |_| Err("stop")), Err("stop"));
    }
}
