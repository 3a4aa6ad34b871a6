//! Going over JSON text without building anything: each function goes to the end of one thing, and says `None` where the
//! text is not valid JSON in UTF-8. serde_json, which finds the words for it, agrees with every verdict.

mod string;

use crate::wire::long_values::LongValues;
use string::{stretch, string};

/// Containers inside of each other that the bits of one word can tell apart.
const LEVELS: usize = 64;

/// What is left of the text, behind the thing.
type Rest<'a> = Option<&'a [u8]>;

/// What is left to go over.
pub(super) struct Text<'a> {
    rest: &'a [u8],
}

impl<'a> Text<'a> {
    pub fn new(text: &'a [u8]) -> Self {
        Text { rest: text }
    }

    #[inline]
    pub fn eat(&mut self, expected: &[u8]) -> Option<()> {
        self.rest = self.rest.strip_prefix(expected)?;
        Some(())
    }

    /// What `read` goes over.
    #[inline]
    pub fn span(&mut self, read: impl FnOnce(&mut Self) -> Option<()>) -> Option<&'a [u8]> {
        let start = self.rest;
        read(self)?;
        Some(&start[..start.len() - self.rest.len()])
    }

    /// A number, or a string without escapes.
    #[inline]
    pub fn plain_scalar(&mut self) -> Option<()> {
        match first(self.rest)? {
            (b'"', _) => self.plain_string().map(|_| ()),
            (byte, rest) => {
                self.rest = number(byte, rest)?;
                Some(())
            }
        }
    }

    /// A string without escapes. Returns what is between its quotes.
    #[inline]
    pub fn plain_string(&mut self) -> Option<&'a [u8]> {
        let inside = self.rest.strip_prefix(b"\"")?;
        let (byte, rest) = stretch(inside)?;
        self.rest = rest;
        (byte == b'"').then(|| &inside[..inside.len() - rest.len() - 1])
    }

    /// The name of a member, which has no escapes, and the colon behind it.
    pub fn name(&mut self) -> Option<&'a [u8]> {
        self.skip_space();
        let name = self.plain_string()?;
        self.eat_visible(b':')?;
        Some(name)
    }

    /// Whether nothing is left but this.
    #[inline]
    pub fn is_end(&self, expected: &[u8]) -> bool {
        self.rest == expected
    }

    /// The first byte after white space.
    pub fn visible(&mut self) -> Option<u8> {
        let (byte, rest) = visible(self.rest)?;
        self.rest = rest;
        Some(byte)
    }

    pub fn eat_visible(&mut self, expected: u8) -> Option<()> {
        (self.visible()? == expected).then_some(())
    }

    pub fn skip_space(&mut self) {
        while let [b' ' | b'\t' | b'\n' | b'\r', rest @ ..] = self.rest {
            self.rest = rest;
        }
    }

    /// Any value with all that is in it, at most `most` levels deep, and never deeper than [`LEVELS`].
    #[inline]
    pub fn value(&mut self, most: usize, long: &mut LongValues) -> Option<()> {
        self.rest = value(self.rest, most, long)?;
        Some(())
    }
}

/// As [`Text::value`].
fn value<'a>(text: &'a [u8], most: usize, long: &mut LongValues) -> Rest<'a> {
    let behind = |rest: &[u8]| text.len() - rest.len();
    let mut open = Open { objects: 0, levels: 0, most: most.min(LEVELS) };
    let mut start = 0;
    let (mut byte, mut rest) = first(text)?;
    loop {
        // This byte begins a value.
        if open.levels == 1 {
            start = behind(rest) - 1;
        }
        if matches!(byte, b'{' | b'[') {
            open.push(byte)?;
            (byte, rest) = visible(rest)?;
            if !matches!(byte, b'}' | b']') {
                (byte, rest) = key(open, byte, rest)?;
                continue;
            }
        } else {
            rest = simple(byte, rest)?;
            match open.levels {
                0 => return Some(rest),
                1 => long.note(start, behind(rest)),
                _ => {}
            }
            (byte, rest) = visible(rest)?;
        }
        // This byte follows a value.
        while byte != b',' {
            open.pop(byte)?;
            match open.levels {
                0 => return Some(rest),
                1 => long.note(start, behind(rest)),
                _ => {}
            }
            (byte, rest) = visible(rest)?;
        }
        (byte, rest) = visible(rest)?;
        (byte, rest) = key(open, byte, rest)?;
    }
}

#[inline]
fn first(text: &[u8]) -> Option<(u8, &[u8])> {
    text.split_first().map(|(first, rest)| (*first, rest))
}

/// The first byte after white space, and what is behind it.
#[inline]
fn visible(text: &[u8]) -> Option<(u8, &[u8])> {
    match first(text)? {
        (..=b' ', _) => visible_behind_space(text),
        other => Some(other),
    }
}

#[inline(never)]
fn visible_behind_space(mut text: &[u8]) -> Option<(u8, &[u8])> {
    while let [b' ' | b'\t' | b'\n' | b'\r', rest @ ..] = text {
        text = rest;
    }
    first(text)
}

/// In an object: goes over the key that `byte` begins. Returns the first byte of the value, and what is behind it.
#[inline]
fn key(open: Open, byte: u8, rest: &[u8]) -> Option<(u8, &[u8])> {
    if !open.in_object() {
        return Some((byte, rest));
    }
    if byte != b'"' {
        return None;
    }
    match visible(string(rest)?)? {
        (b':', rest) => visible(rest),
        _ => None,
    }
}

/// A value that holds no others.
#[inline]
fn simple(first: u8, rest: &[u8]) -> Rest<'_> {
    match first {
        b'"' => string(rest),
        b't' => rest.strip_prefix(b"rue"),
        b'f' => rest.strip_prefix(b"alse"),
        b'n' => rest.strip_prefix(b"ull"),
        _ => number(first, rest),
    }
}

#[inline(always)]
fn number(byte: u8, rest: &[u8]) -> Rest<'_> {
    let (byte, rest) = if byte == b'-' { first(rest)? } else { (byte, rest) };
    let rest = match byte {
        b'1'..=b'9' => digits(rest),
        b'0' => rest,
        _ => return None,
    };
    match rest.first() {
        Some(b'.' | b'e' | b'E') => fraction(rest),
        _ => Some(rest),
    }
}

/// What follows the whole part of a number that has more than that.
#[inline]
fn fraction(mut rest: &[u8]) -> Rest<'_> {
    if let Some(behind) = rest.strip_prefix(b".") {
        rest = some_digits(behind)?;
    }
    match rest {
        [b'e' | b'E', b'+' | b'-', behind @ ..] | [b'e' | b'E', behind @ ..] => some_digits(behind),
        _ => Some(rest),
    }
}

#[inline]
fn some_digits(text: &[u8]) -> Rest<'_> {
    let rest = digits(text);
    (rest.len() < text.len()).then_some(rest)
}

#[inline]
fn digits(mut text: &[u8]) -> &[u8] {
    while let Some((eight, rest)) = text.split_first_chunk::<8>() {
        let count = leading_digits(*eight);
        if count < 8 {
            return &text[count..];
        }
        text = rest;
    }
    let count = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    &text[count..]
}

/// How many of eight bytes, from the first on, are digits.
#[inline]
fn leading_digits(bytes: [u8; 8]) -> usize {
    let each = |byte: u8| u64::from_le_bytes([byte; 8]);
    let values = u64::from_le_bytes(bytes) ^ each(b'0');
    // The high bit of each byte above nine; what is carried on from such a byte changes only later ones.
    let others = (values.wrapping_add(each(0x76)) | values) & each(0x80);
    others.trailing_zeros() as usize / 8
}

/// The containers around a place.
#[derive(Clone, Copy)]
struct Open {
    /// One bit for each, the innermost is the lowest: whether it is an object.
    objects: u64,
    levels: usize,
    most: usize,
}

impl Open {
    #[inline]
    fn in_object(self) -> bool {
        self.objects & 1 == 1
    }

    #[inline]
    fn push(&mut self, byte: u8) -> Option<()> {
        self.objects = self.objects << 1 | u64::from(byte == b'{');
        self.levels += 1;
        (self.levels <= self.most).then_some(())
    }

    #[inline]
    fn pop(&mut self, byte: u8) -> Option<()> {
        let expected = if self.in_object() { b'}' } else { b']' };
        self.objects >>= 1;
        self.levels -= 1;
        (byte == expected).then_some(())
    }
}
