//! Requests that may run twice: sent again to the next worker when one dies over them.

use std::sync::atomic::Ordering;

use crate::client::metrics::{Counters, add};
use crate::client::pending::Pending;
use crate::error::Error;

/// After so many deaths for which it may be to blame, a request is not sent again.
const MOST_DEATHS: u32 = 2;
/// So many more requests may be sent again than are answered.
const CAPACITY: u64 = 1024;
/// SIGHUP, SIGINT, SIGKILL, SIGTERM: they come from outside of the worker, as a rule, and not from what it was asked.
const FROM_OUTSIDE: [i32; 4] = [1, 2, 9, 15];

/// Bounds how often requests are sent again, by all of a channel together: each takes a token, and each answer gives one
/// back. So a worker that answers nothing is not flooded.
pub(crate) struct Repeats {
    tokens: u64,
    answers: u64,
}

impl Default for Repeats {
    fn default() -> Self {
        Repeats { tokens: CAPACITY, answers: 0 }
    }
}

impl Repeats {
    /// Whether a request may be to blame for such a death, with so many in flight.
    pub fn blame(cause: &Error, in_flight: usize) -> bool {
        let is_from_outside =
            matches!(cause, Error::Exited { signal: Some(signal), .. } if FROM_OUTSIDE.contains(signal));
        in_flight <= 1 || !is_from_outside
    }

    /// Whether an idempotent request is sent once more; `blame`: it may have killed the worker.
    pub fn is_sent_again(&mut self, pending: &Pending, blame: bool, counters: &Counters) -> bool {
        let mut state = pending.lock();
        state.deaths += u32::from(blame);
        let is_spent = state.deaths >= MOST_DEATHS;
        drop(state);
        !is_spent && self.take(counters)
    }

    pub fn is_quarantined(pending: &Pending) -> bool {
        pending.is_idempotent() && pending.lock().deaths >= MOST_DEATHS
    }

    fn take(&mut self, counters: &Counters) -> bool {
        let answers = counters.succeeded.load(Ordering::Relaxed);
        self.tokens = CAPACITY.min(self.tokens + answers.saturating_sub(self.answers));
        self.answers = answers;
        if self.tokens == 0 {
            return false;
        }
        self.tokens -= 1;
        add(&counters.repeated, 1);
        true
    }
}
