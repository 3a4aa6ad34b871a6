//! The growing input buffer of one link.

use std::ops::Range;

const INITIAL: usize = 64 * 1024;
/// A buffer that has grown above this is given back once it is empty.
const KEEP: usize = 1024 * 1024;

/// Bytes read and not yet taken are `filled()`. The buffer grows by doubling as bytes arrive, never by what a length
/// announces, so a lie costs its sender what it costs us.
pub(crate) struct Buffer {
    bytes: Vec<u8>,
    start: usize,
    end: usize,
    /// How far, from `start`, a search for a boundary has got.
    pub scanned: usize,
}

impl Buffer {
    pub fn new() -> Self {
        Buffer { bytes: vec![0; INITIAL], start: 0, end: 0, scanned: 0 }
    }

    /// Room for the next read, never empty.
    pub fn space(&mut self) -> &mut [u8] {
        if self.start == self.end {
            self.reset();
        } else if self.bytes.len() - self.end < INITIAL / 4 {
            self.make_room();
        }
        &mut self.bytes[self.end..]
    }

    /// `n` bytes were read into [`Buffer::space`].
    pub fn advance(&mut self, n: usize) {
        self.end += n;
        debug_assert!(self.end <= self.bytes.len());
    }

    /// Everything read and not yet taken.
    pub fn filled(&self) -> &[u8] {
        &self.bytes[self.start..self.end]
    }

    /// Takes `n` bytes; the returned range, less `head` bytes before and `tail` bytes after, is for [`Buffer::get`] and
    /// holds until the next [`Buffer::space`].
    pub fn take(&mut self, n: usize, head: usize, tail: usize) -> Range<usize> {
        let range = self.start + head..self.start + n - tail;
        self.start += n;
        self.scanned = 0;
        range
    }

    /// The bytes of a range that was taken.
    pub fn get(&self, range: Range<usize>) -> &[u8] {
        &self.bytes[range]
    }

    fn reset(&mut self) {
        (self.start, self.end, self.scanned) = (0, 0, 0);
        if self.bytes.len() > KEEP {
            self.bytes = vec![0; INITIAL];
        }
    }

    fn make_room(&mut self) {
        if self.start > 0 {
            self.bytes.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        if self.bytes.len() - self.end < self.bytes.len() / 2 {
            self.bytes.resize(self.bytes.len() * 2, 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(buffer: &mut Buffer, bytes: &[u8]) {
        for chunk in bytes.chunks(1000) {
            buffer.space()[..chunk.len()].copy_from_slice(chunk);
            buffer.advance(chunk.len());
        }
    }

    #[test]
    fn grows_with_what_arrives_and_shrinks_when_empty() {
        let mut buffer = Buffer::new();
        let big: Vec<u8> = (0..3 * KEEP).map(|i| i as u8).collect();
        put(&mut buffer, &big);
        assert_eq!(buffer.filled(), big);
        let all = buffer.take(big.len(), 0, 0);
        assert_eq!(buffer.get(all), big);
        assert_eq!(buffer.space().len(), INITIAL);
    }

    #[test]
    fn keeps_a_half_read_frame_when_it_moves_to_the_front() {
        let mut buffer = Buffer::new();
        put(&mut buffer, &vec![1; INITIAL - 10]);
        put(&mut buffer, b"tail");
        let taken = buffer.filled().len() - 4;
        buffer.take(taken, 0, 0);
        buffer.space();
        assert_eq!(buffer.filled(), b"tail");
    }
}
