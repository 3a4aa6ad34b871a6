//! Times the worker as a process: streams, requests side by side, and how soon it hears a cancel.
//!
//! `cargo build --release && cargo run --release --example flood`

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

struct Link {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Link {
    fn open(args: &[&str]) -> Link {
        let examples = std::env::current_exe().unwrap();
        let program = examples.parent().unwrap().parent().unwrap().join("rust-worker");
        let mut command = Command::new(&program);
        command.arg("--quiet").args(args).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{}: {error}", program.display()));
        let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        Link { child, input, output: BufReader::with_capacity(1 << 20, output) }
    }

    fn request(&mut self, id: u64, method: &str, params: &str) {
        self.send(&format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"{method}","params":{params}}}"#));
    }

    fn notify(&mut self, method: &str, params: &str) {
        self.send(&format!(r#"{{"jsonrpc":"2.0","method":"{method}","params":{params}}}"#));
    }

    fn send(&mut self, line: &str) {
        self.input.write_all(format!("{line}\n").as_bytes()).unwrap();
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        line
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn main() {
    println!("stream of a million small integers: {:.1} million items/s", stream(1_000_000));
    let times = [1, 2].map(scale);
    println!(
        "48 x fibonacci_recursive(32): one thread {:.0?}, two {:.0?}: {:.2} times",
        times[0],
        times[1],
        times[0].as_secs_f64() / times[1].as_secs_f64()
    );
    pings();
    cancels();
}

/// Millions of items in a second, the best of five.
fn stream(count: u64) -> f64 {
    let mut link = Link::open(&[]);
    let mut best = f64::MAX;
    for id in 0..5 {
        let started = Instant::now();
        link.notify("$/stream/pull", &format!(r#"{{"id":{id},"count":{count}}}"#));
        // The primes up to the millionth.
        link.request(id, "primes", r#"{"from":0,"to":15485863}"#);
        let mut items = 0;
        loop {
            let line = link.line();
            if !line.contains("$/stream/items") {
                assert!(line.contains(&format!("\"result\":{count}")), "{line}");
                break;
            }
            items += line.bytes().filter(|byte| *byte == b',').count() - 3 + 1;
        }
        assert_eq!(items as u64, count);
        best = best.min(started.elapsed().as_secs_f64());
    }
    count as f64 / best / 1e6
}

fn scale(threads: usize) -> Duration {
    let mut link = Link::open(&["--threads", &threads.to_string()]);
    let run = |link: &mut Link| {
        let started = Instant::now();
        (0..48).for_each(|id| link.request(id, "fibonacci_recursive", "[32]"));
        (0..48).for_each(|_| assert!(link.line().contains("2178309")));
        started.elapsed()
    };
    (0..5).map(|_| run(&mut link)).min().unwrap()
}

/// While every thread computes.
fn pings() {
    let mut link = Link::open(&["--threads", "2"]);
    link.request(1, "fibonacci_recursive", "[80]");
    link.request(2, "fibonacci_recursive", "[80]");
    let mut times: Vec<Duration> = (0..500)
        .map(|_| {
            std::thread::sleep(Duration::from_millis(1));
            let started = Instant::now();
            link.request(9, "$/ping", "[]");
            link.line();
            started.elapsed()
        })
        .collect();
    times.sort();
    println!("ping while all threads compute: p50 {:.1?}, p99 {:.1?}, max {:.1?}", times[250], times[495], times[499]);
}

/// From the cancel of a long call to the answer of the next one, on the only thread.
fn cancels() {
    let mut link = Link::open(&["--threads", "1", "--message-mib", "256"]);
    let floats: Vec<String> = (0..3_000_000_u64).map(|i| (i * 7919 % 1_000_003).to_string() + ".5").collect();
    let floats = format!("[[{}]]", floats.join(","));
    let large: Vec<String> = (0..3_000_000_u64).map(|i| (u64::MAX - i).to_string()).collect();
    let large = format!("[[{}]]", large.join(","));
    let text = format!("[\"{}\",\"sha256\"]", "x".repeat(200_000_000));
    for (method, params, after) in [
        ("fibonacci", "[10000000]", 60),
        ("fibonacci_recursive", "[80]", 60),
        ("is_prime_many", large.as_str(), 400),
        ("sort", floats.as_str(), 400),
        ("stats", floats.as_str(), 400),
        ("sum_array", floats.as_str(), 60),
        ("hash", text.as_str(), 400),
        ("primes", r#"{"from":0,"to":1000000000000}"#, 60),
    ] {
        let mut worst = Duration::ZERO;
        let mut late = 0;
        for round in 0..5 {
            link.notify("$/stream/pull", r#"{"id":1,"count":100000000}"#);
            link.request(1, method, params);
            std::thread::sleep(Duration::from_millis(after * (5 + round) / 10));
            // What the reader has not read yet is not counted: the ping comes back when it has.
            link.request(3, "$/ping", "[]");
            while !link.line().contains(r#""id":3,"#) {}
            let started = Instant::now();
            link.notify("$/cancelRequest", r#"{"id":1}"#);
            link.request(2, "factorize", "[6]");
            loop {
                let line = link.line();
                late += usize::from(line.contains(r#""id":1,"result""#));
                if line.contains(r#""id":2,"#) {
                    break;
                }
            }
            worst = worst.max(started.elapsed());
        }
        println!(
            "cancel of {method:<20} thread free after {worst:>8.1?} at most{}",
            if late > 0 { " (some had ended)" } else { "" }
        );
    }
    // Nothing is left over.
    link.request(7, "$/ping", "[]");
    assert!(link.line().contains(r#""id":7"#));
    drop(link.input.flush());
    let _ = link.output.get_mut().read(&mut []);
}
