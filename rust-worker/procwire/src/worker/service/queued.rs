//! A request on its way to a thread of the pool, and what the thread does with it.

use std::sync::Arc;
use std::time::Instant;

use super::{Entry, answer};
use crate::fault::Fault;
use crate::locks;
use crate::peer::answer::Inset;
use crate::peer::incoming::Request;
use crate::peer::outbox::Parcel;
use crate::peer::reader::Arrived;
use crate::peer::session::{Queue, Session};
use crate::wire::long_values::LongValues;
use crate::wire::message::Sent;
use crate::wire::params::Params;
use crate::wire::slice::Slice;
use crate::worker::context::Context;
use crate::worker::handler::Lane;
use crate::worker::pool::{Full, Job, Pool};

/// A request that waits for a thread.
pub(crate) struct Queued {
    pub session: Arc<Session>,
    pub entry: Arc<Entry>,
    pub request: Arc<Request>,
    pub params: Option<Slice>,
    /// What was noted of the params.
    pub long: LongValues,
}

/// Hands a call to the pool.
pub(crate) fn queue(
    session: &Arc<Session>,
    pool: &Arc<Pool<Queued>>,
    arrived: &Arrived<'_>,
    entry: &Arc<Entry>,
) -> Result<(), Fault> {
    let deadline = entry.time.and_then(|time| Instant::now().checked_add(time));
    let request = Request::new(arrived.id, arrived.batch.cloned()).announced(arrived.announced).due(deadline);
    let request = Arc::new(request);
    session.incoming.insert(&request);
    let job = Queued {
        session: Arc::clone(session),
        entry: Arc::clone(entry),
        request: Arc::clone(&request),
        params: arrived.params.map(|params| Slice::new(params.bytes, arrived.whole)),
        long: arrived.params.map(|params| params.long).unwrap_or_default(),
    };
    // Before it can be answered, or nobody would take it from the deadlines again.
    let watched = session.deadlines.watch(session, &request);
    let fault = match if watched { pool.submit(job) } else { Err(Full::Threads) } {
        Ok(()) => return Ok(()),
        Err(Full::Jobs(limit)) => Fault::busy("queuedRequests", limit),
        Err(Full::Bytes(limit)) => Fault::busy("queuedBytes", limit),
        Err(Full::Threads) => Fault::busy("threads", 0),
    };
    session.deadlines.forget(&request);
    session.incoming.remove(&request.id);
    session.incoming.settle();
    Err(fault)
}

impl Job for Queued {
    fn bytes(&self) -> usize {
        // The id is kept twice, for the answer and to be found by.
        2 * self.request.id.len() + self.params.as_ref().map_or(0, Slice::cost)
    }

    fn key(&self) -> Option<&Arc<str>> {
        match &self.entry.lane {
            Lane::Serial(key) => Some(key),
            _ => None,
        }
    }

    fn run(self) {
        if self.request.is_answered() {
            return;
        }
        let Queued { session, entry, request, params, long } = self;
        let _alone = entry.gate.as_deref().map(locks::lock);
        if _alone.is_some() && request.is_answered() {
            return;
        }
        let cx = Context::new(&session, Arc::clone(&request), Some(&entry.name));
        let sent = params.as_deref().map(|bytes| Sent { bytes, long });
        let view = Params::new(&entry.name, session.codec, sent).unless(&request.cancelled);
        let mut out = Vec::new();
        let written = answer(&mut out, &entry, &view, &cx);
        if request.claim() {
            session.deadlines.forget(&request);
            session.incoming.remove(&request.id);
            let mut bytes = session.final_frames(&request);
            let log: &[u8] = if written.succeeded { &entry.processed } else { &[] };
            if let (Some(inset), Some(params)) = (written.inset, params) {
                bytes.append(&mut out);
                session.outbox.send_all(around(bytes, inset, params, log));
                return session.incoming.settle();
            }
            match session.gather(&request, out, log) {
                Some(answer) if bytes.is_empty() => bytes = answer,
                answer => bytes.extend(answer.unwrap_or_default()),
            }
            if !bytes.is_empty() {
                session.outbox.send(&mut bytes);
            }
            session.incoming.settle();
        }
    }
}

impl Queue for Pool<Queued> {
    fn take_back(&self, request: &Arc<Request>) {
        drop(Pool::take_back(self, |job| Arc::ptr_eq(&job.request, request)));
    }

    fn close(&self) {
        Pool::close(self);
    }
}

/// The three parts of an answer that has an inset.
fn around(mut out: Vec<u8>, inset: Inset, params: Slice, log: &[u8]) -> [Parcel; 3] {
    let mut behind = out.split_off(out.len() - inset.behind);
    behind.extend_from_slice(log);
    [Parcel::Own(out), Parcel::Slice(params.part(inset.part)), Parcel::Own(behind)]
}
