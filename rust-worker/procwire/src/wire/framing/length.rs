//! Four bytes of length, big-endian, then the frame.

use super::sized::{self, Announced};
use super::{Buffer, Found, Lost};

const PREFIX: usize = 4;

pub(super) fn next(buffer: &mut Buffer, state: &mut sized::State, limit: usize) -> Result<Option<Found>, Lost> {
    sized::next(buffer, state, limit, |filled| {
        Ok(filled
            .first_chunk::<PREFIX>()
            .map(|prefix| Announced { head: PREFIX, length: u32::from_be_bytes(*prefix) as usize }))
    })
}

pub(super) fn open(out: &mut Vec<u8>) {
    out.extend_from_slice(&[0; PREFIX]);
}

pub(super) fn close(out: &mut [u8], start: usize, apart: usize) {
    let length = u32::try_from(out.len() - start - PREFIX + apart).expect("a frame above the size limit was encoded");
    out[start..start + PREFIX].copy_from_slice(&length.to_be_bytes());
}
