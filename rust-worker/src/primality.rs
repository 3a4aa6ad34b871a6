//! Which numbers are prime, of whatever kind they are.

use crate::array::{Array, for_elements};
use crate::discard::DropInBackground;
use crate::element::Element;
use crate::number::{Integer, Number};
use crate::{parallel, prime};

/// Numbers a thread tests between two looks whether to go on: about a millisecond of work.
const TESTED_AT_ONCE: usize = 512;

/// Whether a number is prime; `None` if it is no whole number below 2^64.
pub fn decide(n: &Number) -> Option<bool> {
    match n.as_integer()? {
        Integer::Small(value) if value < 0 => Some(false),
        Integer::Small(value) => u64::try_from(value).map(prime::is_prime).ok(),
        Integer::Big(value) => value.is_negative().then_some(false),
    }
}

/// Whether each number of an array is prime, on all CPUs. `begin` is told how many numbers come next, and may stop it;
/// `wrong` makes an error of the index of what is no whole number below 2^64.
pub fn decide_all<E: Send>(
    array: &Array,
    begin: impl Fn(usize) -> Result<(), E> + Sync,
    wrong: impl Fn(usize) -> E + Sync,
) -> Result<Vec<bool>, E> {
    for_elements!(
        array,
        values => all(values, |value| decide(&value.number()), begin, wrong),
        mixed values => all(values, decide, begin, wrong)
    )
}

fn all<T: Sync, E: Send>(
    values: &[T],
    decide: impl Fn(&T) -> Option<bool> + Sync,
    begin: impl Fn(usize) -> Result<(), E> + Sync,
    wrong: impl Fn(usize) -> E + Sync,
) -> Result<Vec<bool>, E> {
    let mut decided = DropInBackground::new(vec![false; values.len()]);
    parallel::pieces(&mut decided, TESTED_AT_ONCE, |start, piece| {
        begin(piece.len())?;
        for (index, prime) in (start..).zip(piece) {
            *prime = decide(&values[index]).ok_or_else(|| wrong(index))?;
        }
        Ok::<_, E>(())
    })?;
    Ok(decided.take())
}
