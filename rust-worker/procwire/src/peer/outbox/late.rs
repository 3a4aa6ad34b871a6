//! For those who would rather have others write: many small messages leave in one write.

use super::Outbox;

impl Outbox {
    /// Appends, if not more than the limit waits; what is there leaves soon, by the helper at the latest. Tells how much
    /// waits; `None` where nothing was appended.
    pub fn offer(&self, bytes: &mut Vec<u8>, is_urgent: bool) -> Option<usize> {
        let mut state = self.lock();
        if state.queue.pending() > self.limit {
            return None;
        }
        state.queue.append(bytes);
        if !is_urgent && state.sink.is_some() && !state.nudged {
            state.nudged = true;
            self.called.notify_one();
        }
        Some(state.queue.pending())
    }

    /// The last was appended: when it is written the sink is dropped, which tells the other side.
    pub fn end(&self) {
        let mut state = self.lock();
        state.ending = true;
        if state.queue.is_empty() {
            let sink = state.sink.take();
            state.queue.close();
            drop(state);
            drop(sink);
        } else {
            drop(state);
            self.pump_now();
        }
    }
}
