//! Framing and codec by themselves, for programs that speak something else than JSON-RPC.

use std::io::{self, Read};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::fault::DecodeError;
use crate::wire::codec::{Codec, Room};
use crate::wire::framing::{Found, Framing, Splitter};

/// The frames of a reader, one after the other.
///
/// ```
/// use procwire::{Codec, Frames, Framing};
///
/// let mut frames = Frames::new(Framing::Line, &b"[1,2]\n[3]\n"[..], 1024);
/// let first: Vec<i32> = Codec::Json.from_bytes(&frames.next().unwrap()?)?;
/// assert_eq!(first, [1, 2]);
/// assert_eq!(frames.count(), 1);
///
/// let mut out = Vec::new();
/// Framing::Line.append(&mut out, &Codec::Json.to_bytes(&[4])?);
/// assert_eq!(out, b"[4]\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Frames<R> {
    source: R,
    splitter: Splitter,
    has_ended: bool,
}

impl<R: Read> Frames<R> {
    /// For frames of `limit` bytes at most: a larger one is an error, and skipped.
    pub fn new(framing: Framing, source: R, limit: usize) -> Self {
        Frames { source, splitter: Splitter::new(framing, None, limit), has_ended: false }
    }

    fn found(&self, found: Found) -> io::Result<Vec<u8>> {
        match found {
            Found::Frame(range) => Ok(self.splitter.buffer.get(range).to_vec()),
            Found::Oversized(_) => Err(io::Error::new(io::ErrorKind::InvalidData, "a frame is larger than the limit")),
        }
    }

    /// Reads some bytes; false at the end.
    fn fill(&mut self) -> io::Result<bool> {
        let mut bytes = [0; 16 * 1024];
        let count = loop {
            match self.source.read(&mut bytes) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other?,
            }
        };
        let mut rest = &bytes[..count];
        while !rest.is_empty() {
            let taken = self.splitter.buffer.fill(|into| {
                let room = rest.len().min(into.capacity() - into.len());
                into.extend_from_slice(&rest[..room]);
                Ok(room)
            })?;
            rest = &rest[taken..];
        }
        Ok(count > 0)
    }
}

impl<R: Read> Iterator for Frames<R> {
    type Item = io::Result<Vec<u8>>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.has_ended {
            match self.splitter.next() {
                Ok(Some(found)) => return Some(self.found(found)),
                Ok(None) => {}
                Err(lost) => {
                    self.has_ended = true;
                    return Some(Err(io::Error::new(io::ErrorKind::InvalidData, lost.to_string())));
                }
            }
            match self.fill() {
                Ok(true) => {}
                Ok(false) => self.has_ended = true,
                Err(error) => {
                    self.has_ended = true;
                    return Some(Err(error));
                }
            }
            if self.has_ended {
                let last = self.splitter.finish();
                let error = |lost| io::Error::new(io::ErrorKind::UnexpectedEof, format!("{lost}"));
                return last.map_err(error).transpose().map(|found| found.and_then(|found| self.found(found)));
            }
        }
        None
    }
}

impl Framing {
    /// Appends a frame, its boundary included, to `out`. A line must hold no newline.
    pub fn append(self, out: &mut Vec<u8>, frame: &[u8]) {
        self.wrap(out, |out| out.extend_from_slice(frame));
    }
}

impl Codec {
    /// The bytes of a value.
    ///
    /// # Errors
    ///
    /// When the codec has no such value.
    pub fn to_bytes<T: Serialize + ?Sized>(self, value: &T) -> Result<Vec<u8>, DecodeError> {
        let mut out = Vec::new();
        let room = Room { end: usize::MAX, limit: usize::MAX };
        self.append(&mut out, value, room).map_err(|fault| DecodeError::new(fault.message))?;
        Ok(out)
    }

    /// The value of some bytes.
    ///
    /// # Errors
    ///
    /// When they are no such value.
    pub fn from_bytes<T: DeserializeOwned>(self, bytes: &[u8]) -> Result<T, DecodeError> {
        self.read(bytes).map_err(DecodeError::new)
    }
}
