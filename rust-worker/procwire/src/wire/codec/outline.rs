//! Finding one parameter in JSON text that is known to be valid: nothing is read but quotes and brackets, nothing is
//! built, and a cancel is heard in between.

use std::ops::ControlFlow;

use crate::wire::long_values::LongValues;
use crate::wire::message::Sent;

/// Bytes between two looks whether the call is still wanted.
const LOOK_EVERY: usize = 64 * 1024;
/// Bytes that are looked at together for anything but plain values.
const STRIDE: usize = 32;

/// The parameter of this name, or in an array at this position; of several with one name the last. `None` if there is
/// none. Breaks when `wanted` says no.
pub(super) fn find<'a>(
    params: Sent<'a>,
    name: &str,
    position: usize,
    wanted: impl Fn() -> bool,
) -> ControlFlow<(), Option<&'a [u8]>> {
    let mut outline = Outline { text: params.bytes, long: params.long, at: 1, look_at: LOOK_EVERY, wanted };
    match params.bytes.first() {
        Some(b'{') => outline.member(name),
        Some(b'[') => outline.element(position),
        _ => ControlFlow::Continue(None),
    }
}

struct Outline<'a, W> {
    text: &'a [u8],
    long: LongValues,
    at: usize,
    look_at: usize,
    wanted: W,
}

impl<'a, W: Fn() -> bool> Outline<'a, W> {
    fn byte(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    /// The first byte after white space, commas and colons.
    fn next(&mut self) -> ControlFlow<(), Option<u8>> {
        while matches!(self.byte(), Some(b' ' | b'\t' | b'\n' | b'\r' | b',' | b':')) {
            self.at += 1;
            self.look()?;
        }
        ControlFlow::Continue(self.byte())
    }

    fn element(&mut self, position: usize) -> ControlFlow<(), Option<&'a [u8]>> {
        for _ in 0..position {
            if matches!(self.next()?, None | Some(b']')) {
                return ControlFlow::Continue(None);
            }
            self.value()?;
        }
        match self.next()? {
            None | Some(b']') => ControlFlow::Continue(None),
            Some(_) => ControlFlow::Continue(Some(self.value()?)),
        }
    }

    fn member(&mut self, name: &str) -> ControlFlow<(), Option<&'a [u8]>> {
        let mut found = None;
        while self.next()? == Some(b'"') {
            let key = self.value()?;
            self.next()?;
            let value = self.value()?;
            if is(key, name) {
                found = Some(value);
            }
        }
        ControlFlow::Continue(found)
    }

    /// Goes over one value and returns its text.
    fn value(&mut self) -> ControlFlow<(), &'a [u8]> {
        let start = self.at;
        if let Some(end) = self.long.end(start) {
            self.at = end;
            return ControlFlow::Continue(&self.text[start..end]);
        }
        match self.byte() {
            Some(b'"') => self.string()?,
            Some(b'{' | b'[') => self.container()?,
            _ => self.plain()?,
        }
        ControlFlow::Continue(&self.text[start..self.at.min(self.text.len())])
    }

    /// A number or a word; a number may be long.
    fn plain(&mut self) -> ControlFlow<()> {
        while !matches!(self.byte(), None | Some(b' ' | b'\t' | b'\n' | b'\r' | b',' | b']' | b'}')) {
            self.at += 1;
            self.look()?;
        }
        ControlFlow::Continue(())
    }

    /// A string, from its first quote to behind its last.
    fn string(&mut self) -> ControlFlow<()> {
        self.at += 1;
        while self.at < self.text.len() {
            let window = &self.text[self.at..self.text.len().min(self.at + LOOK_EVERY)];
            match memchr::memchr2(b'"', b'\\', window) {
                Some(found) if window[found] == b'"' => {
                    self.at += found + 1;
                    return self.look();
                }
                Some(found) => self.at += found + 2,
                None => self.at += window.len(),
            }
            self.look()?;
        }
        ControlFlow::Continue(())
    }

    fn container(&mut self) -> ControlFlow<()> {
        let mut depth = 0_usize;
        while let Some(byte) = self.byte() {
            match byte {
                b'"' => {
                    self.string()?;
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => self.skip_plain(),
            }
            self.at += 1;
            self.look()?;
            if depth == 0 {
                break;
            }
        }
        ControlFlow::Continue(())
    }

    /// Most of a large container is plain: goes over as much of that as can be seen at once.
    fn skip_plain(&mut self) {
        let end = self.text.len().min(self.at + LOOK_EVERY);
        let strides = self.text[self.at..end].chunks_exact(STRIDE);
        self.at +=
            STRIDE * strides.take_while(|stride| stride.iter().fold(true, |all, byte| all & is_plain(*byte))).count();
        // The caller steps over the byte it has seen, or over one that is plain because it ends a stride.
        self.at -= usize::from(!self.byte().is_some_and(is_plain));
    }

    fn look(&mut self) -> ControlFlow<()> {
        if self.at < self.look_at {
            return ControlFlow::Continue(());
        }
        self.look_at = self.at + LOOK_EVERY;
        if (self.wanted)() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }
}

/// Neither a bracket nor a quote; the two kinds of brackets differ in one bit.
fn is_plain(byte: u8) -> bool {
    let bracket = byte | 0x20;
    (bracket != b'{') & (bracket != b'}') & (byte != b'"')
}

/// Whether the text of a string says `name`.
fn is(key: &[u8], name: &str) -> bool {
    match memchr::memchr(b'\\', key) {
        None => key.get(1..key.len() - 1) == Some(name.as_bytes()),
        Some(_) => serde_json::from_slice::<String>(key).is_ok_and(|key| key == name),
    }
}

#[cfg(test)]
mod tests;
