//! One worker after the other: what is settled when one ends, and whether there is another.

use std::io;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crate::client::events::Event;
use crate::client::heartbeat::{self, Heartbeat};
use crate::client::life::Life;
use crate::client::line::Line;
use crate::client::metrics::add;
use crate::client::pending::Pending;
use crate::client::repeats::Repeats;
use crate::client::restart::{Budget, Restart};
use crate::client::shared::Shared;
use crate::client::start::{Manner, Origin, start};
use crate::error::{Delivery, Error};
use crate::link::child::Sleeper;
use crate::threads;

/// Whether a worker is started again, and whether it is asked if it lives.
pub(crate) type Watched = (Option<Restart>, Option<Heartbeat>);

pub(crate) struct Supervisor {
    shared: Arc<Shared>,
    origin: Origin,
    manner: Manner,
    budget: Option<Budget>,
    heartbeat: Option<Heartbeat>,
    repeats: Repeats,
    exits: u64,
    /// Before the next start.
    delay: Duration,
}

impl Supervisor {
    pub fn new(shared: &Arc<Shared>, origin: Origin, manner: Manner, watched: Watched) -> Self {
        let (restart, heartbeat) = watched;
        let budget = restart.map(Budget::new);
        Supervisor {
            shared: Arc::clone(shared),
            origin,
            manner,
            budget,
            heartbeat,
            repeats: Repeats::default(),
            exits: 0,
            delay: Duration::ZERO,
        }
    }

    /// Starts the first worker, and the thread that reads what it says.
    pub fn run(mut self) -> Result<(), Error> {
        let (life, sleeper) = self.first()?;
        let refused = self.origin.refusal();
        let first = Arc::clone(&life);
        connect(&self.shared, &life, self.heartbeat.as_ref());
        let supervise = move || self.supervise(life, sleeper);
        threads::start("reader", threads::LARGE, supervise).map(drop).map_err(|error: io::Error| {
            first.kill();
            refused(error)
        })
    }

    /// The first one. What may come to be is waited for, within the budget.
    fn first(&mut self) -> Result<(Arc<Life>, Sleeper), Error> {
        loop {
            let refused = match start(&self.shared, &mut self.origin, &self.manner) {
                Ok(started) => return Ok(started),
                Err(refused) => refused,
            };
            let budget = self.budget.as_mut().filter(|_| refused.may_pass);
            let Some(delay) = budget.and_then(|budget| budget.plan(Instant::now())) else { return Err(refused.error) };
            thread::sleep(delay);
        }
    }

    fn supervise(mut self, mut life: Arc<Life>, mut sleeper: Sleeper) {
        loop {
            let cause = life.run(&sleeper);
            let goes_on = self.ended(life.pid(), &cause);
            life.dispose(&sleeper);
            if !goes_on {
                return self.shared.forget_all();
            }
            drop(life);
            match self.next() {
                Some(next) => (life, sleeper) = next,
                None => return self.shared.forget_all(),
            }
        }
    }

    /// A worker has ended: whoever waits is told, but for those who wait for the next. False if there is none.
    fn ended(&mut self, pid: Option<u32>, cause: &Error) -> bool {
        self.exits += 1;
        // That the channel was closed says more than how the worker took it.
        let reason = self.shared.lock().end.clone().unwrap_or_else(|| cause.clone());
        self.shared.events.tell(Event::Exited { pid, reason });
        if self.budget.is_none() {
            self.shared.end(cause);
            return false;
        }
        let mut table = self.shared.lock();
        if table.end.is_some() {
            return false;
        }
        let blame = Repeats::blame(cause, table.len());
        let counters = Arc::clone(&self.shared.counters);
        let lost = table.disconnect(|pending: &Pending| self.repeats.is_sent_again(pending, blame, &counters));
        drop(table);
        for pending in lost {
            let error = match Repeats::is_quarantined(&pending) {
                true => Error::Quarantined { method: pending.method.to_string(), source: Box::new(cause.clone()) },
                false => cause.clone().with_delivery(Delivery::Unknown),
            };
            self.shared.settle(&pending, Err(error));
        }
        self.plan(cause)
    }

    /// Waits for the moment of the next start. False if there is none: the budget is used up, or the channel was closed.
    fn plan(&mut self, cause: &Error) -> bool {
        let Some(delay) = self.budget.as_mut().and_then(|budget| budget.plan(Instant::now())) else {
            let error = Error::RestartsExhausted {
                source: Box::new(cause.clone()),
                exits: self.exits,
                delivery: Delivery::NotSent,
            };
            self.shared.events.tell(Event::GaveUp { reason: error.clone() });
            self.shared.end(&error);
            return false;
        };
        let attempt = self.budget.as_ref().map_or(0, Budget::attempts);
        self.shared.events.tell(Event::Restarting { delay, attempt });
        self.delay = delay;
        true
    }

    /// The next worker; one that can't be started counts as one that has ended.
    fn next(&mut self) -> Option<(Arc<Life>, Sleeper)> {
        loop {
            self.shared.pause(self.delay);
            if self.shared.has_ended() {
                return None;
            }
            match start(&self.shared, &mut self.origin, &self.manner) {
                Ok((life, sleeper)) => {
                    add(&self.shared.counters.restarts, 1);
                    connect(&self.shared, &life, self.heartbeat.as_ref());
                    return Some((life, sleeper));
                }
                Err(refused) => {
                    self.exits += 1;
                    if !self.plan(&refused.error) {
                        return None;
                    }
                }
            }
        }
    }
}

/// From now on this worker is spoken to, unless the channel has ended: then the worker is ended as well.
fn connect(shared: &Arc<Shared>, life: &Arc<Life>, heartbeat: Option<&Heartbeat>) {
    let line: Arc<dyn Line> = Arc::clone(life) as _;
    let mut table = shared.lock();
    if table.end.is_some() {
        drop(table);
        return life.kill();
    }
    let mut frames = table.unpark(&line);
    // Before anybody else may say something: what waited comes first.
    life.session.outbox.put(&mut frames);
    drop(table);
    shared.events.tell(Event::Started { pid: life.pid() });
    shared.changed.notify_all();
    life.session.outbox.pump_now();
    if let Some(policy) = heartbeat {
        heartbeat::watch(shared, &line, Arc::clone(&life.heard), policy.clone());
    }
}
