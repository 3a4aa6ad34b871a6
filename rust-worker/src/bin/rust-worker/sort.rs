//! Sorting numbers: short runs by the standard library, then merged, so that a cancel is heard in between.

use std::thread;

use crate::element::Element;
use crate::number::Number;
use crate::parallel;

/// Elements of a run: a few milliseconds of work.
const RUN: usize = 1 << 17;
/// Elements each thread should get at least.
const GRAIN: usize = 1 << 16;
/// Elements between two looks whether the call is still wanted.
const LOOK_EVERY: usize = 1 << 16;

/// Whether to go on; the error ends the sorting.
pub type Check<'c, E> = &'c (dyn Fn() -> Result<(), E> + Sync);

/// Sorts numbers of one kind; -0 before 0, NaN at the end in either direction. All kinds are sorted by their keys, which
/// are integers: one sort for all.
pub fn elements<T: Element, E: Send>(values: &mut Vec<T>, descending: bool, check: Check<'_, E>) -> Result<(), E> {
    let nans: Vec<T> = values.iter().copied().filter(|value| value.is_nan()).collect();
    let mut keys: Vec<u64> = values.iter().filter(|value| !value.is_nan()).map(|value| value.key()).collect();
    let threads = parallel::threads_for(keys.len(), GRAIN);
    ascending(&mut keys, threads, check)?;
    if descending {
        keys.reverse();
    }
    values.clear();
    values.extend(keys.into_iter().map(T::from_key));
    values.extend(nans);
    Ok(())
}

/// Sorts numbers of all kinds by their value.
pub fn mixed(values: &mut [Number], descending: bool) {
    values.sort_by(|a, b| if descending { b.compare(a) } else { a.compare(b) });
}

fn ascending<E: Send>(values: &mut Vec<u64>, threads: usize, check: Check<'_, E>) -> Result<(), E> {
    check()?;
    if values.len() <= RUN {
        values.sort_unstable();
        return Ok(());
    }
    let mut upper = values.split_off(values.len() / 2);
    if threads == 1 {
        ascending(values, 1, check)?;
        ascending(&mut upper, 1, check)?;
    } else {
        thread::scope(|scope| {
            let other = scope.spawn(|| ascending(&mut upper, threads / 2, check));
            ascending(values, threads - threads / 2, check)?;
            other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })?;
    }
    *values = merge(values, &upper, check)?;
    Ok(())
}

fn merge<E>(lower: &[u64], upper: &[u64], check: Check<'_, E>) -> Result<Vec<u64>, E> {
    let mut out = Vec::with_capacity(lower.len() + upper.len());
    let (mut a, mut b) = (0, 0);
    while a < lower.len() && b < upper.len() {
        check()?;
        for _ in 0..LOOK_EVERY.min(lower.len() - a).min(upper.len() - b) {
            let first = lower[a] <= upper[b];
            out.push(if first { lower[a] } else { upper[b] });
            a += usize::from(first);
            b += usize::from(!first);
        }
    }
    out.extend_from_slice(&lower[a..]);
    out.extend_from_slice(&upper[b..]);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

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
        agrees(random(3 * GRAIN + 1));
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
    fn a_cancelled_call_stops() {
        assert_eq!(elements(&mut random(3 * GRAIN), false, &|| Err("stop")), Err("stop"));
    }
}
