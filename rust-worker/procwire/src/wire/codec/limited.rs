//! A writer into a `Vec` that stops at a limit, and when nobody wants any more what it writes.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};

/// Bytes between two looks whether the value is still wanted.
const LOOK_EVERY: usize = 256 * 1024;

pub(super) struct Limited<'a> {
    out: &'a mut Vec<u8>,
    limit: usize,
    /// The next look is due, or the limit reached, at this length: one comparison for both.
    pause: usize,
    unwanted: Option<&'a AtomicBool>,
    /// Why the value is torn.
    torn: Option<Torn>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Torn {
    /// The limit was met.
    Exceeded,
    /// The call was cancelled.
    Unwanted,
}

/// Why a value could not be written.
#[derive(Debug)]
pub(crate) enum Unwritten {
    /// It is larger than there is room.
    Exceeded,
    /// Nobody wants it any more.
    Unwanted,
    /// The codec has no such value; why, in a sentence.
    Unfit(String),
}

impl<'a> Limited<'a> {
    /// Whether the value was written, of which its writer says this.
    pub fn verdict(&self, result: Result<(), String>) -> Result<(), Unwritten> {
        result.map_err(|text| match self.torn {
            Some(Torn::Exceeded) => Unwritten::Exceeded,
            Some(Torn::Unwanted) => Unwritten::Unwanted,
            None => Unwritten::Unfit(text),
        })
    }

    /// `limit` counts all of `out`, not only what is added. Writing ends soon after `unwanted` is set.
    pub fn new(out: &'a mut Vec<u8>, limit: usize, unwanted: Option<&'a AtomicBool>) -> Self {
        let mut writer = Limited { out, limit, pause: limit, unwanted, torn: None };
        writer.plan();
        writer
    }

    fn plan(&mut self) {
        if self.unwanted.is_some() {
            self.pause = self.limit.min(self.out.len() + LOOK_EVERY);
        }
    }

    #[cold]
    fn write_slowly(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.limit.saturating_sub(self.out.len()) < bytes.len() {
            return self.tear(Torn::Exceeded);
        }
        for part in bytes.chunks(LOOK_EVERY) {
            if self.unwanted.is_some_and(|unwanted| unwanted.load(Ordering::Relaxed)) {
                return self.tear(Torn::Unwanted);
            }
            self.out.extend_from_slice(part);
        }
        self.plan();
        Ok(())
    }

    fn tear(&mut self, why: Torn) -> io::Result<()> {
        self.torn = Some(why);
        Err(io::ErrorKind::Other.into())
    }
}

impl io::Write for Limited<'_> {
    #[inline]
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes).map(|()| bytes.len())
    }

    #[inline]
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.pause.saturating_sub(self.out.len()) < bytes.len() {
            return self.write_slowly(bytes);
        }
        self.out.extend_from_slice(bytes);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn what_fits_exactly_is_written_and_a_byte_more_is_not() {
        for unwanted in [None, Some(&AtomicBool::new(false))] {
            let mut out = b"head".to_vec();
            let mut writer = Limited::new(&mut out, 4 + 3 * LOOK_EVERY, unwanted);
            writer.write_all(&vec![b'x'; 3 * LOOK_EVERY - 1]).unwrap();
            writer.write_all(b"x").unwrap();
            assert_eq!(writer.torn, None);
            writer.write_all(b"x").unwrap_err();
            assert_eq!(writer.torn, Some(Torn::Exceeded));
            assert_eq!(out.len(), 4 + 3 * LOOK_EVERY);
        }
    }

    #[test]
    fn what_nobody_wants_is_not_written_on() {
        let unwanted = AtomicBool::new(false);
        for piece in [1000, 100 * LOOK_EVERY] {
            let mut out = Vec::new();
            let mut writer = Limited::new(&mut out, usize::MAX, Some(&unwanted));
            writer.write_all(b"x").unwrap();
            unwanted.store(true, Ordering::Relaxed);
            while writer.write_all(&vec![b'x'; piece]).is_ok() {}
            assert_eq!(writer.torn, Some(Torn::Unwanted));
            assert!(out.len() <= LOOK_EVERY + 1, "{} bytes were written", out.len());
            unwanted.store(false, Ordering::Relaxed);
        }
    }
}
