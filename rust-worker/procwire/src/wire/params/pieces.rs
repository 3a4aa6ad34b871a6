//! A text or bytes of a parameter, piece by piece.

use std::borrow::Cow;

use crate::fault::DecodeError;
use crate::wire::codec::Codec;

/// Bytes of a piece at most, but for an escape that reaches over its end.
const PIECE: usize = 64 * 1024;

/// What [`Raw::content`](crate::Raw::content) finds.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Content<'a> {
    /// A text: the pieces are those of its UTF-8 bytes, cut anywhere.
    Text(Pieces<'a>),
    /// Bytes, which JSON does not have.
    Bytes(Pieces<'a>),
}

/// The pieces of a text or of bytes: an iterator. A piece of JSON text can be an error, about an escape that stands for
/// no character.
#[derive(Debug, Clone)]
pub struct Pieces<'a> {
    rest: &'a [u8],
    /// Backslashes have to be undone.
    escaped: bool,
}

pub(crate) fn content(codec: Codec, value: &[u8]) -> Option<Content<'_>> {
    match codec {
        Codec::Json => {
            let inner = value.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
            Some(Content::Text(Pieces { rest: inner, escaped: true }))
        }
        #[cfg(feature = "msgpack")]
        Codec::MessagePack => {
            let (text, rest) = crate::wire::codec::msgpack::content(value)?;
            let pieces = Pieces { rest, escaped: false };
            Some(if text { Content::Text(pieces) } else { Content::Bytes(pieces) })
        }
    }
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Result<Cow<'a, [u8]>, DecodeError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let (piece, rest) = self.rest.split_at(self.rest.len().min(PIECE));
        if !self.escaped || memchr::memchr(b'\\', piece).is_none() {
            self.rest = rest;
            return Some(Ok(Cow::Borrowed(piece)));
        }
        let unescaped = self.unescape();
        if unescaped.is_err() {
            self.rest = &[];
        }
        Some(unescaped.map(Cow::Owned).map_err(DecodeError::new))
    }
}

impl Pieces<'_> {
    /// One piece, of which some is escaped.
    fn unescape(&mut self) -> Result<Vec<u8>, String> {
        let mut out = Vec::with_capacity(PIECE);
        while !self.rest.is_empty() && out.len() < PIECE {
            let window = &self.rest[..self.rest.len().min(PIECE - out.len())];
            let plain = memchr::memchr(b'\\', window).unwrap_or(window.len());
            out.extend_from_slice(&window[..plain]);
            self.rest = &self.rest[plain..];
            if self.rest.first() == Some(&b'\\') {
                self.escape(&mut out)?;
            }
        }
        Ok(out)
    }

    fn escape(&mut self, out: &mut Vec<u8>) -> Result<(), String> {
        let (escape, rest) = self.rest.split_at_checked(2).ok_or("a torn escape")?;
        self.rest = rest;
        let byte = match escape[1] {
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => {
                let character = self.character()?;
                out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                return Ok(());
            }
            itself => itself,
        };
        out.push(byte);
        Ok(())
    }

    /// What stands behind `\u`: one unit of UTF-16, or a pair of which the second is behind a `\u` of its own.
    fn character(&mut self) -> Result<char, String> {
        let first = self.unit()?;
        let pair = match first {
            0xd800..0xdc00 if self.rest.starts_with(b"\\u") => {
                self.rest = &self.rest[2..];
                [first, self.unit()?]
            }
            _ => [first, 0],
        };
        match char::decode_utf16(pair).next() {
            Some(Ok(character)) => Ok(character),
            _ => Err(format!("\\u{first:04x} is half of a character")),
        }
    }

    fn unit(&mut self) -> Result<u16, String> {
        let (digits, rest) = self.rest.split_at_checked(4).ok_or("a torn escape")?;
        self.rest = rest;
        let digits = std::str::from_utf8(digits).map_err(|error| error.to_string())?;
        u16::from_str_radix(digits, 16).map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<String, String> {
        let Some(Content::Text(pieces)) = content(Codec::Json, json.as_bytes()) else {
            panic!("{json} is a text");
        };
        let pieces: Vec<_> = pieces.collect::<Result<_, _>>().map_err(|error| error.to_string())?;
        assert!(pieces.iter().all(|piece| piece.len() < PIECE + 4));
        Ok(String::from_utf8(pieces.concat()).unwrap())
    }

    #[test]
    fn a_text_comes_out_as_serde_json_reads_it() {
        let long = "xé😀\n".repeat(PIECE / 3);
        for text in ["", "x", "\"\\/\u{8}\u{c}\n\r\t", "é😀\u{0}\u{2028}", &long] {
            let json = serde_json::to_string(text).unwrap();
            assert_eq!(read(&json).unwrap(), text);
            let escaped: String = text.encode_utf16().map(|unit| format!("\\u{unit:04X}")).collect();
            assert_eq!(read(&format!("\"{escaped}\"")).unwrap(), text);
        }
        assert_eq!(read(r#""\/""#).unwrap(), "/");
    }

    #[test]
    fn escapes_are_whole_wherever_a_piece_ends() {
        for before in PIECE - 13..PIECE + 1 {
            let json = format!("\"{}\\ud83d\\ude00\\n{}\"", "x".repeat(before), "y".repeat(PIECE));
            assert_eq!(read(&json).unwrap(), serde_json::from_str::<String>(&json).unwrap());
        }
    }

    #[test]
    fn half_a_character_is_refused_and_ends_the_pieces() {
        for json in
            [r#""\ud83d""#, r#""\ude00""#, r#""\ud83dx""#, r#""\ud83d\n""#, r#""\ud83d\ud83d""#, r#""\ud83d\u0041""#]
        {
            assert!(read(json).unwrap_err().contains("half of a character"), "{json}");
            assert!(serde_json::from_str::<String>(json).is_err());
        }
    }

    #[test]
    fn what_is_no_text_has_no_content() {
        for json in ["1", "null", "[\"x\"]", "{}"] {
            assert!(content(Codec::Json, json.as_bytes()).is_none());
        }
    }
}
