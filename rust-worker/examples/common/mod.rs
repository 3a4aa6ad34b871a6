//! The worker as a process, for examples that time it.
#![allow(dead_code)]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

pub struct Link {
    child: Child,
    pub input: ChildStdin,
    pub output: BufReader<ChildStdout>,
}

impl Link {
    pub fn open(args: &[&str]) -> Link {
        let examples = std::env::current_exe().unwrap();
        let program = examples.parent().unwrap().parent().unwrap().join("rust-worker");
        let mut command = Command::new(&program);
        command.arg("--quiet").args(args).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{}: {error}", program.display()));
        let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        Link { child, input, output: BufReader::with_capacity(1 << 20, output) }
    }

    pub fn request(&mut self, id: u64, method: &str, params: &str) {
        self.send(&format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"{method}","params":{params}}}"#));
    }

    pub fn notify(&mut self, method: &str, params: &str) {
        self.send(&format!(r#"{{"jsonrpc":"2.0","method":"{method}","params":{params}}}"#));
    }

    pub fn send(&mut self, line: &str) {
        self.input.write_all(format!("{line}\n").as_bytes()).unwrap();
    }

    pub fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        line
    }

    /// The time its pool thread has computed so far, where the system tells: what others do on the CPUs is not in it.
    pub fn computed(&self) -> Option<Duration> {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.child.id())).ok()?;
        let is_pool = |task: &PathBuf| fs::read_to_string(task.join("comm")).is_ok_and(|name| name == "worker\n");
        let task = tasks.filter_map(|task| Some(task.ok()?.path())).find(is_pool)?;
        let times = fs::read_to_string(task.join("schedstat")).ok()?;
        times.split(' ').next()?.parse().ok().map(Duration::from_nanos)
    }

    /// A frame of length-prefixed framing.
    pub fn send_frame(&mut self, payload: &[u8]) {
        self.input.write_all(&(payload.len() as u32).to_be_bytes()).unwrap();
        self.input.write_all(payload).unwrap();
    }

    pub fn frame(&mut self) -> Vec<u8> {
        let mut length = [0; 4];
        self.output.read_exact(&mut length).unwrap();
        let mut payload = vec![0; u32::from_be_bytes(length) as usize];
        self.output.read_exact(&mut payload).unwrap();
        payload
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
