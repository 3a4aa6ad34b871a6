//! Where the long ones among params lie, noted when the text is gone over for the first time.

/// Values that are noted at most. The notes are copied with each message, large or small.
const MOST: usize = 2;
/// Bytes of a value that is worth a note: what is shorter is soon gone over once more.
const LONG: usize = 32;

/// The first long values of an object or an array: where each begins, and where it ends. Zeros are none.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct LongValues([(u32, u32); MOST]);

impl LongValues {
    #[inline]
    pub fn note(&mut self, start: usize, end: usize) {
        if end - start >= LONG {
            self.keep(start, end);
        }
    }

    fn keep(&mut self, start: usize, end: usize) {
        let free = self.0.iter_mut().find(|span| span.1 == 0);
        if let (Some(span), Ok(start), Ok(end)) = (free, u32::try_from(start), u32::try_from(end)) {
            *span = (start, end);
        }
    }

    /// The end of the value that begins at `start`, which is not 0, if it was noted.
    #[inline]
    pub fn end(&self, start: usize) -> Option<usize> {
        self.0.iter().find(|span| span.0 as usize == start).map(|span| span.1 as usize)
    }
}
