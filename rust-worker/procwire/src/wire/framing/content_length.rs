//! `Content-Length` header, blank line, frame. The header is read strictly: a wrong guess about a boundary cannot be
//! mended.

use super::sized::{self, Announced};
use super::{Buffer, Found, Lost};

/// Bytes a header block may have, its blank line included.
const HEADER_LIMIT: usize = 8 * 1024;

pub(super) fn next(buffer: &mut Buffer, state: &mut sized::State, limit: usize) -> Result<Option<Found>, Lost> {
    sized::next(buffer, state, limit, announced)
}

pub(super) fn close(out: &mut Vec<u8>, start: usize, apart: usize) {
    let header = format!("Content-Length: {}\r\n\r\n", out.len() - start + apart);
    out.splice(start..start, header.into_bytes());
}

/// Reads header lines up to the blank one.
fn announced(filled: &[u8]) -> Result<Option<Announced>, Lost> {
    let (mut from, mut length) = (0, None);
    let block = &filled[..filled.len().min(HEADER_LIMIT)];
    for newline in memchr::memchr_iter(b'\n', block) {
        let line = &block[from..newline];
        from = newline + 1;
        let line = line.strip_suffix(b"\r").ok_or_else(|| lost("a header line does not end with CR LF", line))?;
        if line.is_empty() {
            let length = length.ok_or_else(|| Lost("a header block has no Content-Length".into()))?;
            return Ok(Some(Announced { head: from, length }));
        }
        read_line(line, &mut length)?;
    }
    if filled.len() > HEADER_LIMIT {
        return Err(Lost(format!("a header block is longer than {HEADER_LIMIT} bytes")));
    }
    Ok(None)
}

fn read_line(line: &[u8], length: &mut Option<usize>) -> Result<(), Lost> {
    let colon = memchr::memchr(b':', line).ok_or_else(|| lost("a header line has no colon", line))?;
    let (name, value) = (&line[..colon], &line[colon + 1..]);
    let readable = |byte: &u8| matches!(byte, b'\t' | b' '..=b'~');
    if name.is_empty() || !name.iter().all(u8::is_ascii_graphic) || !value.iter().all(readable) {
        return Err(lost("a header line cannot be read", line));
    }
    let value = value.trim_ascii();
    if name.eq_ignore_ascii_case(b"content-length") && length.replace(digits(value)?).is_some() {
        return Err(Lost("Content-Length is given twice".into()));
    }
    if name.eq_ignore_ascii_case(b"content-type") && !is_utf8(value) {
        return Err(lost("the charset is not UTF-8", value));
    }
    Ok(())
}

/// One to ten decimal digits and nothing else.
fn digits(value: &[u8]) -> Result<usize, Lost> {
    let wrong = || lost("Content-Length is not a number of bytes", value);
    if value.is_empty() || value.len() > 10 || !value.iter().all(u8::is_ascii_digit) {
        return Err(wrong());
    }
    std::str::from_utf8(value).ok().and_then(|text| text.parse().ok()).ok_or_else(wrong)
}

/// A content type names no charset, or UTF-8 (also as `utf8`, which old clients write).
fn is_utf8(content_type: &[u8]) -> bool {
    let text = String::from_utf8_lossy(content_type).to_ascii_lowercase();
    let charset = text.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        (name.trim() == "charset").then(|| value.trim().trim_matches('"').to_owned())
    });
    charset.is_none_or(|charset| matches!(charset.as_str(), "utf-8" | "utf8"))
}

fn lost(what: &str, bytes: &[u8]) -> Lost {
    Lost(format!("{what}: {}", bytes[..bytes.len().min(60)].escape_ascii()))
}
