//! Whether to poll before sleeping. A thread that sleeps between two calls costs the next one its wake-up, tens of
//! microseconds; one that polls while calls come close together does not. It gives up where calls come far apart.

use std::thread;
use std::time::{Duration, Instant};

/// Credit lost by a poll in vain, won by one that paid, and the most there can be.
const LIMIT: u32 = 16;
/// A sleep this much longer than the polling time was still a near miss: the wake-up itself takes a while.
const WAKE_UP: Duration = Duration::from_micros(100);

pub(crate) struct Spin {
    time: Duration,
    credit: u32,
}

/// One wait for input.
pub(crate) struct Polling {
    started: Option<Instant>,
    until: Option<Instant>,
    rounds: u32,
}

impl Spin {
    /// Polls for `time` at most, and never where the parent could need the only CPU.
    pub fn new(time: Duration) -> Self {
        let time = if has_second_cpu() { time } else { Duration::ZERO };
        Spin { time, credit: LIMIT / 2 }
    }

    /// As [`Spin::new`], for the parent of a process.
    #[cfg(feature = "client")]
    pub fn beside(time: Duration, child: u32) -> Self {
        let has_second_cpu = has_many_cpus() || has_another_cpu(&child.to_string());
        Spin { time: if has_second_cpu { time } else { Duration::ZERO }, credit: LIMIT / 2 }
    }

    /// Without a wish to poll, it is neither done nor learnt from.
    pub fn begin(&self, wanted: bool) -> Polling {
        if self.time.is_zero() || !wanted {
            return Polling { started: None, until: None, rounds: 0 };
        }
        let now = Instant::now();
        Polling { started: Some(now), until: (self.credit > 0).then(|| now + self.time), rounds: 0 }
    }

    /// Polling found something.
    pub fn found(&mut self, polling: &Polling) {
        if polling.rounds > 1 {
            self.credit = (self.credit + 2).min(LIMIT);
        }
    }

    /// Polling was in vain, or was not tried, and the thread slept.
    pub fn slept(&mut self, polling: &Polling) {
        let Some(started) = polling.started else {
            return;
        };
        let near = started.elapsed() < self.time + WAKE_UP;
        match (near, polling.until.is_some()) {
            (true, _) => self.credit = (self.credit + 1).min(LIMIT),
            (false, true) => self.credit = self.credit.saturating_sub(1),
            (false, false) => {}
        }
    }
}

impl Polling {
    pub fn goes_on(&mut self) -> bool {
        let Some(until) = self.until else {
            return false;
        };
        self.rounds += 1;
        self.rounds == 1 || Instant::now() < until
    }
}

/// Whether the parent has a CPU while this process polls on another.
fn has_second_cpu() -> bool {
    has_many_cpus() || parent_has_another_cpu()
}

fn has_many_cpus() -> bool {
    thread::available_parallelism().map_or(1, usize::from) > 1
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn parent_has_another_cpu() -> bool {
    has_another_cpu(&std::os::unix::process::parent_id().to_string())
}

/// Of a process pinned to one CPU: whether another one may run elsewhere.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn has_another_cpu(other: &str) -> bool {
    let (Some(own), Some(other)) = (allowed_cpus("self"), allowed_cpus(other)) else {
        return false;
    };
    own.iter().map(|four| four.count_ones()).sum::<u32>() == 1
        && other.iter().zip(&own).any(|(other, own)| other & !own != 0)
}

/// A bit for each CPU that a process may run on, four at a time, the last ones first.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn allowed_cpus(process: &str) -> Option<Vec<u32>> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let mask = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed:"))?;
    Some(mask.chars().filter_map(|digit| digit.to_digit(16)).collect())
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn parent_has_another_cpu() -> bool {
    false
}

#[cfg(all(feature = "client", not(any(target_os = "linux", target_os = "android"))))]
fn has_another_cpu(_: &str) -> bool {
    false
}
