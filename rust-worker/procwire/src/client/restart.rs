//! Whether a worker that has ended is started again, and when.

use std::collections::VecDeque;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::time::{Duration, Instant};

/// When a worker that has ended is started again.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Restart {
    /// So many restarts there may be within [`Restart::within`]; then the channel ends with
    /// [`Error::RestartsExhausted`](crate::Error::RestartsExhausted). Default 10.
    pub max_restarts: usize,
    /// Default 60 s.
    pub within: Duration,
    /// The time before a restart, at least. Default 100 ms. It is random, up to a bound that begins at twice this and
    /// doubles with each restart within [`Restart::within`].
    pub min_delay: Duration,
    /// The time before a restart, at most. Default 10 s.
    pub max_delay: Duration,
}

impl Default for Restart {
    fn default() -> Self {
        Restart {
            max_restarts: 10,
            within: Duration::from_secs(60),
            min_delay: Duration::from_millis(100),
            max_delay: Duration::from_secs(10),
        }
    }
}

/// The bound of the delay doubles so many times at most: beyond that it is above any.
const MOST_DOUBLINGS: u32 = 20;

/// A sliding window of restarts: a worker that has lived on for as long as the window begins anew.
pub(crate) struct Budget {
    policy: Restart,
    planned: VecDeque<Instant>,
}

impl Budget {
    pub fn new(policy: Restart) -> Self {
        Budget { policy, planned: VecDeque::new() }
    }

    /// How many were planned within the window.
    pub fn attempts(&self) -> usize {
        self.planned.len()
    }

    /// The delay before the next restart; `None` when the budget is used up.
    pub fn plan(&mut self, now: Instant) -> Option<Duration> {
        let Restart { max_restarts, within, min_delay, max_delay } = self.policy;
        while self.planned.front().is_some_and(|planned| now.saturating_duration_since(*planned) >= within) {
            self.planned.pop_front();
        }
        if self.planned.len() >= max_restarts {
            return None;
        }
        self.planned.push_back(now);
        let doublings = u32::try_from(self.planned.len()).unwrap_or(u32::MAX).min(MOST_DOUBLINGS);
        let bound = min_delay.saturating_mul(1 << doublings).min(max_delay).max(min_delay);
        Some(min_delay + (bound - min_delay).mul_f64(random()))
    }
}

/// From 0 to 1: spreads the restarts of many channels whose workers died of one cause.
fn random() -> f64 {
    // Two hashers never have the same keys.
    RandomState::new().hash_one(0) as f64 / u64::MAX as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_of_the_delay_doubles_and_the_budget_ends_and_comes_back() {
        let mut budget =
            Budget::new(Restart { max_restarts: 4, max_delay: Duration::from_millis(500), ..Restart::default() });
        let start = Instant::now();
        for bound in [200, 400, 500, 500] {
            let delay = budget.plan(start).unwrap();
            assert!(
                (Duration::from_millis(100)..=Duration::from_millis(bound)).contains(&delay),
                "{delay:?} for {bound}"
            );
        }
        assert_eq!(budget.plan(start + Duration::from_secs(59)), None);
        assert!(budget.plan(start + Duration::from_secs(60)).unwrap() <= Duration::from_millis(200));
    }
}
