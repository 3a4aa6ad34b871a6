//! A child's stderr: always read, because a full pipe would stop the child; its last bytes are kept for errors.

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use crate::link::stdio::report;
use crate::locks;
use crate::threads;

/// A longer line is handed on in parts, in bytes.
const LONGEST_LINE: usize = 64 * 1024;
const AT_ONCE: usize = 16 * 1024;

/// Gets each line of a child's stderr, without its end.
pub(crate) type OnLine = Arc<dyn Fn(&str) + Send + Sync>;

/// Where a child's stderr goes, besides into errors.
#[derive(Clone)]
pub(crate) enum Forward {
    /// To the stderr of this process.
    Inherit,
    Ignore,
    Lines(OnLine),
}

/// The last part of what was read.
pub(crate) struct Tail {
    limit: usize,
    state: Mutex<Kept>,
    ended: Condvar,
}

#[derive(Default)]
struct Kept {
    bytes: VecDeque<u8>,
    has_ended: bool,
}

impl Tail {
    pub fn new(limit: usize) -> Self {
        Tail { limit, state: Mutex::default(), ended: Condvar::new() }
    }

    fn keep(&self, bytes: &[u8]) {
        let kept = &mut locks::lock(&self.state).bytes;
        kept.extend(&bytes[bytes.len().saturating_sub(self.limit)..]);
        let surplus = kept.len().saturating_sub(self.limit);
        kept.drain(..surplus);
    }

    fn end(&self) {
        locks::lock(&self.state).has_ended = true;
        self.ended.notify_all();
    }

    /// What there is, once the stream has ended, or so much time has passed.
    pub fn text(&self, at_most: Duration) -> String {
        let deadline = Instant::now() + at_most;
        let mut kept = locks::lock(&self.state);
        while !kept.has_ended {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            kept = locks::wait_timeout(&self.ended, kept, left);
        }
        String::from_utf8_lossy(kept.bytes.make_contiguous()).into_owned()
    }
}

/// Reads a stream to its end on a thread of its own.
pub(crate) fn drain(stream: impl Read + Send + 'static, tail: Arc<Tail>, forward: Forward) -> io::Result<()> {
    threads::start("stderr", threads::SMALL, move || read_all(stream, &tail, forward)).map(drop)
}

fn read_all(mut stream: impl Read, tail: &Tail, forward: Forward) {
    let mut bytes = [0; AT_ONCE];
    let mut lines = Lines { line: Vec::new(), forward };
    loop {
        match stream.read(&mut bytes) {
            Ok(0) => break,
            Ok(count) => {
                tail.keep(&bytes[..count]);
                lines.push(&bytes[..count]);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            // A broken stderr says nothing that the exit does not say better.
            Err(_) => break,
        }
    }
    lines.end();
    tail.end();
}

struct Lines {
    line: Vec<u8>,
    forward: Forward,
}

impl Lines {
    fn push(&mut self, bytes: &[u8]) {
        match self.forward {
            Forward::Ignore => {}
            // One that nobody reads is nobody's loss.
            Forward::Inherit => drop(io::stderr().write_all(bytes)),
            Forward::Lines(_) => self.split(bytes),
        }
    }

    fn split(&mut self, mut bytes: &[u8]) {
        while let Some(end) = memchr::memchr(b'\n', bytes) {
            self.line.extend_from_slice(&bytes[..end]);
            self.tell();
            bytes = &bytes[end + 1..];
        }
        self.line.extend_from_slice(bytes);
        if self.line.len() > LONGEST_LINE {
            self.tell();
        }
    }

    fn end(&mut self) {
        if !self.line.is_empty() {
            self.tell();
        }
    }

    /// A function of the user's: where it panics the next line is handed to it all the same.
    fn tell(&mut self) {
        let Forward::Lines(on_line) = &self.forward else { return };
        let text = String::from_utf8_lossy(self.line.strip_suffix(b"\r").unwrap_or(&self.line));
        if catch_unwind(AssertUnwindSafe(|| on_line(&text))).is_err() {
            report("the function that gets the lines of a worker's stderr panicked");
        }
        self.line.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_bytes_are_kept_and_lines_come_whole() {
        let tail = Arc::new(Tail::new(8));
        let lines = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&lines);
        let on_line: OnLine = Arc::new(move |line| {
            seen.lock().unwrap().push(line.to_owned());
            assert_ne!(line, "two", "a function that panics gets the next line all the same");
        });
        read_all(&b"one\r\ntwo\nthree"[..], &tail, Forward::Lines(on_line));
        assert_eq!(*lines.lock().unwrap(), ["one", "two", "three"]);
        assert_eq!(tail.text(Duration::ZERO), "wo\nthree");
    }
}
