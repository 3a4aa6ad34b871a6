//! Integers beyond 128 bits, held by their decimal digits: as they come and as they leave. Converting a million digits to
//! binary and back would take seconds, in which no cancel is heard.

use std::cmp::Ordering;
use std::fmt;

use num_bigint::BigInt;

use crate::decimal::Decimal;
use crate::number::MAX_DIGITS;

const _: () = assert!(MAX_DIGITS <= crate::decimal::MOST);
/// No float is as large as an integer with more digits, not even together with all other floats of an array.
const BEYOND_FLOATS: usize = 400;

#[derive(Debug, Clone, PartialEq)]
pub struct Big {
    negative: bool,
    magnitude: Decimal,
}

impl From<i128> for Big {
    fn from(value: i128) -> Self {
        Big { negative: value < 0, magnitude: value.unsigned_abs().into() }
    }
}

impl Big {
    /// Of decimal digits, with an optional minus sign; anything else is the caller's mistake.
    pub fn of_digits(text: &str) -> Big {
        let digits = text.strip_prefix('-').unwrap_or(text);
        Big { negative: digits.len() < text.len(), magnitude: Decimal::of_digits(digits.as_bytes()) }
    }

    pub fn is_negative(&self) -> bool {
        self.negative
    }

    /// What comparing it or adding it costs, in steps of about a nanosecond.
    pub fn weight(&self) -> usize {
        self.magnitude.limbs()
    }

    pub fn add(&self, other: &Big) -> Big {
        if self.negative == other.negative {
            return Big { negative: self.negative, magnitude: self.magnitude.add(&other.magnitude) };
        }
        let (larger, smaller) = match self.magnitude.order(&other.magnitude) {
            Ordering::Less => (other, self),
            _ => (self, other),
        };
        let magnitude = larger.magnitude.subtract(&smaller.magnitude);
        Big { negative: larger.negative && magnitude.limbs() > 0, magnitude }
    }

    /// Asks `check` every few milliseconds.
    pub fn multiply<E>(&self, other: &Big, check: &impl Fn() -> Result<(), E>) -> Result<Big, E> {
        let magnitude = self.magnitude.multiply(&other.magnitude, check)?;
        Ok(Big { negative: self.negative != other.negative && magnitude.limbs() > 0, magnitude })
    }

    pub fn order(&self, other: &Big) -> Ordering {
        match (self.negative, other.negative) {
            (false, false) => self.magnitude.order(&other.magnitude),
            (true, true) => other.magnitude.order(&self.magnitude),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }

    /// `None` beyond 128 bits.
    pub fn to_i128(&self) -> Option<i128> {
        let magnitude = i128::try_from(self.magnitude.to_u128()?).ok();
        match self.negative {
            false => magnitude,
            // One more fits below zero.
            true if magnitude.is_none() => (*self == Big::from(i128::MIN)).then_some(i128::MIN),
            true => magnitude.map(|magnitude| -magnitude),
        }
    }

    /// The nearest float; infinite beyond the range of floats.
    pub fn to_f64(&self) -> f64 {
        match self.to_binary() {
            // Through its digits: the conversion of the standard library rounds correctly.
            Some(_) => self.to_string().parse().expect("digits are a number"),
            None if self.negative => f64::NEG_INFINITY,
            None => f64::INFINITY,
        }
    }

    /// `None` if it is far beyond the range of floats: then only its sign matters to one.
    pub fn to_binary(&self) -> Option<BigInt> {
        let few = self.magnitude.limbs() * crate::decimal::DIGITS <= BEYOND_FLOATS;
        few.then(|| self.to_string().parse().expect("digits are a number"))
    }
}

impl fmt::Display for Big {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.negative { "-" } else { "" })?;
        f.write_str(&self.magnitude.digits())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers() -> Vec<BigInt> {
        let mut numbers = vec![BigInt::ZERO, i128::MAX.into(), i128::MIN.into()];
        for digits in [1, 6, 7, 12, 39, 40, 200, 600] {
            for pattern in ["9", "10", "123456789", "1000000", "999999000001"] {
                let text: String = pattern.chars().cycle().take(digits).collect();
                let number: BigInt = text.parse().unwrap();
                numbers.extend([-&number, &number - 1, number]);
            }
        }
        numbers
    }

    fn big(number: &BigInt) -> Big {
        Big::of_digits(&number.to_string())
    }

    #[test]
    fn arithmetic_and_order_agree_with_binary_integers() {
        let numbers = numbers();
        for a in &numbers {
            assert_eq!(big(a).to_string(), a.to_string());
            assert_eq!(big(a).to_i128(), i128::try_from(a).ok());
            for b in numbers.iter().step_by(7) {
                assert_eq!(big(a).add(&big(b)), big(&(a + b)), "{a} + {b}");
                assert_eq!(big(a).multiply(&big(b), &|| Ok::<(), ()>(())), Ok(big(&(a * b))), "{a} * {b}");
                assert_eq!(big(a).order(&big(b)), a.cmp(b), "{a} and {b}");
            }
        }
    }

    #[test]
    fn zeros_before_the_first_digit_do_not_count() {
        assert_eq!(Big::of_digits("-0000000000000"), Big { negative: true, magnitude: Decimal::from(0_u64) });
        assert_eq!(Big::of_digits("00000000000000000012").to_string(), "12");
    }

    #[test]
    fn what_is_beyond_floats_is_infinite() {
        assert_eq!(Big::of_digits(&format!("1{}", "0".repeat(300))).to_f64(), 1e300);
        assert_eq!(Big::of_digits(&"9".repeat(309)).to_f64(), f64::INFINITY);
        assert_eq!(Big::of_digits(&format!("-{}", "9".repeat(5000))).to_f64(), f64::NEG_INFINITY);
    }

    #[test]
    fn a_product_of_many_digits_asks_before_each_pass() {
        let asked = std::cell::Cell::new(0);
        let check = || {
            asked.set(asked.get() + 1);
            Ok::<(), ()>(())
        };
        let number = Big::of_digits(&"7".repeat(100_000));
        number.multiply(&number, &check).unwrap();
        // Two transforms there and one back, of 2^16 values each.
        assert!(asked.get() >= 3 * 16, "asked {} times", asked.get());
        assert_eq!(number.multiply(&number, &|| Err("stop")), Err("stop"));
    }
}
