//! Sorting numbers in pieces, so that a cancel is heard after each: runs by the standard library, then merged two by
//! two, every piece of a merge on its own.

mod mixed;

use crate::array::{Array, for_elements};
use crate::discard::DropInBackground;
use crate::element::{Element, Rank};
use crate::parallel;
pub use mixed::mixed;

/// Elements of a run, and of a piece of a merge: a few milliseconds of work at most.
const RUN: usize = 1 << 17;
const PIECE: usize = 1 << 16;
/// Elements between two looks whether the call is still wanted.
const LOOK_EVERY: usize = 1 << 16;
/// Elements of so many bytes are counted, not compared: there are fewer kinds than elements.
const COUNTED: usize = 2;

/// Whether to go on; the error ends the sorting.
pub type Check<'c, E> = &'c (dyn Fn() -> Result<(), E> + Sync);

/// Sorts an array of any kind.
pub fn array<E: Send>(array: &mut Array, descending: bool, check: Check<'_, E>) -> Result<(), E> {
    for_elements!(array, values => elements(values, descending, check), mixed values => mixed(values, descending, check))
}

/// Sorts numbers of one kind; -0 before 0, NaN at the end in either direction. All kinds are ordered by their keys, which
/// are integers: one sort for all.
pub fn elements<T: Element, E: Send>(values: &mut Vec<T>, descending: bool, check: Check<'_, E>) -> Result<(), E> {
    if T::SIZE <= COUNTED {
        return counted(values, descending, check);
    }
    let nans = take_nans(values, check)?;
    let keys = converted(std::mem::take(values), T::rank, check)?;
    let mut keys = DropInBackground::new(keys);
    in_order(&mut keys, check)?;
    if descending {
        reverse(&mut keys, check)?;
    }
    *values = converted(keys.take(), T::from_rank, check)?;
    values.extend(nans);
    Ok(())
}

fn converted<T: Copy + Send + 'static, U: Send + 'static, E>(
    values: Vec<T>,
    convert: impl Fn(T) -> U,
    check: Check<'_, E>,
) -> Result<Vec<U>, E> {
    let values = DropInBackground::new(values);
    let mut out = DropInBackground::new(Vec::with_capacity(values.len()));
    for part in values.chunks(LOOK_EVERY) {
        check()?;
        out.extend(part.iter().map(|value| convert(*value)));
    }
    Ok(out.take())
}

fn reverse<T, E>(values: &mut [T], check: Check<'_, E>) -> Result<(), E> {
    let (mut first, second) = values.split_at_mut(values.len() / 2);
    let mut last = second;
    while !first.is_empty() {
        check()?;
        let count = first.len().min(LOOK_EVERY);
        let (front, inner) = std::mem::take(&mut first).split_at_mut(count);
        let outer = last.len() - count;
        let (others, back) = std::mem::take(&mut last).split_at_mut(outer);
        front.iter_mut().zip(back.iter_mut().rev()).for_each(|(a, b)| std::mem::swap(a, b));
        (first, last) = (inner, others);
    }
    Ok(())
}

/// Takes what is no number out of many.
fn take_nans<T: Element, E>(values: &mut Vec<T>, check: Check<'_, E>) -> Result<Vec<T>, E> {
    let (mut nans, mut kept) = (Vec::new(), 0);
    for start in (0..values.len()).step_by(LOOK_EVERY) {
        check()?;
        for at in start..values.len().min(start + LOOK_EVERY) {
            let value = values[at];
            if value.is_nan() {
                nans.push(value);
            } else {
                values[kept] = value;
                kept += 1;
            }
        }
    }
    values.truncate(kept);
    Ok(nans)
}

/// Integers of few bits: how often is there each?
fn counted<T: Element, E>(values: &mut [T], descending: bool, check: Check<'_, E>) -> Result<(), E> {
    let kinds = 1 << (8 * T::SIZE);
    let (mut counts, mut samples) = (vec![0_usize; kinds], vec![T::default(); kinds]);
    for part in values.chunks(LOOK_EVERY) {
        check()?;
        for value in part {
            counts[value.key() as usize] += 1;
            samples[value.key() as usize] = *value;
        }
    }
    let mut rest = values;
    for at in 0..kinds {
        let key = if descending { kinds - 1 - at } else { at };
        let (same, others) = rest.split_at_mut(counts[key]);
        for part in same.chunks_mut(LOOK_EVERY) {
            check()?;
            part.fill(samples[key]);
        }
        rest = others;
    }
    Ok(())
}

fn in_order<K: Rank, E: Send>(keys: &mut Vec<K>, check: Check<'_, E>) -> Result<(), E> {
    parallel::pieces(keys, RUN, |_, run| {
        check()?;
        run.sort_unstable();
        Ok(())
    })?;
    let mut width = RUN;
    // Zeroed memory costs nothing before it is written to.
    let mut merged = DropInBackground::new(vec![K::default(); if keys.len() > RUN { keys.len() } else { 0 }]);
    while width < keys.len() {
        parallel::pieces(&mut merged, PIECE, |at, out| {
            check()?;
            let start = at - at % (2 * width);
            let pair = &keys[start..keys.len().min(start + 2 * width)];
            let (lower, upper) = pair.split_at(pair.len().min(width));
            merge(lower, upper, at - start, out);
            Ok(())
        })?;
        std::mem::swap(keys, &mut *merged);
        width *= 2;
    }
    Ok(())
}

/// What a merge of two sorted runs has from index `from` on, as much of it as `out` holds.
fn merge<K: Rank>(lower: &[K], upper: &[K], from: usize, out: &mut [K]) {
    let mut a = before(lower, upper, from);
    let mut b = from - a;
    let mut done = 0;
    while done < out.len() && a < lower.len() && b < upper.len() {
        // So many that neither run can end among them.
        let safe = (out.len() - done).min(lower.len() - a).min(upper.len() - b);
        for slot in &mut out[done..done + safe] {
            let (low, high) = (lower[a], upper[b]);
            let first = low <= high;
            *slot = if first { low } else { high };
            a += usize::from(first);
            b += usize::from(!first);
        }
        done += safe;
    }
    let rest = if a < lower.len() { &lower[a..] } else { &upper[b..] };
    let left = out.len() - done;
    out[done..].copy_from_slice(&rest[..left]);
}

/// How many of the first `count` elements of a merge come from the lower run.
fn before<K: Rank>(lower: &[K], upper: &[K], count: usize) -> usize {
    let (mut least, mut most) = (count.saturating_sub(upper.len()), count.min(lower.len()));
    while least < most {
        let middle = least.midpoint(most);
        // Taken from the lower run if it is not greater than the one of the upper run that would stand in its place.
        if lower[middle] <= upper[count - middle - 1] {
            least = middle + 1;
        } else {
            most = middle;
        }
    }
    least
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{self, AtomicUsize};

    use super::*;
    use crate::number::{Integer, Number};

    fn random(length: usize) -> Vec<u64> {
        let mut x = 88_172_645_463_325_252_u64;
        let mut next = || {
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
            x
        };
        (0..length).map(|_| next()).collect()
    }

    fn agrees<T: Element + std::fmt::Debug>(values: Vec<T>) {
        for descending in [false, true] {
            let (mut sorted, mut expected) = (values.clone(), values.clone());
            elements(&mut sorted, descending, &|| Ok::<(), ()>(())).unwrap();
            let nans = expected.iter().filter(|value| value.is_nan()).count();
            expected.retain(|value| !value.is_nan());
            expected.sort_by_key(|value| value.key());
            if descending {
                expected.reverse();
            }
            let keys = |values: &[T]| values.iter().map(|value| value.key()).collect::<Vec<_>>();
            assert_eq!(keys(&sorted[..sorted.len() - nans]), keys(&expected));
            assert!(sorted[sorted.len() - nans..].iter().all(|value| value.is_nan()));
        }
    }

    #[test]
    fn every_kind_and_length_agrees_with_comparing() {
        agrees(random(2 * RUN + 1));
        for length in [0, 1, 2, 1000, 5000] {
            let bits = random(length);
            agrees(bits.iter().map(|bits| *bits as i8).collect());
            agrees(bits.iter().map(|bits| *bits as u16).collect());
            agrees(bits.iter().map(|bits| *bits as i32).collect());
            agrees(bits.iter().map(|bits| *bits as i64).collect());
            agrees(bits.iter().map(|bits| f32::from_bits(*bits as u32)).collect());
            agrees(bits.iter().map(|bits| f64::from_bits(*bits)).collect());
            agrees(bits);
        }
    }

    #[test]
    fn pieces_of_a_merge_are_those_of_the_whole() {
        for (lower, upper) in [(vec![1, 3, 3, 5], vec![2, 3, 4]), (vec![], vec![1, 2]), (vec![7, 8], vec![1, 2, 3])] {
            let mut whole: Vec<u64> = lower.iter().chain(&upper).copied().collect();
            whole.sort_unstable();
            for from in 0..whole.len() {
                let mut out = vec![0; 2.min(whole.len() - from)];
                merge(&lower, &upper, from, &mut out);
                assert_eq!(out, whole[from..from + out.len()]);
            }
        }
    }

    #[test]
    fn nan_is_last_in_either_direction() {
        let values = vec![f64::NAN, 2.0, -0.0, f64::NEG_INFINITY, 0.0, -f64::NAN, 1.0];
        for (descending, expected) in
            [(false, "[-inf, -0.0, 0.0, 1.0, 2.0, NaN, NaN]"), (true, "[2.0, 1.0, 0.0, -0.0, -inf, NaN, NaN]")]
        {
            let mut values = values.clone();
            elements(&mut values, descending, &|| Ok::<(), ()>(())).unwrap();
            assert_eq!(format!("{values:?}"), expected);
        }
    }

    #[test]
    fn numbers_of_all_kinds_are_in_the_order_of_their_values() {
        let number = |index: u64| match index % 3 {
            0 => Number::Float(index as f64 / 7.0),
            1 => Number::from_digits(&format!("{index}{}", "0".repeat(50))).unwrap(),
            _ => Number::Integer(Integer::Small(i128::from(index) << 70)),
        };
        let numbers: Vec<Number> = random(20_000).into_iter().map(number).collect();
        for descending in [false, true] {
            let (mut sorted, mut expected) = (numbers.clone(), numbers.clone());
            mixed(&mut sorted, descending, &|| Ok::<(), ()>(())).unwrap();
            expected.sort_by(|a, b| if descending { b.compare(a) } else { a.compare(b) });
            assert_eq!(sorted, expected);
        }
    }

    /// How often the work on so many elements looks whether it is still wanted.
    fn looks(sort: impl FnOnce(Check<'_, ()>)) -> usize {
        let looks = AtomicUsize::new(0);
        sort(&|| {
            looks.fetch_add(1, atomic::Ordering::Relaxed);
            Ok(())
        });
        looks.into_inner()
    }

    #[test]
    fn no_more_than_a_piece_is_done_between_two_looks() {
        let length = 3 * RUN;
        let (mut wide, mut narrow) = (random(length), vec![7_u8; length]);
        // Looking for NaN, to keys and back, in reverse, runs, two passes of merging.
        let least = 3 * length / LOOK_EVERY + length / LOOK_EVERY / 2 + 3 + 2 * length / PIECE;
        assert!(looks(|check| elements(&mut wide, true, check).unwrap()) >= least);
        assert!(looks(|check| elements(&mut narrow, true, check).unwrap()) >= 2 * length / LOOK_EVERY);
        // Sixteen numbers of 900,000 digits: each weighs more than a run, and they are merged in four passes.
        let mut heavy: Vec<Number> =
            (0..16).map(|n| Number::from_digits(&format!("{n}{}", "1".repeat(900_000))).unwrap()).collect();
        assert!(looks(|check| mixed(&mut heavy, false, check).unwrap()) >= 16 + 16 + 4 * 16);
    }

    #[test]
    fn a_cancelled_call_stops() {
        assert_eq!(elements(&mut random(3 * RUN), false, &|| Err("stop")), Err("stop"));
        assert_eq!(elements(&mut vec![1_i8], false, &|| Err("stop")), Err("stop"));
        assert_eq!(mixed(&mut vec![Number::Float(1.5)], false, &|| Err("stop")), Err("stop"));
    }
}
