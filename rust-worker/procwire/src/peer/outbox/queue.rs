//! What waits to be written, in order.

use std::collections::VecDeque;
use std::mem;
use std::ops::Deref;

use crate::wire::slice::Slice;

/// A buffer up to this size is used again.
const KEEP: usize = 256 * 1024;
/// Bytes up to this many are put behind what waits already; more are written from where they lie.
const JOIN: usize = 64 * 1024;

/// Bytes that are written together.
pub(crate) enum Parcel {
    Own(Vec<u8>),
    Slice(Slice),
}

#[derive(Default)]
pub(super) struct Queue {
    waiting: VecDeque<Parcel>,
    /// Bytes of all that wait.
    bytes: usize,
    /// Bytes a writer holds.
    held: usize,
    /// An empty buffer for whoever gives one in.
    spare: Vec<u8>,
    /// Nothing will be written any more.
    closed: bool,
}

impl Queue {
    /// Takes the bytes, and leaves an empty buffer.
    pub fn append(&mut self, bytes: &mut Vec<u8>) {
        if self.closed {
            return bytes.clear();
        }
        match self.waiting.back_mut() {
            Some(Parcel::Own(last)) if bytes.len() <= JOIN => {
                self.bytes += bytes.len();
                last.append(bytes);
            }
            _ => {
                let spare = mem::take(&mut self.spare);
                self.put(Parcel::Own(mem::replace(bytes, spare)));
            }
        }
    }

    /// As [`Queue::append`], for any parcel.
    pub fn push(&mut self, parcel: Parcel) {
        match parcel {
            Parcel::Own(mut bytes) => self.append(&mut bytes),
            held => self.put(held),
        }
    }

    fn put(&mut self, parcel: Parcel) {
        if !self.closed && !parcel.is_empty() {
            self.bytes += parcel.len();
            self.waiting.push_back(parcel);
        }
    }

    /// What is to be written next. It is pending until [`Queue::written`].
    pub fn take(&mut self) -> Option<Parcel> {
        let parcel = self.waiting.pop_front()?;
        self.bytes -= parcel.len();
        self.held = parcel.len();
        Some(parcel)
    }

    /// The parcel taken last is written but for so many bytes.
    pub fn written_but(&mut self, rest: usize) {
        self.held = rest;
    }

    /// The parcel taken last is written, and left this buffer.
    pub fn written(&mut self, spare: Vec<u8>) {
        self.held = 0;
        if spare.capacity() > 0 {
            self.spare = spare;
        }
    }

    /// Nobody has taken it yet.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Bytes that were not written yet.
    pub fn pending(&self) -> usize {
        self.bytes + self.held
    }

    /// Drops everything, now and from now on.
    pub fn close(&mut self) {
        *self = Queue { closed: true, ..Queue::default() };
    }
}

impl Parcel {
    /// An empty buffer, if what was written leaves one that is worth keeping. The rest is given back here: of large
    /// parcels that takes a while, so it is not done under a lock.
    pub fn into_spare(self) -> Vec<u8> {
        match self {
            Parcel::Own(mut bytes) if bytes.capacity() <= KEEP => {
                bytes.clear();
                bytes
            }
            _ => Vec::new(),
        }
    }
}

impl Deref for Parcel {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Parcel::Own(bytes) => bytes,
            Parcel::Slice(held) => held,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn little_is_put_together_and_much_is_not_copied() {
        let mut queue = Queue::default();
        let large = vec![7; 2 * JOIN];
        for bytes in [&b"a"[..], b"b", &large, b"c", b"d"] {
            queue.append(&mut bytes.to_vec());
        }
        for length in [2, 2 * JOIN + 2] {
            let pending = queue.pending();
            let parcel = queue.take().unwrap();
            assert_eq!((parcel.len(), queue.pending()), (length, pending));
            queue.written_but(1);
            assert_eq!(queue.pending(), pending - length + 1);
            queue.written(parcel.into_spare());
            assert_eq!(queue.pending(), pending - length);
        }
        assert!(queue.is_empty());
    }

    #[test]
    fn a_small_buffer_comes_back_to_whoever_gives_one_in() {
        let mut queue = Queue::default();
        let mut bytes = Vec::with_capacity(1000);
        bytes.push(1);
        queue.append(&mut bytes);
        let parcel = queue.take().unwrap();
        queue.written(parcel.into_spare());
        bytes.push(2);
        queue.append(&mut bytes);
        assert_eq!((bytes.len(), bytes.capacity()), (0, 1000));
    }

    #[test]
    fn what_is_closed_keeps_nothing() {
        let mut queue = Queue::default();
        queue.append(&mut vec![1]);
        queue.close();
        queue.append(&mut vec![2]);
        queue.push(Parcel::Own(vec![3]));
        assert!(queue.is_empty());
        assert_eq!(queue.pending(), 0);
    }
}
