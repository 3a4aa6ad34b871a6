//! Descriptors and arguments as no parent should give them.
#![cfg(unix)]

mod common;

use std::ffi::OsStr;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use common::{PATIENCE, Process, exit_within, request};
use serde_json::json;

fn program() -> &'static Path {
    env!("CARGO_BIN_EXE_rust-worker").as_ref()
}

fn stubborn() -> PathBuf {
    program().parent().unwrap().join("examples/stubborn")
}

/// What the compute worker does with a request when a shell has changed its descriptors.
fn redirected(redirection: &str, args: &str) -> Output {
    let script = format!("echo '{}' | \"$0\" {args} {redirection}", request(1, "add", json!([40, 2])));
    Command::new("sh").args(["-c", &script]).arg(program()).output().unwrap()
}

#[test]
fn each_mistake_in_the_arguments_is_named_and_exits_with_2() {
    let not_a_text = OsStr::from_bytes(b"\xff");
    let with_value = OsStr::from_bytes(b"--framing=\xff");
    let text = |text: &'static str| OsStr::new(text);
    for (args, sentence) in [
        (&[not_a_text][..], "not a text in UTF-8"),
        (&[with_value], "not a text in UTF-8"),
        (&[text("--codec"), not_a_text], "not a text in UTF-8"),
        (&[text("--threads")], "--threads needs a value"),
        (&[text("--threads=")], "--threads is a number from 1 to 1024, not "),
        (&[text("--threads=-1")], "--threads is a number"),
        (&[text("--spin-us=99999999999999999999")], "--spin-us is a number"),
        (&[text("")], "unknown option"),
        (&[text("--")], "unknown option --"),
    ] {
        let output = Command::new(program()).args(args).stdin(Stdio::null()).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains(sentence), "{args:?}");
    }
}

#[test]
fn mistakes_keep_their_exit_code_when_nobody_can_be_told() {
    for redirection in ["2>&-", "2</dev/null"] {
        assert_eq!(redirected(redirection, "--wrong").status.code(), Some(2), "{redirection}");
    }
    let (gone, theirs) = UnixStream::pair().unwrap();
    drop(gone);
    let stderr = Stdio::from(OwnedFd::from(theirs));
    assert_eq!(Command::new(program()).arg("--wrong").stderr(stderr).status().unwrap().code(), Some(2));
}

#[test]
#[cfg(target_os = "linux")]
fn an_output_that_cannot_be_written_is_said_and_exits_with_1() {
    for redirection in [">/dev/full", "1</dev/null"] {
        // What std prints to a descriptor that is not for writing, it takes for written.
        let printing = if redirection == ">/dev/full" { &["--help", "--version"][..] } else { &[] };
        for args in ["", "--quiet"].iter().chain(printing) {
            let output = redirected(redirection, args);
            let stderr = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(1), "{redirection} {args}: {stderr}");
            let reason = if redirection == ">/dev/full" { "No space left on device" } else { "Bad file descriptor" };
            assert!(stderr.contains(reason), "{redirection} {args}: {stderr}");
        }
    }
    assert_eq!(redirected(">/dev/full 2>/dev/full", "").status.code(), Some(1));
}

#[test]
fn a_closed_input_is_an_empty_one_and_a_closed_output_takes_everything() {
    for redirection in ["<&-", "</dev/null", ">&-", ">/dev/null", "2>&-"] {
        let output = redirected(redirection, "");
        assert_eq!(output.status.code(), Some(0), "{redirection}");
        assert!(output.stderr.is_empty(), "{redirection}");
    }
    let output = redirected("2>&-", "--quiet");
    assert_eq!(output.stdout, b"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":42}\n");
}

#[test]
fn an_input_that_cannot_be_read_is_said_and_exits_with_1() {
    for redirection in ["</", "0>/dev/null"] {
        let output = redirected(redirection, "");
        assert_eq!(output.status.code(), Some(1), "{redirection}");
        assert!(String::from_utf8_lossy(&output.stderr).starts_with("rust-worker: "), "{redirection}");
    }
}

/// A pipe that is full, and the process that holds its other end and does not read.
#[cfg(target_os = "linux")]
fn full_pipe() -> (std::process::Child, Stdio) {
    let mut holder = Command::new("sleep").arg("60").stdin(Stdio::piped()).spawn().unwrap();
    let pipe = OwnedFd::from(holder.stdin.take().unwrap());
    // Through an open file of its own, so that the one the worker gets still waits where it is full.
    let fill = "dd if=/dev/zero of=/proc/self/fd/1 bs=4096 count=1000 oflag=nonblock 2>/dev/null";
    let filled = Command::new("sh").args(["-c", fill]).stdout(pipe.try_clone().unwrap()).status().unwrap();
    assert!(!filled.success(), "the pipe took it all");
    (holder, Stdio::from(pipe))
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_stderr_holds_up_neither_the_reader_nor_the_end() {
    let (mut holder, stderr) = full_pipe();
    let mut child =
        Command::new(stubborn()).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(stderr).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    writeln!(input, r#"{{"jsonrpc":"2.0","method":"listen"}}"#).unwrap();
    writeln!(input, "{}", request(1, "picky", json!([]))).unwrap();
    write!(input, r#"{{"torn":"#).unwrap();
    drop(input);
    let status = exit_within(&mut child, Duration::from_secs(5));
    holder.kill().unwrap();
    holder.wait().unwrap();
    let mut answers = String::new();
    child.stdout.take().unwrap().read_to_string(&mut answers).unwrap();
    assert!(answers.contains(r#""id":1,"result":"served""#), "{answers}");
    assert_eq!(status.expect("the worker ends").code(), Some(0));
}

#[test]
fn a_stderr_that_nobody_reads_any_more_ends_neither_the_worker_nor_a_handler_that_prints() {
    let (gone, theirs) = UnixStream::pair().unwrap();
    drop(gone);
    let mut command = Command::new(stubborn());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::from(OwnedFd::from(theirs)));
    let mut child = command.spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    writeln!(input, r#"{{"jsonrpc":"2.0","method":"listen"}}"#).unwrap();
    for (id, method) in [(1, "print"), (2, "picky"), (3, "$/ping")] {
        writeln!(input, "{}", request(id, method, json!([]))).unwrap();
    }
    drop(input);
    let output = child.wait_with_output().unwrap();
    let answers = String::from_utf8(output.stdout).unwrap();
    assert_eq!(answers.lines().count(), 3, "{answers}");
    assert!(
        answers.contains(r#""id":3,"result":null"#) && answers.contains(r#""id":2,"result":"served""#),
        "{answers}"
    );
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn panics_in_destructors_rules_and_listeners_are_answers_and_the_worker_lives() {
    let mut worker = Process::run(&stubborn(), &[]);
    worker.send(r#"{"jsonrpc":"2.0","method":"listen"}"#);
    for (id, method, message) in [(1, "grenade", "thrown by a destructor"), (2, "throw", "a payload that is not text")]
    {
        worker.send(&request(id, method, json!([])));
        let answer = worker.answer(id);
        assert_eq!(answer["error"]["code"], -32603, "{answer}");
        assert_eq!(answer["error"]["data"]["panic"], message);
    }
    worker.send(&request(3, "picky", json!([])));
    assert_eq!(worker.answer(3)["result"], "served");
}

#[test]
fn a_handler_that_ends_the_process_ends_it_in_its_own_way() {
    let end = |method: &str, params: serde_json::Value| {
        let mut worker = Process::run(&stubborn(), &[]);
        worker.send(&request(1, method, params));
        exit_within(&mut worker.child, PATIENCE).expect("the worker ends")
    };
    assert_eq!(end("exit", json!([7])).code(), Some(7));
    // SIGABRT: Rust ends a process so whose stack has overflown.
    assert_eq!(end("abort", json!([])).signal(), Some(6));
    assert_eq!(end("overflow", json!([])).signal(), Some(6));
}
