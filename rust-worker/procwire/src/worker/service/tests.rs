//! A parent that does not read. Its pipe has no room, so what is said waits in the outbox.

use std::io::{self, Read};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::Served;
use crate::link::sink::Sink;
use crate::link::source::Reading;
use crate::peer::session::Session;
use crate::{Context, Fault, Limits, Method, Worker};

const LIMIT: usize = 10_000;
const PATIENCE: Duration = Duration::from_secs(20);

/// Keeps what is written, from the moment on that the parent begins to read.
struct Pipe {
    begins: Option<Receiver<()>>,
    written: Arc<Mutex<Vec<u8>>>,
}

impl Sink for Pipe {
    fn try_write(&mut self, _: &[u8]) -> io::Result<Option<usize>> {
        Ok(None)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some(begins) = self.begins.take() {
            begins.recv_timeout(PATIENCE).map_err(|_| io::ErrorKind::TimedOut)?;
        }
        self.written.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
}

/// What the parent writes, in parts; between the two it reads all that has been said.
struct Parent {
    session: Arc<Session>,
    first: Vec<u8>,
    then: Vec<u8>,
    begin: Option<Sender<()>>,
    /// Bytes that waited when it began to read.
    unread: Arc<Mutex<usize>>,
}

impl Read for Parent {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.first.is_empty() {
            if let Some(begin) = self.begin.take() {
                let outbox = &self.session.outbox;
                *self.unread.lock().unwrap() = outbox.pending();
                begin.send(()).unwrap();
                assert!(outbox.wait_below(0, Some(Instant::now() + PATIENCE)));
                self.first = std::mem::take(&mut self.then);
            }
        }
        let count = self.first.len().min(into.len());
        into[..count].copy_from_slice(&self.first[..count]);
        self.first.drain(..count);
        Ok(count)
    }
}

/// A service whose parent reads once it is told to, and what it reads.
fn unread_service(worker: Worker) -> (Sender<()>, Served, Arc<Mutex<Vec<u8>>>) {
    let limits = Limits { outbox_bytes: LIMIT, ..Limits::default() };
    let (begin, begins) = channel();
    let written = Arc::default();
    let pipe = Pipe { begins: Some(begins), written: Arc::clone(&written) };
    let service = worker.limits(limits).into_service(Box::new(pipe), Box::new(|_| {})).unwrap();
    service.session.outbox.start_helper().unwrap();
    (begin, service, written)
}

/// Serves requests that come while the parent does not read, and others that come later. Tells what was said, and how
/// many bytes of it waited.
fn serve(worker: Worker, first: &str, then: &str) -> (Vec<Value>, usize) {
    let (begin, service, written) = unread_service(worker);
    let unread = Arc::default();
    let parent = Parent {
        session: Arc::clone(&service.session),
        first: first.into(),
        then: then.into(),
        begin: Some(begin),
        unread: Arc::clone(&unread),
    };
    service.run(&mut Reading::new(parent)).unwrap();
    let written = String::from_utf8(written.lock().unwrap().clone()).unwrap();
    let unread = *unread.lock().unwrap();
    (written.lines().map(|line| serde_json::from_str(line).unwrap()).collect(), unread)
}

/// Blanks, behind which a message comes in another chunk.
fn another_chunk() -> String {
    " ".repeat(64 * 1024) + "\n"
}

fn request(id: usize, method: &str, params: Value) -> String {
    json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }).to_string() + "\n"
}

#[test]
fn requests_are_refused_while_too_many_answers_are_unread_and_served_at_once_when_they_are_read() {
    let worker = Worker::new().register(Method::new("text", |(length,): (usize,)| Ok("x".repeat(length))).inline());
    // Only from the second chunk on it is known that the parent does not keep up.
    let rest: String = (1..51).map(|id| request(id, "text", json!([10]))).collect();
    let first = request(0, "text", json!([LIMIT])) + &another_chunk() + &rest;
    let (answers, unread) = serve(worker, &first, &request(51, "text", json!([10])));
    assert!(unread > LIMIT);
    let busy = json!({ "limit": "outboxBytes", "value": LIMIT });
    assert!(answers[1..51].iter().all(|answer| answer["error"]["data"] == busy));
    assert_eq!((answers.len(), &answers[51]["result"]), (52, &json!("xxxxxxxxxx")));
}

#[test]
fn a_handler_on_the_reader_cannot_fill_the_memory_with_what_nobody_reads() {
    let (begin, service, _) = unread_service(Worker::new());
    let session = service.session;
    let cx = Context::new(&session, Arc::default(), None);
    let fault = (0..1_000_000).find_map(|i| {
        cx.log("line");
        cx.progress(&i).unwrap();
        cx.notify("flood", &["x".repeat(100)]).err()
    });
    assert_eq!(fault, Some(Fault::busy("outboxBytes", LIMIT)));
    let unread = session.outbox.pending();
    assert!((2 * LIMIT..3 * LIMIT).contains(&unread), "{unread}");
    begin.send(()).unwrap();
    assert!(session.outbox.wait_below(0, Some(Instant::now() + PATIENCE)));
    cx.notify("more", &[1]).unwrap();
    session.end("", PATIENCE);
}

#[test]
fn a_handler_that_is_cancelled_and_goes_on_cannot_fill_the_memory_either() {
    let (tell, told) = channel();
    let (tell, told) = (Mutex::new(tell), Mutex::new(told));
    let waits = Arc::new(AtomicUsize::new(0));
    let waited = Arc::clone(&waits);
    let flood = move |(): (), cx: &Context| {
        tell.lock().unwrap().send(None).unwrap();
        // Until the last request is admitted, which the flood would have refused.
        while !cx.is_cancelled() || waits.load(Ordering::SeqCst) < 2 {
            std::thread::yield_now();
        }
        let fault = (0..1_000_000).find_map(|_| cx.notify("flood", &["x".repeat(100)]).err());
        tell.lock().unwrap().send(fault.map(|fault| fault.code)).unwrap();
        Ok(())
    };
    let wait = move |(): ()| {
        waited.fetch_add(1, Ordering::SeqCst);
        Ok(told.lock().unwrap().recv_timeout(PATIENCE).unwrap())
    };
    let worker = Worker::new()
        .threads(1)
        .register(Method::new("now", |(): ()| Ok(())).inline())
        .method("flood", flood)
        .register(Method::new("wait", wait).inline());
    let cancel = json!({ "jsonrpc": "2.0", "method": "$/cancelRequest", "params": { "id": 1 } }).to_string() + "\n";
    // In chunks of their own: another thread writes and waits for the parent before the handler begins to speak.
    let first = request(0, "now", json!([])) + &another_chunk() + &request(1, "flood", json!([]));
    let first = first + &request(2, "wait", json!([])) + &cancel + &another_chunk() + &request(3, "wait", json!([]));
    let (said, unread) = serve(worker, &first, "");
    assert!((LIMIT..2 * LIMIT).contains(&unread), "{unread}");
    assert_eq!(said.last().unwrap()["result"], -32800);
}
