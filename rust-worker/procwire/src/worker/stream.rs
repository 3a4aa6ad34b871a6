//! An answer that is a stream of items.

use serde::Serialize;

use crate::fault::Fault;
use crate::wire::codec::Room;
use crate::worker::context::Context;

/// A message of items is closed at this size.
pub(crate) const MESSAGE_BYTES: usize = 64 * 1024;
/// And at this number of items.
pub(crate) const MESSAGE_ITEMS: usize = 512;

/// Where a handler of [`Method::stream`](crate::Method::stream) puts its items.
///
/// Items leave together, up to 512 or about 64 KiB in one message; what a slow handler has put leaves within about a
/// millisecond all the same.
pub struct Stream<'a> {
    cx: &'a Context,
    /// The item that is being encoded.
    scratch: Vec<u8>,
    watched: bool,
}

impl<'a> Stream<'a> {
    pub(crate) fn new(cx: &'a Context) -> Self {
        Stream { cx, scratch: Vec::new(), watched: false }
    }

    /// Sends one item. Waits while the caller takes no more: its pace holds the handler back.
    ///
    /// # Errors
    ///
    /// -32800 when nobody reads any more: the call is cancelled, or the link has ended. -32603 if the item cannot be
    /// encoded, or is larger than one message may be, and on the reader's lane, which cannot wait.
    pub fn send<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<(), Fault> {
        self.cx.assert_may_wait("Stream::send")?;
        let Context { session, request, .. } = self.cx;
        // What stands around the items: the envelope and the id.
        let around = 128 + request.id.len();
        let limit = session.limits.message_bytes;
        self.scratch.clear();
        session.codec.append(&mut self.scratch, item, Room { end: limit.saturating_sub(around), limit })?;

        let mut state = request.flow.lock();
        loop {
            if self.cx.is_cancelled() || state.closed {
                return Err(Fault::cancelled());
            }
            let full = state.items.len() + self.scratch.len() + around >= limit;
            if state.credit > 0 && !(full && state.count > 0) {
                break;
            }
            if state.count > 0 {
                state = self.cx.flush(state);
            } else if session.has_ended_reading() {
                return Err(Fault::cancelled());
            } else {
                state = request.flow.wait(state);
            }
        }
        state.credit -= 1;
        let first = state.count == 0;
        if !first {
            state.items.extend_from_slice(session.codec.separator());
        }
        state.items.extend_from_slice(&self.scratch);
        state.count += 1;
        if state.count == MESSAGE_ITEMS || state.items.len() >= MESSAGE_BYTES || state.credit == 0 {
            drop(self.cx.flush(state));
        } else if first {
            drop(state);
            if !self.is_watched() {
                self.flush();
            }
        }
        Ok(())
    }

    /// Sends what waits, now.
    pub fn flush(&mut self) {
        drop(self.cx.flush(self.cx.request.flow.lock()));
    }

    /// [`Context::check`] of the call this stream answers.
    ///
    /// # Errors
    ///
    /// -32800 once the call is cancelled, -32001 once its time is up.
    pub fn check(&self) -> Result<(), Fault> {
        self.cx.check()
    }

    /// The call this stream answers.
    #[must_use]
    pub fn context(&self) -> &'a Context {
        self.cx
    }

    /// Whether somebody sees to it that what waits leaves soon, whatever the handler does next.
    fn is_watched(&mut self) -> bool {
        let flusher = &self.cx.session.flusher;
        if !self.watched {
            self.watched = flusher.watch(&self.cx.session, &self.cx.request);
        }
        flusher.wake();
        self.watched
    }
}

impl Drop for Stream<'_> {
    fn drop(&mut self) {
        if self.watched {
            self.cx.session.flusher.forget(&self.cx.request);
        }
    }
}
