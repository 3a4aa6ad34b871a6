//! Times the worker as a process: streams, requests side by side, and pings. For cancels there is `cancel`.
//!
//! `cargo build --release && cargo run --release --example flood`

mod common;

use std::time::{Duration, Instant};

use common::Link;

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
