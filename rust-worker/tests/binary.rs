//! The compute worker as a process: start, end, signals, and staying reachable under load.
#![cfg(unix)]

mod common;

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use common::{Process, cancel, command, exit_within, request, signal};
use serde_json::{Value, json};

const PROMPTLY: Duration = Duration::from_secs(1);
const SHUTDOWN: &str = r#"{"jsonrpc":"2.0","method":"shutdown","params":{}}"#;

fn program() -> &'static Path {
    env!("CARGO_BIN_EXE_rust-worker").as_ref()
}

fn log(text: &str) -> Value {
    json!({ "jsonrpc": "2.0", "method": "log", "params": { "message": text } })
}

#[test]
fn the_session_of_the_design_looks_as_it_always_did() {
    let mut worker = common::start(&[]);
    assert_eq!(worker.next(), log("Rust worker started"));
    let numbers: Vec<_> = (1..=1000).collect();
    for (method, params, result) in [
        ("add", json!({ "a": 42, "b": 58 }), json!(100)),
        ("multiply", json!({ "a": 12, "b": 34 }), json!(408)),
        ("fibonacci", json!({ "n": 30 }), json!(832_040)),
        ("fibonacci", json!({ "n": 40 }), json!(102_334_155)),
        ("is_prime", json!({ "n": 17 }), json!(true)),
        ("is_prime", json!({ "n": 1_000_000_007 }), json!(true)),
        ("sum_array", json!({ "numbers": numbers }), json!(500_500)),
        ("echo", json!({ "message": "Hello from Node.js!" }), json!("Hello from Node.js!")),
    ] {
        worker.send(&request(1, method, params));
        assert_eq!(worker.next(), json!({ "jsonrpc": "2.0", "id": 1, "result": result }));
        assert_eq!(worker.next(), log(&format!("Processed {method}")));
    }
    worker.send(&request(2, "nope", json!({})));
    assert_eq!(worker.next()["error"], json!({ "code": -32601, "message": "Method not found: nope" }));
    worker.send(r#"{"jsonrpc":"2.0","method":"hello"}"#);
    assert_eq!(worker.next(), log("Unknown notification: hello"));
    worker.send(r#"{"jsonrpc":"2.0","method":"$/unknown"}"#);
    worker.send(SHUTDOWN);
    assert_eq!(worker.rest(), [log("Shutting down...")]);
    assert_eq!(worker.exit_within(PROMPTLY).code(), Some(0));
}

#[test]
fn a_quiet_worker_says_only_its_answers() {
    let mut worker = common::start(&["--quiet"]);
    worker.send(&request(1, "add", json!([1, 2])));
    worker.send(r#"{"jsonrpc":"2.0","method":"hello"}"#);
    worker.send(SHUTDOWN);
    assert_eq!(worker.rest(), [json!({ "jsonrpc": "2.0", "id": 1, "result": 3 })]);
    assert_eq!(worker.exit_within(PROMPTLY).code(), Some(0));
}

#[test]
fn ping_cancel_and_shutdown_are_heard_while_every_thread_computes() {
    let mut worker = common::start(&["--quiet", "--threads", "2"]);
    for id in 1..=4 {
        worker.send(&request(id, "fibonacci_recursive", json!({ "n": 60 })));
    }
    let asked = Instant::now();
    worker.send(&request("p", "$/ping", json!({})));
    assert_eq!(worker.next(), json!({ "jsonrpc": "2.0", "id": "p", "result": null }));
    assert!(asked.elapsed() < PROMPTLY, "{:?}", asked.elapsed());
    for id in [3, 1] {
        worker.send(&cancel(id));
        assert_eq!(worker.next()["error"]["code"], -32800);
    }
    worker.send(SHUTDOWN);
    let mut left: Vec<_> = worker.rest().iter().map(|answer| answer["id"].as_i64().unwrap()).collect();
    left.sort_unstable();
    assert_eq!(left, [2, 4]);
    assert_eq!(worker.exit_within(PROMPTLY).code(), Some(0));
}

#[test]
fn a_thread_is_free_again_soon_after_its_call_is_cancelled() {
    let mut worker = common::start(&["--quiet", "--threads", "1"]);
    worker.send(&request(1, "fibonacci_recursive", json!({ "n": 80 })));
    worker.send(&request(2, "fibonacci_recursive", json!({ "n": 30 })));
    worker.send(&cancel(1));
    assert_eq!(worker.answer(2)["result"], 832_040);
}

#[test]
fn the_end_of_input_lets_open_requests_finish() {
    let mut worker = common::start(&["--quiet"]);
    worker.send(&request(1, "fibonacci_recursive", json!({ "n": 32 })));
    worker.end_input();
    assert_eq!(worker.rest(), [json!({ "jsonrpc": "2.0", "id": 1, "result": 2_178_309 })]);
    assert_eq!(worker.exit_within(PROMPTLY).code(), Some(0));
}

#[test]
fn everything_queued_for_output_is_written_before_a_shutdown() {
    let mut worker = common::start(&["--quiet"]);
    let text = "x".repeat(1000);
    let input: String =
        (0..2000).map(|id| request(id, "echo", json!([text])) + "\n").chain([format!("{SHUTDOWN}\n")]).collect();
    worker.child.stdin.as_mut().unwrap().write_all(input.as_bytes()).unwrap();
    let answers = worker.rest();
    assert_eq!(answers.len(), 2000);
    assert!(answers.iter().all(|answer| answer["result"] == text.as_str()));
    assert_eq!(worker.exit_within(PROMPTLY).code(), Some(0));
}

#[test]
fn a_worker_whose_parent_is_gone_is_gone_within_a_second() {
    for streams in ["pipes", "sockets"] {
        let mut worker = command(program(), &["--threads", "2"]);
        let mut child = if streams == "pipes" {
            worker.spawn().unwrap()
        } else {
            let (ours, theirs) = std::os::unix::net::UnixStream::pair().unwrap();
            let (out, theirs_out) = std::os::unix::net::UnixStream::pair().unwrap();
            let fd = |stream: std::os::unix::net::UnixStream| Stdio::from(std::os::fd::OwnedFd::from(stream));
            let child = worker.stdin(fd(theirs)).stdout(fd(theirs_out)).spawn().unwrap();
            drop(worker);
            let mut ours = ours;
            for id in 1..=3 {
                writeln!(ours, "{}", request(id, "fibonacci_recursive", json!([80]))).unwrap();
            }
            drop((ours, out));
            child
        };
        if let Some(mut input) = child.stdin.take() {
            for id in 1..=3 {
                writeln!(input, "{}", request(id, "fibonacci_recursive", json!([80]))).unwrap();
            }
        }
        drop(child.stdout.take());
        let mut worker = Waiting(child);
        assert_eq!(worker.exit_within(PROMPTLY), Some(0), "{streams}");
    }
}

struct Waiting(std::process::Child);

impl Waiting {
    fn exit_within(&mut self, limit: Duration) -> Option<i32> {
        exit_within(&mut self.0, limit).unwrap_or_else(|| panic!("still alive after {limit:?}")).code()
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_terminate_signal_ends_it_in_order_and_an_interrupt_not_at_all() {
    let mut worker = common::start(&["--quiet", "--threads", "1"]);
    worker.send(&request(1, "fibonacci_recursive", json!([80])));
    worker.send(&request(2, "$/ping", json!([])));
    assert_eq!(worker.next()["id"], 2);
    signal("-INT", worker.child.id());
    worker.send(&request(3, "$/ping", json!([])));
    assert_eq!(worker.next()["id"], 3);
    signal("-TERM", worker.child.id());
    assert_eq!(worker.rest()[0]["error"]["code"], -32800);
    assert_eq!(worker.exit_within(PROMPTLY).code(), Some(0));
}

#[test]
fn requests_are_heard_though_nobody_reads_the_answers() {
    let mut child = command(program(), &["--quiet"]).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let line = request(1, "echo", json!(["x".repeat(10_000)])) + "\n";
    // Far more than the pipes hold: this would block for ever if the worker waited for us.
    for _ in 0..1000 {
        input.write_all(line.as_bytes()).unwrap();
    }
    drop(input);
    let mut output = String::new();
    child.stdout.take().unwrap().read_to_string(&mut output).unwrap();
    assert_eq!(output.lines().count(), 1000);
    assert_eq!(Waiting(child).exit_within(PROMPTLY), Some(0));
}

#[test]
fn what_a_handler_prints_does_not_reach_the_stream() {
    let noisy: PathBuf = program().parent().unwrap().join("examples/noisy");
    let mut worker = Process::run(&noisy, &[]);
    for id in 0..3 {
        worker.send(&request(id, "print", json!([])));
        assert_eq!(worker.next(), json!({ "jsonrpc": "2.0", "id": id, "result": "printed" }));
    }
    worker.end_input();
    assert_eq!(worker.rest(), Vec::<Value>::new());
}

#[test]
fn a_lost_boundary_ends_it_with_an_error_on_stderr() {
    let mut child = command(program(), &["--framing", "content-length"]).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"Content-Length: many\r\n\r\n{}").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("Content-Length is not a number of bytes: many"));
}

#[test]
fn wrong_options_are_refused_and_help_helps() {
    for args in [&["--wrong"][..], &["--codec", "msgpack"], &["--threads", "none"]] {
        let output = Command::new(program()).args(args).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(output.stdout.is_empty());
        assert!(String::from_utf8_lossy(&output.stderr).starts_with("rust-worker: "));
    }
    let help = Command::new(program()).arg("--help").output().unwrap();
    assert!(help.status.success() && String::from_utf8_lossy(&help.stdout).contains("--spin-us"));
    let version = Command::new(program()).arg("--version").output().unwrap();
    assert!(version.stdout.starts_with(b"rust-worker 0."));
}

#[test]
fn an_idle_worker_uses_no_processor_time() {
    let mut worker = common::start(&["--quiet"]);
    worker.send(&request(1, "add", json!([1, 2])));
    worker.next();
    let ticks = || {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", worker.child.id())).unwrap_or_default();
        let fields: Vec<_> = stat.split(' ').map(str::to_owned).collect();
        fields.get(13..15).map(|times| times.iter().filter_map(|t| t.parse::<u64>().ok()).sum::<u64>())
    };
    let before = ticks();
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(ticks(), before);
}
