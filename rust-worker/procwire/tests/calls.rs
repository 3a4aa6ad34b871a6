//! Calls in flight: each answered once, whatever happens meanwhile.
#![cfg(unix)]

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use procwire::{Context, Fault, Limits, Method, Worker};
use serde_json::{Value, json};
use support::{Link, PATIENCE, answer, cancel, lines, request};

/// A worker with one thread and a method `wait` that holds it until the test says so, or the call is cancelled.
struct Gate {
    entered: Receiver<()>,
    open: Arc<AtomicBool>,
}

fn gated(worker: Worker) -> (Worker, Gate) {
    let (enter, entered) = channel();
    let enter: Mutex<Sender<()>> = Mutex::new(enter);
    let open = Arc::new(AtomicBool::new(false));
    let opened = Arc::clone(&open);
    let worker = worker.threads(1).method("wait", move |(): (), cx: &Context| {
        enter.lock().unwrap().send(()).unwrap();
        while !opened.load(Ordering::Acquire) {
            cx.check()?;
            std::thread::yield_now();
        }
        Ok("waited")
    });
    (worker, Gate { entered, open })
}

impl Gate {
    fn wait_entered(&self) {
        self.entered.recv_timeout(PATIENCE).unwrap();
    }

    fn open(&self) {
        self.open.store(true, Ordering::Release);
    }
}

#[test]
fn a_running_call_is_answered_when_it_is_cancelled_and_never_again() {
    let (worker, gate) = gated(Worker::new());
    let mut link = Link::open(worker);
    link.send(&request(1, "wait", json!([])));
    gate.wait_entered();
    link.send(&cancel(1));
    assert_eq!(link.next()["error"], json!({ "code": -32800, "message": "Request cancelled" }));
    link.send(&request(2, "$/ping", json!([])));
    assert_eq!(link.next()["id"], 2);
    gate.open();
    assert_eq!(link.finish(), Vec::<Value>::new());
}

#[test]
fn a_queued_call_that_is_cancelled_never_runs() {
    let ran = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&ran);
    let (worker, gate) = gated(Worker::new());
    let mut link = Link::open(worker.method("count", move |(): ()| Ok(counter.fetch_add(1, Ordering::SeqCst))));
    link.send(&request("w", "wait", json!([])));
    gate.wait_entered();
    link.send(&request("c", "count", json!([])));
    link.send(&cancel("c"));
    assert_eq!(link.answer("c")["error"]["code"], -32800);
    gate.open();
    assert_eq!(link.answer("w")["result"], "waited");
    assert_eq!(link.finish(), Vec::<Value>::new());
    assert_eq!(ran.load(Ordering::SeqCst), 0);
}

#[test]
fn cancelling_the_number_does_not_cancel_the_string() {
    let (worker, gate) = gated(Worker::new());
    let mut link = Link::open(worker);
    link.send(&request("1", "wait", json!([])));
    gate.wait_entered();
    link.send(&cancel(1));
    link.send(&request(2, "$/ping", json!([])));
    assert_eq!(link.next()["id"], 2);
    gate.open();
    assert_eq!(link.answer("1")["result"], "waited");
}

#[test]
fn a_second_request_with_an_id_in_flight_is_refused_and_the_first_is_answered() {
    let (worker, gate) = gated(Worker::new().register(Method::new("now", |(): ()| Ok(1)).inline()));
    let mut link = Link::open(worker);
    link.send(&request(1, "wait", json!([])));
    gate.wait_entered();
    for method in ["wait", "now", "$/ping", "rpc.discover", "shutdown"] {
        link.send(&request(1, method, json!([])));
        assert_eq!(link.next()["error"]["code"], -32600);
    }
    gate.open();
    assert_eq!(link.next()["result"], "waited");
    link.send(&request(1, "now", json!([])));
    assert_eq!(link.next()["result"], 1);
}

#[test]
fn a_full_queue_says_busy_at_once_and_loses_nothing() {
    let mut limits = Limits::default();
    limits.queued = 2;
    let (worker, gate) = gated(Worker::new().limits(limits));
    let mut link = Link::open(worker);
    link.send(&request(0, "wait", json!([])));
    gate.wait_entered();
    for id in 1..=4 {
        link.send(&request(id, "wait", json!([])));
    }
    for id in [3, 4] {
        let busy = link.next();
        assert_eq!(busy["id"], id);
        assert_eq!(busy["error"]["code"], -32000);
        assert_eq!(busy["error"]["data"], json!({ "limit": "queuedRequests", "value": 2 }));
    }
    gate.open();
    for id in 0..=2 {
        assert_eq!(link.next()["id"], id);
    }
}

#[test]
fn a_full_queue_counts_bytes_too() {
    let mut limits = Limits::default();
    limits.queued_bytes = 100;
    let (worker, gate) = gated(Worker::new().limits(limits).method("size", |text: (String,)| Ok(text.0.len())));
    let mut link = Link::open(worker);
    link.send(&request(0, "wait", json!([])));
    gate.wait_entered();
    for id in 1..=2 {
        link.send(&request(id, "size", json!(["x".repeat(80)])));
    }
    assert_eq!(link.next()["error"]["data"]["limit"], "queuedBytes");
    gate.open();
    assert_eq!(link.answer(1)["result"], 80);
}

#[test]
fn a_panic_is_an_error_with_the_right_id_and_the_thread_lives_on() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("while dropping the payload");
        }
    }
    let boom = |(): ()| -> Result<(), Fault> { panic!("out of {}", "luck") };
    let worker = Worker::new()
        .threads(1)
        .method("boom", boom)
        .register(Method::new("boom_inline", boom).inline())
        .method("bomb", |(): ()| -> Result<(), Fault> { std::panic::panic_any(Bomb) })
        .method("fine", |(): ()| Ok(true));
    let mut link = Link::open(worker);
    for (id, method) in ["boom", "boom_inline", "bomb", "boom"].into_iter().enumerate() {
        link.send(&request(id, method, json!([])));
        let message = link.next();
        assert_eq!(message["id"], id);
        assert_eq!(message["error"]["code"], -32603);
        if method != "bomb" {
            assert_eq!(message["error"]["data"]["panic"], "out of luck");
            assert!(message["error"]["data"]["at"].as_str().unwrap().contains("calls.rs"));
        }
    }
    link.send(&request(9, "fine", json!([])));
    assert_eq!(link.next()["result"], true);
}

#[test]
fn progress_and_notifications_arrive_before_the_answer_in_their_order() {
    let speak = |(): (), cx: &Context| {
        cx.progress(&0.5)?;
        cx.notify("seen", &json!({ "n": 1 }))?;
        cx.log("working");
        cx.progress("done")?;
        Ok(1)
    };
    for worker in [Worker::new().method("speak", speak), Worker::new().register(Method::new("speak", speak).inline())] {
        let messages = lines(worker, &request("id", "speak", json!([])));
        assert_eq!(
            messages,
            [
                json!({ "jsonrpc": "2.0", "method": "$/progress", "params": { "token": "id", "value": 0.5 } }),
                json!({ "jsonrpc": "2.0", "method": "seen", "params": { "n": 1 } }),
                json!({ "jsonrpc": "2.0", "method": "log", "params": { "message": "working" } }),
                json!({ "jsonrpc": "2.0", "method": "$/progress", "params": { "token": "id", "value": "done" } }),
                json!({ "jsonrpc": "2.0", "id": "id", "result": 1 }),
            ]
        );
    }
}

#[test]
fn calls_with_one_key_run_one_after_the_other_in_order() {
    let inside = Arc::new(AtomicUsize::new(0));
    let order = Arc::new(Mutex::new(Vec::new()));
    let (guard, seen) = (Arc::clone(&inside), Arc::clone(&order));
    let put = move |value: (u32,)| {
        assert_eq!(guard.fetch_add(1, Ordering::SeqCst), 0, "two at a time");
        std::thread::yield_now();
        seen.lock().unwrap().push(value.0);
        guard.fetch_sub(1, Ordering::SeqCst);
        Ok(())
    };
    let worker = Worker::new()
        .threads(4)
        .register(Method::new("put", put.clone()).serial("table"))
        .register(Method::new("put_too", put).serial("table"));
    let input: String =
        (0..200).map(|id| request(id, if id % 2 == 0 { "put" } else { "put_too" }, json!([id])) + "\n").collect();
    let answers = lines(worker, &input);
    assert!(answers.iter().all(|answer| answer["result"].is_null() && answer.get("error").is_none()));
    assert_eq!(*order.lock().unwrap(), (0..200).collect::<Vec<_>>());
}

#[test]
fn a_result_above_the_limit_becomes_an_error_and_the_link_lives() {
    let mut limits = Limits::default();
    limits.message_bytes = 2000;
    for worker in [Worker::new().register(Method::new("big", big).inline()), Worker::new().method("big", big)] {
        let worker = worker.limits(limits.clone());
        let [one, two] = [(1, 3000), (2, 10)].map(|(id, size)| request(id, "big", json!([size])));
        let mut answers = lines(worker, &format!("{one}\n{two}\n"));
        answers.sort_by_key(|answer| answer["id"].as_i64());
        assert_eq!(answers[0]["error"]["code"], -32603);
        assert_eq!(answers[0]["error"]["data"], json!({ "limit": "messageBytes", "value": 2000 }));
        assert_eq!(answers[1]["result"], "x".repeat(10));
    }
}

fn big(size: (usize,)) -> Result<String, Fault> {
    Ok("x".repeat(size.0))
}

#[test]
fn a_result_that_cannot_be_encoded_becomes_an_error() {
    let bad = |(): ()| Ok(std::collections::HashMap::from([((1, 2), 3)]));
    let message = answer(Worker::new().register(Method::new("bad", bad).inline()), &request(1, "bad", json!([])));
    assert!(message.contains(r#""id":1,"error":{"code":-32603"#), "{message}");
}

#[test]
fn listeners_hear_notifications_in_order() {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let hears = Arc::clone(&heard);
    let worker = Worker::new().on("note", move |n: (u32,)| hears.lock().unwrap().push(n.0));
    let input: String =
        (0..100).map(|n| format!("{{\"jsonrpc\":\"2.0\",\"method\":\"note\",\"params\":[{n}]}}\n")).collect();
    assert_eq!(lines(worker, &input), Vec::<Value>::new());
    assert_eq!(*heard.lock().unwrap(), (0..100).collect::<Vec<_>>());
}

#[test]
fn open_calls_are_cancelled_and_answered_at_a_shutdown() {
    let (worker, gate) = gated(Worker::new());
    let mut link = Link::open(worker);
    link.send(&request(1, "wait", json!([])));
    gate.wait_entered();
    link.send(&request(2, "wait", json!([])));
    link.send(r#"{"jsonrpc":"2.0","method":"shutdown"}"#);
    let mut answered: Vec<_> = (0..2).map(|_| link.next()).collect();
    answered.sort_by_key(|answer| answer["id"].as_i64());
    assert!(answered.iter().zip(1..).all(|(answer, id)| answer["id"] == id && answer["error"]["code"] == -32800));
}

#[test]
fn thousands_of_mixed_calls_are_each_answered_once() {
    let worker =
        Worker::new().register(Method::new("now", |n: (u32,)| Ok(n.0)).inline()).method("later", |n: (u32,)| Ok(n.0));
    let mut limits = Limits::default();
    limits.queued = 10_000;
    let input: String =
        (0..5000).map(|id| request(id, if id % 3 == 0 { "later" } else { "now" }, json!([id])) + "\n").collect();
    let mut answers = lines(worker.limits(limits), &input);
    answers.sort_by_key(|answer| answer["id"].as_i64());
    assert_eq!(answers.len(), 5000);
    for (id, answer) in answers.iter().enumerate() {
        assert_eq!((&answer["id"], &answer["result"]), (&json!(id), &json!(id)));
    }
}
