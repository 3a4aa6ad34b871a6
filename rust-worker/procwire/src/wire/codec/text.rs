//! Going over JSON text without building anything: each method goes to the end of one thing and says `None` where the
//! text is not valid JSON. serde_json, which finds the words for it, agrees with every verdict.

/// Containers inside of each other that the bits of one word can tell apart.
const LEVELS: usize = 64;
/// Bytes of a string that are looked at one by one, before it is taken for a long one.
const SHORT: usize = 16;
/// Bytes of a long string that are looked at together, twice: few enough to be at hand the second time.
const STRIDE: usize = 4096;

pub(super) struct Text<'a> {
    rest: &'a [u8],
    /// Each bit that was set in any byte of any string. What is read here outside of strings is ASCII.
    seen: u8,
}

impl<'a> Text<'a> {
    pub fn new(text: &'a [u8]) -> Self {
        Text { rest: text, seen: 0 }
    }

    /// What has not been gone over.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Whether the whole text is UTF-8, once it has been gone over.
    #[inline]
    pub fn is_utf8(&self, whole: &[u8]) -> bool {
        self.seen.is_ascii() || std::str::from_utf8(whole).is_ok()
    }

    #[inline]
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    #[inline]
    pub fn eat(&mut self, expected: &[u8]) -> Option<()> {
        self.rest = self.rest.strip_prefix(expected)?;
        Some(())
    }

    /// The first byte after white space.
    #[inline]
    fn visible(&mut self) -> Option<u8> {
        loop {
            match self.byte()? {
                b' ' | b'\t' | b'\n' | b'\r' => {}
                other => return Some(other),
            }
        }
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
        match self.byte()? {
            b'"' => self.end_of_plain_string(),
            first => self.number(first),
        }
    }

    /// A string without escapes, from behind its first quote.
    pub fn end_of_plain_string(&mut self) -> Option<()> {
        (self.stretch()? == b'"').then_some(())
    }

    /// An object or an array with all that is in it, at most `most` levels deep, and never deeper than [`LEVELS`].
    pub fn container(&mut self, most: usize) -> Option<()> {
        let mut open = Open { objects: 0, levels: 0, most: most.min(LEVELS) };
        let mut byte = self.byte()?;
        if !matches!(byte, b'{' | b'[') {
            return None;
        }
        loop {
            // This byte begins a value.
            if matches!(byte, b'{' | b'[') {
                open.push(byte)?;
                byte = self.visible()?;
                if !matches!(byte, b'}' | b']') {
                    byte = self.key(open, byte)?;
                    continue;
                }
            } else {
                self.simple(byte)?;
                byte = self.visible()?;
            }
            // This byte follows a value.
            while byte != b',' {
                open.pop(byte)?;
                if open.levels == 0 {
                    return Some(());
                }
                byte = self.visible()?;
            }
            byte = self.visible()?;
            byte = self.key(open, byte)?;
        }
    }

    /// In an object: goes over the key that `byte` begins. Returns the first byte of the value.
    #[inline]
    fn key(&mut self, open: Open, byte: u8) -> Option<u8> {
        if !open.in_object() {
            return Some(byte);
        }
        if byte != b'"' {
            return None;
        }
        self.string()?;
        if self.visible()? == b':' { self.visible() } else { None }
    }

    /// A value that holds no others.
    #[inline]
    fn simple(&mut self, first: u8) -> Option<()> {
        match first {
            b'"' => self.string(),
            b't' => self.eat(b"rue"),
            b'f' => self.eat(b"alse"),
            b'n' => self.eat(b"ull"),
            _ => self.number(first),
        }
    }

    #[inline]
    fn number(&mut self, first: u8) -> Option<()> {
        let first = if first == b'-' { self.byte()? } else { first };
        match first {
            b'1'..=b'9' => self.digits(),
            b'0' => 0,
            _ => return None,
        };
        match self.rest.first() {
            Some(b'.' | b'e' | b'E') => self.fraction(),
            _ => Some(()),
        }
    }

    /// What follows the whole part of a number that has more than that.
    fn fraction(&mut self) -> Option<()> {
        if self.eat(b".").is_some() && self.digits() == 0 {
            return None;
        }
        if let Some(b'e' | b'E') = self.rest.first() {
            self.byte();
            if let Some(b'+' | b'-') = self.rest.first() {
                self.byte();
            }
            return (self.digits() > 0).then_some(());
        }
        Some(())
    }

    #[inline]
    fn digits(&mut self) -> usize {
        let start = self.rest.len();
        while let Some((eight, rest)) = self.rest.split_first_chunk::<8>() {
            let count = leading_digits(*eight);
            if count < 8 {
                self.rest = &self.rest[count..];
                return start - self.rest.len();
            }
            self.rest = rest;
        }
        let count = self.rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.rest = &self.rest[count..];
        start - self.rest.len()
    }

    /// A string from behind its first quote.
    #[inline]
    fn string(&mut self) -> Option<()> {
        while self.stretch()? == b'\\' {
            match self.byte()? {
                b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {}
                b'u' => {
                    let (digits, rest) = self.rest.split_first_chunk::<4>()?;
                    digits.iter().all(u8::is_ascii_hexdigit).then_some(())?;
                    self.rest = rest;
                }
                _ => return None,
            }
        }
        Some(())
    }

    /// Goes to behind the next quote or backslash inside of a string, and returns it.
    #[inline]
    fn stretch(&mut self) -> Option<u8> {
        let mut at = 0;
        loop {
            match *self.rest.get(at)? {
                byte @ (b'"' | b'\\') => {
                    self.rest = &self.rest[at + 1..];
                    return Some(byte);
                }
                0..0x20 => return None,
                byte => self.seen |= byte,
            }
            at += 1;
            if at == SHORT {
                at += self.strides(at);
            }
        }
    }

    /// Bytes from `at` on up to the next quote or backslash; fewer if something among them may not be in a string.
    fn strides(&mut self, at: usize) -> usize {
        let mut count = 0;
        for stride in self.rest[at..].chunks(STRIDE) {
            let end = memchr::memchr2(b'"', b'\\', stride).unwrap_or(stride.len());
            let (mut least, mut seen) = (0xff, 0);
            for byte in &stride[..end] {
                least = least.min(*byte);
                seen |= byte;
            }
            if least < 0x20 {
                break;
            }
            self.seen |= seen;
            count += end;
            if end < stride.len() {
                break;
            }
        }
        count
    }
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
