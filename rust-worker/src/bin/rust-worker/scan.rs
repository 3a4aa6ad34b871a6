//! Reading numbers one by one: JSON text without building anything, and what a binary codec hands over.

use std::fmt;

use serde::de::{self, SeqAccess, Visitor};

use crate::number::{Number, kind};

/// Numbers between two looks whether the call is still wanted.
const LOOK_EVERY: usize = 1 << 16;

/// What becomes of the numbers.
pub trait Numbers {
    fn integer(&mut self, value: i64);
    fn number(&mut self, number: &Number);
    /// Whether to go on; the error ends the reading.
    fn check(&self) -> Result<(), String> {
        Ok(())
    }
}

/// Reads a JSON array, whose text is known to be valid JSON. The error names the first bad element. With `strings`,
/// decimal digits in a string are an integer. Returns where the array ends.
pub fn array(text: &str, strings: bool, numbers: &mut impl Numbers) -> Result<usize, String> {
    let bytes = text.as_bytes();
    if bytes.first() != Some(&b'[') {
        return Err(format!("expected an array of numbers, found {}", kind(text)));
    }
    let (mut at, mut index) = (1, 0_usize);
    loop {
        while matches!(bytes[at], b' ' | b'\t' | b'\n' | b'\r' | b',') {
            at += 1;
        }
        if bytes[at] == b']' {
            return Ok(at + 1);
        }
        let read = if strings && bytes[at] == b'"' { digits(&text[at..], numbers) } else { one(&text[at..], numbers) };
        at += read.map_err(|reason| format!("numbers[{index}]: {reason}"))?;
        index += 1;
        if index % LOOK_EVERY == 0 {
            numbers.check()?;
        }
    }
}

/// Where the value of the first parameter begins in the text of all of them, if it comes by position or as `numbers`.
pub fn first(params: &str) -> Option<usize> {
    let mut rest = params.strip_prefix(['[', '{'])?.trim_start();
    if params.starts_with('{') {
        rest = rest.strip_prefix("\"numbers\"")?.trim_start().strip_prefix(':')?.trim_start();
    }
    Some(params.len() - rest.len())
}

/// Whether nothing follows the parameter that ends at `end`.
pub fn is_last(params: &str, end: usize) -> bool {
    matches!(params[end..].trim_start(), "]" | "}")
}

/// Reads the number at the start of `text` and returns its length.
fn one(text: &str, numbers: &mut impl Numbers) -> Result<usize, String> {
    let bytes = text.as_bytes();
    let negative = bytes[0] == b'-';
    let (mut at, mut value) = (usize::from(negative), 0_i64);
    // Eighteen digits fit 64 bits; longer numbers take the other way.
    let most = at + 18;
    while at < most && bytes[at].is_ascii_digit() {
        value = value * 10 + i64::from(bytes[at] - b'0');
        at += 1;
    }
    if at > usize::from(negative) && ends_number(bytes[at]) {
        numbers.integer(if negative { -value } else { value });
        return Ok(at);
    }
    any(text, numbers)
}

fn any(text: &str, numbers: &mut impl Numbers) -> Result<usize, String> {
    if !matches!(text.as_bytes()[0], b'-' | b'0'..=b'9') {
        return Err(format!("expected a number, found {}", kind(text)));
    }
    let length = text.bytes().position(ends_number).unwrap_or(text.len());
    numbers.number(&Number::from_json(&text[..length])?);
    Ok(length)
}

/// A string of digits: no escapes, so it ends at the next quote.
fn digits(text: &str, numbers: &mut impl Numbers) -> Result<usize, String> {
    let length = memchr::memchr(b'"', &text.as_bytes()[1..]).unwrap_or(text.len() - 2);
    numbers.number(&Number::from_digits(&text[1..=length])?);
    Ok(length + 2)
}

fn ends_number(byte: u8) -> bool {
    matches!(byte, b',' | b']' | b' ' | b'\t' | b'\n' | b'\r')
}

/// Reads the elements of a binary codec's array.
pub fn items<'de, A: SeqAccess<'de>>(mut items: A, numbers: &mut impl Numbers) -> Result<(), A::Error> {
    let mut index = 0;
    let named = |index: usize, error: A::Error| de::Error::custom(format!("numbers[{index}]: {error}"));
    while let Some(number) = items.next_element::<Number>().map_err(|error| named(index, error))? {
        numbers.number(&number);
        index += 1;
        if index % LOOK_EVERY == 0 {
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
