//! What waits is bounded in bytes, wherever it waits.
#![cfg(unix)]

use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};

use procwire::{Context, Fault, Limits, Method, Worker};
use serde_json::{Value, json};
use support::{Link, PATIENCE, cancel, lines, request};

fn note(method: &str, params: Value) -> String {
    json!({ "jsonrpc": "2.0", "method": method, "params": params }).to_string()
}

fn limits(change: impl FnOnce(&mut Limits)) -> Limits {
    let mut limits = Limits::default();
    change(&mut limits);
    limits
}

/// Opens inputs for request 1 of `method`.
fn open_inputs(link: &mut Link, method: &str) {
    link.send(&note("$/input/open", json!({ "id": 1 })));
    link.send(&request(1, method, json!([])));
}

fn items(items: &[String]) -> String {
    note("$/input/items", json!({ "id": 1, "items": items }))
}

/// How many inputs are asked for next.
fn asked(link: &Link) -> usize {
    let message = link.next();
    assert_eq!(message["method"], "$/input/pull", "{message}");
    message["params"]["count"].as_u64().unwrap() as usize
}

/// A worker whose method `read` reads one input for each thing that the test says.
fn reading_one_by_one(worker: Worker) -> (Worker, Sender<()>) {
    let (go, may): (Sender<()>, Receiver<()>) = channel();
    let may = Mutex::new(may);
    let worker = worker.method("read", move |(): (), cx: &Context| {
        let (mut bytes, mut inputs) = (0, cx.input::<String>()?);
        while may.lock().unwrap().recv_timeout(PATIENCE).is_ok() {
            match inputs.next() {
                Some(text) => bytes += text?.len(),
                None => break,
            }
        }
        Ok(bytes)
    });
    (worker, go)
}

#[test]
fn inputs_that_nobody_reads_fail_their_call_when_they_are_too_large_and_nothing_else() {
    let (worker, go) = reading_one_by_one(Worker::new().limits(limits(|limits| limits.input_bytes = 10_000)));
    let mut link = Link::open(worker);
    open_inputs(&mut link, "read");
    go.send(()).unwrap();
    assert_eq!(asked(&link), 1);
    link.send(&items(&["small".into()]));
    assert!(asked(&link) > 3);
    for _ in 0..3 {
        link.send(&items(&["x".repeat(4000)]));
    }
    let error = link.answer(1)["error"].clone();
    assert_eq!((&error["code"], &error["data"]), (&json!(-32600), &json!({ "limit": "inputBytes", "value": 10_000 })));
    link.send(&request(2, "$/ping", json!([])));
    assert_eq!(link.answer(2)["result"], Value::Null);
}

#[test]
fn a_caller_that_keeps_to_its_credit_may_send_items_of_any_size_from_the_first_on() {
    let (worker, go) = reading_one_by_one(Worker::new().limits(limits(|limits| limits.input_bytes = 10_000)));
    let mut link = Link::open(worker);
    open_inputs(&mut link, "read");
    for _ in 0..20 {
        go.send(()).unwrap();
        // More than may wait, one after the other.
        assert_eq!(asked(&link), 1);
        link.send(&items(&["x".repeat(20_000)]));
    }
    go.send(()).unwrap();
    link.send(&note("$/input/end", json!({ "id": 1 })));
    assert_eq!(link.answer(1)["result"], 400_000);
}

#[test]
fn many_small_inputs_are_asked_for_soon() {
    let (worker, go) = reading_one_by_one(Worker::new());
    let mut link = Link::open(worker);
    open_inputs(&mut link, "read");
    (0..100).for_each(|_| go.send(()).unwrap());
    let counts: Vec<usize> = (0..3)
        .map(|_| {
            let count = asked(&link);
            link.send(&items(&vec![String::new(); count.min(32)]));
            count
        })
        .collect();
    assert_eq!(counts[..2], [1, 31]);
    assert!(counts[2] > 900, "{counts:?}");
}

#[test]
fn of_more_inputs_than_were_asked_for_nothing_is_kept() {
    let (worker, go) = reading_one_by_one(Worker::new());
    let mut link = Link::open(worker);
    open_inputs(&mut link, "read");
    go.send(()).unwrap();
    assert_eq!(asked(&link), 1);
    link.send(&items(&vec![String::new(); 10_000]));
    assert_eq!(link.answer(1)["error"]["message"], "more inputs came than were asked for");
}

/// A worker with one thread, which `hold` keeps until it is cancelled.
fn held(worker: Worker) -> (Worker, Receiver<()>) {
    let (enter, entered) = channel();
    let enter = Mutex::new(enter);
    let worker = worker.threads(1).method("hold", move |(): (), cx: &Context| -> Result<(), Fault> {
        enter.lock().unwrap().send(()).unwrap();
        loop {
            cx.check()?;
            std::thread::yield_now();
        }
    });
    (worker, entered)
}

#[test]
fn ids_count_as_bytes_of_requests_that_wait() {
    let (worker, entered) = held(Worker::new().limits(limits(|limits| limits.queued_bytes = 10_000)));
    let mut link = Link::open(worker.method("next", |(): ()| Ok(())));
    link.send(&request(0, "hold", json!([])));
    entered.recv_timeout(PATIENCE).unwrap();
    let id = |name: &str| name.repeat(4000);
    link.send(&request(id("a"), "next", json!([])));
    link.send(&request(id("b"), "next", json!([])));
    let busy = link.answer(id("b"))["error"].clone();
    assert_eq!(busy["data"], json!({ "limit": "queuedBytes", "value": 10_000 }));
    link.send(&cancel(0));
    assert_eq!(link.answer(id("a"))["result"], Value::Null);
}

#[test]
fn answers_that_wait_for_the_rest_of_their_batches_count_as_unread() {
    let (worker, entered) = held(Worker::new().limits(limits(|limits| limits.outbox_bytes = 10_000)));
    let mut link =
        Link::open(worker.register(Method::new("text", |(length,): (usize,)| Ok("x".repeat(length))).inline()));
    link.send(&format!("[{},{}]", request(1, "hold", json!([])), request(2, "text", json!([20_000]))));
    entered.recv_timeout(PATIENCE).unwrap();
    link.send(&request(3, "text", json!([1])));
    assert_eq!(link.answer(3)["error"]["data"], json!({ "limit": "outboxBytes", "value": 10_000 }));
    link.send(&cancel(1));
    let batch = link.next();
    assert_eq!(batch[0]["result"], "x".repeat(20_000));
    assert_eq!(batch[1]["error"]["code"], -32800);
    // The first request after it already is served.
    link.send(&request(4, "text", json!([1])));
    assert_eq!(link.answer(4)["result"], "x");
}

#[test]
fn a_batch_never_answers_more_than_one_message_may_have() {
    let worker = Worker::new()
        .limits(limits(|limits| limits.message_bytes = 20_000))
        .register(Method::new("text", |(length,): (usize,)| Ok("x".repeat(length))).inline());
    let requests: Vec<_> = (0..20).map(|id| request(id, "text", json!([4000]))).collect();
    let answers = lines(worker, &format!("[{}]", requests.join(",")));
    let length = answers[0].to_string().len();
    assert!(length <= 20_000, "{length}");
    let (results, errors): (Vec<_>, Vec<_>) =
        answers[0].as_array().unwrap().iter().partition(|answer| answer.get("result").is_some());
    assert_eq!((results.len(), errors.len()), (4, 16));
    assert!(errors.iter().all(|answer| answer["error"]["data"]["limit"] == "messageBytes"));
}
