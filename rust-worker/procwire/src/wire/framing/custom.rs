//! A framing that the user wrote.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{Buffer, Found, HEAD, Lost};
use crate::fault::DecodeError;

/// Bytes that may stand around a frame whose end has not come.
const AROUND: usize = 8 * 1024;
/// Bytes of a frame above the limit that are kept: its end may lie across two chunks.
const KEPT: usize = 64;

/// A framing of your own, for [`Worker::custom_framing`](crate::Worker::custom_framing). Where it panics the link ends.
///
/// ```
/// use procwire::{CustomFraming, DecodeError, Split};
///
/// /// One frame after the other, each ended by a zero byte.
/// struct Zeros;
///
/// impl CustomFraming for Zeros {
///     fn split(&self, bytes: &[u8], seen: usize) -> Result<Split, DecodeError> {
///         let end = bytes[seen..].iter().position(|byte| *byte == 0);
///         Ok(end.map_or(Split::More, |end| Split::Frame { head: 0, length: seen + end, tail: 1 }))
///     }
///
///     fn append(&self, frame: &[u8], out: &mut Vec<u8>) {
///         out.extend_from_slice(frame);
///         out.push(0);
///     }
/// }
/// ```
pub trait CustomFraming: Send + Sync + 'static {
    /// Where the frame lies that begins with the first of `bytes`. At the first `seen` of them it said
    /// [`Split::More`]. A frame may be announced before all of it is there: one above the limit is then skipped without
    /// being read. Of one whose end is not known before it comes, the limit is what has come.
    ///
    /// # Errors
    ///
    /// When the boundary is lost, which ends the link.
    fn split(&self, bytes: &[u8], seen: usize) -> Result<Split, DecodeError>;

    /// Appends `frame`, with what stands around it.
    fn append(&self, frame: &[u8], out: &mut Vec<u8>);
}

/// What [`CustomFraming::split`] found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Split {
    /// More bytes are needed to say where the frame ends.
    More,
    /// A frame of `length` bytes behind `head` bytes and before `tail` bytes, at least one of all. One without a byte of
    /// its own is passed over.
    Frame {
        /// Bytes before the frame.
        head: usize,
        /// Bytes of the frame itself.
        length: usize,
        /// Bytes behind the frame.
        tail: usize,
    },
}

#[derive(Default)]
pub(super) struct State {
    /// Bytes still to come of a frame above the limit, which was reported already.
    skip: usize,
    /// Inside such a frame, of which the end is not known.
    skipping: bool,
}

pub(super) fn next(
    buffer: &mut Buffer,
    state: &mut State,
    limit: usize,
    framing: &dyn CustomFraming,
) -> Result<Option<Found>, Lost> {
    loop {
        let skipped = state.skip.min(buffer.filled().len());
        if skipped > 0 {
            buffer.take(skipped, 0, 0);
            state.skip -= skipped;
        }
        if buffer.filled().is_empty() {
            return Ok(None);
        }
        let Split::Frame { head, length, tail } = split(framing, buffer)? else {
            return Ok(more(buffer, state, limit));
        };
        let whole = head.checked_add(length).and_then(|sum| sum.checked_add(tail)).filter(|whole| *whole > 0);
        let whole = whole.ok_or_else(|| Lost("the framing found a frame of an impossible length".into()))?;
        let filled = buffer.filled();
        if std::mem::take(&mut state.skipping) {
            state.skip = whole;
        } else if length > limit {
            let start = filled[head.min(filled.len())..].iter().take(HEAD).copied().collect();
            state.skip = whole;
            return Ok(Some(Found::Oversized(start)));
        } else if filled.len() < whole {
            buffer.expected = whole;
            return Ok(None);
        } else {
            let range = buffer.take(whole, head, tail);
            if length > 0 {
                return Ok(Some(Found::Frame(range)));
            }
        }
    }
}

fn split(framing: &dyn CustomFraming, buffer: &Buffer) -> Result<Split, Lost> {
    catch_unwind(AssertUnwindSafe(|| framing.split(buffer.filled(), buffer.scanned)))
        .map_err(|_| Lost("the framing panicked".into()))?
        .map_err(|error| Lost(error.to_string()))
}

/// The end of a frame has not come; of one above the limit only the last bytes are kept.
fn more(buffer: &mut Buffer, state: &mut State, limit: usize) -> Option<Found> {
    let filled = buffer.filled();
    let length = filled.len();
    if !state.skipping && length <= limit.saturating_add(AROUND) {
        buffer.scanned = length;
        return None;
    }
    let start = filled[..length.min(HEAD)].to_vec();
    if length > KEPT {
        buffer.take(length - KEPT, 0, 0);
    }
    let first = !std::mem::replace(&mut state.skipping, true);
    first.then_some(Found::Oversized(start))
}

impl State {
    /// Whether the input may end here.
    pub fn is_between_frames(&self, buffer: &Buffer) -> bool {
        !self.skipping && self.skip == buffer.filled().len()
    }
}
