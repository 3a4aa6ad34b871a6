//! Four bytes of length, big-endian, then the frame.

use super::{Buffer, Lost, Piece};

const PREFIX: usize = 4;

pub(super) fn next(buffer: &mut Buffer, limit: usize) -> Result<Option<Piece>, Lost> {
    let filled = buffer.filled();
    let Some(prefix) = filled.first_chunk::<PREFIX>() else {
        return Ok(None);
    };
    let length = u32::from_be_bytes(*prefix) as usize;
    if length > limit {
        return Err(Lost(format!("a frame of {length} bytes was announced, the limit is {limit}")));
    }
    if filled.len() < PREFIX + length {
        return Ok(None);
    }
    Ok(Some(Piece::Frame(buffer.take(PREFIX + length, PREFIX, 0))))
}

pub(super) fn wrap<R>(out: &mut Vec<u8>, payload: impl FnOnce(&mut Vec<u8>) -> R) -> R {
    let at = out.len();
    out.extend_from_slice(&[0; PREFIX]);
    let result = payload(out);
    let length = u32::try_from(out.len() - at - PREFIX).expect("a frame above the size limit was encoded");
    out[at..at + PREFIX].copy_from_slice(&length.to_be_bytes());
    result
}
