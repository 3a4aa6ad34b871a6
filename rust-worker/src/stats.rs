//! What can be said about an array of numbers in a few figures.

use serde::ser::{Serialize, SerializeStruct, Serializer};

use crate::array::{Array, for_elements};
use crate::element::Element;
use crate::number::{Integer, Number};
use crate::sort;
use crate::sum::{self, Total};

/// Elements between two looks whether the call is still wanted.
const LOOK_EVERY: usize = 1 << 16;

/// The figures. Of no numbers there is a count and a sum, and nothing else.
#[derive(Debug, PartialEq)]
pub struct Stats {
    count: usize,
    min: Option<Number>,
    max: Option<Number>,
    sum: Number,
    mean: Option<f64>,
    /// Of the population: divided by the count.
    variance: Option<f64>,
    stddev: Option<f64>,
    /// The middle one, or the mean of the two in the middle.
    median: Option<Number>,
}

impl Serialize for Stats {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut figures = serializer.serialize_struct("Stats", 8)?;
        figures.serialize_field("count", &self.count)?;
        figures.serialize_field("min", &self.min)?;
        figures.serialize_field("max", &self.max)?;
        figures.serialize_field("sum", &self.sum)?;
        figures.serialize_field("mean", &self.mean)?;
        figures.serialize_field("variance", &self.variance)?;
        figures.serialize_field("stddev", &self.stddev)?;
        figures.serialize_field("median", &self.median)?;
        figures.end()
    }
}

/// What can go wrong.
#[derive(Debug, PartialEq)]
pub enum Problem<E> {
    /// The call is not wanted any more.
    Stopped(E),
    /// In words for the caller.
    Refused(String),
}

impl<E> From<E> for Problem<E> {
    fn from(error: E) -> Self {
        Problem::Stopped(error)
    }
}

/// Of an array, which may be in another order after it.
pub fn stats<E>(array: &mut Array, check: &(impl Fn() -> Result<(), E> + Sync)) -> Result<Stats, Problem<E>> {
    for_elements!(array, values => elements(values, check), mixed values => mixed(values, check))
}

fn elements<T: Element, E>(values: &[T], check: &impl Fn() -> Result<(), E>) -> Result<Stats, Problem<E>> {
    for (at, part) in values.chunks(LOOK_EVERY).enumerate() {
        check()?;
        if let Some(bad) = part.iter().position(|value| !value.is_finite()) {
            let index = at * LOOK_EVERY + bad;
            return Err(Problem::Refused(format!(
                "parameter `numbers`: numbers[{index}]: expected a finite number, found {}",
                values[index].to_f64()
            )));
        }
    }
    let mut total = Total::new();
    sum::add_elements(values, &mut total, check)?;
    let sum = total.finish();
    let Some(first) = values.first() else {
        return Ok(nothing(sum));
    };
    let (mut min, mut max) = (*first, *first);
    for part in values.chunks(LOOK_EVERY) {
        check()?;
        for value in part {
            min = if value.key() < min.key() { *value } else { min };
            max = if value.key() > max.key() { *value } else { max };
        }
    }
    let spread = spread(values.len(), &sum, |add| {
        values.chunks(LOOK_EVERY).try_for_each(|part| {
            part.iter().for_each(|value| add(value.to_f64()));
            check()
        })
    })?;
    let median = median(values.len(), |k| select(values, k, check))?;
    Ok(spread.complete(values.len(), min.number(), max.number(), sum, median))
}

/// Integers beyond 64 bits, and floats among integers that no float holds.
fn mixed<E>(values: &mut Vec<Number>, check: &(impl Fn() -> Result<(), E> + Sync)) -> Result<Stats, Problem<E>> {
    sort::mixed(values, false, check)?;
    let mut total = Total::new();
    looking(values, check, |value| total.add(value))?;
    let sum = total.finish();
    let (Some(min), Some(max)) = (values.first().cloned(), values.last().cloned()) else {
        return Ok(nothing(sum));
    };
    let spread = spread(values.len(), &sum, |add| looking(values, check, |value| add(value.to_f64())))?;
    let median = median(values.len(), |k| Ok::<_, E>(values[k].clone()))?;
    Ok(spread.complete(values.len(), min, max, sum, median))
}

/// Does something with each of many numbers, which may have many digits.
fn looking<E>(values: &[Number], check: &impl Fn() -> Result<(), E>, mut each: impl FnMut(&Number)) -> Result<(), E> {
    let mut weight = 0;
    for value in values {
        each(value);
        weight += value.weight();
        if weight > LOOK_EVERY {
            check()?;
            weight = 0;
        }
    }
    check()
}

fn nothing(sum: Number) -> Stats {
    Stats { count: 0, min: None, max: None, sum, mean: None, variance: None, stddev: None, median: None }
}

struct Spread {
    mean: f64,
    variance: f64,
}

impl Spread {
    fn complete(self, count: usize, min: Number, max: Number, sum: Number, median: Number) -> Stats {
        let Spread { mean, variance } = self;
        let (min, max, median) = (Some(min), Some(max), Some(median));
        let (mean, variance, stddev) = (Some(mean), Some(variance), Some(variance.sqrt()));
        Stats { count, min, max, sum, mean, variance, stddev, median }
    }
}

/// Mean and variance in two passes: the second adds the squares of what is left when the mean is taken away, and takes
/// back what the rounding of the mean has added.
fn spread<E>(
    count: usize,
    sum: &Number,
    each: impl FnOnce(&mut dyn FnMut(f64)) -> Result<(), E>,
) -> Result<Spread, Problem<E>> {
    let count = count as f64;
    let mean = sum.to_f64() / count;
    let (mut squares, mut rest) = (0.0, 0.0);
    each(&mut |value| {
        let difference = value - mean;
        squares += difference * difference;
        rest += difference;
    })?;
    let variance = (squares - rest * rest / count) / count;
    match mean.is_finite() && variance.is_finite() {
        true => Ok(Spread { mean, variance: variance.max(0.0) }),
        false => Err(Problem::Refused("the result is beyond the range of floats".into())),
    }
}

/// The middle of `count` sorted numbers, of which `kth` knows each.
fn median<E>(count: usize, kth: impl Fn(usize) -> Result<Number, E>) -> Result<Number, E> {
    let upper = kth(count / 2)?;
    if count % 2 == 1 {
        return Ok(upper);
    }
    Ok(match (kth(count / 2 - 1)?, upper) {
        (Number::Integer(a), Number::Integer(b)) => half(&a.add(&b)),
        // Halved first: the sum may be beyond the range.
        (a, b) => Number::Float(a.to_f64() / 2.0 + b.to_f64() / 2.0),
    })
}

fn half(sum: &Integer) -> Number {
    match sum {
        Integer::Small(sum) if sum % 2 == 0 => Number::Integer(Integer::Small(sum / 2)),
        sum => Number::Float(sum.to_f64() / 2.0),
    }
}

/// The k-th smallest, counted from zero: 16 bits of the keys at a time, from the top, are narrowed down by counting.
fn select<T: Element, E>(values: &[T], mut k: usize, check: &impl Fn() -> Result<(), E>) -> Result<Number, E> {
    let (mut prefix, mut known) = (0_u64, 0);
    let width = 16.min(T::SIZE * 8);
    let mut found = values[0];
    while known < T::SIZE * 8 {
        let shift = T::SIZE * 8 - known - width;
        let mut counts = vec![0_usize; 1 << width];
        for part in values.chunks(LOOK_EVERY) {
            check()?;
            for value in part {
                let key = value.key() >> shift;
                if key >> width == prefix {
                    counts[(key & ((1 << width) - 1)) as usize] += 1;
                }
            }
        }
        let mut bucket = 0;
        while k >= counts[bucket] {
            k -= counts[bucket];
            bucket += 1;
        }
        prefix = prefix << width | bucket as u64;
        known += width;
    }
    for part in values.chunks(LOOK_EVERY) {
        check()?;
        if let Some(value) = part.iter().find(|value| value.key() == prefix) {
            found = *value;
            break;
        }
    }
    Ok(found.number())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::array::Typed;

    fn of(mut array: Array) -> String {
        serde_json::to_string(&stats(&mut array, &|| Ok::<(), ()>(())).unwrap()).unwrap()
    }

    #[test]
    fn integers_stay_integers_where_they_can() {
        assert_eq!(
            of(Array::Integers(vec![4, 1, 3, 2])),
            r#"{"count":4,"min":1,"max":4,"sum":10,"mean":2.5,"variance":1.25,"stddev":1.118033988749895,"median":2.5}"#
        );
        assert!(of(Array::Integers(vec![i64::MAX, i64::MAX])).contains(r#""sum":"18446744073709551614""#));
        assert!(of(Array::Integers(vec![1, 3])).contains(r#""median":2}"#));
    }

    #[test]
    fn of_nothing_there_is_nothing_but_a_count_and_a_sum() {
        let expected =
            r#"{"count":0,"min":null,"max":null,"sum":0,"mean":null,"variance":null,"stddev":null,"median":null}"#;
        assert_eq!(of(Array::Integers(vec![])), expected);
    }

    #[test]
    fn a_large_offset_does_not_swallow_the_variance() {
        let far = |values: [f64; 4]| Array::Floats(values.map(|value| value + 1e9).to_vec());
        assert!(of(far([4.0, 7.0, 13.0, 16.0])).contains(r#""variance":22.5,"#));
    }

    #[test]
    fn the_middle_of_all_kinds_agrees_with_sorting() {
        let mut x = 88_172_645_463_325_252_u64;
        let bits: Vec<u64> = (0..1001)
            .map(|_| {
                x ^= x << 13;
                x ^= x >> 7;
                x ^= x << 17;
                x
            })
            .collect();
        fn agrees<T: Element>(mut values: Vec<T>) {
            let found = select(&values, 500, &|| Ok::<(), ()>(())).unwrap();
            values.sort_by_key(|value| value.key());
            assert_eq!(found, values[500].number());
        }
        agrees(bits.iter().map(|bits| *bits as i8).collect());
        agrees(bits.iter().map(|bits| *bits as i16).collect());
        agrees(bits.iter().map(|bits| *bits as i32).collect());
        agrees(bits.iter().map(|bits| *bits as i64).collect());
        agrees(bits.iter().map(|bits| (*bits as i64) as f64 / 7e9).collect());
        agrees(bits);
    }

    #[test]
    fn what_is_not_finite_is_refused() {
        let refused = stats(&mut Array::Typed(Typed::Float64(vec![1.0, f64::NAN])), &|| Ok::<(), ()>(())).unwrap_err();
        let text = "parameter `numbers`: numbers[1]: expected a finite number, found NaN";
        assert_eq!(refused, Problem::Refused(text.into()));
        let too_far = stats(&mut Array::Floats(vec![1e308, 1e308, -1e308]), &|| Ok::<(), ()>(()));
        assert!(matches!(too_far, Err(Problem::Refused(_))));
    }
}
