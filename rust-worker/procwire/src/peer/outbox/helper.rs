//! The thread that waits for the parent in the reader's stead.

use std::io;
use std::sync::Arc;

use super::{Outbox, Parcel, Sink, write_waiting};
use crate::locks;
use crate::threads;

/// What the reader could not write without waiting: a parcel, of which `done` bytes are written.
pub(super) struct Left {
    pub sink: Box<dyn Sink>,
    pub parcel: Parcel,
    pub done: usize,
}

impl Outbox {
    /// Starts the helper. Sinks that can be without room need it before the reader may serve: when it is wanted it is too
    /// late to be refused a thread.
    pub fn start_helper(self: &Arc<Self>) -> io::Result<()> {
        let outbox = Arc::clone(self);
        threads::start("writer", threads::SMALL, move || outbox.help()).map(drop)
    }

    pub(super) fn call_helper(&self, left: Left) {
        let mut state = self.lock();
        state.queue.written_but(left.parcel.len() - left.done);
        state.left = Some(left);
        self.called.notify_one();
    }

    fn help(&self) {
        let mut state = self.lock();
        loop {
            if let Some(Left { mut sink, parcel, done }) = state.left.take() {
                drop(state);
                let result = write_waiting(&mut *sink, &parcel[done..]);
                drop(self.finish(parcel, result));
                self.write_all(&mut *sink);
                self.give_back(sink);
                state = self.lock();
            } else if std::mem::take(&mut state.nudged) {
                drop(state);
                self.pump();
                state = self.lock();
            } else if state.closed {
                return;
            } else {
                state = locks::wait(&self.called, state);
            }
        }
    }
}
