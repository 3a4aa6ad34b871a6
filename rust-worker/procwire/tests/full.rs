//! A writer that has no room: the reader goes on, whatever the writer is.
#![cfg(unix)]

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use procwire::{Context, Limits, Method, Worker};
use serde_json::json;
use support::{PATIENCE, cancel, request};

/// More than any pipe or socket takes while nobody reads.
const MUCH: usize = 4 * 1024 * 1024;

/// What a worker was seen to do while nobody read what it said.
#[derive(Debug, PartialEq)]
enum Heard {
    Waiting,
    Cancelled,
    Notified,
}

struct Unread {
    input: UnixStream,
    heard: Receiver<Heard>,
    served: JoinHandle<io::Result<()>>,
}

impl Unread {
    /// Fills the writer with one large answer of the reader's own.
    fn open(writer: impl Write + Send + 'static) -> Unread {
        let (input, theirs) = UnixStream::pair().unwrap();
        let (sender, heard) = channel();
        let worker = worker(sender);
        let served = thread::spawn(move || worker.serve(theirs, writer));
        let mut unread = Unread { input, heard, served };
        unread.send(&request(1, "text", json!([MUCH])));
        unread
    }

    fn send(&mut self, line: &str) {
        writeln!(self.input, "{line}").unwrap();
    }

    fn hears(&self) -> Heard {
        self.heard.recv_timeout(PATIENCE).expect("the reader goes on")
    }

    fn cancels_and_notifies(&mut self) {
        self.send(&request(2, "wait", json!([])));
        assert_eq!(self.hears(), Heard::Waiting);
        self.send(&request("ping", "$/ping", json!([])));
        self.send(&cancel(2));
        assert_eq!(self.hears(), Heard::Cancelled);
        self.send(r#"{"jsonrpc":"2.0","method":"notify"}"#);
        assert_eq!(self.hears(), Heard::Notified);
    }

    fn shuts_down(mut self) {
        let started = Instant::now();
        self.send(r#"{"jsonrpc":"2.0","method":"shutdown"}"#);
        while !self.served.is_finished() {
            assert!(started.elapsed() < PATIENCE, "shutdown is heard");
            thread::sleep(Duration::from_millis(5));
        }
        self.served.join().unwrap().unwrap();
    }
}

fn worker(heard: Sender<Heard>) -> Worker {
    let heard = Mutex::new(heard);
    let tell = move |what| heard.lock().unwrap().send(what).unwrap();
    let tell = std::sync::Arc::new(tell);
    let told = tell.clone();
    let mut limits = Limits::default();
    limits.grace = Duration::from_secs(1);
    Worker::new()
        .limits(limits)
        .register(Method::new("text", |(length,): (usize,)| Ok("x".repeat(length))).inline())
        .method("wait", move |(): (), cx: &Context| {
            tell(Heard::Waiting);
            while !cx.is_cancelled() {
                thread::yield_now();
            }
            tell(Heard::Cancelled);
            Ok(())
        })
        .on("notify", move |()| told(Heard::Notified))
}

/// A process that never reads its input, which is a pipe.
struct Deaf(Child);

impl Deaf {
    fn start() -> Deaf {
        Deaf(Command::new("sleep").arg("600").stdin(Stdio::piped()).spawn().unwrap())
    }
}

impl Drop for Deaf {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn cancel_ping_and_shutdown_are_heard_while_a_socket_is_full_that_nobody_reads() {
    let (_output, theirs) = UnixStream::pair().unwrap();
    let mut unread = Unread::open(theirs);
    unread.cancels_and_notifies();
    unread.shuts_down();
}

#[test]
fn cancel_ping_and_shutdown_are_heard_while_a_pipe_is_full_that_nobody_reads() {
    let mut deaf = Deaf::start();
    let mut unread = Unread::open(deaf.0.stdin.take().unwrap());
    unread.cancels_and_notifies();
    unread.shuts_down();
}

#[test]
fn what_was_said_meanwhile_comes_in_order_once_somebody_reads() {
    let (output, theirs) = UnixStream::pair().unwrap();
    let mut unread = Unread::open(theirs);
    unread.cancels_and_notifies();
    let read = thread::spawn(move || {
        let mut text = String::new();
        (&output).read_to_string(&mut text).map(|_| text)
    });
    unread.shuts_down();
    let text = read.join().unwrap().unwrap();
    let ids: Vec<_> = text.lines().map(|line| line[..40.min(line.len())].to_owned()).collect();
    assert_eq!(ids.len(), 3, "{ids:?}");
    assert!(ids[0].starts_with(r#"{"jsonrpc":"2.0","id":1,"result":"xxx"#));
    assert!(ids[1].starts_with(r#"{"jsonrpc":"2.0","id":"ping","result":nu"#), "{ids:?}");
    assert!(ids[2].starts_with(r#"{"jsonrpc":"2.0","id":2,"error":"#), "{ids:?}");
}

/// A writer of somebody who did not think of everything.
struct Panics;

impl Write for Panics {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        panic!("no room for that")
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Says that it read more than it was asked for.
struct Boasts;

impl Read for Boasts {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        Ok(bytes.len() + 1)
    }
}

#[test]
fn a_writer_that_panics_ends_the_link_with_an_error_and_not_the_thread() {
    let input = request(1, "$/ping", json!([]));
    let error = Worker::new().serve(input.as_bytes(), Panics).unwrap_err();
    assert!(error.to_string().contains("the writer panicked"), "{error}");
}

#[test]
fn a_reader_that_boasts_ends_the_link_with_an_error() {
    let error = Worker::new().serve(Boasts, io::sink()).unwrap_err();
    assert!(error.to_string().contains("the reader says it read"), "{error}");
}
