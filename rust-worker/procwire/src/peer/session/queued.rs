//! A request on its way to a thread of the pool, and what the thread does with it.

use std::sync::Arc;

use super::{Entry, Session};
use crate::peer::calls::Call;
use crate::peer::outbox::Parcel;
use crate::wire::codec::LongValues;
use crate::wire::held::Held;
use crate::wire::message::Sent;
use crate::wire::params::Params;
use crate::worker::context::Context;
use crate::worker::handler::{Inset, Lane};
use crate::worker::pool::Job;

/// A request that waits for a thread.
pub(crate) struct Queued {
    pub session: Arc<Session>,
    pub entry: Arc<Entry>,
    pub call: Arc<Call>,
    pub params: Option<Held>,
    /// What was noted of the params.
    pub long: LongValues,
}

impl Job for Queued {
    fn bytes(&self) -> usize {
        // The id is kept twice, for the answer and to be found by.
        2 * self.call.id.len() + self.params.as_ref().map_or(0, Held::cost)
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
        let Queued { session, entry, call, params, long } = self;
        let cx = Context::new(&session, Arc::clone(&call), false);
        let sent = params.as_deref().map(|bytes| Sent { bytes, long });
        let view = Params::new(&entry.name, session.codec, sent).unless(&call.cancelled);
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

/// The three parts of an answer that has an inset.
fn around(mut out: Vec<u8>, inset: Inset, params: Held, log: &[u8]) -> [Parcel; 3] {
    let mut behind = out.split_off(out.len() - inset.behind);
    behind.extend_from_slice(log);
    [Parcel::Own(out), Parcel::Held(params.part(inset.part)), Parcel::Own(behind)]
}
