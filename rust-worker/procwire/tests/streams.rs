//! Streamed answers, inputs of requests, and requests to the parent.
#![cfg(unix)]

use std::time::{Duration, Instant};

use procwire::{Context, Fault, Method, Stream, Worker};
use serde_json::{Value, json};
use support::{Link, cancel, lines, request};

fn note(method: &str, params: Value) -> String {
    json!({ "jsonrpc": "2.0", "method": method, "params": params }).to_string()
}

fn pull(id: impl Into<Value>, count: u64) -> String {
    note("$/stream/pull", json!({ "id": id.into(), "count": count }))
}

fn count(worker: Worker) -> Worker {
    worker.register(Method::stream("count", |(n,): (u64,), out: &mut Stream<'_>| {
        for i in 0..n {
            out.send(&i)?;
        }
        Ok(n)
    }))
}

fn total(worker: Worker) -> Worker {
    worker.method("total", |(): (), cx: &Context| cx.input::<f64>()?.sum::<Result<f64, Fault>>())
}

/// The items of one `$/stream/items`.
fn items(message: &Value) -> Vec<Value> {
    assert_eq!(message["method"], "$/stream/items", "{message}");
    message["params"]["items"].as_array().unwrap().clone()
}

/// So many items, in as many messages as they happen to come in.
fn take(link: &Link, count: usize) -> Vec<Value> {
    let mut all = Vec::new();
    while all.len() < count {
        all.extend(items(&link.next()));
    }
    all
}

/// The items that arrive for `id` until its answer, and the answer.
fn collect(link: &Link, id: u64) -> (Vec<Value>, Value) {
    let mut all = Vec::new();
    loop {
        let message = link.next();
        if message["id"] == id {
            return (all, message);
        }
        assert_eq!(message["params"]["id"], id);
        all.extend(items(&message));
    }
}

#[test]
fn a_stream_sends_its_items_in_order_and_ends_with_the_answer() {
    let mut link = Link::open(count(Worker::new()));
    link.send(&format!("{}\n{}", pull(1, 5000), request(1, "count", json!([2000]))));
    let (all, answer) = collect(&link, 1);
    assert_eq!(all, (0..2000).map(Value::from).collect::<Vec<_>>());
    assert_eq!(answer, json!({ "jsonrpc": "2.0", "id": 1, "result": 2000 }));
}

#[test]
fn no_item_leaves_that_was_not_asked_for() {
    let mut link = Link::open(count(Worker::new()));
    link.send(&format!("{}\n{}", pull(1, 3), request(1, "count", json!([10]))));
    assert_eq!(take(&link, 3), [0, 1, 2]);
    link.send(&request("p", "$/ping", json!([])));
    assert_eq!(link.next()["id"], "p");
    link.send(&pull(1, 4));
    assert_eq!(take(&link, 4), [3, 4, 5, 6]);
    link.send(&format!("{}\n{}", pull(1, 1), pull(1, 100)));
    let (all, answer) = collect(&link, 1);
    assert_eq!(all, [7, 8, 9]);
    assert_eq!(answer["result"], 10);
}

#[test]
fn announcements_add_up_and_belong_to_one_request() {
    let mut link = Link::open(count(Worker::new()));
    link.send(&format!("{}\n{}\n{}", pull(1, 2), pull(1, 1), request(1, "count", json!([3]))));
    assert_eq!(collect(&link, 1).0.len(), 3);
    link.send(&request(1, "count", json!([3])));
    assert_eq!(
        link.next()["error"],
        json!({ "code": -32600, "message": "Invalid request: count answers with a stream; call it by channel.stream()" })
    );
}

#[test]
fn a_cancel_takes_an_announcement_back() {
    let mut link = Link::open(count(Worker::new()));
    link.send(&format!("{}\n{}\n{}", pull(1, 5), cancel(1), request(1, "count", json!([3]))));
    assert_eq!(link.next()["error"]["code"], -32600);
}

#[test]
fn a_method_without_items_answers_a_reader_of_items_as_ever() {
    let mut link =
        Link::open(Worker::new().method("one", |(): ()| Ok(1)).register(Method::new("two", |(): ()| Ok(2)).inline()));
    link.send(&format!("{}\n{}", pull(1, 5), request(1, "one", json!([]))));
    assert_eq!(link.next()["result"], 1);
    link.send(&format!("{}\n{}", pull(2, 5), request(2, "two", json!([]))));
    assert_eq!(link.next()["result"], 2);
}

#[test]
fn a_stream_that_waits_for_its_reader_ends_at_a_cancel() {
    let (ended, end) = std::sync::mpsc::channel();
    let worker = Worker::new().threads(1).register(Method::stream("forever", move |(): (), out: &mut Stream<'_>| {
        let fault = (0_u64..).find_map(|i| out.send(&i).err()).unwrap();
        ended.send(fault.clone()).unwrap();
        Err::<(), _>(fault)
    }));
    let mut link = Link::open(worker);
    link.send(&format!("{}\n{}", pull(1, 2), request(1, "forever", json!([]))));
    assert_eq!(take(&link, 2), [0, 1]);
    link.send(&cancel(1));
    assert_eq!(link.next()["error"], json!({ "code": -32800, "message": "Request cancelled" }));
    assert_eq!(end.recv_timeout(Duration::from_secs(5)).unwrap().code, -32800);
    assert_eq!(link.finish(), Vec::<Value>::new());
}

#[test]
fn no_item_follows_the_answer_to_a_cancel() {
    for round in 0..50 {
        let mut link = Link::open(count(Worker::new()));
        link.send(&format!("{}\n{}", pull(1, 1_000_000), request(1, "count", json!([1_000_000]))));
        items(&link.next());
        std::thread::sleep(Duration::from_micros(round * 10));
        link.send(&cancel(1));
        let (_, answer) = collect(&link, 1);
        assert_eq!(answer["error"]["code"], -32800);
        assert_eq!(link.finish(), Vec::<Value>::new());
    }
}

#[test]
fn what_a_slow_handler_has_sent_leaves_while_it_computes_on() {
    let worker = Worker::new().register(Method::stream("slow", |(): (), out: &mut Stream<'_>| {
        for i in 0..3 {
            out.send(&i)?;
            let started = Instant::now();
            while started.elapsed() < Duration::from_millis(150) {
                out.check()?;
            }
        }
        Ok(())
    }));
    let mut link = Link::open(worker);
    link.send(&format!("{}\n{}", pull(1, 100), request(1, "slow", json!([]))));
    assert_eq!(items(&link.next()), [0]);
    for i in 1..3 {
        let waited = Instant::now();
        assert_eq!(items(&link.next()), [i]);
        // It came with the item, not with the end of the next stretch of work.
        assert!(waited.elapsed() < Duration::from_millis(240), "{:?}", waited.elapsed());
    }
    assert_eq!(link.next()["result"], json!(null));
}

#[test]
fn what_was_sent_before_a_failure_arrives_before_it() {
    let worker = Worker::new().register(Method::stream("half", |(): (), out: &mut Stream<'_>| {
        out.send("one")?;
        out.context().log("then");
        out.send("two")?;
        Err::<(), _>(Fault::new(7, "no more"))
    }));
    let messages = lines(worker, &format!("{}\n{}", pull("s", 9), request("s", "half", json!([]))));
    assert_eq!(messages[0]["params"], json!({ "id": "s", "items": ["one"] }));
    assert_eq!(messages[1]["method"], "log");
    assert_eq!(messages[2]["params"], json!({ "id": "s", "items": ["two"] }));
    assert_eq!(messages[3]["error"]["code"], 7);
}

#[test]
fn many_streams_share_the_threads_and_the_link() {
    let mut link = Link::open(count(Worker::new().threads(4)));
    for id in 0..4 {
        link.send(&format!("{}\n{}", pull(id, 100_000), request(id, "count", json!([20_000]))));
    }
    let mut seen = [0_u64; 4];
    let mut answered = 0;
    while answered < 4 {
        let message = link.next();
        match message["id"].as_u64() {
            Some(id) => {
                assert_eq!((seen[id as usize], message["result"].as_u64()), (20_000, Some(20_000)));
                answered += 1;
            }
            None => {
                let id = message["params"]["id"].as_u64().unwrap() as usize;
                for item in items(&message) {
                    assert_eq!(item, seen[id]);
                    seen[id] += 1;
                }
            }
        }
    }
}

#[test]
fn at_the_end_of_the_input_a_stream_gets_no_more_credit_and_does_not_wait_for_it() {
    let started = Instant::now();
    let messages = lines(count(Worker::new()), &format!("{}\n{}", pull(1, 2), request(1, "count", json!([5]))));
    let (answer, before) = messages.split_last().unwrap();
    assert_eq!(before.iter().flat_map(items).collect::<Vec<_>>(), [0, 1]);
    assert_eq!(answer["error"]["code"], -32800);
    assert!(started.elapsed() < Duration::from_secs(3));
}

#[test]
fn inputs_are_asked_for_and_read_in_order() {
    let mut link = Link::open(total(Worker::new()));
    link.send(&format!("{}\n{}", note("$/input/open", json!({ "id": 1 })), request(1, "total", json!([]))));
    let (mut asked, mut sent) = (0, 0);
    while sent < 5000 {
        let message = link.next();
        assert_eq!((&message["method"], &message["params"]["id"]), (&json!("$/input/pull"), &json!(1)));
        asked += message["params"]["count"].as_u64().unwrap();
        assert!(asked <= 1024, "{asked}");
        let numbers: Vec<u64> = (sent..sent + asked.min(5000 - sent)).collect();
        link.send(&note("$/input/items", json!({ "id": 1, "items": numbers })));
        sent += numbers.len() as u64;
        asked -= numbers.len() as u64;
    }
    link.send(&note("$/input/end", json!({ "id": 1 })));
    assert_eq!(link.answer(1)["result"], 12_497_500.0);
}

#[test]
fn a_request_without_inputs_has_none() {
    let mut link = Link::open(total(Worker::new()));
    link.send(&request(1, "total", json!([])));
    assert_eq!(link.next()["result"], 0.0);
    let open = note("$/input/open", json!({ "id": 2 }));
    let end = note("$/input/end", json!({ "id": 2 }));
    link.send(&format!("{open}\n{end}\n{}", request(2, "total", json!([]))));
    assert_eq!(link.answer(2)["result"], 0.0);
}

#[test]
fn inputs_that_were_not_asked_for_fail_the_call() {
    let mut link = Link::open(total(Worker::new()));
    link.send(&format!("{}\n{}", note("$/input/open", json!({ "id": 1 })), request(1, "total", json!([]))));
    assert_eq!(link.next()["params"]["count"], 1);
    link.send(&note("$/input/items", json!({ "id": 1, "items": [0, 0] })));
    assert_eq!(link.answer(1)["error"]["code"], -32600);
    link.send(&request(2, "$/ping", json!([])));
    assert_eq!(link.next()["id"], 2);
}

#[test]
fn an_input_of_the_wrong_type_is_an_error_that_names_the_method_and_counts_from_one() {
    let mut link = Link::open(total(Worker::new()));
    link.send(&format!("{}\n{}", note("$/input/open", json!({ "id": 1 })), request(1, "total", json!([]))));
    link.next();
    link.send(&note("$/input/items", json!({ "id": 1, "items": [1] })));
    link.next();
    link.send(&note("$/input/items", json!({ "id": 1, "items": ["two"] })));
    let error = &link.answer(1)["error"];
    assert_eq!(error["code"], -32602);
    assert!(error["message"].as_str().unwrap().starts_with("total: input 2: "), "{error}");
}

#[test]
fn a_handler_that_waits_for_inputs_ends_at_a_cancel_and_at_the_end_of_the_link() {
    for by_cancel in [true, false] {
        let mut link = Link::open(total(Worker::new().threads(1)));
        link.send(&format!("{}\n{}", note("$/input/open", json!({ "id": 1 })), request(1, "total", json!([]))));
        link.next();
        let started = Instant::now();
        let answer = if by_cancel {
            link.send(&cancel(1));
            link.next()
        } else {
            link.finish().remove(0)
        };
        assert_eq!(answer["error"]["code"], -32800);
        assert!(started.elapsed() < Duration::from_secs(3));
    }
}

fn asker(worker: Worker) -> Worker {
    worker.method("ask", |(): (), cx: &Context| {
        let name: String = cx.call("name", &json!({ "of": "you" }))?;
        Ok(format!("hello {name}"))
    })
}

#[test]
fn a_handler_asks_its_parent_and_goes_on_with_the_answer() {
    let mut link = Link::open(asker(Worker::new()));
    link.send(&request("a", "ask", json!([])));
    let question = link.next();
    assert_eq!((&question["method"], &question["params"]), (&json!("name"), &json!({ "of": "you" })));
    link.send(&json!({ "jsonrpc": "2.0", "id": question["id"], "result": "parent" }).to_string());
    assert_eq!(link.answer("a")["result"], "hello parent");
}

#[test]
fn an_answer_is_found_by_its_number_however_that_is_written() {
    for by in ["1.0", "1e0", "10e-1"] {
        let mut link = Link::open(asker(Worker::new()));
        link.send(&request("a", "ask", json!([])));
        assert_eq!(link.next()["id"], 1);
        link.send(&format!(r#"{{"jsonrpc":"2.0","id":{by},"result":"parent"}}"#));
        assert_eq!(link.answer("a")["result"], "hello parent", "{by}");
    }
}

#[test]
fn an_answer_that_lost_its_result_fails_its_question_and_one_to_nothing_is_a_call_that_lost_its_method() {
    for in_a_batch in [false, true] {
        let mut link = Link::open(asker(Worker::new()));
        link.send(&request("a", "ask", json!([])));
        let id = link.next()["id"].clone();
        let torn = json!({ "jsonrpc": "2.0", "id": id });
        // Both are judged by what is in flight when the batch arrives.
        link.send(&if in_a_batch { json!([torn, torn]) } else { torn.clone() }.to_string());
        let answer = link.next();
        assert_eq!((&answer["id"], &answer["error"]["code"]), (&json!("a"), &json!(-32603)), "{answer}");
        link.send(&torn.to_string());
        assert_eq!(link.next()["error"]["code"], -32600);
        assert_eq!(link.finish(), Vec::<Value>::new());
    }
}

#[test]
fn the_parents_error_reaches_the_handler_as_it_came() {
    let mut link = Link::open(asker(Worker::new()));
    for (answer, code) in [
        (json!({ "error": { "code": 9, "message": "no name", "data": [1] } }), 9),
        (json!({ "result": 5 }), -32603),
        (json!({ "error": "bad" }), -32603),
    ] {
        link.send(&request("a", "ask", json!([])));
        let mut answer = answer;
        answer["id"] = link.next()["id"].clone();
        answer["jsonrpc"] = json!("2.0");
        link.send(&answer.to_string());
        let error = link.answer("a")["error"].clone();
        assert_eq!(error["code"], code, "{error}");
    }
}

#[test]
fn a_question_ends_with_the_call_it_was_asked_for_and_with_the_link() {
    let mut link = Link::open(asker(Worker::new()));
    link.send(&request("a", "ask", json!([])));
    let question = link.next()["id"].clone();
    link.send(&cancel("a"));
    let mut messages = [link.next(), link.next()];
    messages.sort_by_key(|message| message.get("method").is_some());
    assert_eq!(messages[0]["error"]["code"], -32800);
    assert_eq!((&messages[1]["method"], &messages[1]["params"]["id"]), (&json!("$/cancelRequest"), &question));

    link.send(&request("b", "ask", json!([])));
    link.next();
    let started = Instant::now();
    let rest = link.finish();
    assert!(rest.iter().any(|message| message["id"] == "b" && message["error"]["code"] == -32800), "{rest:?}");
    assert!(started.elapsed() < Duration::from_secs(3));
}

#[test]
fn the_readers_lane_neither_asks_nor_reads_inputs() {
    let worker = Worker::new()
        .register(Method::new("ask", |(): (), cx: &Context| cx.call::<_, Value>("x", &())).inline())
        .register(Method::new("read", |(): (), cx: &Context| Ok(cx.input::<Value>()?.count())).inline());
    let mut link = Link::open(worker);
    for method in ["ask", "read"] {
        link.send(&request(1, method, json!([])));
        let error = &link.next()["error"];
        assert_eq!(error["code"], -32603);
        assert!(error["message"].as_str().unwrap().contains("register the method on the pool"));
    }
}

#[test]
fn progress_is_thinned_out_and_the_last_one_always_comes() {
    let worker = Worker::new().method("work", |(): (), cx: &Context| {
        for i in 0..=10_000 {
            cx.progress(&i)?;
        }
        Ok(())
    });
    let messages = lines(worker, &request(1, "work", json!([])));
    assert!(messages.len() < 1000, "{}", messages.len());
    assert_eq!(messages[0]["params"], json!({ "token": 1, "value": 0 }));
    assert_eq!(messages[messages.len() - 2]["params"], json!({ "token": 1, "value": 10_000 }));
    assert_eq!(messages[messages.len() - 1]["id"], 1);
}
