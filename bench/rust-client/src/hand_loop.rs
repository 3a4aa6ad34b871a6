//! What one engineer writes for speed alone: one thread, one write for many requests; no limits, no timeouts, no errors.

use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{Child, ChildStdin, Command, Stdio};

use memchr::memchr;
use serde::Deserialize;

use crate::Caller;

#[derive(Deserialize)]
struct Answer {
    id: u64,
    result: i64,
}

pub struct Loop {
    child: Child,
    input: ChildStdin,
    output: File,
    buffer: Vec<u8>,
    filled: usize,
    next: u64,
    requests: Vec<u8>,
}

impl Loop {
    pub fn spawn(mut command: Command) -> Self {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the program starts");
        let input = child.stdin.take().expect("a pipe");
        let output = UnixStream::from(OwnedFd::from(child.stdout.take().expect("a pipe")));
        output.set_nonblocking(true).expect("it can be polled");
        let output = File::from(OwnedFd::from(output));
        Loop { child, input, output, buffer: vec![0; 256 * 1024], filled: 0, next: 1, requests: Vec::new() }
    }

    fn ask(&mut self) {
        let (id, requests) = (self.next, &mut self.requests);
        self.next += 1;
        requests.extend_from_slice(br#"{"jsonrpc":"2.0","id":"#);
        serde_json::to_writer(&mut *requests, &id).expect("a number");
        requests.extend_from_slice(br#","method":"add","params":{"a":"#);
        serde_json::to_writer(&mut *requests, &id).expect("a number");
        requests.extend_from_slice(b",\"b\":1}}\n");
    }

    /// Reads what is there, waiting for some, and tells how many answers that were.
    fn hear(&mut self) -> usize {
        let count = loop {
            match self.output.read(&mut self.buffer[self.filled..]) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => std::hint::spin_loop(),
                other => break other.expect("it is read"),
            }
        };
        assert!(count > 0, "it has ended");
        let (mut searched, mut line, mut answers) = (self.filled, 0, 0);
        self.filled += count;
        while let Some(distance) = memchr(b'\n', &self.buffer[searched..self.filled]) {
            let end = searched + distance;
            let Answer { id, result } = serde_json::from_slice(&self.buffer[line..end]).expect("an answer");
            assert_eq!(result, id as i64 + 1);
            answers += 1;
            line = end + 1;
            searched = line;
        }
        self.buffer.copy_within(line..self.filled, 0);
        self.filled -= line;
        answers
    }
}

impl Caller for Loop {
    fn call(&mut self, calls: usize, at_once: usize) {
        let (mut asked, mut answered) = (0, 0);
        while answered < calls {
            while asked < calls && asked - answered < at_once {
                self.ask();
                asked += 1;
            }
            self.input.write_all(&self.requests).expect("it is written");
            self.requests.clear();
            answered += self.hear();
        }
    }
}

impl Drop for Loop {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
