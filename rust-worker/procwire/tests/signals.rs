//! Signals, in a program that had threads before it began to serve. The worker is this program itself, as a process of its
//! own: a test runs beside the thread that started it.
#![cfg(unix)]

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};

use procwire::Worker;
use serde_json::json;
use support::{PATIENCE, exit_within, request, signal};

const ROLE: &str = "PROCWIRE_TEST_ROLE";

#[test]
fn a_worker() {
    if std::env::var_os(ROLE).is_some() {
        Worker::new().serve_stdio().unwrap();
    }
}

/// Such a worker, once it serves.
fn start() -> Child {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_worker", "--nocapture"])
        .env(ROLE, "worker")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    ping(&mut child);
    child
}

fn ping(child: &mut Child) {
    writeln!(child.stdin.as_mut().unwrap(), "{}", request(1, "$/ping", json!([]))).unwrap();
    let mut output = BufReader::new(child.stdout.as_mut().unwrap());
    let mut line = String::new();
    while !line.contains(r#""result":null"#) {
        line.clear();
        assert_ne!(output.read_line(&mut line).unwrap(), 0, "the worker answers");
    }
}

#[test]
fn sigterm_ends_the_process_in_order_whatever_threads_were_there_before() {
    let mut child = start();
    signal("-TERM", child.id());
    assert_eq!(exit_within(&mut child, PATIENCE).and_then(|status| status.code()), Some(0));
}

#[test]
fn sigint_is_the_parents_business() {
    let mut child = start();
    signal("-INT", child.id());
    ping(&mut child);
    drop(child.stdin.take());
    assert_eq!(exit_within(&mut child, PATIENCE).and_then(|status| status.code()), Some(0));
}
