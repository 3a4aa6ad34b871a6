//! What all framings with an announced size share: wait for that many bytes, or skip them when there are too many.

use super::{Buffer, Found, HEAD, Lost};

#[derive(Default)]
pub(super) struct State {
    /// Bytes still to come of a frame above the limit, which was reported already.
    skip: usize,
}

/// The announcement in front of a frame.
pub(super) struct Announced {
    /// Its own bytes.
    pub head: usize,
    /// Bytes of the frame.
    pub length: usize,
}

/// The next frame; `read` finds the announcement at the start of what is there, `None` while it is not complete.
pub(super) fn next(
    buffer: &mut Buffer,
    state: &mut State,
    limit: usize,
    read: impl Fn(&[u8]) -> Result<Option<Announced>, Lost>,
) -> Result<Option<Found>, Lost> {
    if state.skip > 0 {
        let count = state.skip.min(buffer.filled().len());
        buffer.take(count, 0, 0);
        state.skip -= count;
    }
    let filled = buffer.filled();
    let Some(Announced { head, length }) = read(filled)? else {
        return Ok(None);
    };
    if filled.len() < head + length.min(if length > limit { HEAD } else { limit }) {
        buffer.expected = if length > limit { 0 } else { head + length };
        return Ok(None);
    }
    if length <= limit {
        return Ok(Some(Found::Frame(buffer.take(head + length, head, 0))));
    }
    let start = filled[head..filled.len().min(head + HEAD)].to_vec();
    state.skip = head + length;
    Ok(Some(Found::Oversized(start)))
}

impl State {
    /// Whether the input may end here.
    pub fn is_between_frames(&self, buffer: &Buffer) -> bool {
        self.skip == buffer.filled().len()
    }
}
