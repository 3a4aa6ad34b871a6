//! What all threads of one worker share, and how answers are put together.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::{Value, json};

use crate::batch::{Batch, Gathered};
use crate::calls::{Call, Calls};
use crate::codec::{Codec, Room, Shape};
use crate::context::Context;
use crate::deadlines::Deadlines;
use crate::fault::Fault;
use crate::flusher::Flusher;
use crate::framing::Framing;
use crate::handler::{Answer, Erased, Inset, Lane, Listener};
use crate::held::Held;
use crate::limits::Limits;
use crate::names::Names;
use crate::outbox::{Outbox, Parcel};
use crate::panics;
use crate::params::Params;
use crate::pool::{Job, Pool};
use crate::requests::Requests;
use crate::talk::State;

/// One method.
pub(crate) struct Entry {
    pub name: String,
    pub lane: Lane,
    pub handler: Erased,
    /// It answers with a stream.
    pub streams: bool,
    /// How long a call may take on the pool, from its arrival.
    pub time: Option<Duration>,
    /// How `rpc.discover` lists it.
    pub listed: Value,
    /// The frame that follows a successful answer; empty if nothing follows.
    pub processed: Vec<u8>,
}

pub(crate) struct Session {
    pub methods: Names<Arc<Entry>>,
    pub listeners: Names<Listener>,
    pub framing: Framing,
    pub codec: Codec,
    pub limits: Limits,
    /// Sends the `log` notifications of a worker's life.
    pub announces: bool,
    /// Sends no `log` notification at all.
    pub quiet: bool,
    pub calls: Calls,
    pub pool: Pool<Queued>,
    pub outbox: Arc<Outbox>,
    pub flusher: Flusher,
    pub deadlines: Arc<Deadlines>,
    pub requests: Requests,
    /// Nothing more will be read.
    pub deaf: AtomicBool,
}

/// A request that waits for a thread.
pub(crate) struct Queued {
    pub session: Arc<Session>,
    pub entry: Arc<Entry>,
    pub call: Arc<Call>,
    pub params: Option<Held>,
}

impl Job for Queued {
    fn bytes(&self) -> usize {
        self.params.as_ref().map_or(0, Held::cost)
    }

    fn key(&self) -> Option<&Arc<str>> {
        match &self.entry.lane {
            Lane::Serial(key) => Some(key),
            _ => None,
        }
    }

    fn run(self) {
        if self.call.is_answered() {
            return;
        }
        let Queued { session, entry, call, params } = self;
        let cx = Context::new(&session, Arc::clone(&call), false);
        let view = Params::new(&entry.name, session.codec, params.as_deref()).unless(&call.cancelled);
        let mut out = Vec::new();
        let written = session.answer(&mut out, &entry, &view, &cx);
        if call.claim() {
            session.deadlines.forget(&call);
            session.calls.remove(&call.id);
            let mut bytes = session.last_words(&call);
            let log: &[u8] = if written.succeeded { &entry.processed } else { &[] };
            if let (Some(inset), Some(params)) = (written.inset, params) {
                bytes.append(&mut out);
                session.outbox.send_all(around(bytes, inset, params, log));
                return session.calls.settle();
            }
            match session.gather(&call, out, log) {
                Some(answer) if bytes.is_empty() => bytes = answer,
                answer => bytes.extend(answer.unwrap_or_default()),
            }
            if !bytes.is_empty() {
                session.outbox.send(&mut bytes);
            }
            session.calls.settle();
        }
    }
}

/// An answer that was sent in one piece but for its inset: the three parts of it.
fn around(mut out: Vec<u8>, inset: Inset, params: Held, log: &[u8]) -> [Parcel; 3] {
    let mut behind = out.split_off(out.len() - inset.behind);
    behind.extend_from_slice(log);
    [Parcel::Own(out), Parcel::Held(params.part(inset.part)), Parcel::Own(behind)]
}

/// How an answer was written.
pub(crate) struct Written {
    /// It is a result.
    pub succeeded: bool,
    pub inset: Option<Inset>,
}

impl Written {
    fn apart(&self) -> usize {
        self.inset.as_ref().map_or(0, |inset| inset.part.len())
    }
}

impl Session {
    /// Runs a handler and appends its answer, framed unless the call belongs to a batch. On the pool, and outside of
    /// batches, a part of the params may be left out of it as its inset.
    pub fn answer(&self, out: &mut Vec<u8>, entry: &Entry, params: &Params<'_>, cx: &Context) -> Written {
        let id = Some(cx.call.id.as_slice());
        let splits = !cx.inline && cx.call.batch.is_none();
        let splits = if splits { params.bytes } else { None };
        let write =
            |out: &mut Vec<u8>| self.append_answer(out, id, splits, |answer| (entry.handler)(params, cx, answer));
        if cx.call.batch.is_some() {
            return write(out);
        }
        let mut written = self.framing.wrap_around(out, Written::apart, write);
        if let Some(inset) = &mut written.inset {
            inset.behind += self.framing.tail();
        }
        written
    }

    /// Appends an answer that `result` writes, or, if it fails or panics, the error.
    pub fn append_answer(
        &self,
        out: &mut Vec<u8>,
        id: Option<&[u8]>,
        params: Option<&[u8]>,
        result: impl FnOnce(&mut Answer<'_>) -> Result<(), Fault>,
    ) -> Written {
        let start = out.len();
        self.codec.append_result_head(out, id);
        let mut answer = Answer { codec: self.codec, room: self.room(start, 1), params, inset: None, out };
        match panics::caught(|| result(&mut answer)) {
            Ok(()) => {
                let Answer { out, mut inset, .. } = answer;
                let end = out.len();
                self.codec.append_tail(out);
                if let Some(inset) = &mut inset {
                    inset.behind = out.len() - end;
                }
                Written { succeeded: true, inset }
            }
            Err(fault) => {
                out.truncate(start);
                self.append_fault(out, id, &fault);
                Written { succeeded: false, inset: None }
            }
        }
    }

    /// Where a message that begins at `start` and needs `tail` more bytes at its end has to stop.
    fn room(&self, start: usize, tail: usize) -> Room {
        let limit = self.limits.message_bytes;
        Room { end: start + limit - tail, limit }
    }

    pub fn append_fault(&self, out: &mut Vec<u8>, id: Option<&[u8]>, fault: &Fault) {
        let start = out.len();
        self.codec.append_error_head(out, id);
        if let Err(too_large) = self.codec.append(out, &error_object(fault), self.room(start, 1)) {
            out.truncate(start);
            self.codec.append_error_head(out, id);
            // A fixed, small error: the only one that may exceed a limit set absurdly low.
            let _ = self.codec.append(out, &error_object(&too_large), Room { end: usize::MAX, limit: usize::MAX });
        }
        self.codec.append_tail(out);
    }

    /// The bytes to send once `message` answers `call`: itself with its log, or a whole batch, or nothing yet.
    pub fn gather(&self, call: &Call, mut message: Vec<u8>, log: &[u8]) -> Option<Vec<u8>> {
        match &call.batch {
            None => {
                message.extend_from_slice(log);
                Some(message)
            }
            Some(batch) => self.gather_in(batch, Some(&call.id), message, log),
        }
    }

    /// As [`Session::gather`], for one message of a batch.
    pub fn gather_in(&self, batch: &Batch, id: Option<&[u8]>, mut message: Vec<u8>, log: &[u8]) -> Option<Vec<u8>> {
        if batch.len() + message.len() + 2 > self.limits.message_bytes {
            message.clear();
            self.append_fault(&mut message, id, &Fault::result_too_large(self.limits.message_bytes));
        }
        batch.add(&message, log).map(|gathered| self.finish_batch(gathered))
    }

    fn finish_batch(&self, gathered: Gathered) -> Vec<u8> {
        let mut out = Vec::with_capacity(gathered.messages.len() + 16);
        self.framing.wrap(&mut out, |out| self.codec.append_batch(out, &gathered.messages, gathered.count));
        out.extend_from_slice(&gathered.logs);
        out
    }

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
        self.framing.wrap(&mut out, |out| self.codec.append_call(out, id, method, params));
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
        self.framing.wrap(out, |out| self.codec.append_items(out, &call.id, &state.items, state.count));
        state.items.clear();
        state.count = 0;
    }

    /// What a call still has to say before its answer. It cannot say more after this.
    fn last_words(&self, call: &Call) -> Vec<u8> {
        let mut state = call.talk.lock();
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
            self.framing.wrap(&mut out, |out| self.codec.append_input_pull(out, &call.id, count));
            self.outbox.send(&mut out);
        }
    }

    /// Whether nothing more will be read.
    pub fn is_deaf(&self) -> bool {
        self.deaf.load(Ordering::Acquire)
    }

    /// The input has ended: whoever waits for something from the parent waits in vain.
    pub fn go_deaf(&self) {
        self.deaf.store(true, Ordering::Release);
        for call in self.calls.all() {
            call.talk.wake();
        }
    }

    /// A framed `$/progress` notification.
    pub fn progress<T: Serialize + ?Sized>(&self, token: &[u8], value: &T) -> Result<Vec<u8>, Fault> {
        let mut out = Vec::new();
        self.framing.wrap(&mut out, |out| {
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
        self.notification("log", &json!({ "message": text })).unwrap_or_default()
    }

    /// A framed `log` notification about the worker itself; empty unless it announces.
    pub fn announcement(&self, text: &str) -> Vec<u8> {
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
        call.talk.close();
        self.deadlines.forget(call);
        drop(self.pool.take_back(|job| Arc::ptr_eq(&job.call, call)));
        self.calls.remove(&call.id);
        self.calls.settle();
        let mut out = Vec::new();
        let write = |out: &mut Vec<u8>| self.append_fault(out, Some(&call.id), fault);
        match call.batch {
            Some(_) => write(&mut out),
            None => self.framing.wrap(&mut out, write),
        }
        self.gather(call, out, &[])
    }

    /// Cancels every open call; the answers are left in the outbox.
    pub fn cancel_all(&self) {
        for call in self.calls.all() {
            if let Some(mut bytes) = self.cancel(&call) {
                self.outbox.send_now(&mut bytes);
            }
        }
    }

    /// Ends everything: what is open is cancelled, what is queued for output is written, `grace` at most.
    pub fn end(&self, last_words: &str, grace: Duration) {
        self.go_deaf();
        self.cancel_all();
        self.flusher.close();
        self.deadlines.close();
        if !last_words.is_empty() {
            self.outbox.send_now(&mut self.announcement(last_words));
        }
        self.pool.close();
        self.outbox.wait_below(0, Some(Instant::now() + grace));
        self.outbox.close();
    }
}

/// The error object of an answer, in the order people expect to read it.
#[derive(Serialize)]
struct ErrorObject<'a> {
    code: i64,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: &'a Option<Value>,
}

fn error_object(fault: &Fault) -> ErrorObject<'_> {
    ErrorObject { code: fault.code, message: &fault.message, data: &fault.data }
}
