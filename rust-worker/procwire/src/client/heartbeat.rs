//! Asks a worker again and again whether it lives, and kills the one that says nothing at all.
//!
//! Silence has other causes as well. This process may have been stalled: then there is another question. The worker may
//! compute, and have one thread for all it does: that is seen by the CPU time it uses, where the system tells. And one that
//! has never answered a question may know none.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, Instant};

use crate::client::line::Line;
use crate::client::pending::Pending;
use crate::client::shared::Shared;
use crate::client::timer;
use crate::dialect;
use crate::error::Error;
use crate::link::child::vitals::{Vitals, vitals_of};
use crate::locks;

/// How a worker is asked whether it lives.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Heartbeat {
    /// From one question to the next. Default 5 s.
    pub interval: Duration,
    /// For the answer, or anything else the worker says. Default as [`Heartbeat::interval`].
    pub timeout: Option<Duration>,
    /// After so many questions in a row without either, the worker is killed. Default 3.
    pub misses: u32,
}

impl Default for Heartbeat {
    fn default() -> Self {
        Heartbeat { interval: Duration::from_secs(5), timeout: None, misses: 3 }
    }
}

/// The questions to one worker.
struct Heart {
    shared: Weak<Shared>,
    line: Weak<dyn Line>,
    policy: Heartbeat,
    /// Messages that have come from it.
    heard: Arc<AtomicU64>,
    is_waiting: AtomicBool,
    has_answered: AtomicBool,
    state: Mutex<State>,
}

struct State {
    asked_at: Instant,
    heard: u64,
    missed: u32,
    vitals: Option<Vitals>,
}

/// Asks a worker from now on, for as long as it lives.
pub(crate) fn watch(shared: &Arc<Shared>, line: &Arc<dyn Line>, heard: Arc<AtomicU64>, policy: Heartbeat) {
    let state = State { asked_at: Instant::now(), heard: 0, missed: 0, vitals: None };
    let heart = Arc::new(Heart {
        shared: Arc::downgrade(shared),
        line: Arc::downgrade(line),
        policy,
        heard,
        is_waiting: AtomicBool::new(false),
        has_answered: AtomicBool::new(false),
        state: Mutex::new(state),
    });
    heart.after(heart.policy.interval, Heart::beat);
}

impl Heart {
    fn timeout(&self) -> Duration {
        self.policy.timeout.unwrap_or(self.policy.interval).max(Duration::from_millis(1))
    }

    /// Without a thread for it nobody asks: then nobody is killed either.
    fn after(self: &Arc<Self>, time: Duration, then: fn(&Arc<Heart>)) {
        let heart = Arc::clone(self);
        if let Some(moment) = Instant::now().checked_add(time) {
            let _ = timer::at(moment, move || then(&heart));
        }
    }

    /// Whoever is asked, while it is spoken to.
    fn patient(&self) -> Option<(Arc<Shared>, Arc<dyn Line>)> {
        let (shared, line) = (self.shared.upgrade()?, self.line.upgrade()?);
        let is_current = shared.line().is_some_and(|current| Arc::ptr_eq(&current, &line));
        is_current.then_some((shared, line))
    }

    fn beat(self: &Arc<Self>) {
        let Some((shared, line)) = self.patient() else { return };
        {
            let mut state = locks::lock(&self.state);
            state.asked_at = Instant::now();
            state.vitals = line.pid().and_then(vitals_of);
        }
        if !self.is_waiting.swap(true, Ordering::AcqRel) {
            self.ask(&shared);
        }
        self.after(self.timeout(), Heart::look);
    }

    fn ask(self: &Arc<Self>, shared: &Arc<Shared>) {
        let (heart, asked_at, counters) = (Arc::clone(self), Instant::now(), Arc::clone(&shared.counters));
        let id = shared.next_id();
        let pending = Pending::new(id, dialect::PING, None).telling(Box::new(move |outcome| {
            // That a method is not known is an answer, too.
            if matches!(outcome, Ok(_) | Err(Error::Remote { .. } | Error::Decode { .. })) {
                let nanoseconds = u64::try_from(asked_at.elapsed().as_nanos()).unwrap_or(u64::MAX);
                counters.round_trip.store(nanoseconds.max(1), Ordering::Relaxed);
                heart.has_answered.store(true, Ordering::Release);
                heart.is_waiting.store(false, Ordering::Release);
            }
        }));
        if let Ok(frame) = shared.encoder.message(Some(id), dialect::PING, &()) {
            // Refused, the outbox is full: that it is emptied is what is waited for.
            let _ = shared.submit(&Arc::new(pending), frame);
        }
    }

    fn look(self: &Arc<Self>) {
        let Some((_, line)) = self.patient() else { return };
        let mut state = locks::lock(&self.state);
        let heard = self.heard.load(Ordering::Acquire);
        let is_silent = self.is_waiting.load(Ordering::Acquire) && heard == state.heard;
        let is_stalled = state.asked_at.elapsed() > self.timeout() + self.timeout() / 2;
        state.heard = heard;
        if is_silent && is_stalled && state.missed == 0 {
            state.asked_at = Instant::now();
            drop(state);
            return self.after(self.timeout(), Heart::look);
        }
        state.missed = if is_silent { state.missed + 1 } else { 0 };
        if state.missed >= self.policy.misses && self.is_dead(state.vitals, line.pid().and_then(vitals_of)) {
            drop(state);
            return line.strike();
        }
        let next = (state.asked_at + self.policy.interval).saturating_duration_since(Instant::now());
        drop(state);
        self.after(next, Heart::beat);
    }

    fn is_dead(&self, before: Option<Vitals>, now: Option<Vitals>) -> bool {
        if now.is_some_and(|now| now.is_stopped) {
            return true;
        }
        let is_busy = now.is_some_and(|now| now.is_running || before.is_some_and(|before| now.ticks > before.ticks));
        self.has_answered.load(Ordering::Acquire) && !is_busy
    }
}
