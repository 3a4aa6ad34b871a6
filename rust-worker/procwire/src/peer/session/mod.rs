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
use crate::peer::incoming::{Incoming, Request};
use crate::peer::outbox::Outbox;
use crate::peer::outgoing::Outgoing;
use crate::wire::codec::{Codec, Room, Shape};
use crate::wire::format::Format;

/// Where requests wait for a thread.
pub(crate) trait Queue: Send + Sync {
    /// Takes back a request that still waits: it will not run.
    fn take_back(&self, request: &Arc<Request>);
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
    /// One of many connections, which ends when its stream does, and by nothing else.
    pub is_connection: bool,
    /// Requests that come now are refused: the service is ending.
    pub is_closing: AtomicBool,
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
    pub fn put_items(&self, request: &Request, state: &mut State) {
        if state.count > 0 && !state.closed {
            let mut out = Vec::with_capacity(state.items.len() + request.id.len() + 128);
            self.append_items(&mut out, request, state);
            self.outbox.put(&mut out);
        }
    }

    fn append_items(&self, out: &mut Vec<u8>, request: &Request, state: &mut State) {
        self.format.wrap(out, |out| self.codec.append_items(out, &request.id, &state.items, state.count));
        state.items.clear();
        state.count = 0;
    }

    /// What a request still has to say before its answer. It cannot say more after this.
    pub fn final_frames(&self, request: &Request) -> Vec<u8> {
        let mut state = request.flow.lock();
        let mut out = Vec::new();
        if state.count > 0 {
            self.append_items(&mut out, request, &mut state);
        }
        out.extend(state.progress.waiting.take().unwrap_or_default());
        state.closed = true;
        out
    }

    /// Asks for inputs of a request, if the count is not zero.
    pub fn ask_for_inputs(&self, request: &Request, count: usize) {
        if count > 0 {
            let mut out = Vec::new();
            self.format.wrap(&mut out, |out| self.codec.append_input_pull(out, &request.id, count));
            self.outbox.send(&mut out);
        }
    }

    /// From now on requests are refused.
    pub fn refuse_all(&self) {
        self.is_closing.store(true, Ordering::Release);
    }

    /// Whether nothing more will be read.
    pub fn has_ended_reading(&self) -> bool {
        self.reading_ended.load(Ordering::Acquire)
    }

    /// The input has ended: whoever waits for something from the parent waits in vain.
    pub fn end_reading(&self) {
        self.reading_ended.store(true, Ordering::Release);
        for request in self.incoming.all() {
            request.flow.wake();
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

    /// Cancels one open request and returns the bytes to send, if it was not answered yet.
    pub fn cancel(&self, request: &Arc<Request>) -> Option<Vec<u8>> {
        self.give_up(request, &Fault::cancelled())
    }

    /// Tells a request's handler that nobody waits for it, answers it with `fault`, and returns the bytes to send, if it
    /// was not answered yet.
    pub fn give_up(&self, request: &Arc<Request>, fault: &Fault) -> Option<Vec<u8>> {
        // Claimed first, or the handler might answer with its own words about a request that was cancelled.
        if !request.claim() {
            return None;
        }
        request.cancel();
        request.flow.close();
        self.deadlines.forget(request);
        self.queue.take_back(request);
        self.incoming.remove(&request.id);
        self.incoming.settle();
        let mut out = Vec::new();
        let write = |out: &mut Vec<u8>| self.append_fault(out, Some(&request.id), fault);
        match request.batch {
            Some(_) => write(&mut out),
            None => self.format.wrap(&mut out, write),
        }
        self.gather(request, out, &[])
    }

    /// Cancels every open request; the answers are left in the outbox.
    pub fn cancel_all(&self) {
        for request in self.incoming.all() {
            if let Some(mut bytes) = self.cancel(&request) {
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

    fn flush(&self, request: &Request, state: &mut State) -> bool {
        let has_room = self.outbox.pending() <= self.outbox.limit();
        if has_room {
            self.put_items(request, state);
        }
        has_room
    }

    fn pump(&self) {
        self.outbox.pump_now();
    }
}

impl Expire for Session {
    fn expire(&self, request: &Arc<Request>) {
        // The answer is in the outbox before the end of the input may find that nothing is open any more.
        self.incoming.hold();
        request.expire();
        if let Some(mut bytes) = self.give_up(request, &Fault::deadline_exceeded()) {
            self.outbox.send(&mut bytes);
        }
        self.incoming.settle();
    }
}
