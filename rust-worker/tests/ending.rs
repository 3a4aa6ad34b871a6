//! How long a worker takes to end when nobody reads what it says, and its handlers do not hear that it is over.
#![cfg(unix)]

mod common;

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use common::{command, exit_within, request, signal};
use serde_json::json;

/// What a loaded machine may add.
const SLACK: Duration = Duration::from_millis(900);
const GRACE: Duration = Duration::from_secs(1);
const SHUTDOWN: &str = r#"{"jsonrpc":"2.0","method":"shutdown"}"#;

fn compute_worker() -> &'static Path {
    env!("CARGO_BIN_EXE_rust-worker").as_ref()
}

/// The example whose grace is one second, and which holds 64 KiB of answers.
fn stubborn() -> PathBuf {
    compute_worker().parent().unwrap().join("examples/stubborn")
}

/// A worker whose output nobody reads, though the reading end is there.
struct Unread {
    child: Child,
    input: Option<Box<dyn Write>>,
    _output: File,
}

impl Drop for Unread {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn unread(program: &Path, streams: &str) -> Unread {
    let mut command = command(program, &[]);
    if streams == "pipes" {
        let mut child = command.spawn().unwrap();
        let input = child.stdin.take().unwrap();
        let output = OwnedFd::from(child.stdout.take().unwrap());
        return started(child, Box::new(input), output);
    }
    let (input, theirs) = UnixStream::pair().unwrap();
    let (output, their_output) = UnixStream::pair().unwrap();
    command.stdin(Stdio::from(OwnedFd::from(theirs))).stdout(Stdio::from(OwnedFd::from(their_output)));
    started(command.spawn().unwrap(), Box::new(input), output.into())
}

/// Once it serves. The answer to a ping is all that is ever read of it.
fn started(child: Child, mut input: Box<dyn Write>, output: OwnedFd) -> Unread {
    writeln!(input, "{}", request(0, "$/ping", json!([]))).unwrap();
    let mut output = File::from(output);
    let mut said = Vec::new();
    while !said.ends_with(b"\"result\":null}") {
        let mut byte = [0];
        output.read_exact(&mut byte).unwrap();
        said.extend(byte);
    }
    Unread { child, input: Some(input), _output: output }
}

fn ends(worker: &mut Unread, how: &str, bound: Duration, what: &str) {
    match how {
        "end of input" => drop(worker.input.take()),
        "terminate" => signal("-TERM", worker.child.id()),
        _ => writeln!(worker.input.as_mut().unwrap(), "{SHUTDOWN}").unwrap(),
    }
    let asked = Instant::now();
    let status = exit_within(&mut worker.child, bound + SLACK).unwrap_or_else(|| panic!("{what}, {how}: still alive"));
    assert_eq!(status.code(), Some(0), "{what}, {how}, after {:?}", asked.elapsed());
}

const WAYS: [(&str, Duration); 3] =
    [("end of input", GRACE), ("terminate", Duration::from_secs(1)), ("shutdown", Duration::from_secs(2))];

#[test]
fn handlers_that_never_hear_a_cancel_and_streams_nobody_reads_end_within_the_bound_of_each_way_to_end() {
    let pull = r#"{"jsonrpc":"2.0","method":"$/stream/pull","params":{"id":1,"count":100000000}}"#;
    let loads = [
        ("handlers that do not look", (1..=4).map(|id| request(id, "park", json!([]))).collect::<Vec<_>>()),
        ("a stream", vec![pull.to_owned(), request(1, "count", json!([100_000_000]))]),
        ("a question", vec![request(1, "ask", json!([]))]),
        ("answers", (1..=3).map(|id| request(id, "text", json!([40_000]))).collect()),
    ];
    thread::scope(|scope| {
        for (what, lines) in &loads {
            for (how, bound) in WAYS {
                scope.spawn(move || {
                    let mut worker = unread(&stubborn(), "pipes");
                    for line in lines {
                        writeln!(worker.input.as_mut().unwrap(), "{line}").unwrap();
                    }
                    ends(&mut worker, how, bound, what);
                });
            }
        }
    });
}

#[test]
fn a_reader_that_pauses_for_its_parent_still_learns_that_the_input_has_ended_or_that_it_is_terminated() {
    thread::scope(|scope| {
        for streams in ["pipes", "sockets"] {
            for (how, bound) in &WAYS[..2] {
                scope.spawn(move || {
                    let mut worker = unread(&stubborn(), streams);
                    // Above twice what may be unread the reader pauses, with more requests in its buffer and in the pipe.
                    for id in 1..=9 {
                        writeln!(worker.input.as_mut().unwrap(), "{}", request(id, "text", json!([400_000]))).unwrap();
                    }
                    ends(&mut worker, how, *bound, streams);
                });
            }
        }
    });
}

#[test]
fn the_compute_worker_whose_answers_nobody_reads_is_gone_five_seconds_after_its_input() {
    let mut worker = unread(compute_worker(), "sockets");
    let input = worker.input.as_mut().unwrap();
    for id in 1..=50 {
        writeln!(input, "{}", request(id, "echo", json!(["x".repeat(20_000)]))).unwrap();
        writeln!(input, "{}", request(id + 100, "fibonacci_recursive", json!([90]))).unwrap();
    }
    ends(&mut worker, "end of input", Duration::from_secs(5), "answers and open requests");
}

#[test]
fn a_parent_that_reads_only_after_it_has_ended_the_input_gets_every_answer() {
    let mut child = command(&stubborn(), &[]).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    for id in 1..=3 {
        writeln!(input, "{}", request(id, "text", json!([30_000]))).unwrap();
    }
    drop(input);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.stdout.split(|byte| *byte == b'\n').filter(|line| line.len() > 30_000).count(), 3);
    assert_eq!(output.status.code(), Some(0));
}
