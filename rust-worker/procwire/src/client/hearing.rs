//! What a worker says, and whom it concerns. Runs on whichever thread reads.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::Value;

use crate::client::metrics::add;
use crate::client::noise::Noise;
use crate::client::pending::Pending;
use crate::client::shared::Shared;
use crate::dialect;
use crate::error::Error;
use crate::fault::{DecodeError, Fault};
use crate::link::stdio::report;
use crate::locks;
use crate::peer::credit::Items;
use crate::peer::outgoing::{error, number};
use crate::peer::reader::{Arrived, Refused, Serve};
use crate::peer::session::Session;
use crate::wire::codec::Codec;
use crate::wire::message::Outcome;
use crate::wire::params::Params;
use crate::wire::slice::Slice;
use crate::worker::pool::Pool;
use crate::worker::service::{Queued, queue};

/// Hears text that is no message.
pub(crate) type OnNoise = Arc<dyn Fn(&str) + Send + Sync>;

pub(crate) struct Hearing {
    pub shared: Arc<Shared>,
    pub session: Arc<Session>,
    pub pool: Arc<Pool<Queued>>,
    pub noise: Noise,
    pub on_noise: Option<OnNoise>,
    /// Whether text may stand between the messages.
    pub has_prints: bool,
    /// Why nothing more can be heard.
    pub fatal: Arc<locks::First<Error>>,
    /// Messages that have come.
    pub heard: Arc<AtomicU64>,
}

impl Serve for Hearing {
    const SERVES: bool = false;

    fn request(
        &mut self,
        arrived: &Arrived<'_>,
        admit: impl FnOnce() -> Result<(), Fault>,
        _: &mut Vec<u8>,
    ) -> Result<(), Refused> {
        let entry = locks::read(&self.shared.methods).get(arrived.method).cloned();
        let Some(entry) = entry else { return Err(Refused::Unknown) };
        admit()?;
        entry.check_announced(arrived)?;
        queue(&self.session, &self.pool, arrived, &entry).map_err(Refused::Fault)
    }

    fn notification(&mut self, method: &str, params: &Params<'_>) -> bool {
        self.heard.fetch_add(1, Ordering::Relaxed);
        match method {
            dialect::PROGRESS => self.progress(params),
            dialect::STREAM_ITEMS => self.items(params),
            dialect::INPUT_PULL => self.pull(params),
            name if dialect::is_reserved(name) => {}
            name => self.shared.notices.deliver(name, params.bytes()),
        }
        true
    }

    /// It offers none under that name.
    fn methods(&self) -> Vec<&Value> {
        Vec::new()
    }

    /// Nobody is asked anything here, so an id and nothing else is always an answer.
    fn awaits(&self, _: &[u8]) -> bool {
        true
    }

    fn answered(&mut self, id: &[u8], outcome: Outcome<'_>, whole: Option<&Arc<Vec<u8>>>) {
        self.heard.fetch_add(1, Ordering::Relaxed);
        let codec = self.session.codec;
        let Some(pending) = self.take(id) else {
            // Or to what a handler has asked.
            self.session.outgoing.resolve(codec, id, outcome);
            return;
        };
        let outcome = match outcome {
            Outcome::Result(bytes) => Ok(Slice::new(bytes, whole)),
            Outcome::Error(bytes) => Err(remote(codec, &pending.method, bytes)),
        };
        self.shared.settle(&pending, outcome);
    }

    fn failed(&mut self, id: &[u8], fault: &Fault) -> bool {
        let Some(pending) = self.take(id) else {
            return self.session.outgoing.fail(self.session.codec, id, fault);
        };
        let error = Error::decode(&pending.method, fault.message.clone());
        self.shared.settle(&pending, Err(error));
        true
    }

    fn complain(&mut self, fault: &Fault) {
        report(&format!("the worker sent what is no message: {}", fault.message));
    }

    fn lost_one(&mut self, fault: &Fault) {
        let text = format!("The channel ended: {}, and it can't be told whose it was.", fault.message);
        self.fatal.set(Error::closed(text));
    }

    fn is_unheard(&mut self, bytes: usize) {
        let text = format!("The worker asks and does not read: {bytes} bytes of answers wait (limits.outbox_bytes).");
        self.fatal.set(Error::closed(text));
    }

    fn takes_prints(&self) -> bool {
        self.has_prints
    }

    fn printed(&mut self, text: &[u8]) {
        add(&self.shared.counters.noise_bytes, text.len() as u64);
        if !self.noise.spend(text.len()) {
            let text = "The worker printed too much that is no message (limits.noise_bytes).";
            return self.fatal.set(Error::closed(text));
        }
        let text = String::from_utf8_lossy(text);
        match &self.on_noise {
            None => report(&format!("printed by the worker: {text}")),
            Some(on_noise) => {
                let (on_noise, text) = (Arc::clone(on_noise), text.into_owned());
                self.shared.notices.run(text.len(), move || on_noise(&text));
            }
        }
    }
}

impl Hearing {
    /// Whoever takes a request out settles it.
    fn take(&self, id: &[u8]) -> Option<Arc<Pending>> {
        let id = number(self.session.codec, id)?;
        self.shared.lock().take(id).map(|(pending, _)| pending)
    }

    fn find(&self, params: &Params<'_>, name: &str) -> Option<Arc<Pending>> {
        let id = number(self.session.codec, params.get(name, 0).ok()??.bytes)?;
        self.shared.lock().get(id).cloned()
    }

    fn progress(&self, params: &Params<'_>) {
        let Some(pending) = self.find(params, "token") else { return };
        let Ok(Some(value)) = params.get("value", 1) else { return };
        if pending.extra.as_ref().is_some_and(|extra| extra.on_progress.is_some()) {
            let value = value.bytes.to_vec();
            self.shared.notices.run(value.len(), move || {
                if let Some(on_progress) = pending.extra.as_ref().and_then(|extra| extra.on_progress.as_ref()) {
                    on_progress(&value);
                }
            });
        }
    }

    fn items(&self, params: &Params<'_>) {
        let Some(pending) = self.find(params, "id") else { return };
        let Ok(Some(array)) = params.get("items", 1) else { return };
        if let Err(reason) = self.take_items(&pending, array.bytes) {
            let error = |pending: &Pending, _| Error::decode(&pending.method, reason);
            self.shared.give_up(pending.id, error);
        }
    }

    fn take_items(&self, pending: &Pending, array: &[u8]) -> Result<(), String> {
        let mut state = pending.lock();
        let Some(input) = state.items.as_mut() else { return Ok(()) };
        let not_asked_for = || "more items came than were asked for".to_owned();
        let elements = self.session.codec.elements(array, input.expected())?.ok_or_else(not_asked_for)?;
        let limit = self.shared.limits.held_bytes;
        input
            .push(Items::new(array, &elements), limit)
            .map_err(|_| format!("more than {limit} bytes of items wait to be read (limits.held_bytes)"))?;
        pending.changed(state);
        Ok(())
    }

    fn pull(&self, params: &Params<'_>) {
        let Some(pending) = self.find(params, "id") else { return };
        let Ok(Some(count)) = params.get("count", 1) else { return };
        let Ok(count) = count.decode::<u64>() else { return };
        let mut state = pending.lock();
        state.wanted = state.wanted.saturating_add(count);
        pending.changed(state);
    }
}

/// The error that the worker answered with.
fn remote(codec: Codec, method: &str, bytes: &[u8]) -> Error {
    match error(codec, bytes) {
        Ok(Fault { code, message, data }) => Error::Remote { code, message: message.into_owned(), data },
        Err(text) => Error::Decode {
            method: method.to_owned(),
            reason: DecodeError::new(format!("the error cannot be read: {text}")),
        },
    }
}
