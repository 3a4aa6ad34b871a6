//! A parent that is killed leaves nothing of its worker behind, if it gave the worker a group of its own.
#![cfg(target_os = "linux")]

mod common;

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use common::{PATIENCE, exit_within, request, signal, wait_until};
use serde_json::{Value, json};

const PROMPTLY: Duration = Duration::from_secs(1);

fn stubborn() -> PathBuf {
    let program: PathBuf = env!("CARGO_BIN_EXE_rust-worker").into();
    program.parent().unwrap().join("examples/stubborn")
}

fn lives(process: u32) -> bool {
    // A zombie that nobody has collected yet is dead.
    let output = Command::new("ps").args(["-o", "stat=", "-p", &process.to_string()]).output().unwrap();
    let state = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    !state.is_empty() && !state.starts_with('Z')
}

/// A worker that has started a process of its own.
struct Tree {
    child: Child,
    input: Option<ChildStdin>,
    /// Held, so that the worker is read as long as the test lives.
    output: BufReader<ChildStdout>,
    grandchild: u32,
}

impl Tree {
    fn of(mut command: Command) -> Tree {
        let mut child = command.spawn().unwrap();
        let mut input = child.stdin.take().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        writeln!(input, "{}", request(1, "spawn", json!([]))).unwrap();
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        let answer: Value = serde_json::from_str(&line).unwrap();
        let grandchild = answer["result"].as_u64().unwrap() as u32;
        Tree { child, input: Some(input), output, grandchild }
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = Command::new("kill").args(["-KILL", &self.grandchild.to_string()]).stderr(Stdio::null()).status();
    }
}

const GIVEN: &str = "PROCWIRE_GROUP=1 setsid";

/// A parent between this test and the worker that can be killed: a shell, which starts the worker in the background. The
/// `child` of the tree is the shell; the number is the worker's.
fn parent_of_a_tree(how: &str) -> (Tree, u32) {
    let mut command = Command::new("sh");
    let script = format!("exec 3<&0; {how} \"$0\" <&3 & echo $! >&2; wait");
    command
        .args(["-c", &script])
        .arg(stubborn())
        .env_remove("PROCWIRE_GROUP")
        .env_remove("PROCWIRE_PARENT")
        .process_group(0);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut tree = Tree::of(command);
    let mut line = String::new();
    BufReader::new(tree.child.stderr.take().unwrap()).read_line(&mut line).unwrap();
    (tree, line.trim().parse().unwrap())
}

#[test]
fn a_killed_parent_takes_the_worker_and_what_the_worker_started_along_within_a_second() {
    // The input ends before the parent is dead, after it, or not at all, because another process holds it.
    for input in ["before", "after", "never"] {
        let (mut tree, worker) = parent_of_a_tree(GIVEN);
        assert!(lives(worker) && lives(tree.grandchild));
        let killed = Instant::now();
        if input == "before" {
            drop(tree.input.take());
        }
        tree.child.kill().unwrap();
        if input == "after" {
            drop(tree.input.take());
        }
        wait_until("the worker is gone", || !lives(worker));
        wait_until("what it started is gone", || !lives(tree.grandchild));
        assert!(killed.elapsed() < PROMPTLY, "{input}: {:?}", killed.elapsed());
    }
}

#[test]
fn a_worker_whose_parent_died_before_it_could_look_goes_with_all_it_started() {
    // No process has this number.
    let (tree, worker) = parent_of_a_tree(&format!("PROCWIRE_PARENT=2000000000 {GIVEN}"));
    wait_until("the worker is gone", || !lives(worker));
    wait_until("what it started is gone", || !lives(tree.grandchild));
}

#[test]
fn a_worker_that_has_inherited_the_number_of_a_living_process_lives() {
    let (mut tree, worker) = parent_of_a_tree(&format!("PROCWIRE_PARENT={} {GIVEN}", std::process::id()));
    writeln!(tree.input.as_mut().unwrap(), "{}", request(2, "spawn", json!([]))).unwrap();
    let mut line = String::new();
    tree.output.read_line(&mut line).unwrap();
    // It looks five times a second.
    std::thread::sleep(Duration::from_millis(700));
    assert!(lives(worker) && lives(tree.grandchild));
    let second: Value = serde_json::from_str(&line).unwrap();
    let _ = Command::new("kill").args(["-KILL", &second["result"].to_string()]).status();
}

#[test]
fn a_stopped_worker_is_woken_by_the_death_of_its_parent_and_takes_the_tree_along() {
    let (mut tree, worker) = parent_of_a_tree(GIVEN);
    signal("-STOP", worker);
    drop(tree.input.take());
    let killed = Instant::now();
    tree.child.kill().unwrap();
    wait_until("the worker is gone", || !lives(worker));
    wait_until("what it started is gone", || !lives(tree.grandchild));
    assert!(killed.elapsed() < PROMPTLY, "{:?}", killed.elapsed());
}

#[test]
fn a_worker_whose_reader_is_busy_for_ever_is_gone_as_well_with_all_it_started() {
    let (mut tree, worker) = parent_of_a_tree(GIVEN);
    writeln!(tree.input.as_mut().unwrap(), "{}", request(2, "block", json!([]))).unwrap();
    tree.child.kill().unwrap();
    wait_until("the worker is gone", || !lives(worker));
    wait_until("what it started is gone", || !lives(tree.grandchild));
}

#[test]
fn a_parent_that_lives_sees_the_workers_own_exit_code_and_sweeps_the_group_itself() {
    for (how, code) in [("end of input", 0), ("shutdown", 0), ("terminate", 0), ("exit", 7)] {
        let mut command = Command::new(stubborn());
        command.env("PROCWIRE_GROUP", "1").process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut tree = Tree::of(command);
        match how {
            "end of input" => drop(tree.input.take()),
            "terminate" => signal("-TERM", tree.child.id()),
            "exit" => writeln!(tree.input.as_mut().unwrap(), "{}", request(2, "exit", json!([7]))).unwrap(),
            _ => writeln!(tree.input.as_mut().unwrap(), r#"{{"jsonrpc":"2.0","method":"shutdown"}}"#).unwrap(),
        }
        assert_eq!(exit_within(&mut tree.child, PATIENCE).unwrap().code(), Some(code), "{how}");
        assert!(lives(tree.grandchild), "{how}");
    }
}

#[test]
fn a_worker_that_was_given_no_group_or_leads_none_sweeps_nothing() {
    for how in ["setsid", "PROCWIRE_GROUP=0 setsid", "PROCWIRE_GROUP=1"] {
        let (mut tree, worker) = parent_of_a_tree(how);
        tree.child.kill().unwrap();
        drop(tree.input.take());
        wait_until("the worker is gone", || !lives(worker));
        assert!(lives(tree.grandchild), "{how}");
    }
}
