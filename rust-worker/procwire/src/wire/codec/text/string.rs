//! Going over the strings of JSON: their UTF-8 is checked on the way, and eight bytes at a time that need no check are
//! told by one look.

use super::{Rest, first};

/// Words of eight bytes without anything special in a row, after which a string is taken for a long one.
const LONG: usize = 4;
/// Bytes of a long string that are looked at together, twice: few enough to be at hand the second time.
const STRIDE: usize = 4096;

/// A string from behind its first quote.
pub(super) fn string(mut text: &[u8]) -> Rest<'_> {
    loop {
        let (byte, rest) = stretch(text)?;
        if byte == b'"' {
            return Some(rest);
        }
        text = escape(rest)?;
    }
}

/// What a backslash is followed by.
#[inline]
fn escape(rest: &[u8]) -> Rest<'_> {
    match first(rest)? {
        (b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', rest) => Some(rest),
        (b'u', rest) => {
            let (digits, rest) = rest.split_first_chunk::<4>()?;
            digits.iter().all(u8::is_ascii_hexdigit).then_some(rest)
        }
        _ => None,
    }
}

/// The next quote or backslash inside of a string, and what is behind it.
#[inline(always)]
pub(super) fn stretch(mut text: &[u8]) -> Option<(u8, &[u8])> {
    let mut plain = 0;
    while let Some((eight, rest)) = text.split_first_chunk::<8>() {
        let count = leading_plain(*eight);
        if count == 8 {
            text = rest;
            plain += 1;
            if plain % LONG == 0 {
                text = strides(text)?;
            }
            continue;
        }
        match eight[count] {
            byte @ (b'"' | b'\\') => return Some((byte, &text[count + 1..])),
            0..0x20 => return None,
            _ => text = beyond_ascii(&text[count..])?,
        }
    }
    last_stretch(text)
}

/// As [`stretch`], of the last few bytes of a text.
fn last_stretch(mut text: &[u8]) -> Option<(u8, &[u8])> {
    loop {
        match first(text)? {
            special @ (b'"' | b'\\', _) => return Some(special),
            (0..0x20, _) => return None,
            (0x80.., _) => text = beyond_ascii(text)?,
            (_, rest) => text = rest,
        }
    }
}

/// Goes on in a long string, to the next quote or backslash or near it.
#[inline(never)]
fn strides(mut text: &[u8]) -> Rest<'_> {
    loop {
        let stride = &text[..text.len().min(STRIDE)];
        let end = memchr::memchr2(b'"', b'\\', stride).unwrap_or(stride.len());
        let (mut least, mut seen) = (0xff, 0);
        for byte in &stride[..end] {
            least = least.min(*byte);
            seen |= byte;
        }
        if least < 0x20 {
            return None;
        }
        let valid = match std::str::from_utf8(&stride[..if seen.is_ascii() { 0 } else { end }]) {
            Ok(_) => end,
            // Perhaps only cut by the stride.
            Err(error) => error.valid_up_to(),
        };
        text = &text[valid..];
        if valid < STRIDE {
            return Some(text);
        }
    }
}

/// The characters of more than one byte that begin here.
#[inline]
fn beyond_ascii(mut text: &[u8]) -> Rest<'_> {
    loop {
        let length = match text {
            [0xc2..=0xdf, 0x80..=0xbf, ..] => 2,
            [0xe0, 0xa0..=0xbf, 0x80..=0xbf, ..]
            | [0xe1..=0xec | 0xee..=0xef, 0x80..=0xbf, 0x80..=0xbf, ..]
            | [0xed, 0x80..=0x9f, 0x80..=0xbf, ..] => 3,
            [0xf0, 0x90..=0xbf, 0x80..=0xbf, 0x80..=0xbf, ..]
            | [0xf1..=0xf3, 0x80..=0xbf, 0x80..=0xbf, 0x80..=0xbf, ..]
            | [0xf4, 0x80..=0x8f, 0x80..=0xbf, 0x80..=0xbf, ..] => 4,
            _ => return None,
        };
        text = &text[length..];
        if text.first().is_none_or(u8::is_ascii) {
            return Some(text);
        }
    }
}

/// How many of eight bytes, from the first on, are ASCII that stands for itself in a string.
#[inline]
fn leading_plain(bytes: [u8; 8]) -> usize {
    let each = |byte: u8| u64::from_le_bytes([byte; 8]);
    let word = u64::from_le_bytes(bytes);
    let is = |byte: u8| (word ^ each(byte)).wrapping_sub(each(1));
    // The high bit of each byte that is not; what is borrowed for such a byte changes only later ones.
    let others = (word | word.wrapping_sub(each(0x20)) | is(b'"') | is(b'\\')) & each(0x80);
    others.trailing_zeros() as usize / 8
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether these bytes, which hold no quote and no backslash, are a string; asked wherever they may lie in it.
    fn is_string(bytes: &[u8]) -> bool {
        let valid = |before: usize, behind: usize| {
            let text = [&b"x".repeat(before), bytes, b"\"", &b"y".repeat(behind)].concat();
            string(&text).map(<[u8]>::len) == Some(behind)
        };
        let [verdict, others @ ..] = [(0, 0), (5, 9), (44, 9)].map(|(at, end)| valid(at, end));
        assert!(others.iter().all(|other| *other == verdict), "{}", bytes.escape_ascii());
        verdict
    }

    #[test]
    fn every_character_may_stand_in_a_string() {
        let edges = [' ', '\u{7f}', '\u{80}', '\u{7ff}', '\u{d7ff}', '\u{e000}', '\u{ffff}', '\u{10000}', char::MAX];
        let all = edges.into_iter().chain((' '..=char::MAX).step_by(61));
        for character in all.filter(|character| !matches!(character, '"' | '\\')) {
            assert!(is_string(character.encode_utf8(&mut [0; 4]).as_bytes()), "{character:?}");
        }
        assert!((0..0x20).all(|control| !is_string(&[control])));
    }

    #[test]
    fn bytes_that_are_no_character_are_refused_as_the_standard_library_refuses_them() {
        for (first, second) in (0x80..=0xff).flat_map(|first| (0x80..=0xff).map(move |second| (first, second))) {
            for rest in [&b""[..], b"x", b"\x80", b"\xbf\xbf", b"\xc0", b"\x80\x7f", b"\x80\x80\x80", "é".as_bytes()] {
                let bytes = [&[first, second], rest].concat();
                assert_eq!(is_string(&bytes), std::str::from_utf8(&bytes).is_ok(), "{}", bytes.escape_ascii());
            }
            assert!(!is_string(&[first]));
        }
    }

    #[test]
    fn long_strings_are_valid_as_a_whole_wherever_their_characters_are_cut() {
        for at in (0..40).chain(STRIDE - 4..STRIDE + 4) {
            for character in ["é", "東", "🙂"] {
                let plain = "x".repeat(at);
                assert!(is_string(format!("{plain}{character}").as_bytes()));
                assert!(is_string(format!("{plain}{}{plain}", character.repeat(STRIDE / 2)).as_bytes()));
                let torn = &character.as_bytes()[..character.len() - 1];
                assert!(!is_string(&[plain.as_bytes(), torn, plain.as_bytes()].concat()));
                assert!(!is_string(&[plain.as_bytes(), b"\n", plain.as_bytes()].concat()));
            }
        }
    }
}
