//! Bytes to frames and back. Sans I/O: bytes are put into a [`Buffer`], ranges of whole frames come out.

mod buffer;
mod content_length;
mod custom;
mod length;
mod line;
mod memory;
mod sized;

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

pub(crate) use buffer::Buffer;
pub use custom::{CustomFraming, Split};

/// Bytes of a frame above the limit that are kept, to look for its id.
pub(crate) const HEAD: usize = 4096;

/// How frames are told apart on the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Framing {
    /// One frame a line, ended by 0x0A. The default.
    #[default]
    Line,
    /// Four bytes of length, big-endian, then the frame.
    Length,
    /// `Content-Length: <bytes>`, a blank line, then the frame, as language servers do.
    ContentLength,
}

/// What the splitter found next.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// A whole frame, as a range of the buffer.
    Frame(Range<usize>),
    /// A frame above the limit: its first bytes, enough to look for an id. The rest is skipped.
    Oversized(Vec<u8>),
}

/// The boundary between frames is lost; the link cannot go on.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Lost(pub String);

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Splits the stream of one link. Feed [`Splitter::buffer`], then call [`Splitter::next`] until it returns `None`.
pub(crate) struct Splitter {
    pub buffer: Buffer,
    framing: Framing,
    custom: Option<(Arc<dyn CustomFraming>, custom::State)>,
    limit: usize,
    line: line::State,
    sized: sized::State,
}

impl Splitter {
    pub fn new(framing: Framing, custom: Option<Arc<dyn CustomFraming>>, limit: usize) -> Self {
        Splitter {
            buffer: Buffer::new(limit),
            framing,
            custom: custom.map(|custom| (custom, custom::State::default())),
            limit,
            line: line::State::default(),
            sized: sized::State::default(),
        }
    }

    /// The next frame, `None` when more bytes are needed.
    pub fn next(&mut self) -> Result<Option<Found>, Lost> {
        if let Some((custom, state)) = &mut self.custom {
            return custom::next(&mut self.buffer, state, self.limit, &**custom);
        }
        match self.framing {
            Framing::Line => Ok(line::next(&mut self.buffer, &mut self.line, self.limit)),
            Framing::Length => length::next(&mut self.buffer, &mut self.sized, self.limit),
            Framing::ContentLength => content_length::next(&mut self.buffer, &mut self.sized, self.limit),
        }
    }

    /// What is left when the stream has ended: for lines, a last frame that lacks its newline.
    pub fn finish(&mut self) -> Result<Option<Found>, Lost> {
        match (self.framing, &self.custom) {
            (_, Some((_, state))) if state.is_between_frames(&self.buffer) => Ok(None),
            (Framing::Line, None) => Ok(line::finish(&mut self.buffer, &mut self.line, self.limit)),
            (_, None) if self.sized.is_between_frames(&self.buffer) => Ok(None),
            _ => Err(Lost("the input ended inside a frame".into())),
        }
    }
}

impl Framing {
    /// Appends one frame to `out`, its payload written by `payload`, which appends and may not touch what is there.
    pub(crate) fn wrap<R>(self, out: &mut Vec<u8>, payload: impl FnOnce(&mut Vec<u8>) -> R) -> R {
        self.wrap_around(out, |_| 0, payload)
    }

    /// As [`Framing::wrap`], for a payload of which so many bytes, told by `apart`, will be sent from elsewhere.
    pub(crate) fn wrap_around<R>(
        self,
        out: &mut Vec<u8>,
        apart: impl FnOnce(&R) -> usize,
        payload: impl FnOnce(&mut Vec<u8>) -> R,
    ) -> R {
        let start = out.len();
        self.open(out);
        let result = payload(out);
        self.close(out, start, apart(&result));
        result
    }

    /// What comes before a payload, as far as it is known.
    fn open(self, out: &mut Vec<u8>) {
        if self == Framing::Length {
            length::open(out);
        }
    }

    /// Ends a frame that began at `start` and has `apart` bytes elsewhere.
    fn close(self, out: &mut Vec<u8>, start: usize, apart: usize) {
        match self {
            Framing::Line => line::close(out),
            Framing::Length => length::close(out, start, apart),
            Framing::ContentLength => content_length::close(out, start, apart),
        }
    }

    /// Bytes of a frame behind its payload.
    pub(crate) fn tail(self) -> usize {
        usize::from(self == Framing::Line)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn bytes(hex: &Value) -> Vec<u8> {
        let hex = hex.as_str().unwrap().as_bytes();
        hex.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// What is found, in the words of the vectors, and whether the boundary was lost.
    fn found(framing: Framing, limit: usize, chunks: &[&[u8]]) -> (Vec<Value>, bool) {
        let mut splitter = Splitter::new(framing, None, limit);
        let mut events = Vec::new();
        for mut chunk in chunks.iter().copied() {
            while !chunk.is_empty() {
                let read = |bytes: &mut Vec<u8>| {
                    let count = chunk.len().min(bytes.capacity() - bytes.len());
                    bytes.extend_from_slice(&chunk[..count]);
                    Ok(count)
                };
                chunk = &chunk[splitter.buffer.fill(read).unwrap()..];
                loop {
                    match splitter.next() {
                        Ok(None) => break,
                        Ok(Some(Found::Frame(range))) => {
                            events.push(json!({ "frame": hex(splitter.buffer.get(range)) }));
                        }
                        Ok(Some(Found::Oversized(_))) => events.push(json!({ "oversized": true })),
                        Err(_) => return (events, true),
                    }
                }
            }
        }
        (events, false)
    }

    #[test]
    fn the_shared_vectors_are_read_however_they_are_cut() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../test/vectors/framing.json");
        let vectors: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        for case in vectors["cases"].as_array().unwrap() {
            let framing = match case["framing"].as_str().unwrap() {
                "line" => Framing::Line,
                "length" => Framing::Length,
                "content-length" => Framing::ContentLength,
                other => panic!("{other}"),
            };
            let limit = case["limit"].as_u64().unwrap() as usize;
            let chunks: Vec<Vec<u8>> = case["chunks"].as_array().unwrap().iter().map(bytes).collect();
            let whole = chunks.concat();
            let expected = (case["events"].as_array().unwrap().clone(), case["error"] == true);
            for (cut, chunks) in [
                ("as given", chunks.iter().map(Vec::as_slice).collect::<Vec<_>>()),
                ("whole", vec![&whole[..]]),
                ("into bytes", whole.chunks(1).collect()),
                ("into threes", whole.chunks(3).collect()),
            ] {
                assert_eq!(found(framing, limit, &chunks), expected, "{}, {cut}", case["name"]);
            }
        }
    }
}
