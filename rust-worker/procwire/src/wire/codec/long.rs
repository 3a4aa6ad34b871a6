//! Where the long ones among params lie, noted when the text is gone over for the first time.

/// Values that are noted at most.
const MOST: usize = 4;
/// Bytes of a value that is worth a note: what is shorter is soon gone over once more.
const LONG: usize = 32;

/// The first few long values of an object or an array: where each begins, and where it ends. Zeros are none.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct LongValues {
    spans: [(u32, u32); MOST],
    count: usize,
}

impl LongValues {
    #[inline]
    pub fn note(&mut self, start: usize, end: usize) {
        if end - start < LONG {
            return;
        }
        if let (Some(span), Ok(start), Ok(end)) =
            (self.spans.get_mut(self.count), u32::try_from(start), u32::try_from(end))
        {
            *span = (start, end);
            self.count += 1;
        }
    }

    /// The end of the value that begins at `start`, if it was noted.
    #[inline]
    pub fn end(&self, start: usize) -> Option<usize> {
        let noted = self.spans[..self.count].iter().find(|span| span.0 as usize == start);
        noted.map(|span| span.1 as usize)
    }
}
