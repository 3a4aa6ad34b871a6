//! Refuses calls for a while when so many in a row have failed for want of a worker. After that one call is let through to
//! see; its outcome decides for the others.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::client::events::{BreakerState as Phase, Event, Events};
use crate::client::pending::Outcome;
use crate::error::Error;
use crate::locks;

/// When calls are refused without being sent.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Breaker {
    /// After so many failures in a row. Lost workers and timeouts are failures; answers are none, whatever they say.
    /// Default 5.
    pub failures: u32,
    /// The time until one call is let through to see. Default 5 s.
    pub cool_down: Duration,
}

impl Default for Breaker {
    fn default() -> Self {
        Breaker { failures: 5, cool_down: Duration::from_secs(5) }
    }
}

struct State {
    phase: Phase,
    /// In a row.
    failures: u32,
    opens_until: Instant,
    /// The call that is to show whether there is somebody again.
    probe: Option<u64>,
}

pub(crate) struct Circuit {
    policy: Breaker,
    state: Mutex<State>,
    events: Arc<Events>,
}

impl Circuit {
    pub fn new(policy: Breaker, events: Arc<Events>) -> Self {
        let state = State { phase: Phase::Closed, failures: 0, opens_until: Instant::now(), probe: None };
        Circuit { policy, state: Mutex::new(state), events }
    }

    pub fn is_open(&self) -> bool {
        locks::lock(&self.state).phase == Phase::Open
    }

    /// Lets a call through, or says when to try again. A probe that has no outcome for as long as the circuit would be open
    /// is followed by another.
    pub fn admit(&self, id: u64) -> Result<(), Error> {
        let mut state = locks::lock(&self.state);
        if state.phase == Phase::Closed {
            return Ok(());
        }
        let now = Instant::now();
        if now < state.opens_until {
            return Err(Error::CircuitOpen { retry_after: state.opens_until - now });
        }
        state.probe = Some(id);
        let before = std::mem::replace(&mut state.phase, Phase::HalfOpen);
        state.opens_until = later(now, self.policy.cool_down);
        self.tell(before, &state);
        Ok(())
    }

    /// Learns from the outcome of a call. What was asked before it opened says nothing about now.
    pub fn judge(&self, id: u64, outcome: &Outcome) {
        let mut state = locks::lock(&self.state);
        if state.phase != Phase::Closed && state.probe != Some(id) {
            return;
        }
        let before = state.phase;
        match outcome {
            Ok(_) | Err(Error::Remote { .. } | Error::Decode { .. }) => {
                (state.phase, state.failures, state.probe) = (Phase::Closed, 0, None);
            }
            Err(error) if error.is_a_lost_worker() => {
                state.failures = state.failures.saturating_add(1);
                if state.phase != Phase::Closed || state.failures >= self.policy.failures {
                    (state.phase, state.probe) = (Phase::Open, None);
                    state.opens_until = later(Instant::now(), self.policy.cool_down);
                }
            }
            // Nothing was learnt from this call: another may be the probe.
            Err(_) if state.phase == Phase::HalfOpen => {
                (state.phase, state.probe, state.opens_until) = (Phase::Open, None, Instant::now());
            }
            Err(_) => {}
        }
        self.tell(before, &state);
    }

    fn tell(&self, before: Phase, state: &State) {
        if state.phase != before {
            let left = state.opens_until.saturating_duration_since(Instant::now());
            let retry_after = (state.phase == Phase::Open).then_some(left);
            self.events.tell(Event::Breaker { state: state.phase, retry_after });
        }
    }
}

fn later(now: Instant, time: Duration) -> Instant {
    now.checked_add(time).unwrap_or_else(|| now + Duration::from_secs(365 * 24 * 3600))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::notices::Notices;
    use crate::error::Delivery;
    use crate::limits::Limits;
    use crate::wire::codec::Codec;
    use crate::wire::slice::Slice;

    fn lost() -> Outcome {
        Err(Error::closed("gone"))
    }

    #[test]
    fn the_circuit_opens_after_failures_in_a_row_and_one_call_closes_it() {
        let notices = Notices::new(Codec::Json, Limits::default(), Arc::default());
        let events = Arc::new(Events::new(Arc::new(notices)));
        let told = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&told);
        events.listen(Arc::new(move |event| {
            if let Event::Breaker { state, .. } = event {
                seen.lock().unwrap().push(*state);
            }
        }));
        let circuit = Circuit::new(Breaker { failures: 2, cool_down: Duration::from_millis(5) }, events);
        let answer = || Ok(Slice::Copy(Vec::new()));
        for (id, outcome) in [(1, lost()), (2, answer()), (3, lost()), (4, lost())] {
            circuit.admit(id).unwrap();
            circuit.judge(id, &outcome);
        }
        assert!(circuit.is_open());
        assert!(
            matches!(circuit.admit(5), Err(Error::CircuitOpen { retry_after }) if retry_after <= Duration::from_millis(5))
        );
        while circuit.admit(6).is_err() {}
        assert!(!circuit.is_open());
        assert!(circuit.admit(7).is_err(), "one call is let through");
        circuit.judge(1, &answer());
        circuit.judge(6, &Err(Error::Cancelled { method: String::new(), delivery: Delivery::Unknown }));
        circuit.admit(8).unwrap();
        circuit.judge(8, &lost());
        assert!(circuit.is_open());
        while circuit.admit(9).is_err() {}
        circuit.judge(9, &Err(Error::Remote { code: 1, message: String::new(), data: None }));
        circuit.admit(10).unwrap();
        circuit.admit(11).unwrap();
        let expected = [Phase::Open, Phase::HalfOpen, Phase::Open, Phase::HalfOpen, Phase::Open, Phase::HalfOpen];
        let until = Instant::now() + Duration::from_secs(20);
        while told.lock().unwrap().len() < 8 && Instant::now() < until {
            std::thread::yield_now();
        }
        let told = told.lock().unwrap();
        assert_eq!((&told[..2], told.last()), (&expected[..2], Some(&Phase::Closed)), "{told:?}");
    }
}
