//! What a handler's panic leaves on stderr. The worker is this program itself, as a process of its own.
#![cfg(unix)]

use std::io::Write;
use std::process::{Command, Stdio};

use procwire::{Method, Worker};
use serde_json::{Value, json};
use support::request;

/// Says which worker this process is to be, if it is to be one.
const ROLE: &str = "PROCWIRE_TEST_ROLE";

#[test]
fn a_worker() {
    let Ok(role) = std::env::var(ROLE) else { return };
    let handler = |(divisor,): (i32,)| Ok(1 / divisor);
    Worker::new()
        .log_panics(role == "logs")
        .method("pooled", handler)
        .register(Method::new("inlined", handler).inline())
        .on("heard", |(divisor,): (i32,)| assert_ne!(1 / divisor, 7))
        .serve_stdio()
        .unwrap();
}

/// The answers of such a worker, and what it said on stderr.
fn run(role: &str, backtrace: &str) -> (Vec<Value>, String) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_worker", "--nocapture"])
        .env(ROLE, role)
        .env("RUST_BACKTRACE", backtrace)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    for line in [
        request(1, "pooled", json!([0])),
        request(2, "inlined", json!([0])),
        r#"{"jsonrpc":"2.0","method":"heard","params":[0]}"#.to_owned(),
    ] {
        writeln!(input, "{line}").unwrap();
    }
    drop(input);
    let output = child.wait_with_output().unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    let mut answers: Vec<Value> =
        stdout.lines().filter_map(|line| serde_json::from_str(line.get(line.find('{')?..)?).ok()).collect();
    answers.sort_by_key(|answer| answer["id"].as_u64());
    (answers, String::from_utf8(output.stderr).unwrap())
}

#[test]
fn a_panic_is_told_with_the_methods_name_and_its_place_and_the_callers_error_stays() {
    let (answers, stderr) = run("logs", "0");
    for (at, what) in ["the handler of pooled", "the handler of inlined", "the handler of the notification heard"]
        .into_iter()
        .enumerate()
    {
        let start = format!("{what} panicked at ");
        let line = stderr.lines().find(|line| line.starts_with(&start)).unwrap_or_else(|| panic!("{what}: {stderr}"));
        assert!(line.contains("panics.rs:") && line.ends_with(": attempt to divide by zero"), "{at}: {line}");
    }
    let (quiet_answers, quiet) = run("keeps", "0");
    assert!(!quiet.contains("pooled") && !quiet.contains("inlined"), "{quiet}");
    assert!(quiet.contains("the handler of the notification heard panicked at "), "nobody else is told: {quiet}");
    assert_eq!(answers, quiet_answers);
    assert_eq!(answers.len(), 2, "{answers:?}");
    assert!(answers.iter().all(|answer| answer["error"]["code"] == -32603), "{answers:?}");
}

#[test]
fn a_backtrace_is_told_where_it_is_asked_for() {
    let (_, stderr) = run("logs", "1");
    assert!(stderr.contains("procwire::") && stderr.lines().count() > 20, "{stderr}");
}
