//! The thread that waits for the parent in the reader's stead.

use std::mem;
use std::sync::Arc;
use std::thread;

use super::{Outbox, Parcel, Sink, write_waiting};

/// What the reader could not write without waiting: a parcel, of which `done` bytes are written.
pub(super) struct Left {
    pub sink: Box<dyn Sink>,
    pub parcel: Parcel,
    pub done: usize,
}

impl Outbox {
    pub(super) fn call_helper(self: &Arc<Self>, left: Left) {
        let mut state = self.lock();
        state.queue.written_but(left.parcel.len() - left.done);
        state.left = Some(left);
        if !mem::replace(&mut state.helper, true) {
            let outbox = Arc::clone(self);
            let started = thread::Builder::new().name("writer".into()).spawn(move || outbox.help());
            started.expect("the system refuses a thread for writing");
        }
        self.wake(&state);
    }

    fn help(&self) {
        let mut state = self.lock();
        loop {
            if let Some(Left { mut sink, parcel, done }) = state.left.take() {
                drop(state);
                let result = write_waiting(&mut *sink, &parcel[done..]);
                drop(self.settle(parcel, result.is_ok()));
                self.write_all(&mut *sink);
                self.give_back(sink);
                state = self.lock();
            } else if state.closed {
                return;
            } else {
                state = self.wait(state, None);
            }
        }
    }
}
