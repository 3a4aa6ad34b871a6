//! What all threads of one side share, what they say, and how it ends.

mod answers;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::json;

use crate::dialect;
use crate::fault::Fault;
use crate::limits::Limits;
use crate::peer::deadlines::{Deadlines, Expire};
use crate::peer::flow::State;
use crate::peer::flusher::{Flush, Flusher};
use crate::peer::incoming::{Call, Incoming};
use crate::peer::outbox::Outbox;
use crate::peer::outgoing::Outgoing;
use crate::wire::codec::{Codec, Room, Shape};
use crate::wire::format::Format;

/// Where calls wait for a thread.
pub(crate) trait Queue: Send + Sync {
    /// Takes back a call that still waits: it will not run.
    fn take_back(&self, call: &Arc<Call>);
    /// Drops what waits, and takes no more.
    fn close(&self);
}

pub(crate) struct Session {
    pub format: Format,
    pub codec: Codec,
    pub limits: Limits,
    /// Sends the `log` notifications of a worker's life.
    pub announces: bool,
    /// Sends no `log` notification at all.
    pub quiet: bool,
    /// Says on stderr which handler has panicked, and where.
    pub logs_panics: bool,
    pub incoming: Incoming,
    pub queue: Arc<dyn Queue>,
    pub outbox: Arc<Outbox>,
    /// Bytes of answers that wait for the others of their batches.
    pub in_batches: Arc<AtomicUsize>,
    pub flusher: Flusher,
    pub deadlines: Arc<Deadlines>,
    pub outgoing: Outgoing,
    /// Nothing more will be read.
    pub reading_ended: AtomicBool,
}

impl Session {
    /// A framed notification.
    pub fn notification<T: Serialize + ?Sized>(&self, method: &str, params: &T) -> Result<Vec<u8>, Fault> {
        self.message(None, method, params)
    }

    /// A framed request of our own.
    pub fn request<T: Serialize + ?Sized>(&self, id: u64, method: &str, params: &T) -> Result<Vec<u8>, Fault> {
        self.message(Some(id), method, params)
    }

    fn message<T: Serialize + ?Sized>(&self, id: Option<u64>, method: &str, params: &T) -> Result<Vec<u8>, Fault> {
        let limit = self.limits.message_bytes;
        let mut encoded = Vec::new();
        self.codec.append(&mut encoded, params, Room { end: limit.saturating_sub(method.len() * 6 + 128), limit })?;
        let params = match self.codec.shape(&encoded) {
            Shape::Structure => Some(encoded.as_slice()),
            Shape::Nothing => None,
            Shape::Other => return Err(Fault::internal("parameters must be an object or an array")),
        };
        let mut out = Vec::with_capacity(encoded.len() + method.len() + 128);
        self.format.wrap(&mut out, |out| self.codec.append_call(out, id, method, params));
        Ok(out)
    }

    /// Puts the items of a stream that wait into the outbox, as one message.
    pub fn put_items(&self, call: &Call, state: &mut State) {
        if state.count > 0 && !state.closed {
            let mut out = Vec::with_capacity(state.items.len() + call.id.len() + 128);
            self.append_items(&mut out, call, state);
            self.outbox.put(&mut out);
        }
    }

    fn append_items(&self, out: &mut Vec<u8>, call: &Call, state: &mut State) {
        self.format.wrap(out, |out| self.codec.append_items(out, &call.id, &state.items, state.count));
        state.items.clear();
        state.count = 0;
    }

    /// What a call still has to say before its answer. It cannot say more after this.
    pub fn final_frames(&self, call: &Call) -> Vec<u8> {
        let mut state = call.flow.lock();
        let mut out = Vec::new();
        if state.count > 0 {
            self.append_items(&mut out, call, &mut state);
        }
        out.extend(state.progress.waiting.take().unwrap_or_default());
        state.closed = true;
        out
    }

    /// Asks for inputs of a call, if the count is not zero.
    pub fn ask_for_inputs(&self, call: &Call, count: usize) {
        if count > 0 {
            let mut out = Vec::new();
            self.format.wrap(&mut out, |out| self.codec.append_input_pull(out, &call.id, count));
            self.outbox.send(&mut out);
        }
    }

    /// Whether nothing more will be read.
    pub fn has_ended_reading(&self) -> bool {
        self.reading_ended.load(Ordering::Acquire)
    }

    /// The input has ended: whoever waits for something from the parent waits in vain.
    pub fn end_reading(&self) {
        self.reading_ended.store(true, Ordering::Release);
        for call in self.incoming.all() {
            call.flow.wake();
        }
    }

    /// A framed `$/progress` notification.
    pub fn progress<T: Serialize + ?Sized>(&self, token: &[u8], value: &T) -> Result<Vec<u8>, Fault> {
        let mut out = Vec::new();
        self.format.wrap(&mut out, |out| {
            let room = self.room(out.len(), 2);
            self.codec.append_progress(out, token, |out| self.codec.append(out, value, room))
        })?;
        Ok(out)
    }

    /// A framed `log` notification; empty in a quiet worker.
    pub fn log(&self, text: &str) -> Vec<u8> {
        if self.quiet {
            return Vec::new();
        }
        self.notification(dialect::LOG, &json!({ "message": text })).unwrap_or_default()
    }

    /// A framed `log` notification about the worker itself; empty unless it announces.
    pub fn life_log(&self, text: &str) -> Vec<u8> {
        if self.announces { self.log(text) } else { Vec::new() }
    }

    /// Cancels one open call and returns the bytes to send, if it was not answered yet.
    pub fn cancel(&self, call: &Arc<Call>) -> Option<Vec<u8>> {
        self.give_up(call, &Fault::cancelled())
    }

    /// Tells a call's handler that nobody waits for it, answers it with `fault`, and returns the bytes to send, if it
    /// was not answered yet.
    pub fn give_up(&self, call: &Arc<Call>, fault: &Fault) -> Option<Vec<u8>> {
        // Claimed first, or the handler might answer with its own words about a call that was cancelled.
        if !call.claim() {
            return None;
        }
        call.cancel();
        call.flow.close();
        self.deadlines.forget(call);
        self.queue.take_back(call);
        self.incoming.remove(&call.id);
        self.incoming.settle();
        let mut out = Vec::new();
        let write = |out: &mut Vec<u8>| self.append_fault(out, Some(&call.id), fault);
        match call.batch {
            Some(_) => write(&mut out),
            None => self.format.wrap(&mut out, write),
        }
        self.gather(call, out, &[])
    }

    /// Cancels every open call; the answers are left in the outbox.
    pub fn cancel_all(&self) {
        for call in self.incoming.all() {
            if let Some(mut bytes) = self.cancel(&call) {
                self.outbox.send_now(&mut bytes);
            }
        }
    }

    /// Ends everything: what is open is cancelled, what is queued for output is written, `grace` at most.
    pub fn end(&self, last_words: &str, grace: Duration) {
        self.end_reading();
        self.cancel_all();
        self.flusher.close();
        self.deadlines.close();
        if !last_words.is_empty() {
            self.outbox.send_now(&mut self.life_log(last_words));
        }
        self.queue.close();
        self.outbox.wait_below(0, Some(Instant::now() + grace));
        self.outbox.close();
    }
}

impl Flush for Session {
    fn flusher(&self) -> &Flusher {
        &self.flusher
    }

    fn flush(&self, call: &Call, state: &mut State) -> bool {
        let has_room = self.outbox.pending() <= self.outbox.limit();
        if has_room {
            self.put_items(call, state);
        }
        has_room
    }

    fn pump(&self) {
        self.outbox.pump_now();
    }
}

impl Expire for Session {
    fn expire(&self, call: &Arc<Call>) {
        // The answer is in the outbox before the end of the input may find that nothing is open any more.
        self.incoming.hold();
        call.expire();
        if let Some(mut bytes) = self.give_up(call, &Fault::deadline_exceeded()) {
            self.outbox.send(&mut bytes);
        }
        self.incoming.settle();
    }
}
