//! How many calls there were, and how long they took.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Parts of each doubling of time: a figure is off by an eighth at most.
const PARTS: usize = 8;
const DOUBLINGS: usize = 48;

/// What a channel has done so far, over all its workers. Plain data.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Metrics {
    /// Calls that have an outcome, whatever it is.
    pub total: u64,
    /// Those that have no result: errors of the worker's, timeouts, lost workers, calls that were cancelled.
    pub failed: u64,
    /// Calls that wait for their answers.
    pub in_flight: usize,
    /// Half of the answers took no longer than this. Zero before the first answer.
    pub p50: Duration,
    /// 99 of a hundred took no longer than this.
    pub p99: Duration,
    /// How long the last heartbeat took; `None` before it, and without heartbeats.
    pub round_trip: Option<Duration>,
    /// Workers that were started in place of one that had ended.
    pub restarts: u64,
    /// Idempotent calls that were sent again.
    pub repeated: u64,
    /// Notifications that were dropped because too many waited.
    pub dropped: u64,
    /// Bytes on the worker's stdout that were no message.
    pub noise_bytes: u64,
}

impl Metrics {
    /// The part of the calls that has a result, from 0 to 1; 1 before the first has an outcome.
    #[must_use]
    pub fn success_rate(&self) -> f64 {
        if self.total == 0 { 1.0 } else { (self.total - self.failed) as f64 / self.total as f64 }
    }
}

/// Counts that any thread adds to.
pub(crate) struct Counters {
    pub succeeded: AtomicU64,
    pub failed: AtomicU64,
    pub restarts: AtomicU64,
    pub repeated: AtomicU64,
    pub dropped: AtomicU64,
    pub noise_bytes: AtomicU64,
    /// Nanoseconds; zero for none.
    pub round_trip: AtomicU64,
    latencies: [AtomicU64; PARTS * DOUBLINGS],
}

impl Default for Counters {
    fn default() -> Self {
        Counters {
            succeeded: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            restarts: AtomicU64::new(0),
            repeated: AtomicU64::new(0),
            dropped: AtomicU64::new(0),
            noise_bytes: AtomicU64::new(0),
            round_trip: AtomicU64::new(0),
            latencies: [const { AtomicU64::new(0) }; PARTS * DOUBLINGS],
        }
    }
}

pub(crate) fn add(counter: &AtomicU64, count: u64) {
    counter.fetch_add(count, Ordering::Relaxed);
}

pub(crate) fn get(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

impl Counters {
    /// A call was answered after so much time.
    pub fn answered(&self, after: Duration) {
        add(&self.latencies[place(after)], 1);
    }

    /// So much time or less was needed by this part of the answers.
    fn percentile(&self, part: f64) -> Duration {
        let counts: Vec<u64> = self.latencies.iter().map(get).collect();
        let wanted = (counts.iter().sum::<u64>() as f64 * part).ceil().max(1.0) as u64;
        let mut seen = 0;
        let found = counts.iter().position(|count| {
            seen += count;
            seen >= wanted
        });
        found.map_or(Duration::ZERO, upper)
    }

    pub fn metrics(&self, in_flight: usize) -> Metrics {
        let failed = get(&self.failed);
        let round_trip = get(&self.round_trip);
        Metrics {
            total: get(&self.succeeded) + failed,
            failed,
            in_flight,
            p50: self.percentile(0.5),
            p99: self.percentile(0.99),
            round_trip: (round_trip > 0).then(|| Duration::from_nanos(round_trip)),
            restarts: get(&self.restarts),
            repeated: get(&self.repeated),
            dropped: get(&self.dropped),
            noise_bytes: get(&self.noise_bytes),
        }
    }
}

fn place(time: Duration) -> usize {
    let nanoseconds = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX).max(PARTS as u64);
    let doublings = nanoseconds.ilog2() as usize;
    let part = (nanoseconds >> (doublings - PARTS.ilog2() as usize)) as usize - PARTS;
    ((doublings - PARTS.ilog2() as usize) * PARTS + part).min(PARTS * DOUBLINGS - 1)
}

/// The longest time that belongs to a place.
fn upper(place: usize) -> Duration {
    Duration::from_nanos((((PARTS + place % PARTS + 1) as u64) << (place / PARTS)) - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_those_of_what_was_counted() {
        let counters = Counters::default();
        assert_eq!(counters.metrics(0).p50, Duration::ZERO);
        for microseconds in 1..=1000 {
            counters.answered(Duration::from_micros(microseconds));
        }
        counters.answered(Duration::MAX);
        let metrics = counters.metrics(3);
        let near = |time: Duration, microseconds: f64| {
            let ratio = time.as_secs_f64() * 1e6 / microseconds;
            assert!((1.0..1.13).contains(&ratio), "{time:?} for {microseconds}");
        };
        near(metrics.p50, 500.0);
        near(metrics.p99, 990.0);
        assert_eq!((metrics.in_flight, metrics.success_rate()), (3, 1.0));
    }

    #[test]
    fn each_time_has_a_place_that_is_not_above_it() {
        for nanoseconds in (0..5000).chain([1 << 20, 1 << 40, u64::MAX]) {
            let time = Duration::from_nanos(nanoseconds);
            let at = place(time);
            assert!(at == PARTS * DOUBLINGS - 1 || upper(at) >= time, "{nanoseconds}");
            assert!(at == 0 || upper(at - 1) < time.max(Duration::from_nanos(PARTS as u64)), "{nanoseconds}");
        }
    }
}
