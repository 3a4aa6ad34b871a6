//! Work on a slice, shared among threads where that pays: threads of this call's own, or with the feature `rayon` those
//! of its pool.

#[cfg(feature = "rayon")]
mod pool;
// Also where the other is used, to be tested.
#[cfg(any(test, not(feature = "rayon")))]
mod scoped;

use std::thread;

#[cfg(feature = "rayon")]
use pool as threads;
#[cfg(not(feature = "rayon"))]
use scoped as threads;

/// More threads than this wait for the memory, or for each other.
const MOST: usize = 8;

/// How many threads to use for work of which each should get `grain` at least.
fn threads_for(work: usize, grain: usize) -> usize {
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
    match threads_for(items.len(), grain) {
        1 => vec![work(0, items)],
        count => threads::parts(items, items.len().div_ceil(count).next_multiple_of(align), work),
    }
}

/// Fills `out` in pieces of `size` items, each with the index of its first. Threads take one piece after the other, so
/// that none waits long for the others. After an error no more pieces are begun, and of several errors the one of the
/// first piece counts.
pub fn pieces<T: Send, E: Send>(
    out: &mut [T],
    size: usize,
    work: impl Fn(usize, &mut [T]) -> Result<(), E> + Sync,
) -> Result<(), E> {
    match threads_for(out.len(), size) {
        1 => out.chunks_mut(size).enumerate().try_for_each(|(at, piece)| work(at * size, piece)),
        count => threads::pieces(out, size, count, work),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same tests for each kind of threads.
    macro_rules! contract {
        ($($kind:ident)*) => { $(
            mod $kind {
                use super::super::$kind as threads;

                #[test]
                fn parts_come_in_order_and_cover_everything() {
                    let items: Vec<u32> = (0..10_000).collect();
                    let sums = threads::parts(&items, 3336, |at, part| (at, part[0], part.iter().sum::<u32>()));
                    assert_eq!(sums.iter().map(|(at, ..)| *at).collect::<Vec<_>>(), [0, 3336, 6672]);
                    assert!(sums.iter().all(|(at, first, _)| *at == *first as usize));
                    assert_eq!(sums.iter().map(|(.., sum)| sum).sum::<u32>(), items.iter().sum::<u32>());
                }

                #[test]
                fn every_item_is_filled_once() {
                    for length in [0, 1, 7, 8, 9999] {
                        let mut out = vec![0; length];
                        threads::pieces(&mut out, 7, 3, |at, piece| {
                            piece.iter_mut().zip(at + 1..).for_each(|(item, number)| *item += number);
                            Ok::<(), ()>(())
                        })
                        .unwrap();
                        assert!(out.iter().copied().eq(1..=length));
                    }
                }

                #[test]
                fn the_error_of_the_first_piece_counts() {
                    let mut out = vec![false; 10_000];
                    let stopped = threads::pieces(&mut out, 1, 3, |at, _| if at >= 3 { Err(at) } else { Ok(()) });
                    assert_eq!(stopped, Err(3));
                }

                #[test]
                #[should_panic(expected = "as it is")]
                fn a_panic_reaches_the_caller_as_it_is() {
                    let work = |at, _: &mut [u8]| if at == 70 { panic!("as it is") } else { Ok::<(), ()>(()) };
                    let _ = threads::pieces(&mut [0; 100], 1, 3, work);
                }
            }
        )* };
    }

    contract!(scoped);
    #[cfg(feature = "rayon")]
    contract!(pool);

    #[test]
    fn little_work_stays_on_one_thread() {
        let here = std::thread::current().id();
        assert_eq!(parts(&[1, 2, 3], 100, 8, |_, part| (part.len(), std::thread::current().id())), [(3, here)]);
        assert_eq!(parts(&[] as &[u8], 100, 8, |at, part| (at, part.len())), [(0, 0)]);
        let mut out = [0; 5];
        pieces(&mut out, 5, |_, piece| {
            piece.fill(i32::from(std::thread::current().id() == here));
            Ok::<(), ()>(())
        })
        .unwrap();
        assert_eq!(out, [1; 5]);
    }
}
