//! A system that refuses threads: a limit on the process's address space leaves no room for their stacks.
#![cfg(target_os = "linux")]

mod common;

use std::collections::HashSet;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use common::request;
use serde_json::{Value, json};

fn program() -> &'static Path {
    env!("CARGO_BIN_EXE_rust-worker").as_ref()
}

/// The compute worker with so many KiB of address space.
fn limited(kib: usize, args: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("ulimit -v {kib} && exec \"$0\" {args}")]).arg(program());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn run(kib: usize, args: &str, input: &str) -> Output {
    let mut child = limited(kib, args).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    // It may be gone before it reads.
    let writing = std::thread::spawn(move || drop(stdin.write_all(input.as_bytes())));
    let output = child.wait_with_output().unwrap();
    writing.join().unwrap();
    output
}

/// What a worker without a thread of its pool needs.
fn least() -> usize {
    (4..400).map(|mib| mib * 1024).find(|kib| run(*kib, "--quiet", "").status.code() == Some(0)).unwrap()
}

#[test]
fn every_request_is_answered_though_the_system_refuses_threads_to_the_pool() {
    let input: String = (0..400).map(|id| request(id, "fibonacci_recursive", json!([18])) + "\n").collect();
    let least = least();
    let mut refused = false;
    // With nothing to spare it is the C library that gives up, wherever it needs its next block.
    for more in [1, 2, 4, 6, 8, 12, 16, 24] {
        let output = run(least + more * 1024, "--quiet --threads 64", &input);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{more} MiB more: {stderr}");
        let answers: Vec<Value> =
            output.stdout.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect();
        assert_eq!(answers.iter().map(|answer| answer["id"].as_u64()).collect::<HashSet<_>>().len(), 400, "{more}");
        for answer in answers {
            let busy = json!({ "code": -32000, "message": "busy", "data": { "limit": "threads", "value": 0 } });
            refused |= answer["error"] == busy;
            assert!(answer["result"] == 2584 || answer["error"] == busy, "{answer}");
        }
    }
    assert!(refused, "the limit was never reached");
}

#[test]
fn a_worker_that_is_refused_the_threads_it_cannot_do_without_says_so_and_exits_with_1() {
    let least = least();
    let mut said = HashSet::new();
    for kib in (least.saturating_sub(4096)..least).step_by(64) {
        let output = run(kib, "--quiet", "");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_ne!(output.status.code(), Some(101), "{stderr}");
        if output.status.code() == Some(1) && stderr.contains("the system refuses a thread (") {
            assert!(stderr.starts_with("rust-worker: "), "{stderr}");
            said.insert(stderr.split(['(', ')']).nth(1).unwrap().to_owned());
        }
    }
    assert!(said.contains("writer") || said.contains("signals"), "{said:?}");
}
