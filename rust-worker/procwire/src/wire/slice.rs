//! Params that outlive the frame they came in.
//!
//! `bytes::Bytes` would do for most of it. It cannot tell how much memory it keeps, which is what a queue is bounded by, and
//! costs 3 % of the library's build; twenty lines would go.

use std::ops::{Deref, Range};
use std::sync::Arc;

pub(crate) enum Slice {
    Copy(Vec<u8>),
    /// Most of a large frame, which nobody copies.
    Part {
        frame: Arc<Vec<u8>>,
        range: Range<usize>,
    },
}

impl Slice {
    /// Holds `bytes`, which lie in `frame` if that is kept.
    pub fn new(bytes: &[u8], frame: Option<&Arc<Vec<u8>>>) -> Self {
        let part = frame.and_then(|frame| Some((frame, place(bytes, frame)?)));
        match part {
            // A small part would keep all of a large frame.
            Some((frame, range)) if range.len() >= frame.len() / 2 => Slice::Part { frame: Arc::clone(frame), range },
            _ => Slice::Copy(bytes.to_vec()),
        }
    }

    /// A part of what is held.
    pub fn part(self, part: Range<usize>) -> Self {
        match self {
            Slice::Copy(bytes) => Slice::Part { frame: Arc::new(bytes), range: part },
            Slice::Part { frame, range } => {
                Slice::Part { frame, range: range.start + part.start..range.start + part.end }
            }
        }
    }

    /// Bytes of memory it keeps.
    pub fn cost(&self) -> usize {
        match self {
            Slice::Copy(bytes) => bytes.len(),
            Slice::Part { frame, .. } => frame.len(),
        }
    }
}

impl Deref for Slice {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Slice::Copy(bytes) => bytes,
            Slice::Part { frame, range } => &frame[range.clone()],
        }
    }
}

/// Where `part` lies in `whole`, if it does.
pub(crate) fn place(part: &[u8], whole: &[u8]) -> Option<Range<usize>> {
    let start = part.as_ptr().addr().checked_sub(whole.as_ptr().addr())?;
    let end = start.checked_add(part.len())?;
    (end <= whole.len()).then_some(start..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_part_is_held_where_it_lies_and_a_small_one_is_copied() {
        let frame = Arc::new((0..100).collect::<Vec<u8>>());
        let large = Slice::new(&frame[10..90], Some(&frame));
        assert!(matches!(&large, Slice::Part { range, .. } if *range == (10..90)));
        assert_eq!((&large[..], large.cost()), (&frame[10..90], 100));
        let small = Slice::new(&frame[10..20], Some(&frame));
        assert!(matches!(small, Slice::Copy(_)));
        assert_eq!((&small[..], small.cost()), (&frame[10..20], 10));
    }

    #[test]
    fn a_part_of_what_is_held_is_a_part_of_the_frame() {
        let frame = Arc::new((0..100).collect::<Vec<u8>>());
        assert_eq!(Slice::new(&frame[10..90], Some(&frame)).part(5..75)[..], frame[15..85]);
        assert_eq!(Slice::new(&frame[10..90], None).part(5..75)[..], frame[15..85]);
    }

    #[test]
    fn what_lies_elsewhere_is_copied() {
        let frame = Arc::new(vec![0_u8; 100]);
        for elsewhere in [vec![1; 100], vec![1; 200], vec![]] {
            assert!(matches!(Slice::new(&elsewhere, Some(&frame)), Slice::Copy(copy) if copy == elsewhere));
        }
        assert!(matches!(Slice::new(&frame, None), Slice::Copy(_)));
    }
}
