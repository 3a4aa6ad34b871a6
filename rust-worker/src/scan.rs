//! Reading numbers one by one: JSON text without building anything, and what a binary codec hands over.

use std::fmt;

use serde::de::{self, SeqAccess, Visitor};

use crate::number::{MAX_DIGITS, Number, kind};

/// Bytes of text, and the weight of other numbers, between two looks whether the call is still wanted.
const LOOK_EVERY: usize = 256 * 1024;
/// Bytes of one number: its digits, and what a float needs besides.
const LONGEST: usize = MAX_DIGITS + 64;

/// What becomes of the numbers.
pub trait Numbers {
    fn integer(&mut self, value: i64) -> Result<(), String>;
    fn number(&mut self, number: Number) -> Result<(), String>;
    /// Whether to go on; the error ends the reading.
    fn check(&self) -> Result<(), String> {
        Ok(())
    }
}

/// Reads a JSON array, whose text is known to be valid JSON. The error names the first bad element. With `strings`,
/// decimal digits in a string are an integer. Returns where the array ends.
pub fn array(text: &[u8], strings: bool, numbers: &mut impl Numbers) -> Result<usize, String> {
    if text.first() != Some(&b'[') {
        return Err(format!("expected an array of numbers, found {}", kind(text)));
    }
    let (mut at, mut index, mut look_at) = (1, 0_usize, LOOK_EVERY);
    loop {
        while matches!(text[at], b' ' | b'\t' | b'\n' | b'\r' | b',') {
            at += 1;
            if at >= look_at {
                look_at = at + LOOK_EVERY;
                numbers.check()?;
            }
        }
        if text[at] == b']' {
            return Ok(at + 1);
        }
        let read = if strings && text[at] == b'"' { digits(&text[at..], numbers) } else { one(&text[at..], numbers) };
        at += read.map_err(|reason| format!("numbers[{index}]: {reason}"))?;
        index += 1;
    }
}

/// Where the value of the first parameter begins in the text of all of them, if it comes by position or as `numbers`.
pub fn first(params: &[u8]) -> Option<usize> {
    let mut rest = params.get(1..)?.trim_ascii_start();
    if params.starts_with(b"{") {
        rest = rest.strip_prefix(b"\"numbers\"")?.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start();
    }
    Some(params.len() - rest.len())
}

/// Whether nothing follows the parameter that ends at `end`.
pub fn is_last(params: &[u8], end: usize) -> bool {
    matches!(params[end..].trim_ascii_start(), b"]" | b"}")
}

/// Reads the number at the start of `text` and returns its length.
fn one(text: &[u8], numbers: &mut impl Numbers) -> Result<usize, String> {
    let negative = text[0] == b'-';
    let (mut at, mut value) = (usize::from(negative), 0_i64);
    // Eighteen digits fit 64 bits; longer numbers take the other way.
    let most = at + 18;
    while at < most && text[at].is_ascii_digit() {
        value = value * 10 + i64::from(text[at] - b'0');
        at += 1;
    }
    if at > usize::from(negative) && ends_number(text[at]) {
        numbers.integer(if negative { -value } else { value })?;
        return Ok(at);
    }
    any(text, numbers)
}

fn any(text: &[u8], numbers: &mut impl Numbers) -> Result<usize, String> {
    if !matches!(text[0], b'-' | b'0'..=b'9') {
        return Err(format!("expected a number, found {}", kind(text)));
    }
    let number = up_to(text, ends_number)?;
    numbers.number(Number::from_json(number)?)?;
    Ok(number.len())
}

/// A string of digits: no escapes, so it ends at the next quote.
fn digits(text: &[u8], numbers: &mut impl Numbers) -> Result<usize, String> {
    let digits = up_to(&text[1..], |byte| byte == b'"')?;
    numbers.number(Number::from_digits(digits)?)?;
    Ok(digits.len() + 2)
}

/// The text before the byte that ends it, which must not be far.
fn up_to(text: &[u8], ends: impl Fn(u8) -> bool) -> Result<&str, String> {
    let near = &text[..text.len().min(LONGEST + 1)];
    let length = near.iter().position(|byte| ends(*byte)).unwrap_or(near.len());
    if length > LONGEST {
        return Err(format!("a number may have {MAX_DIGITS} digits, this one is longer"));
    }
    std::str::from_utf8(&near[..length]).map_err(|error| error.to_string())
}

fn ends_number(byte: u8) -> bool {
    matches!(byte, b',' | b']' | b' ' | b'\t' | b'\n' | b'\r')
}

/// Reads the elements of a binary codec's array.
pub fn items<'de, A: SeqAccess<'de>>(mut items: A, numbers: &mut impl Numbers) -> Result<(), A::Error> {
    let (mut index, mut weight) = (0, 0);
    let named = |index: usize, error: A::Error| de::Error::custom(format!("numbers[{index}]: {error}"));
    while let Some(number) = items.next_element::<Number>().map_err(|error| named(index, error))? {
        index += 1;
        weight += number.weight();
        numbers.number(number).map_err(de::Error::custom)?;
        if weight >= LOOK_EVERY {
            weight = 0;
            numbers.check().map_err(de::Error::custom)?;
        }
    }
    Ok(())
}

/// An extension of MessagePack: its code, then its bytes.
pub struct Extension;

impl<'de> Visitor<'de> for Extension {
    type Value = (i8, &'de [u8]);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a typed array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let torn = || de::Error::custom("a torn extension");
        let code: i8 = items.next_element()?.ok_or_else(torn)?;
        Ok((code, items.next_element()?.ok_or_else(torn)?))
    }
}
