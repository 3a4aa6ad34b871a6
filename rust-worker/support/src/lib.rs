//! Two ways to drive a worker: bytes in, bytes out; and a link that is talked over, in memory or with a process.
#![cfg(unix)]

pub mod hostile;

use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use procwire::Worker;
use serde_json::Value;

/// How long anything may take before a test gives up on it.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A writer whose bytes can be looked at.
#[derive(Clone, Default)]
pub struct Sink(pub Arc<Mutex<Vec<u8>>>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A reader that hands out one chunk at a time.
pub struct Chunks<'a>(pub Vec<&'a [u8]>);

impl Read for Chunks<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        if self.0.is_empty() {
            return Ok(0);
        }
        let chunk = self.0[0];
        let count = chunk.len().min(bytes.len());
        bytes[..count].copy_from_slice(&chunk[..count]);
        if count == chunk.len() {
            self.0.remove(0);
        } else {
            self.0[0] = &chunk[count..];
        }
        Ok(count)
    }
}

/// What a worker says to `input` before it ends.
pub fn serve(worker: Worker, input: &[u8]) -> Vec<u8> {
    serve_chunks(worker, vec![input]).unwrap()
}

pub fn serve_chunks(worker: Worker, chunks: Vec<&[u8]>) -> io::Result<Vec<u8>> {
    let sink = Sink::default();
    worker.serve(Chunks(chunks), sink.clone())?;
    let bytes = sink.0.lock().unwrap().clone();
    Ok(bytes)
}

/// The messages of a worker that speaks JSON over lines.
pub fn lines(worker: Worker, input: &str) -> Vec<Value> {
    let output = String::from_utf8(serve(worker, input.as_bytes())).unwrap();
    output.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The text of the only line a worker answers.
pub fn answer(worker: Worker, input: &str) -> String {
    let output = String::from_utf8(serve(worker, input.as_bytes())).unwrap();
    assert_eq!(output.matches('\n').count(), 1, "one line: {output}");
    output.trim_end().to_owned()
}

pub fn request(id: impl Into<Value>, method: &str, params: Value) -> String {
    // In the order of nearly every sender: of a message that cannot be read no other is understood.
    format!(r#"{{"jsonrpc":"2.0","id":{},"method":{},"params":{params}}}"#, id.into(), Value::from(method))
}

pub fn cancel(id: impl Into<Value>) -> String {
    serde_json::json!({ "jsonrpc": "2.0", "method": "$/cancelRequest", "params": { "id": id.into() } }).to_string()
}

/// A worker that is talked with in memory, JSON over lines.
pub struct Link {
    writer: Option<UnixStream>,
    messages: Receiver<Value>,
    thread: Option<JoinHandle<io::Result<()>>>,
}

impl Link {
    pub fn open(worker: Worker) -> Link {
        let (input, writer) = UnixStream::pair().unwrap();
        let (output, reader) = UnixStream::pair().unwrap();
        let thread = thread::spawn(move || worker.serve(input, output));
        Link { writer: Some(writer), messages: receive(reader), thread: Some(thread) }
    }

    pub fn send(&mut self, line: &str) {
        writeln!(self.writer.as_mut().unwrap(), "{line}").unwrap();
    }

    pub fn next(&self) -> Value {
        self.messages.recv_timeout(PATIENCE).expect("a message in time")
    }

    /// The next message that answers `id`; others are dropped.
    pub fn answer(&self, id: impl Into<Value>) -> Value {
        let id = id.into();
        loop {
            let message = self.next();
            if message["id"] == id && message.get("method").is_none() {
                return message;
            }
        }
    }

    /// Ends the input and returns what was still said.
    pub fn finish(mut self) -> Vec<Value> {
        drop(self.writer.take());
        let rest = self.messages.iter().collect();
        self.thread.take().unwrap().join().unwrap().unwrap();
        rest
    }
}

/// The compute worker as a process, JSON over lines.
pub struct Process {
    pub child: Child,
    messages: Receiver<Value>,
}

impl Process {
    pub fn run(program: &std::path::Path, args: &[&str]) -> Process {
        let mut child = command(program, args).spawn().unwrap();
        let messages = receive(child.stdout.take().unwrap());
        Process { child, messages }
    }

    pub fn send(&mut self, line: &str) {
        writeln!(self.child.stdin.as_mut().unwrap(), "{line}").unwrap();
    }

    pub fn next(&self) -> Value {
        self.messages.recv_timeout(PATIENCE).expect("a message in time")
    }

    pub fn answer(&self, id: impl Into<Value>) -> Value {
        let id = id.into();
        loop {
            let message = self.next();
            if message["id"] == id && message.get("method").is_none() {
                return message;
            }
        }
    }

    pub fn end_input(&mut self) {
        drop(self.child.stdin.take());
    }

    /// Everything until the output ends.
    pub fn rest(&self) -> Vec<Value> {
        let deadline = Instant::now() + PATIENCE;
        let mut rest = Vec::new();
        loop {
            match self.messages.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(message) => rest.push(message),
                Err(RecvTimeoutError::Disconnected) => return rest,
                Err(RecvTimeoutError::Timeout) => panic!("the output did not end"),
            }
        }
    }

    /// Waits for the exit, `limit` at most.
    pub fn exit_within(&mut self, limit: Duration) -> ExitStatus {
        exit_within(&mut self.child, limit).unwrap_or_else(|| panic!("still alive after {limit:?}"))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn command(program: &std::path::Path, args: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped());
    command
}

/// How a process exits, if it does in time.
pub fn exit_within(child: &mut Child, limit: Duration) -> Option<ExitStatus> {
    let deadline = Instant::now() + limit;
    loop {
        let status = child.try_wait().unwrap();
        if status.is_some() || Instant::now() >= deadline {
            return status;
        }
        thread::sleep(Duration::from_millis(2));
    }
}

pub fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "in vain: {what}");
        thread::sleep(Duration::from_millis(2));
    }
}

pub fn signal(name: &str, process: u32) {
    let status = Command::new("kill").args([name, &process.to_string()]).status().unwrap();
    assert!(status.success());
}

fn receive(output: impl Read + Send + 'static) -> Receiver<Value> {
    let (sender, messages) = channel();
    thread::spawn(move || {
        for line in BufReader::new(output).lines() {
            let Ok(line) = line else { return };
            let message = serde_json::from_str(&line).unwrap_or_else(|_| panic!("not JSON: {line}"));
            if sender.send(message).is_err() {
                return;
            }
        }
    });
    messages
}
