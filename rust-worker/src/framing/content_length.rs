//! `Content-Length` header, blank line, frame.

use super::{Buffer, Lost, Piece};

/// Bytes a header block may have, its blank line included.
const HEADER_LIMIT: usize = 8 * 1024;

pub(super) fn next(buffer: &mut Buffer, limit: usize) -> Result<Option<Piece>, Lost> {
    let filled = buffer.filled();
    let Some(header) = header_length(&filled[..filled.len().min(HEADER_LIMIT)])? else {
        if filled.len() >= HEADER_LIMIT {
            return Err(Lost(format!("a header block is longer than {HEADER_LIMIT} bytes")));
        }
        return Ok(None);
    };
    let length = content_length(&filled[..header])?;
    if length > limit {
        return Err(Lost(format!("a frame of {length} bytes was announced, the limit is {limit}")));
    }
    if filled.len() - header < length {
        return Ok(None);
    }
    Ok(Some(Piece::Frame(buffer.take(header + length, header, 0))))
}

pub(super) fn wrap<R>(out: &mut Vec<u8>, payload: impl FnOnce(&mut Vec<u8>) -> R) -> R {
    let at = out.len();
    let result = payload(out);
    let header = format!("Content-Length: {}\r\n\r\n", out.len() - at);
    out.splice(at..at, header.into_bytes());
    result
}

/// Bytes up to and with the blank line, `None` while it has not arrived.
fn header_length(bytes: &[u8]) -> Result<Option<usize>, Lost> {
    let mut line = 0;
    for newline in memchr::memchr_iter(b'\n', bytes) {
        if matches!(&bytes[line..newline], b"" | b"\r") {
            return Ok(Some(newline + 1));
        }
        line = newline + 1;
    }
    Ok(None)
}

fn content_length(header: &[u8]) -> Result<usize, Lost> {
    let mut length = None;
    for line in header.split(|byte| *byte == b'\n') {
        let line = line.trim_ascii();
        if line.is_empty() {
            continue;
        }
        let colon = memchr::memchr(b':', line).ok_or_else(|| Lost("a header line has no colon".into()))?;
        let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
        if name.eq_ignore_ascii_case(b"content-length") && length.replace(digits(value)?).is_some() {
            return Err(Lost("Content-Length is given twice".into()));
        }
    }
    length.ok_or_else(|| Lost("a header block has no Content-Length".into()))
}

/// Decimal digits and nothing else.
fn digits(value: &[u8]) -> Result<usize, Lost> {
    let wrong = || Lost(format!("Content-Length is not a number: {}", value.escape_ascii()));
    if value.is_empty() || value.len() > 12 || !value.iter().all(u8::is_ascii_digit) {
        return Err(wrong());
    }
    std::str::from_utf8(value).ok().and_then(|text| text.parse().ok()).ok_or_else(wrong)
}
