//! The Rust client under faults: `faults COUNT [SEED]`. Workers are killed, stopped, exit and abort, and calls are cancelled
//! and time out, while others are in flight; each call has one outcome, none comes late, and nothing is left. Prints what it
//! counted as a line of JSON. The workers are this program itself, started with `--worker`.

use std::collections::HashMap;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::process::Command;
use std::sync::{Arc, Mutex, OnceLock};
use std::task::{Context as TaskContext, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use procwire::{Call, Channel, Context, Error, Fault, Method, Restart, Worker};
use serde_json::json;

/// What a call may be late by, beside the time for which this process did not run.
const LATE: Duration = Duration::from_millis(50);
const LANES: u64 = 8;
/// Of the calls that are in flight when something happens.
const TIMES: [u64; 3] = [20, 60, 120];

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if args.first().is_some_and(|arg| arg == "--worker") {
        return serve();
    }
    let count: u64 = args.first().and_then(|arg| arg.parse().ok()).expect("faults COUNT [SEED]");
    let seed: u64 = args.get(1).and_then(|arg| arg.parse().ok()).unwrap_or(1);
    // The timer of a first channel stays.
    Lane::new(0, seed).run(6);
    let before = left();
    let lanes: Vec<_> = (0..LANES)
        .map(|number| {
            let share = count / LANES + u64::from(number < count % LANES);
            thread::spawn(move || Lane::new(number, seed + number).run(share))
        })
        .collect();
    let mut sum = Counts::default();
    lanes.into_iter().for_each(|lane| sum.add(lane.join().expect("a lane")));
    let until = Instant::now() + Duration::from_secs(10);
    while left() > before && Instant::now() < until {
        thread::sleep(Duration::from_millis(5));
    }
    println!(
        "{}",
        json!({
            "faults": sum.faults, "calls": sum.calls, "settled": sum.settled, "wrong": sum.wrong, "late": sum.late,
            "worstMs": sum.worst.as_secs_f64() * 1000.0, "open": sum.open, "restarts": sum.restarts,
            "before": format!("{before:?}"), "after": format!("{:?}", left()), "left": left() > before,
        })
    );
}

fn serve() {
    let never = |(): (), cx: &Context| -> Result<(), Fault> {
        loop {
            cx.check()?;
            thread::sleep(Duration::from_millis(1));
        }
    };
    let served = Worker::new()
        .threads(16)
        .log_panics(false)
        .register(Method::new("twice", |(n,): (u64,)| Ok(2 * n)).inline())
        .method("late", |(n,): (u64,)| {
            thread::sleep(Duration::from_millis(2));
            Ok(2 * n)
        })
        .method("never", never)
        .method("exit", |(code,): (i32,)| -> Result<(), Fault> { std::process::exit(code) })
        .method("abort", |(): ()| -> Result<(), Fault> { std::process::abort() })
        .serve_stdio();
    served.expect("it is served");
}

/// Files and threads of this process.
fn left() -> (usize, usize) {
    let entries = |path: &str| std::fs::read_dir(path).map_or(0, Iterator::count);
    (entries("/proc/self/fd"), entries("/proc/self/task"))
}

#[derive(Default)]
struct Counts {
    faults: u64,
    calls: u64,
    settled: u64,
    /// Outcomes that can't be.
    wrong: u64,
    late: u64,
    worst: Duration,
    /// Calls without an outcome at the end.
    open: u64,
    restarts: u64,
}

impl Counts {
    fn add(&mut self, other: Counts) {
        self.faults += other.faults;
        self.calls += other.calls;
        self.settled += other.settled;
        self.wrong += other.wrong;
        self.late += other.late;
        self.worst = self.worst.max(other.worst);
        self.open += other.open;
        self.restarts += other.restarts;
    }
}

/// One channel, and what is done to its workers.
struct Lane {
    channel: Channel,
    random: u64,
    counts: Counts,
    /// When the round began.
    waited: HashMap<PathBuf, Duration>,
}

impl Lane {
    fn new(number: u64, seed: u64) -> Lane {
        let mut restart = Restart::default();
        (restart.max_restarts, restart.min_delay, restart.max_delay) = (usize::MAX, Duration::ZERO, Duration::ZERO);
        let mut command = Command::new(std::env::current_exe().expect("this program"));
        command.arg("--worker");
        let channel = Channel::builder().restart(restart).ignore_stderr().spawn(command).expect("a worker");
        let random = (seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ number;
        Lane { channel, random, counts: Counts::default(), waited: HashMap::new() }
    }

    fn below(&mut self, most: u64) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random % most
    }

    fn run(mut self, faults: u64) -> Counts {
        for fault in 0..faults {
            self.round(fault);
        }
        let metrics = self.channel.metrics();
        self.counts.faults = faults;
        self.counts.settled = metrics.total;
        self.counts.open = metrics.in_flight as u64;
        self.counts.restarts = metrics.restarts;
        self.channel.close();
        self.counts
    }

    fn round(&mut self, fault: u64) {
        self.waited = waited_each();
        let mut flights: Vec<Flight> = Vec::new();
        for n in 0..4 + self.below(12) {
            let time = Duration::from_millis(TIMES[self.below(3) as usize]);
            let method = ["twice", "late", "never"][self.below(3) as usize];
            self.counts.calls += 1;
            flights.push(Flight::new(&self.channel, method, n, time));
        }
        if self.below(2) == 0 {
            thread::sleep(Duration::from_millis(self.below(4)));
        }
        let pid = self.channel.pid();
        match fault % 6 {
            0 => signal("KILL", pid),
            1 => self.end("exit", json!([self.random % 256])),
            2 => self.end("abort", json!([])),
            3 => signal("STOP", pid),
            // Cancelled: whoever drops a call does not want its outcome.
            4 => drop(flights.split_off(flights.len() / 2)),
            // Nothing but their times.
            _ => {}
        }
        let mut waiting = flights;
        while !waiting.is_empty() {
            let (settled, open): (Vec<_>, Vec<_>) =
                waiting.into_iter().map(|mut flight| (flight.poll(), flight)).partition(|(is_settled, _)| *is_settled);
            settled.into_iter().for_each(|(_, flight)| self.judge(flight));
            waiting = open.into_iter().map(|(_, flight)| flight).collect();
            if !waiting.is_empty() {
                thread::park_timeout(Duration::from_secs(5));
            }
            if waiting.iter().any(|flight| flight.due.elapsed() > Duration::from_secs(20)) {
                self.counts.open += waiting.len() as u64;
                break;
            }
        }
        if fault % 6 == 3 {
            signal("CONT", pid);
        }
    }

    fn end(&mut self, method: &str, params: serde_json::Value) {
        self.counts.calls += 1;
        // It has no answer; what it comes to is counted with the others.
        drop(self.channel.call_with_timeout::<()>(method, &params, Duration::from_millis(100)));
        if self.below(2) == 0 {
            self.counts.calls += 1;
            let _ = self.channel.call_with_timeout::<()>(method, &params, Duration::from_millis(100)).wait();
        }
    }

    fn judge(&mut self, flight: Flight) {
        let Flight { due, outcome, n, alarm, waited: before, .. } = flight;
        // One that was settled at once has rung for nobody.
        let settled_at = alarm.rang_at.lock().expect("nobody panics").unwrap_or(due);
        let mut late = settled_at.saturating_duration_since(due).saturating_sub(waited().saturating_sub(before));
        if late > LATE {
            let more = waited_each()
                .into_iter()
                .map(|(task, now)| now - self.waited.get(&task).copied().unwrap_or(now).min(now));
            late = late.saturating_sub(more.max().unwrap_or_default());
        }
        self.counts.worst = self.counts.worst.max(late);
        self.counts.late += u64::from(late > LATE);
        let is_right = match outcome {
            Some(Ok(twice)) => twice == json!(2 * n),
            Some(Err(Error::Timeout { .. } | Error::Exited { .. } | Error::Closed { .. })) => true,
            _ => false,
        };
        if !is_right {
            self.counts.wrong += 1;
            eprintln!("wrong");
        }
    }
}

/// A call in flight.
struct Flight {
    call: Call<serde_json::Value>,
    n: u64,
    due: Instant,
    /// As it was when the call was made.
    waited: Duration,
    alarm: Arc<Alarm>,
    outcome: Option<Result<serde_json::Value, Error>>,
}

impl Flight {
    fn new(channel: &Channel, method: &str, n: u64, time: Duration) -> Flight {
        let due = Instant::now() + time;
        let params = if method == "never" { json!([]) } else { json!([n]) };
        let call = channel.call_with_timeout(method, &params, time);
        let alarm = Arc::new(Alarm { thread: thread::current(), rang_at: Mutex::new(None) });
        let mut flight = Flight { call, n, due, waited: waited(), alarm, outcome: None };
        flight.poll();
        flight
    }

    fn poll(&mut self) -> bool {
        let waker = Waker::from(Arc::clone(&self.alarm));
        if self.outcome.is_none() {
            if let Poll::Ready(outcome) = Pin::new(&mut self.call).poll(&mut TaskContext::from_waker(&waker)) {
                self.outcome = Some(outcome);
            }
        }
        self.outcome.is_some()
    }
}

/// Notes when a call was settled, whenever its thread comes to see it.
struct Alarm {
    thread: Thread,
    rang_at: Mutex<Option<Instant>>,
}

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        self.rang_at.lock().expect("nobody panics").get_or_insert_with(Instant::now);
        self.thread.unpark();
    }
}

/// For how long each thread has waited for a CPU so far: one of them may hold what the timer's needs.
fn waited_each() -> HashMap<PathBuf, Duration> {
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten().map(|task| task.path());
    tasks.map(|task| (task.clone(), waited_by(&task))).collect()
}

fn waited_by(task: &Path) -> Duration {
    let text = std::fs::read_to_string(task.join("schedstat")).unwrap_or_default();
    Duration::from_nanos(text.split(' ').nth(1).and_then(|field| field.parse().ok()).unwrap_or(0))
}

/// The same of the timer's thread: the machine has others to run.
fn waited() -> Duration {
    static TIMER: OnceLock<PathBuf> = OnceLock::new();
    let find = || {
        let tasks = std::fs::read_dir("/proc/self/task").ok()?.flatten().map(|task| task.path());
        tasks
            .into_iter()
            .find(|task| std::fs::read_to_string(task.join("comm")).is_ok_and(|name| name.trim() == "timer"))
    };
    if TIMER.get().is_none() {
        if let Some(found) = find() {
            let _ = TIMER.set(found);
        }
    }
    TIMER.get().map_or(Duration::ZERO, |task| waited_by(task))
}

fn signal(name: &str, pid: Option<u32>) {
    if let Some(pid) = pid {
        // It may have ended by itself.
        let _ = Command::new("kill").args([&format!("-{name}"), &pid.to_string()]).output();
    }
}
