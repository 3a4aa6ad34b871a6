//! What all handles of a channel and all its threads share, over the lives of its workers.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, RwLock};
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::json;

use crate::client::breaker::{Breaker, Circuit};
use crate::client::encode::Encoder;
use crate::client::events::Events;
use crate::client::line::Line;
use crate::client::metrics::{Counters, add};
use crate::client::notices::Notices;
use crate::client::pending::{Outcome, Pending};
use crate::client::table::{Parked, Table};
use crate::dialect;
use crate::error::{Delivery, Error};
use crate::limits::Limits;
use crate::locks;
use crate::worker::service::Entry;

/// So many bytes are worth a write of their own.
const WORTH_A_WRITE: usize = 32 * 1024;

pub(crate) struct Shared {
    pub limits: Limits,
    pub encoder: Encoder,
    table: Mutex<Table>,
    /// There is a worker, or none any more.
    pub changed: Condvar,
    ids: AtomicU64,
    pub counters: Arc<Counters>,
    pub notices: Arc<Notices>,
    pub events: Arc<Events>,
    /// The methods that the worker may call.
    pub methods: RwLock<HashMap<String, Arc<Entry>>>,
    pub circuit: Option<Circuit>,
}

impl Shared {
    pub fn new(limits: Limits, encoder: Encoder, breaker: Option<Breaker>) -> Self {
        let counters = Arc::new(Counters::default());
        let notices = Arc::new(Notices::new(encoder.codec, limits.clone(), Arc::clone(&counters)));
        let events = Arc::new(Events::new(Arc::clone(&notices)));
        Shared {
            circuit: breaker.map(|policy| Circuit::new(policy, Arc::clone(&events))),
            notices,
            events,
            limits,
            encoder,
            table: Mutex::default(),
            changed: Condvar::new(),
            ids: AtomicU64::new(1),
            counters,
            methods: RwLock::default(),
        }
    }

    pub fn lock(&self) -> MutexGuard<'_, Table> {
        locks::lock(&self.table)
    }

    pub fn next_id(&self) -> u64 {
        self.ids.fetch_add(1, Ordering::Relaxed)
    }

    pub fn line(&self) -> Option<Arc<dyn Line>> {
        self.lock().line.clone()
    }

    /// Sends a framed request, or keeps it for the next worker. It is in the table before its bytes are on the way.
    pub fn submit(&self, pending: &Arc<Pending>, mut frame: Vec<u8>) -> Result<(), Error> {
        let mut table = self.lock();
        if let Some(end) = &table.end {
            return Err(end.clone().with_delivery(Delivery::NotSent));
        }
        let is_alone = table.len() == 0;
        if table.len() >= self.limits.in_flight.max(1) {
            return Err(overloaded(pending, "limits.in_flight"));
        }
        table.insert(Arc::clone(pending), &frame);
        let Some(line) = table.line.clone() else {
            if table.park(Parked { id: Some(pending.id), frame }, self.limits.held_bytes) {
                return Ok(());
            }
            table.take(pending.id);
            return Err(overloaded(pending, "limits.held_bytes"));
        };
        drop(table);
        if self.say(&*line, &mut frame, is_alone) {
            return Ok(());
        }
        match self.lock().take(pending.id) {
            Some(_) => Err(overloaded(pending, "limits.outbox_bytes")),
            // It has an outcome meanwhile: the worker has ended.
            None => Ok(()),
        }
    }

    /// A request that nothing else is in flight with leaves at once. Others leave together: when somebody waits, when
    /// there are enough of them, or soon.
    fn say(&self, line: &dyn Line, frame: &mut Vec<u8>, is_alone: bool) -> bool {
        let outbox = &line.session().outbox;
        let Some(waiting) = outbox.offer(frame, is_alone) else { return false };
        if is_alone || waiting >= WORTH_A_WRITE {
            outbox.pump_now();
        }
        true
    }

    /// Sends a framed notification, or keeps it for the next worker.
    pub fn notify(&self, method: &str, mut frame: Vec<u8>) -> Result<(), Error> {
        let mut table = self.lock();
        if let Some(end) = &table.end {
            return Err(end.clone().with_delivery(Delivery::NotSent));
        }
        let overloaded = |limit| Error::Overloaded { method: method.to_owned(), limit };
        let Some(line) = table.line.clone() else {
            let is_kept = table.park(Parked { id: None, frame }, self.limits.held_bytes);
            return if is_kept { Ok(()) } else { Err(overloaded("limits.held_bytes")) };
        };
        let is_alone = table.len() == 0;
        drop(table);
        if self.say(&*line, &mut frame, is_alone) { Ok(()) } else { Err(overloaded("limits.outbox_bytes")) }
    }

    /// Says something of the protocol's own to the worker that runs; without one it is of no interest.
    pub fn control<T: Serialize>(&self, method: &str, params: &T) {
        if let (Some(line), Ok(mut frame)) = (self.line(), self.encoder.message(None, method, params)) {
            line.session().outbox.send_now(&mut frame);
        }
    }

    /// Gives a request that was taken out of the table its outcome.
    pub fn settle(&self, pending: &Pending, outcome: Outcome) {
        if pending.tells() {
            pending.settle(outcome);
            return;
        }
        if let Some(circuit) = &self.circuit {
            circuit.judge(pending.id, &outcome);
        }
        match &outcome {
            Ok(_) => add(&self.counters.succeeded, 1),
            Err(_) => add(&self.counters.failed, 1),
        }
        if matches!(outcome, Ok(_) | Err(Error::Remote { .. } | Error::Decode { .. })) {
            self.counters.answered(pending.started.elapsed());
        }
        pending.settle(outcome);
    }

    /// Nobody wants the answer any more: for a reason that is told whoever waits.
    pub fn give_up(&self, id: u64, reason: impl FnOnce(&Pending, Delivery) -> Error) {
        let Some((pending, is_sent)) = self.lock().take(id) else { return };
        let delivery = if is_sent { Delivery::Unknown } else { Delivery::NotSent };
        self.settle(&pending, Err(reason(&pending, delivery)));
        if is_sent {
            self.control(dialect::CANCEL, &json!({ "id": id }));
        }
    }

    pub fn cancel(&self, id: u64) {
        self.give_up(id, |pending, delivery| Error::Cancelled { method: pending.method.to_string(), delivery });
    }

    pub fn expire(&self, id: u64, after: Duration) {
        self.give_up(id, |pending, delivery| Error::Timeout { method: pending.method.to_string(), after, delivery });
    }

    /// Ends everything, for the first reason that is given; whoever waits is told it. Gives the worker that ran last.
    pub fn end(&self, reason: &Error) -> Option<Arc<dyn Line>> {
        let mut table = self.lock();
        let reason = table.end.get_or_insert_with(|| reason.clone()).clone();
        table.line = None;
        let (last, open) = (table.last.clone(), table.clear());
        self.changed.notify_all();
        drop(table);
        for (pending, is_sent) in open {
            let delivery = if is_sent { Delivery::Unknown } else { Delivery::NotSent };
            self.settle(&pending, Err(reason.clone().with_delivery(delivery)));
        }
        last
    }

    /// It is over: lets go of the worker that ran last, which holds this, and of the user's handlers, which may hold the
    /// channel itself.
    pub fn forget_all(&self) {
        let last = self.lock().last.take();
        let methods = std::mem::take(&mut *locks::write(&self.methods));
        drop((last, methods));
        self.events.forget_handlers();
        self.notices.close();
    }

    pub fn has_ended(&self) -> bool {
        self.lock().end.is_some()
    }

    /// Waits so long, or until the channel ends.
    pub fn pause(&self, time: Duration) {
        let deadline = Instant::now() + time;
        let mut table = self.lock();
        while table.end.is_none() {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            table = locks::wait_timeout(&self.changed, table, left);
        }
    }
}

#[cold]
fn overloaded(pending: &Pending, limit: &'static str) -> Error {
    Error::Overloaded { method: pending.method.to_string(), limit }
}
