//! Calls whose time is limited.
#![cfg(unix)]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use procwire::{Context, DEADLINE_EXCEEDED, Fault, Method, Stream, Worker};
use serde_json::{Value, json};
use support::{Link, lines, request};

const SHORT: Duration = Duration::from_millis(5);
const LONG: Duration = Duration::from_secs(3600);

fn forever(_: (), cx: &Context) -> Result<(), Fault> {
    loop {
        cx.check()?;
        std::thread::yield_now();
    }
}

fn expired() -> Value {
    json!({ "code": DEADLINE_EXCEEDED, "message": "Deadline exceeded" })
}

#[test]
fn a_call_whose_time_is_up_is_answered_and_its_thread_serves_the_next() {
    let worker = Worker::new()
        .threads(1)
        .register(Method::new("forever", forever).deadline(SHORT))
        .method("next", |(): ()| Ok(1));
    let mut link = Link::open(worker);
    link.send(&request(1, "forever", json!([])));
    link.send(&request(2, "next", json!([])));
    assert_eq!(link.next()["error"], expired());
    assert_eq!(link.next()["result"], 1);
    assert_eq!(link.finish(), Vec::<Value>::new());
}

#[test]
fn a_call_whose_time_is_up_while_it_waits_for_a_thread_does_not_run() {
    let ran = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&ran);
    let worker = Worker::new()
        .threads(1)
        .method("wait", |(): (), cx: &Context| Ok(cx.input::<Value>()?.count()))
        .register(Method::new("count", move |(): ()| Ok(counter.fetch_add(1, Ordering::SeqCst))).deadline(SHORT));
    let mut link = Link::open(worker);
    link.send(r#"{"jsonrpc":"2.0","method":"$/input/open","params":{"id":1}}"#);
    link.send(&request(1, "wait", json!([])));
    assert_eq!(link.next()["method"], "$/input/pull");
    link.send(&request(2, "count", json!([])));
    assert_eq!(link.answer(2)["error"], expired());
    link.send(r#"{"jsonrpc":"2.0","method":"$/input/end","params":{"id":1}}"#);
    assert_eq!(link.answer(1)["result"], 0);
    assert_eq!(link.finish(), Vec::<Value>::new());
    assert_eq!(ran.load(Ordering::SeqCst), 0);
}

#[test]
fn who_waits_for_the_parent_is_woken_when_the_time_is_up() {
    let worker = Worker::new()
        .max_time(SHORT)
        .method("ask", |(): (), cx: &Context| cx.call::<_, Value>("never", &()))
        .method("input", |(): (), cx: &Context| Ok(cx.input::<Value>()?.count()))
        .register(Method::stream("items", |(): (), out: &mut Stream<'_>| (0..).try_for_each(|i: u64| out.send(&i))));
    let mut link = Link::open(worker);
    link.send(&request(1, "ask", json!([])));
    link.send(r#"{"jsonrpc":"2.0","method":"$/input/open","params":{"id":2}}"#);
    link.send(&request(2, "input", json!([])));
    link.send(r#"{"jsonrpc":"2.0","method":"$/stream/pull","params":{"id":3,"count":1}}"#);
    link.send(&request(3, "items", json!([])));
    let mut errors: Vec<(u64, Value)> = Vec::new();
    while errors.len() < 3 {
        let message = link.next();
        if message.get("method").is_none() {
            errors.push((message["id"].as_u64().unwrap(), message["error"].clone()));
        }
    }
    errors.sort_by_key(|(id, _)| *id);
    assert_eq!(errors, [(1, expired()), (2, expired()), (3, expired())]);
}

#[test]
fn a_handler_knows_its_deadline_and_one_of_its_own_goes_before_that_of_all() {
    let asked = Instant::now();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let note = |seen: &Arc<Mutex<Vec<_>>>| {
        let seen = Arc::clone(seen);
        move |(): (), cx: &Context| {
            seen.lock().unwrap().push((cx.deadline(), cx.remaining()));
            Ok(())
        }
    };
    let worker = Worker::new()
        .threads(1)
        .max_time(LONG)
        .method("general", note(&seen))
        .register(Method::new("own", note(&seen)).deadline(2 * LONG))
        .register(Method::new("never", note(&seen)).deadline(Duration::MAX))
        .register(Method::new("cheap", note(&seen)).inline_if(|_| true));
    let calls = ["general", "own", "never", "cheap"].map(|method| request(method, method, json!([])));
    let mut link = Link::open(worker);
    for (call, method) in calls.iter().zip(["general", "own", "never", "cheap"]) {
        link.send(call);
        assert_eq!(link.answer(method)["result"], Value::Null);
    }
    let seen = seen.lock().unwrap();
    let within = |(deadline, remaining): (Option<Instant>, Option<Duration>), time: Duration| {
        assert!(deadline.unwrap() >= asked + time);
        assert!(remaining.unwrap() <= time && remaining.unwrap() > time / 2);
    };
    within(seen[0], LONG);
    within(seen[1], 2 * LONG);
    assert_eq!(seen[2..], [(None, None), (None, None)]);
}

#[test]
fn the_answer_in_a_batch_and_at_the_end_of_the_input_is_not_lost() {
    let worker = || Worker::new().threads(2).max_time(SHORT).method("forever", forever);
    let batch = format!("[{},{}]", request(1, "forever", json!([])), request(2, "$/ping", json!([])));
    let answers = lines(worker(), &batch);
    let answers = answers[0].as_array().unwrap();
    assert!(answers.iter().any(|answer| answer["id"] == 1 && answer["error"] == expired()));
    for _ in 0..20 {
        assert_eq!(lines(worker(), &request(1, "forever", json!([])))[0]["error"], expired());
    }
}

#[test]
fn a_cancel_before_the_deadline_is_a_cancel() {
    let worker = Worker::new().register(Method::new("forever", forever).deadline(LONG));
    let mut link = Link::open(worker);
    link.send(&request(1, "forever", json!([])));
    link.send(&support::cancel(1));
    assert_eq!(link.next()["error"]["code"], -32800);
    assert_eq!(link.finish(), Vec::<Value>::new());
}
