//! Adding up a JSON array while reading it.

use super::total::Total;
use crate::number::{Number, kind};

/// Adds the numbers of a JSON array, whose text is known to be valid JSON. The error names the first bad element.
pub fn add_array(text: &str, total: &mut Total) -> Result<(), String> {
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
            return Ok(());
        }
        at += add_number(&text[at..], total).map_err(|reason| format!("numbers[{index}]: {reason}"))?;
        index += 1;
    }
}

/// Adds the number at the start of `text` and returns its length.
fn add_number(text: &str, total: &mut Total) -> Result<usize, String> {
    let bytes = text.as_bytes();
    let negative = bytes[0] == b'-';
    let (mut at, mut value) = (usize::from(negative), 0_i64);
    // Eighteen digits fit 64 bits; longer numbers take the other way.
    while at < 19 && bytes[at].is_ascii_digit() {
        value = value * 10 + i64::from(bytes[at] - b'0');
        at += 1;
    }
    if at > usize::from(negative) && ends_number(bytes[at]) {
        total.add_i64(if negative { -value } else { value });
        return Ok(at);
    }
    add_any(text, total)
}

fn add_any(text: &str, total: &mut Total) -> Result<usize, String> {
    if !matches!(text.as_bytes()[0], b'-' | b'0'..=b'9') {
        return Err(format!("expected a number, found {}", kind(text)));
    }
    let length = text.bytes().position(ends_number).unwrap_or(text.len());
    total.add(&Number::from_json(&text[..length])?);
    Ok(length)
}

fn ends_number(byte: u8) -> bool {
    matches!(byte, b',' | b']' | b' ' | b'\t' | b'\n' | b'\r')
}
