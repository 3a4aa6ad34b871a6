//! Numbers of all kinds in one array.

use std::cmp::Ordering;

use super::{Check, LOOK_EVERY};
use crate::discard::{DropInBackground, discard};
use crate::number::Number;

/// What a run of numbers of any length may weigh.
const HEAVY: usize = 1 << 17;

/// Sorts numbers of all kinds by their value: first their places, so that none is moved twice.
pub fn mixed<E>(values: &mut Vec<Number>, descending: bool, check: Check<'_, E>) -> Result<(), E> {
    let order = |a: &usize, b: &usize| match descending {
        false => values[*a].compare(&values[*b]),
        true => values[*b].compare(&values[*a]),
    };
    let mut ends = light_runs(values, check)?;
    let mut places: Vec<usize> = (0..values.len()).collect();
    let mut start = 0;
    for end in &ends {
        check()?;
        places[start..*end].sort_by(order);
        start = *end;
    }
    let weight = |place: usize| values[place].weight();
    while ends.len() > 1 {
        let mut merged = Vec::with_capacity(places.len());
        for pair in ends.chunks(2) {
            let (lower, upper) = places[merged.len()..pair[pair.len() - 1]].split_at(pair[0] - merged.len());
            merge_places(lower, upper, &mut merged, order, weight, check)?;
        }
        places = merged;
        ends = ends.chunks(2).map(|pair| pair[pair.len() - 1]).collect();
    }
    put_in_place(values, &places, check)
}

/// Where runs end that do not take long to compare, however many digits their numbers have.
fn light_runs<E>(values: &[Number], check: Check<'_, E>) -> Result<Vec<usize>, E> {
    let (mut ends, mut weight) = (Vec::new(), 0);
    for (at, value) in values.iter().enumerate() {
        weight += value.weight();
        if weight > HEAVY {
            check()?;
            weight = 0;
            ends.push(at + 1);
        }
    }
    if ends.last() != Some(&values.len()) {
        ends.push(values.len());
    }
    Ok(ends)
}

fn merge_places<E>(
    lower: &[usize],
    upper: &[usize],
    out: &mut Vec<usize>,
    order: impl Fn(&usize, &usize) -> Ordering,
    weight: impl Fn(usize) -> usize,
    check: Check<'_, E>,
) -> Result<(), E> {
    let (mut lower, mut upper) = (lower.iter().peekable(), upper.iter().peekable());
    let mut heavy = 0;
    loop {
        let next = match (lower.peek(), upper.peek()) {
            (Some(a), Some(b)) if order(a, b).is_le() => lower.next(),
            (_, Some(_)) => upper.next(),
            _ => lower.next(),
        };
        let Some(next) = next else { return Ok(()) };
        out.push(*next);
        heavy += weight(*next);
        if heavy > HEAVY {
            check()?;
            heavy = 0;
        }
    }
}

fn put_in_place<E>(values: &mut Vec<Number>, places: &[usize], check: Check<'_, E>) -> Result<(), E> {
    let mut sorted = DropInBackground::new(Vec::with_capacity(values.len()));
    for part in places.chunks(LOOK_EVERY) {
        check()?;
        sorted.extend(part.iter().map(|place| std::mem::replace(&mut values[*place], Number::Float(0.0))));
    }
    discard(std::mem::replace(values, sorted.take()));
    Ok(())
}
