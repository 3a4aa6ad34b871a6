//! A writer into a `Vec` that stops at a limit.

use std::io;

pub(super) struct Limited<'a> {
    out: &'a mut Vec<u8>,
    limit: usize,
    /// The limit was met; the value is torn.
    pub exceeded: bool,
}

impl<'a> Limited<'a> {
    /// `limit` counts all of `out`, not only what is added.
    pub fn new(out: &'a mut Vec<u8>, limit: usize) -> Self {
        Limited { out, limit, exceeded: false }
    }
}

impl io::Write for Limited<'_> {
    #[inline]
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes).map(|()| bytes.len())
    }

    #[inline]
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.limit.saturating_sub(self.out.len()) < bytes.len() {
            self.exceeded = true;
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.out.extend_from_slice(bytes);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
