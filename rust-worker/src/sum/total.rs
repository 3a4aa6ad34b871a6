//! The running total of one array.

use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, SeqAccess, Visitor};

use super::exact::Exact;
use super::typed;
use crate::big::Big;
use crate::number::{Integer, Number};
use crate::scan::{self, Numbers};

/// Integers and floats, each added exactly.
pub struct Total {
    small: i128,
    big: Option<Big>,
    floats: Option<Box<Exact>>,
    /// Every number so far was the float -0.0.
    only_minus_zero: bool,
}

impl Default for Total {
    fn default() -> Self {
        Total { small: 0, big: None, floats: None, only_minus_zero: true }
    }
}

impl Total {
    pub fn new() -> Self {
        Total::default()
    }

    #[inline]
    pub fn add_i64(&mut self, value: i64) {
        self.only_minus_zero = false;
        // 2^63 additions of 64-bit integers do not leave 128 bits.
        self.small += i128::from(value);
    }

    /// Adds a sum of 64-bit integers.
    pub fn add_sum(&mut self, sum: i128) {
        self.add(&Number::Integer(Integer::Small(sum)));
    }

    pub fn add_f64(&mut self, value: f64) {
        self.only_minus_zero &= value == 0.0 && value.is_sign_negative();
        self.floats.get_or_insert_with(|| Box::new(Exact::new())).add(value);
    }

    /// Adds a sum of floats; `only_minus_zero` if every one of them was -0.0.
    pub fn add_exact(&mut self, sum: &Exact, only_minus_zero: bool) {
        self.only_minus_zero &= only_minus_zero;
        self.floats.get_or_insert_with(|| Box::new(Exact::new())).merge(sum);
    }

    pub fn add(&mut self, number: &Number) {
        match number {
            Number::Float(value) => self.add_f64(*value),
            Number::Integer(Integer::Small(value)) => match self.small.checked_add(*value) {
                Some(sum) => (self.small, self.only_minus_zero) = (sum, false),
                None => self.add_big(&Big::from(*value)),
            },
            Number::Integer(Integer::Big(value)) => self.add_big(value),
        }
    }

    fn add_big(&mut self, value: &Big) {
        self.only_minus_zero = false;
        self.big = Some(self.big.as_ref().map_or_else(|| value.clone(), |sum| sum.add(value)));
    }

    /// An integer if all were integers, else the float nearest to the sum of all; that may be infinite.
    pub fn finish(self) -> Number {
        let small = Integer::Small(self.small);
        let integers = self.big.map_or(small.clone(), |big| Integer::from(big).add(&small));
        match (self.floats, integers.to_binary()) {
            (None, _) => Number::Integer(integers),
            (Some(_), _) if self.only_minus_zero => Number::Float(-0.0),
            (Some(floats), Some(integers)) => Number::Float(floats.rounded_with(&integers)),
            // Beyond the range of floats, whatever the floats are.
            (Some(_), None) => Number::Float(integers.to_f64()),
        }
    }
}

pub type Check<'c> = &'c (dyn Fn() -> Result<(), String> + Sync);

/// An array that is added up while it is read.
pub struct Adding<'c> {
    total: Total,
    check: Check<'c>,
}

impl<'c> Adding<'c> {
    /// Reading stops with the error of `check`.
    pub fn new(check: Check<'c>) -> Self {
        Adding { total: Total::default(), check }
    }

    /// As [`Total::finish`].
    pub fn finish(self) -> Number {
        self.total.finish()
    }
}

impl<'de> DeserializeSeed<'de> for &mut Adding<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Numbers for Adding<'_> {
    #[inline]
    fn integer(&mut self, value: i64) -> Result<(), String> {
        self.total.add_i64(value);
        Ok(())
    }

    fn number(&mut self, number: Number) -> Result<(), String> {
        self.total.add(&number);
        Ok(())
    }

    fn check(&self) -> Result<(), String> {
        (self.check)()
    }
}

/// Adds what a binary codec hands over.
impl<'de> Visitor<'de> for &mut Adding<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of numbers")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<(), A::Error> {
        scan::items(items, self)
    }

    fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<(), E> {
        typed::add_bytes(bytes, &mut self.total, self.check).map_err(E::custom)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let (code, bytes) = deserializer.deserialize_any(scan::Extension)?;
        typed::add_typed(code, bytes, &mut self.total, self.check).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(text: &str) -> Result<String, String> {
        let mut adding = Adding::new(&|| Ok(()));
        scan::array(text.as_bytes(), false, &mut adding)?;
        Ok(serde_json::to_string(&adding.finish()).unwrap())
    }

    #[test]
    fn integers_of_any_length_are_exact() {
        assert_eq!(sum("[]").unwrap(), "0");
        assert_eq!(sum("[ 1 , -2\n,3 ]").unwrap(), "2");
        assert_eq!(sum("[9007199254740991, 9007199254740991]").unwrap(), r#""18014398509481982""#);
        assert_eq!(sum("[999999999999999999,1]").unwrap(), r#""1000000000000000000""#);
        assert_eq!(sum("[9999999999999999999]").unwrap(), r#""9999999999999999999""#);
        assert_eq!(sum("[-9999999999999999999,1]").unwrap(), r#""-9999999999999999998""#);
        assert_eq!(sum("[-999999999999999999,-1]").unwrap(), r#""-1000000000000000000""#);
        assert_eq!(sum(&format!("[1{},-1]", "0".repeat(40))).unwrap(), format!("\"{}\"", "9".repeat(40)));
    }

    #[test]
    fn one_float_makes_a_float() {
        assert_eq!(sum("[0.1,0.1,0.1,0.1,0.1,0.1,0.1,0.1,0.1,0.1]").unwrap(), "1.0");
        assert_eq!(sum("[1, 2.5]").unwrap(), "3.5");
        assert_eq!(sum("[1e2]").unwrap(), "100.0");
        assert_eq!(sum("[-0.0, -0.0]").unwrap(), "-0.0");
        assert_eq!(sum("[-0.0, 0]").unwrap(), "0.0");
        assert_eq!(sum("[9007199254740993, -9007199254740993, 0.5]").unwrap(), "0.5");
    }

    #[test]
    fn the_first_bad_element_is_named() {
        for (text, reason) in [
            ("[1,2,\"3\"]", "numbers[2]: expected a number, found a string"),
            ("[null]", "numbers[0]: expected a number, found null"),
            ("[1,[2]]", "numbers[1]: expected a number, found an array"),
            ("[1.5,true]", "numbers[1]: expected a number, found a boolean"),
            ("[1e999]", "numbers[0]: \"1e999\" is beyond the range of floats"),
            ("{}", "expected an array of numbers, found an object"),
        ] {
            assert!(sum(text).unwrap_err().contains(reason), "{text}: {}", sum(text).unwrap_err());
        }
    }
}
