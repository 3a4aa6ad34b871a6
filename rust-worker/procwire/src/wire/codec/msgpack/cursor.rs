//! Going over MessagePack without building anything.

/// Values between two looks whether a call is still wanted.
pub(super) const LOOK_EVERY: usize = 1 << 14;

#[derive(PartialEq)]
pub(super) enum Kind {
    Nil,
    Number,
    String,
    Array,
    Map,
    Other,
}

impl Kind {
    pub fn of(raw: &[u8]) -> Kind {
        match raw[0] {
            0xc0 => Kind::Nil,
            0x00..=0x7f | 0xe0..=0xff | 0xca..=0xd3 => Kind::Number,
            0xa0..=0xbf | 0xd9..=0xdb => Kind::String,
            0x90..=0x9f | 0xdc | 0xdd => Kind::Array,
            0x80..=0x8f | 0xde | 0xdf => Kind::Map,
            _ => Kind::Other,
        }
    }
}

pub(super) enum Problem {
    TooDeep,
    Invalid(&'static str),
}

impl Problem {
    pub fn text(&self) -> &'static str {
        match self {
            Problem::TooDeep => "nested too deeply",
            Problem::Invalid(text) => text,
        }
    }
}

pub(super) const UNWANTED: Problem = Problem::Invalid("the call is not wanted any more");
const TORN: Problem = Problem::Invalid("the frame ends inside a value");

fn utf8(bytes: &[u8]) -> Result<&str, Problem> {
    std::str::from_utf8(bytes).map_err(|_| Problem::Invalid("a string is not UTF-8"))
}

/// The first bytes of a value.
pub(super) enum Head {
    /// This many bytes belong to it.
    Bytes(usize),
    /// As `Bytes`, and they are text.
    Text(usize),
    Array(usize),
    Map(usize),
}

/// Walks over values without building them.
pub(super) struct Cursor<'a> {
    pub rest: &'a [u8],
    pub depth: usize,
}

impl<'a> Cursor<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], Problem> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(TORN)?;
        self.rest = rest;
        Ok(taken)
    }

    /// A big-endian number of `width` bytes.
    fn number(&mut self, width: usize) -> Result<usize, Problem> {
        Ok(self.take(width)?.iter().fold(0, |value, byte| value << 8 | usize::from(*byte)))
    }

    pub fn head(&mut self) -> Result<Head, Problem> {
        let marker = self.take(1)?[0];
        let low = |mask: u8| usize::from(marker & mask);
        Ok(match marker {
            0x00..=0x7f | 0xe0..=0xff | 0xc0 | 0xc2 | 0xc3 => Head::Bytes(0),
            0x80..=0x8f => Head::Map(low(0x0f)),
            0x90..=0x9f => Head::Array(low(0x0f)),
            0xa0..=0xbf => Head::Text(low(0x1f)),
            0xc1 => return Err(Problem::Invalid("0xc1 begins no value")),
            0xc4..=0xc6 => Head::Bytes(self.number(1 << (marker - 0xc4))?),
            0xc7..=0xc9 => Head::Bytes(self.number(1 << (marker - 0xc7))? + 1),
            0xca => Head::Bytes(4),
            0xcb => Head::Bytes(8),
            0xcc..=0xcf => Head::Bytes(1 << (marker - 0xcc)),
            0xd0..=0xd3 => Head::Bytes(1 << (marker - 0xd0)),
            0xd4..=0xd8 => Head::Bytes((1 << (marker - 0xd4)) + 1),
            0xd9..=0xdb => Head::Text(self.number(1 << (marker - 0xd9))?),
            0xdc => Head::Array(self.count(2, 1)?),
            0xdd => Head::Array(self.count(4, 1)?),
            0xde => Head::Map(self.count(2, 2)?),
            0xdf => Head::Map(self.count(4, 2)?),
        })
    }

    /// A number of elements, each of which takes `least` bytes at least: more than there are is a lie.
    fn count(&mut self, width: usize, least: usize) -> Result<usize, Problem> {
        let count = self.number(width)?;
        if count > self.rest.len() / least { Err(TORN) } else { Ok(count) }
    }

    pub fn string(&mut self) -> Result<&'a str, Problem> {
        let Head::Text(length) = self.head()? else {
            return Err(Problem::Invalid("a key is not a string"));
        };
        utf8(self.take(length)?)
    }

    /// The bytes of one whole value.
    pub fn skip(&mut self) -> Result<&'a [u8], Problem> {
        self.walk::<true>(&|| true)
    }

    /// As `skip`, as long as it is wanted. What has been gone over before need not be checked again.
    #[inline]
    pub fn walk<const CHECKED: bool>(&mut self, wanted: &impl Fn() -> bool) -> Result<&'a [u8], Problem> {
        let start = self.rest;
        let mut until_look = LOOK_EVERY;
        // How many values are still to come, for each container we are in.
        let mut open = vec![1_usize];
        while let Some(left) = open.last_mut() {
            if *left == 0 {
                open.pop();
                continue;
            }
            *left -= 1;
            until_look -= 1;
            if until_look == 0 {
                until_look = LOOK_EVERY;
                if !wanted() {
                    return Err(UNWANTED);
                }
            }
            let children = match self.head()? {
                Head::Bytes(count) => {
                    self.take(count)?;
                    continue;
                }
                Head::Text(count) => {
                    let text = self.take(count)?;
                    if CHECKED {
                        utf8(text)?;
                    }
                    continue;
                }
                Head::Array(count) => count,
                Head::Map(count) => count * 2,
            };
            if open.len() >= self.depth {
                return Err(Problem::TooDeep);
            }
            open.push(children);
        }
        Ok(&start[..start.len() - self.rest.len()])
    }
}
