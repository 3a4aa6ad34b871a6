//! One answer while a handler's result is written into it.

use std::ops::Range;

use serde::Serialize;

use crate::fault::Fault;
use crate::peer::incoming::Request;
use crate::wire::codec::{Codec, Room};
use crate::wire::params::Raw;
use crate::wire::slice::place;

/// Bytes of a raw answer between two looks whether the request is still wanted.
const COPIED_AT_ONCE: usize = 1 << 20;

/// A part of the params from this size on is not copied.
const LARGE: usize = 64 * 1024;

/// The answer that is being written.
pub(crate) struct Answer<'a> {
    pub codec: Codec,
    pub out: &'a mut Vec<u8>,
    pub room: Room,
    /// The params, if a part of them may stay where it lies.
    pub params: Option<&'a [u8]>,
    pub inset: Option<Inset>,
}

/// A large part of the params that belongs to the answer and was not copied there.
#[derive(Debug, PartialEq)]
pub(crate) struct Inset {
    /// Which part of the params it is.
    pub part: Range<usize>,
    /// Bytes of the answer that stand behind it.
    pub behind: usize,
}

impl Answer<'_> {
    pub fn value<T: Serialize>(&mut self, value: &T) -> Result<(), Fault> {
        self.codec.append(self.out, value, self.room)
    }

    /// As `value`, as long as the request is wanted.
    pub fn result<T: Serialize>(&mut self, value: &T, request: &Request) -> Result<(), Fault> {
        self.codec.append_unless(Some(&request.cancelled), self.out, value, self.room)
    }

    pub fn raw(&mut self, raw: Raw<'_>, request: &Request) -> Result<(), Fault> {
        if self.room.end.saturating_sub(self.out.len()) < raw.bytes.len() {
            return Err(Fault::result_too_large(self.room.limit));
        }
        let params = self.params.filter(|_| raw.bytes.len() >= LARGE);
        if let Some(part) = params.and_then(|params| place(raw.bytes, params)) {
            self.inset = Some(Inset { part, behind: 0 });
            return Ok(());
        }
        for part in raw.bytes.chunks(COPIED_AT_ONCE) {
            request.check()?;
            self.out.extend_from_slice(part);
        }
        Ok(())
    }
}

/// How an answer was written.
pub(crate) struct Written {
    /// It is a result.
    pub succeeded: bool,
    pub inset: Option<Inset>,
}

impl Written {
    /// Bytes of the answer that are not copied.
    pub fn apart(&self) -> usize {
        self.inset.as_ref().map_or(0, |inset| inset.part.len())
    }
}
