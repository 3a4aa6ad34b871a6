//! What a handler takes goes with wherever it runs, and with whatever is told of it.
#![cfg(unix)]

use std::time::Duration;

use procwire::{About, Context, Fault, Handler, Method, Params, Raw, Stream, Worker, failing};
use serde_json::{Value, json};
use support::{answer, lines, request};

/// Each place a method can run at.
fn everywhere(method: impl Fn() -> Method) -> [Worker; 4] {
    let never = |_: &Params<'_>| false;
    [method(), method().inline(), method().inline_if(never), method().serial("key")]
        .map(|it| Worker::new().register(it))
}

fn result(worker: Worker, params: Value) -> Value {
    serde_json::from_str(&answer(worker, &request(1, "m", params))).unwrap()
}

#[test]
fn every_kind_of_handler_runs_everywhere() {
    let with_context = |(n,): (i64,), cx: &Context| {
        cx.check()?;
        Ok(n + 1)
    };
    let unread = |params: &Params<'_>, _: &Context| Ok(params.len());
    fn raw<'a>(params: &Params<'a>) -> Result<Raw<'a>, Fault> {
        params.get("n", 0)?.ok_or_else(|| params.fault("missing parameter `n`"))
    }
    let workers = [
        (everywhere(|| Method::new("m", |(n,): (i64,)| Ok(n + 1))), 42),
        (everywhere(|| Method::new("m", with_context)), 42),
        (everywhere(|| Method::unread("m", unread)), 4),
        (everywhere(|| Method::raw("m", raw)), 41),
    ];
    for (workers, expected) in workers {
        for worker in workers {
            assert_eq!(result(worker, json!([41]))["result"], expected);
        }
    }
}

#[test]
fn a_stream_may_be_serial_and_on_the_reader_it_says_where_it_belongs() {
    let count = || Method::stream("m", |(n,): (u64,), out: &mut Stream<'_>| (0..n).try_for_each(|i| out.send(&i)));
    let pull = r#"{"jsonrpc":"2.0","method":"$/stream/pull","params":{"id":1,"count":9}}"#;
    let input = format!("{pull}\n{}", request(1, "m", json!([2])));
    let [pool, inline, sometimes, serial] = everywhere(count).map(|worker| lines(worker, &input));
    for messages in [pool, sometimes, serial] {
        assert_eq!(messages[0]["params"]["items"], json!([0, 1]));
        assert_eq!(messages[1]["result"], Value::Null);
    }
    assert_eq!(inline.len(), 1);
    assert_eq!(inline[0]["error"]["code"], -32603);
    assert!(inline[0]["error"]["message"].as_str().unwrap().contains("register the method on the pool"), "{inline:?}");
}

#[derive(Debug)]
struct Overdrawn(u32);

impl From<Overdrawn> for Fault {
    fn from(error: Overdrawn) -> Fault {
        Fault::new(7, format!("{} are missing", error.0))
    }
}

#[test]
fn a_handler_may_fail_with_an_error_of_its_own() {
    fn withdraw((amount,): (u32,)) -> Result<u32, Overdrawn> {
        100_u32.checked_sub(amount).ok_or_else(|| Overdrawn(amount - 100))
    }
    fn withdraw_with((amount,): (u32,), _: &Context) -> Result<u32, Overdrawn> {
        withdraw((amount,))
    }
    let methods: [fn() -> Method; 3] = [
        || Method::new("m", failing(withdraw)),
        || Method::new("m", failing(withdraw_with)),
        || Method::new("m", |(amount,): (u32,)| Ok(withdraw((amount,))?)),
    ];
    for worker in methods.into_iter().flat_map(everywhere) {
        assert_eq!(result(worker, json!([130]))["error"], json!({ "code": 7, "message": "30 are missing" }));
    }
    assert_eq!(result(Worker::new().method("m", failing(withdraw)), json!([30]))["result"], 70);
}

#[test]
fn a_handler_may_be_a_type_with_a_state() {
    struct Adder(i64);
    impl Handler<()> for Adder {
        type Params = (i64,);
        type Output = i64;

        fn serve(&self, (n,): (i64,), _: &Context) -> Result<i64, Fault> {
            Ok(n + self.0)
        }
    }
    assert_eq!(result(Worker::new().method("m", Adder(1)), json!([41]))["result"], 42);
}

#[test]
fn what_is_said_of_a_method_is_said_of_that_method_in_any_order() {
    let add = |n: i64, about: &str| Method::new(about, move |(): ()| Ok(n)).describe(About::new(about));
    let forever = |(): (), cx: &Context| -> Result<(), Fault> {
        loop {
            cx.check()?;
        }
    };
    let late = Method::new("late", forever).describe(About::new("late")).deadline(Duration::from_millis(5)).serial("x");
    let worker = Worker::new().register(add(1, "one").inline()).register(late).register(add(2, "two").serial("x"));
    let input = [("late", 1), ("two", 2), ("rpc.discover", 3)].map(|(name, id)| request(id, name, json!([])));
    let messages = lines(worker, &input.join("\n"));
    let by_id = |id: i32| messages.iter().find(|message| message["id"] == id).unwrap();
    assert_eq!((&by_id(1)["error"]["code"], &by_id(2)["result"]), (&json!(-32001), &json!(2)));
    for method in by_id(3)["result"]["methods"].as_array().unwrap() {
        assert_eq!(method["summary"], method["name"]);
    }
}
