//! The growing input buffer of one link.

use std::io;
use std::ops::Range;

use crate::wire::framing::memory::prefer_large_pages;

const INITIAL: usize = 64 * 1024;
/// A buffer that has grown above this is given back once it is empty.
const KEEP: usize = 1024 * 1024;
/// A frame from this size on is handed out with the buffer it lies in, not copied out of it.
const LARGE: usize = 64 * 1024;

/// A buffer that has to grow above this gets room for the largest frame at once.
const DOUBLED: usize = 4 * 1024 * 1024;

/// Bytes read and not yet taken are `filled()`. Room is made for the frame under way where its length is known and
/// within the limit, else by doubling, and for long frames to the limit. Room is not memory before something is read into
/// it, since nothing zeroes it, so a length that lies costs its sender what it costs us.
pub(crate) struct Buffer {
    bytes: Vec<u8>,
    start: usize,
    /// Room that any frame within the limit fits into, with something to spare.
    most: usize,
    /// How far, from `start`, a search for a boundary has got.
    pub scanned: usize,
    /// Bytes from `start` on that the frame under way will have, with what announced it; 0 if that is not known.
    pub expected: usize,
}

impl Buffer {
    /// For frames of at most `limit` bytes.
    pub fn new(limit: usize) -> Self {
        let most = limit.saturating_add(2 * INITIAL);
        Buffer { bytes: Vec::with_capacity(INITIAL), start: 0, most, scanned: 0, expected: 0 }
    }

    /// Lets `read` append to the bytes, no more than fits: there is always some room.
    pub fn fill(&mut self, read: impl FnOnce(&mut Vec<u8>) -> io::Result<usize>) -> io::Result<usize> {
        if self.start == self.bytes.len() {
            self.reset();
        }
        self.make_room();
        read(&mut self.bytes)
    }

    /// Everything read and not yet taken.
    pub fn filled(&self) -> &[u8] {
        &self.bytes[self.start..]
    }

    /// Takes `n` bytes; the returned range, less `head` bytes before and `tail` bytes after, is for [`Buffer::get`] or
    /// [`Buffer::detach`], and holds until the next [`Buffer::fill`].
    pub fn take(&mut self, n: usize, head: usize, tail: usize) -> Range<usize> {
        let range = self.start + head..self.start + n - tail;
        self.start += n;
        self.scanned = 0;
        self.expected = 0;
        range
    }

    /// The bytes of a range that was taken.
    pub fn get(&self, range: Range<usize>) -> &[u8] {
        &self.bytes[range]
    }

    /// The buffer itself, if the range that was taken last is large and most of it. What follows the range stays here.
    pub fn detach(&mut self, range: &Range<usize>) -> Option<Vec<u8>> {
        if range.len() < LARGE.max(self.bytes.len() / 2) {
            return None;
        }
        let mut fresh = Vec::with_capacity(INITIAL.max(self.filled().len()));
        fresh.extend_from_slice(self.filled());
        self.start = 0;
        let mut whole = std::mem::replace(&mut self.bytes, fresh);
        if whole.len() < whole.capacity() / 2 {
            whole.shrink_to_fit();
        }
        Some(whole)
    }

    fn reset(&mut self) {
        self.start = 0;
        self.scanned = 0;
        self.bytes.clear();
        if self.bytes.capacity() > KEEP {
            self.bytes = Vec::with_capacity(INITIAL);
        }
    }

    fn make_room(&mut self) {
        let filled = self.filled().len();
        if self.expected > self.bytes.capacity() && self.reserve_expected() {
            return;
        }
        let known = self.expected > filled;
        let room = if known { self.expected - filled } else { INITIAL / 4 };
        if self.bytes.capacity() - self.bytes.len() >= room {
            return;
        }
        self.bytes.drain(..self.start);
        self.start = 0;
        let capacity = self.bytes.capacity();
        let fits = known && self.expected <= capacity;
        if !fits && capacity - filled < capacity / 2 {
            self.grow();
        }
    }

    fn grow(&mut self) {
        let capacity = self.bytes.capacity();
        let all = self.most.saturating_sub(self.bytes.len());
        if capacity < DOUBLED || all < capacity || self.bytes.try_reserve_exact(all).is_err() {
            self.bytes.reserve(capacity);
        }
        prefer_large_pages(&mut self.bytes);
    }

    /// Moves what there is to where the whole frame will lie, and nothing behind it. False if there is no such place.
    fn reserve_expected(&mut self) -> bool {
        let mut whole = Vec::new();
        if whole.try_reserve_exact(self.expected).is_err() {
            return false;
        }
        prefer_large_pages(&mut whole);
        whole.extend_from_slice(self.filled());
        self.bytes = whole;
        self.start = 0;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(buffer: &mut Buffer, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let read = |into: &mut Vec<u8>| {
                let count = bytes.len().min(into.capacity() - into.len()).min(1000);
                into.extend_from_slice(&bytes[..count]);
                Ok(count)
            };
            let count = buffer.fill(read).unwrap();
            assert!(count > 0, "there is always some room");
            bytes = &bytes[count..];
        }
    }

    fn room(buffer: &mut Buffer) -> usize {
        buffer.fill(|bytes| Ok(bytes.capacity() - bytes.len())).unwrap()
    }

    #[test]
    fn grows_with_what_arrives_and_shrinks_when_empty() {
        let mut buffer = Buffer::new(1 << 30);
        let big: Vec<u8> = (0..3 * KEEP).map(|i| i as u8).collect();
        put(&mut buffer, &big);
        assert_eq!(buffer.filled(), big);
        let all = buffer.take(big.len(), 0, 0);
        assert_eq!(buffer.get(all), big);
        assert_eq!(room(&mut buffer), INITIAL);
    }

    #[test]
    fn keeps_a_half_read_frame_when_it_moves_to_the_front() {
        let mut buffer = Buffer::new(1 << 30);
        put(&mut buffer, &vec![1; INITIAL - 10]);
        put(&mut buffer, b"tail");
        let taken = buffer.filled().len() - 4;
        buffer.take(taken, 0, 0);
        room(&mut buffer);
        assert_eq!(buffer.filled(), b"tail");
    }

    #[test]
    fn a_frame_of_known_length_gets_room_for_itself_and_no_more() {
        for length in [INITIAL, INITIAL + 1, 10 * INITIAL] {
            let mut buffer = Buffer::new(1 << 30);
            put(&mut buffer, b"before");
            put(&mut buffer, b"head");
            buffer.take(6, 0, 0);
            buffer.expected = length;
            assert_eq!(room(&mut buffer), length.max(INITIAL) - 4);
            put(&mut buffer, &vec![7; length - 4]);
            assert_eq!(buffer.filled().len(), length);
        }
    }

    #[test]
    fn a_length_that_cannot_be_reserved_is_read_as_far_as_it_comes() {
        let mut buffer = Buffer::new(1 << 30);
        put(&mut buffer, b"head");
        buffer.expected = usize::MAX;
        put(&mut buffer, &vec![7; 3 * INITIAL]);
        assert_eq!(buffer.filled().len(), 3 * INITIAL + 4);
    }

    #[test]
    fn a_large_frame_takes_its_buffer_along_and_leaves_what_follows() {
        let mut buffer = Buffer::new(1 << 30);
        put(&mut buffer, &[&[7; 2 * LARGE][..], b"next"].concat());
        let range = buffer.take(2 * LARGE, 4, 1);
        let whole = buffer.detach(&range).unwrap();
        assert_eq!(whole[range], [7; 2 * LARGE - 5]);
        assert_eq!(buffer.filled(), b"next");
        let range = buffer.take(4, 0, 0);
        assert_eq!(buffer.detach(&range), None);
        assert_eq!(buffer.get(range), b"next");
    }
}
