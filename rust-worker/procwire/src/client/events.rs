//! What becomes of the worker, told those who want to know.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::client::notices::Notices;
use crate::error::Error;
use crate::locks;

/// What happens to the worker of a channel, or to its connection. Told in order, after it has happened.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Event {
    /// A worker runs. The first one does before there is a channel to ask.
    Started {
        /// Its process, if it is known.
        pid: Option<u32>,
    },
    /// It has ended, also by [`Channel::close`](crate::Channel::close).
    Exited {
        /// Its process, if it was known.
        pid: Option<u32>,
        /// Why.
        reason: Error,
    },
    /// Another one is started after the delay.
    Restarting {
        /// Until then.
        delay: Duration,
        /// The how manieth restart it is within [`Restart::within`](crate::Restart::within), from 1.
        attempt: usize,
    },
    /// The budget of restarts is used up; the channel ends.
    GaveUp {
        /// What calls are told from now on.
        reason: Error,
    },
    /// The circuit breaker has another state.
    Breaker {
        /// That.
        state: BreakerState,
        /// How long until a call is let through to see; of an open one only.
        retry_after: Option<Duration>,
    },
}

/// Where a circuit breaker is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BreakerState {
    /// All calls are let through.
    Closed,
    /// None is.
    Open,
    /// One is, to see.
    HalfOpen,
}

pub(crate) type OnEvent = Arc<dyn Fn(&Event) + Send + Sync>;

pub(crate) struct Events {
    handlers: Mutex<Vec<OnEvent>>,
    notices: Arc<Notices>,
    /// A worker was started, and its end was not told.
    runs: AtomicBool,
}

impl Events {
    pub fn new(notices: Arc<Notices>) -> Self {
        Events { handlers: Mutex::default(), notices, runs: AtomicBool::new(false) }
    }

    pub fn listen(&self, handler: OnEvent) {
        locks::lock(&self.handlers).push(handler);
    }

    /// The end of a worker is told once, by whoever sees it first.
    pub fn tell(&self, event: Event) {
        match &event {
            Event::Started { .. } => self.runs.store(true, Ordering::Release),
            Event::Exited { .. } if !self.runs.swap(false, Ordering::AcqRel) => return,
            _ => {}
        }
        let handlers = locks::lock(&self.handlers).clone();
        if handlers.is_empty() {
            return;
        }
        // One that panics ends the others' turn, too, so each has its own.
        for handler in handlers {
            let event = event.clone();
            self.notices.run(size_of::<Event>(), move || handler(&event));
        }
    }

    /// They may hold the channel itself.
    pub fn forget_handlers(&self) {
        let handlers = std::mem::take(&mut *locks::lock(&self.handlers));
        drop(handlers);
    }
}
