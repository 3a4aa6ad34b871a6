//! The reader's side of a service: cheap calls are served here and now, the rest is handed to the pool.

use std::sync::Arc;

use serde_json::Value;

use super::queued::queue;
use super::{Entry, Served, answer};
use crate::fault::Fault;
use crate::link::stdio::report;
use crate::peer::incoming::Request;
use crate::peer::panics::{self, Panic};
use crate::peer::reader::{Arrived, Refused, Serve};
use crate::peer::session::Session;
use crate::wire::message::Outcome;
use crate::wire::params::Params;
use crate::worker::context::Context;
use crate::worker::handler::Lane;

pub(super) struct Inline<'s> {
    service: &'s Served,
    /// The context of inline calls, used again and again.
    cx: Context,
}

impl<'s> Inline<'s> {
    pub fn new(service: &'s Served) -> Self {
        Inline { service, cx: Context::new(&service.session, Arc::default(), None) }
    }

    fn running(&mut self) -> &mut Request {
        Arc::get_mut(&mut self.cx.request).expect("handlers cannot keep the call of their context")
    }

    /// Serves a call here and now. On the way of each small request, so a part of its only caller.
    #[inline(always)]
    fn serve(&mut self, arrived: &Arrived<'_>, entry: &Entry, params: &Params<'_>, pending: &mut Vec<u8>) {
        self.running().reuse(arrived.id, arrived.batch.cloned());
        let Some(batch) = arrived.batch else {
            if answer(pending, entry, params, &self.cx).succeeded {
                pending.extend_from_slice(&entry.processed);
            }
            return self.send_last_progress();
        };
        let mut message = Vec::new();
        let succeeded = answer(&mut message, entry, params, &self.cx).succeeded;
        self.send_last_progress();
        let log: &[u8] = if succeeded { &entry.processed } else { &[] };
        let bytes = self.service.session.gather_in(batch, Some(arrived.id), message, log);
        pending.extend(bytes.unwrap_or_default());
    }

    /// Leaves before the answer, which is still pending.
    fn send_last_progress(&mut self) {
        if !self.cx.request.flow.was_used() {
            return;
        }
        if let Some(mut frame) = self.running().flow.get_mut().progress.waiting.take() {
            self.service.session.outbox.send_now(&mut frame);
        }
    }
}

impl Serve for Inline<'_> {
    const SERVES: bool = true;

    #[inline]
    fn request(
        &mut self,
        arrived: &Arrived<'_>,
        admit: impl FnOnce() -> Result<(), Fault>,
        pending: &mut Vec<u8>,
    ) -> Result<(), Refused> {
        let Served { session, methods, .. } = self.service;
        let Some(entry) = methods.entries.get(arrived.method) else {
            return Err(Refused::Unknown);
        };
        admit()?;
        entry.check_announced(arrived)?;
        let params = Params::new(arrived.method, session.codec, arrived.params);
        let inline = match &entry.lane {
            Lane::Inline(cheap) => {
                !arrived.announced.input && params.len() <= session.limits.inline_bytes && cheap(&params)
            }
            Lane::Pool | Lane::Serial(_) => false,
        };
        match inline {
            true => self.serve(arrived, entry, &params, pending),
            false => queue(session, &self.service.pool, arrived, entry)?,
        }
        Ok(())
    }

    /// What goes wrong in a notification handler has nobody to go to but stderr.
    fn notification(&mut self, method: &str, params: &Params<'_>) -> bool {
        let Some(listener) = self.service.methods.listeners.get(method) else {
            return false;
        };
        self.running().reuse(b"", None);
        let on_panic = |panic: &Panic| panic.report(format_args!("the handler of the notification {method}"));
        let heard = panics::caught(|| Ok(listener(params, &self.cx)), on_panic);
        if let Ok(Err(fault)) = heard {
            report(&format!("notification {method}: {fault}"));
        }
        true
    }

    fn methods(&self) -> Vec<&Value> {
        let mut entries: Vec<_> = self.service.methods.entries.values().collect();
        entries.sort_by_key(|entry| &entry.name);
        entries.into_iter().map(|entry| &entry.listed).collect()
    }

    fn awaits(&self, id: &[u8]) -> bool {
        let Session { outgoing, codec, .. } = &*self.service.session;
        outgoing.is_open(*codec, id)
    }

    fn answered(&mut self, id: &[u8], outcome: Outcome<'_>, _: Option<&Arc<Vec<u8>>>) {
        let Session { outgoing, codec, .. } = &*self.service.session;
        outgoing.resolve(*codec, id, outcome);
    }

    fn failed(&mut self, id: &[u8], fault: &Fault) -> bool {
        let Session { outgoing, codec, .. } = &*self.service.session;
        outgoing.fail(*codec, id, fault)
    }
}
