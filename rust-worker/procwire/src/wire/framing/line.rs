//! One frame a line.

use super::{Buffer, Found, HEAD};

const BOM: &[u8] = b"\xEF\xBB\xBF";
/// What a line may have beside its frame: a byte-order mark and a carriage return.
const EXTRA: usize = BOM.len() + 1;

#[derive(Default)]
pub(super) struct State {
    /// Inside a line above the limit, which was reported already.
    skipping: bool,
    /// The first line has been seen, so a byte-order mark is no longer expected.
    begun: bool,
}

/// The next line that is not blank, without its CR LF.
pub(super) fn next(buffer: &mut Buffer, state: &mut State, limit: usize) -> Option<Found> {
    loop {
        let Some(length) = find_newline(buffer) else {
            return cut_if_too_long(buffer, state, limit);
        };
        if std::mem::take(&mut state.skipping) {
            buffer.take(length + 1, 0, 0);
            continue;
        }
        if let Some(found) = take_line(buffer, state, length, 1, limit) {
            return Some(found);
        }
    }
}

/// The last line, which the end of the stream ended.
pub(super) fn finish(buffer: &mut Buffer, state: &mut State, limit: usize) -> Option<Found> {
    let length = buffer.filled().len();
    if state.skipping || length == 0 {
        return None;
    }
    take_line(buffer, state, length, 0, limit)
}

pub(super) fn close(out: &mut Vec<u8>) {
    out.push(b'\n');
}

fn find_newline(buffer: &mut Buffer) -> Option<usize> {
    let filled = buffer.filled();
    let found = memchr::memchr(b'\n', &filled[buffer.scanned..]).map(|at| at + buffer.scanned);
    if found.is_none() {
        buffer.scanned = filled.len();
    }
    found
}

fn cut_if_too_long(buffer: &mut Buffer, state: &mut State, limit: usize) -> Option<Found> {
    let length = buffer.filled().len();
    if !state.skipping && length <= limit + EXTRA {
        return None;
    }
    let head = head_of(buffer, length);
    buffer.take(length, 0, 0);
    state.begun = true;
    let first = !std::mem::replace(&mut state.skipping, true);
    first.then_some(Found::Oversized(head))
}

/// A line of `length` bytes and its `newline` bytes; `None` for a blank one.
fn take_line(buffer: &mut Buffer, state: &mut State, length: usize, newline: usize, limit: usize) -> Option<Found> {
    let line = &buffer.filled()[..length];
    let bom = if !state.begun && line.starts_with(BOM) { BOM.len() } else { 0 };
    let carriage_return = usize::from(line.len() > bom && line.ends_with(b"\r"));
    state.begun = true;
    if length - bom - carriage_return > limit {
        let head = head_of(buffer, length);
        buffer.take(length + newline, 0, 0);
        return Some(Found::Oversized(head));
    }
    let blank = line[bom..length - carriage_return].iter().all(|byte| matches!(byte, b' ' | b'\t'));
    let range = buffer.take(length + newline, bom, carriage_return + newline);
    (!blank).then_some(Found::Frame(range))
}

fn head_of(buffer: &Buffer, length: usize) -> Vec<u8> {
    let line = &buffer.filled()[..length.min(HEAD)];
    line.strip_prefix(BOM).unwrap_or(line).to_vec()
}
