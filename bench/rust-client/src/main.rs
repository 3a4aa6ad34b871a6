//! `cargo run --release [ROUNDS]`: what a call of the Rust client takes, beside what the pipe itself takes, a loop that is
//! written for speed alone, and tokio's `LinesCodec` over a child. One at a time, 64 and 1,000 in flight; medians of
//! alternating rounds. Build the workers first: `npm run bench -- --list` does not, `npm run bench -- --quick` does.

mod hand_loop;
mod lines_codec;
mod ours;
mod pipe;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

const IN_FLIGHT: [usize; 3] = [1, 64, 1000];
const LAP: Duration = Duration::from_millis(300);

/// One way to call `add` of a worker.
pub trait Caller {
    /// Makes so many calls, so many of them at once, and checks the answers.
    fn call(&mut self, calls: usize, at_once: usize);
    /// A bare pipe knows no calls, so there is one at a time.
    fn is_bare(&self) -> bool {
        false
    }
}

struct Row {
    name: &'static str,
    caller: Box<dyn Caller>,
    /// Seconds of a call, by round, for each number in flight.
    laps: [Vec<f64>; 3],
}

fn main() {
    let rounds: usize = std::env::args().nth(1).and_then(|arg| arg.parse().ok()).unwrap_or(7);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let bench = |name: &str| polling(command(root.join("bench/rust/target/release").join(name)));
    let worker = || {
        let mut worker = command(root.join("rust-worker/target/release/rust-worker"));
        worker.arg("--quiet");
        worker
    };
    let mut node = Command::new("node");
    node.arg(root.join("bench/src/workers/procwire-worker.mjs"));
    let row = |name, caller: Box<dyn Caller>| Row { name, caller, laps: Default::default() };
    let mut rows = [
        row("raw pipe, polls", Box::new(pipe::Pipe::spawn(bench("raw-echo")))),
        row("hand-written loop, its own worker", Box::new(hand_loop::Loop::spawn(bench("hand-loop")))),
        row("hand-written loop, rust-worker", Box::new(hand_loop::Loop::spawn(worker()))),
        row("tokio LinesCodec, rust-worker", Box::new(lines_codec::Lines::spawn(worker()))),
        row("ours, rust-worker", Box::new(ours::Ours::spawn(worker()))),
        row("ours, Node worker", Box::new(ours::Ours::spawn(node))),
    ];
    for round in 0..=rounds {
        for row in &mut rows {
            for (column, at_once) in IN_FLIGHT.into_iter().enumerate() {
                if row.caller.is_bare() && at_once > 1 {
                    continue;
                }
                let lap = lap(&mut *row.caller, at_once);
                // The first round warms up.
                if round > 0 {
                    row.laps[column].push(lap);
                }
            }
        }
    }
    print(&mut rows);
}

fn lap(caller: &mut dyn Caller, at_once: usize) -> f64 {
    let (started, mut calls) = (Instant::now(), 0);
    while started.elapsed() < LAP {
        let some = if at_once == 1 { 500 } else { 20 * at_once };
        caller.call(some, at_once);
        calls += some;
    }
    started.elapsed().as_secs_f64() / calls as f64
}

fn median(laps: &mut [f64]) -> Option<f64> {
    laps.sort_by(f64::total_cmp);
    laps.get(laps.len() / 2).copied()
}

fn print(rows: &mut [Row]) {
    println!("{:<36} {:>12} {:>14} {:>14}", "", "one, us", "64, calls/s", "1000, calls/s");
    let figures: Vec<[Option<f64>; 3]> =
        rows.iter_mut().map(|row| row.laps.each_mut().map(|laps| median(laps))).collect();
    for (row, [one, some, many]) in rows.iter().zip(&figures) {
        let rate = |time: &Option<f64>| time.map_or_else(String::new, |time| format!("{:.0}", 1.0 / time));
        let one = one.map_or_else(String::new, |time| format!("{:.2}", time * 1e6));
        println!("{:<36} {one:>12} {:>14} {:>14}", row.name, rate(some), rate(many));
    }
    if let ([Some(pipe), ..], [Some(ours), ..]) = (&figures[0], &figures[4]) {
        println!("one in flight, of the polling pipe: {:.2} (target: at most 2)", ours / pipe);
    }
    if let ([.., Some(hand)], [.., Some(ours)]) = (&figures[2], &figures[4]) {
        println!("1000 in flight, of the loop with the same worker: {:.2} (target: at least 0.9)", hand / ours);
    }
}

fn command(program: PathBuf) -> Command {
    assert!(program.exists(), "{} is not built", program.display());
    Command::new(program)
}

fn polling(mut command: Command) -> Command {
    command.args(["--spin-us", "50"]);
    command
}
