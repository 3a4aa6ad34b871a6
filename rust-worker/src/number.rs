//! Numbers as callers send them, and exact integers as they are sent back.

mod travel;

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

use crate::big::Big;
use num_bigint::BigInt;
pub use travel::kind;

/// Digits an integer operand may have.
pub const MAX_DIGITS: usize = 1_000_000;
/// The largest integer a JavaScript number holds without a gap below it.
pub const SAFE: i128 = (1 << 53) - 1;

/// An integer of any size. Travels as a number where every JavaScript or 64-bit peer can hold it, else as a decimal
/// string.
#[derive(Debug, Clone, PartialEq)]
pub enum Integer {
    Small(i128),
    /// Beyond 128 bits.
    Big(Big),
}

/// A number of a request.
#[derive(Debug, Clone, PartialEq)]
pub enum Number {
    Integer(Integer),
    Float(f64),
}

impl Integer {
    pub fn add(&self, other: &Integer) -> Integer {
        if let (Integer::Small(a), Integer::Small(b)) = (self, other) {
            if let Some(sum) = a.checked_add(*b) {
                return Integer::Small(sum);
            }
        }
        Integer::from(self.to_big().add(&other.to_big()))
    }

    /// Asks `check` every few milliseconds.
    pub fn multiply<E>(&self, other: &Integer, check: &impl Fn() -> Result<(), E>) -> Result<Integer, E> {
        if let (Integer::Small(a), Integer::Small(b)) = (self, other) {
            if let Some(product) = a.checked_mul(*b) {
                return Ok(Integer::Small(product));
            }
        }
        self.to_big().multiply(&other.to_big(), check).map(Integer::from)
    }

    fn to_big(&self) -> Cow<'_, Big> {
        match self {
            Integer::Small(value) => Cow::Owned(Big::from(*value)),
            Integer::Big(value) => Cow::Borrowed(value),
        }
    }

    /// `None` if it is far beyond the range of floats.
    pub fn to_binary(&self) -> Option<BigInt> {
        match self {
            Integer::Small(value) => Some(BigInt::from(*value)),
            Integer::Big(value) => value.to_binary(),
        }
    }

    pub fn is_negative(&self) -> bool {
        match self {
            Integer::Small(value) => *value < 0,
            Integer::Big(value) => value.is_negative(),
        }
    }

    /// The nearest float; infinite beyond the range of floats.
    pub fn to_f64(&self) -> f64 {
        match self {
            Integer::Small(value) => *value as f64,
            Integer::Big(value) => value.to_f64(),
        }
    }

    /// Decimal digits, at most [`MAX_DIGITS`], with an optional minus sign.
    pub fn parse(text: &str) -> Result<Integer, String> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(format!(
                "expected a number or the decimal digits of an integer, found the string {}",
                cut(text)
            ));
        }
        if digits.len() > MAX_DIGITS {
            return Err(format!("an integer may have {MAX_DIGITS} digits, this one has {}", digits.len()));
        }
        match text.parse() {
            Ok(small) => Ok(Integer::Small(small)),
            Err(_) => Ok(Integer::from(Big::of_digits(text))),
        }
    }
}

impl From<Big> for Integer {
    fn from(value: Big) -> Self {
        value.to_i128().map_or(Integer::Big(value), Integer::Small)
    }
}

impl fmt::Display for Integer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Integer::Small(value) => value.fmt(f),
            Integer::Big(value) => value.fmt(f),
        }
    }
}

impl Number {
    /// The text of a JSON number.
    pub fn from_json(text: &str) -> Result<Number, String> {
        if let Some(value) = short_integer(text.as_bytes()) {
            return Ok(Number::Integer(Integer::Small(value.into())));
        }
        if !text.bytes().any(|byte| matches!(byte, b'.' | b'e' | b'E')) {
            return Integer::parse(text).map(Number::Integer);
        }
        match text.parse() {
            Ok(value) if f64::is_finite(value) => Ok(Number::Float(value)),
            _ => Err(format!("{} is beyond the range of floats", cut(text))),
        }
    }

    /// Decimal digits, with an optional minus sign.
    pub fn from_digits(text: &str) -> Result<Number, String> {
        Integer::parse(text).map(Number::Integer)
    }

    /// The order of the numbers themselves, not of the floats nearest to them.
    pub fn compare(&self, other: &Number) -> Ordering {
        match (self, other) {
            (Number::Integer(Integer::Small(a)), Number::Integer(Integer::Small(b))) => a.cmp(b),
            (Number::Integer(a), Number::Integer(b)) => a.to_big().order(&b.to_big()),
            (Number::Float(a), Number::Float(b)) => a.total_cmp(b),
            (Number::Integer(a), Number::Float(b)) => compare(a, *b),
            (Number::Float(a), Number::Integer(b)) => compare(b, *a).reverse(),
        }
    }

    /// What comparing it or adding it costs, in steps of about a nanosecond.
    pub fn weight(&self) -> usize {
        match self {
            Number::Integer(Integer::Big(value)) => 8 + value.weight(),
            _ => 8,
        }
    }

    pub fn to_f64(&self) -> f64 {
        match self {
            Number::Integer(value) => value.to_f64(),
            Number::Float(value) => *value,
        }
    }

    /// The integer this is, also if it was written as a whole float below 2^53.
    pub fn as_integer(&self) -> Option<Integer> {
        match self {
            Number::Integer(value) => Some(value.clone()),
            Number::Float(value) if value.fract() == 0.0 && value.abs() <= SAFE as f64 => {
                Some(Integer::Small(*value as i128))
            }
            Number::Float(_) => None,
        }
    }
}

/// An integer and a finite float: by their whole parts, then by what the float has behind the point.
fn compare(integer: &Integer, float: f64) -> Ordering {
    let whole = float.trunc();
    let order = match (integer, integer.to_binary()) {
        // Below 2^126 the whole part fits.
        (Integer::Small(value), _) if whole.abs() < 8e37 => value.cmp(&(whole as i128)),
        (_, Some(value)) => value.cmp(&whole_to_big(whole)),
        (integer, None) if integer.is_negative() => Ordering::Less,
        (_, None) => Ordering::Greater,
    };
    order.then_with(|| 0.0.partial_cmp(&(float - whole)).unwrap_or(Ordering::Equal))
}

/// A float without a fraction, exactly.
fn whole_to_big(whole: f64) -> BigInt {
    let bits = whole.abs().to_bits();
    let exponent = (bits >> 52) as i64 - 1075;
    let mantissa = BigInt::from(bits & ((1 << 52) - 1) | 1 << 52);
    let magnitude = if exponent < 0 { mantissa >> -exponent } else { mantissa << exponent };
    if whole < 0.0 { -magnitude } else { magnitude }
}

/// Nearly every number has at most eighteen digits and nothing else, and so fits 64 bits.
fn short_integer(text: &[u8]) -> Option<i64> {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    if !matches!(digits.len(), 1..=18) {
        return None;
    }
    let mut value = 0;
    for byte in digits {
        if !byte.is_ascii_digit() {
            return None;
        }
        value = value * 10 + i64::from(byte - b'0');
    }
    Some(if digits.len() < text.len() { -value } else { value })
}

/// The start of a text that may be long.
fn cut(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((at, _)) => format!("{:?}...", &text[..at]),
        None => format!("{text:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Result<Number, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    fn sent(text: &str) -> String {
        serde_json::to_string(&number(text).unwrap()).unwrap()
    }

    #[test]
    fn integers_beyond_2_53_travel_as_strings() {
        assert_eq!(sent("9007199254740991"), "9007199254740991");
        assert_eq!(sent("9007199254740992"), r#""9007199254740992""#);
        assert_eq!(sent("-9007199254740991"), "-9007199254740991");
        assert_eq!(sent("-9007199254740992"), r#""-9007199254740992""#);
    }

    #[test]
    fn digits_survive_beyond_128_bits() {
        let digits = "1234567890".repeat(10);
        assert_eq!(sent(&digits), format!("\"{digits}\""));
        assert_eq!(sent(&format!("\"-{digits}\"")), format!("\"-{digits}\""));
    }

    #[test]
    fn products_stay_exact_when_they_leave_128_bits() {
        let big = Integer::Small(i128::MAX);
        let product = big.multiply(&big, &|| Ok::<(), ()>(())).unwrap();
        assert_eq!(product.to_binary(), Some(BigInt::from(i128::MAX) * BigInt::from(i128::MAX)));
        assert_eq!(big.add(&big).to_binary(), Some(BigInt::from(i128::MAX) * 2));
    }

    #[test]
    fn integers_and_floats_are_ordered_by_their_value() {
        let texts = [
            "-1e300",
            "-9007199254740993",
            "-9007199254740992.0",
            "-0.5",
            "0",
            "0.5",
            "1",
            "9007199254740992.0",
            "9007199254740993",
            "1e38",
            "100000000000000000000000000000000000001",
            "1e300",
        ];
        let numbers: Vec<Number> = texts.iter().map(|text| number(text).unwrap()).collect();
        for (i, a) in numbers.iter().enumerate() {
            for (j, b) in numbers.iter().enumerate() {
                assert_eq!(a.compare(b), i.cmp(&j), "{} and {}", texts[i], texts[j]);
            }
        }
        assert_eq!(number("3").unwrap().compare(&number("3.0").unwrap()), Ordering::Equal);
    }

    #[test]
    fn what_is_not_a_number_is_named() {
        assert!(number("true").unwrap_err().contains("found a boolean"));
        assert!(number("null").unwrap_err().contains("found null"));
        assert!(number(r#""1.5""#).unwrap_err().contains("decimal digits"));
        assert!(number(r#""+1""#).is_err());
        assert!(number("1e999").unwrap_err().contains("beyond the range"));
    }
}
