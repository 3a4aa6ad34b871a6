//! The JSON-RPC meaning of a frame: ids, errors, batches.
#![cfg(unix)]

use procwire::{Context, Fault, Limits, Method, Params, Raw, Worker};
use serde::Deserialize;
use serde_json::{Value, json};
use support::{answer, lines, request, serve};

#[derive(Deserialize)]
struct Pair {
    a: i64,
    b: i64,
}

fn worker() -> Worker {
    Worker::new()
        .register(Method::new("add", |p: Pair| Ok(p.a + p.b)).inline())
        .method("slow_add", |p: Pair| Ok(p.a + p.b))
        .register(Method::new("nothing", |(): ()| Ok(())).inline())
        .register(Method::new("same", |value: Value| Ok::<_, Fault>(value)).inline())
        .register(Method::new("fail", |(): ()| Err::<(), _>(Fault::new(7, "no").with_data(json!([1])))).inline())
}

fn code(line: &str) -> (Value, i64) {
    let message: Value = serde_json::from_str(&answer(worker(), line)).unwrap();
    (message["id"].clone(), message["error"]["code"].as_i64().unwrap_or(0))
}

#[test]
fn ids_come_back_byte_for_byte() {
    for id in ["0", "\"\"", "-1", "1.5", "1.0", "12345678901234567890", "1e3", "\"1\"", "1", r#""\u00e9\n""#, "\"é\""]
    {
        for method in ["add", "slow_add"] {
            let line = format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"{method}","params":[1,2]}}"#);
            assert_eq!(answer(worker(), &line), format!(r#"{{"jsonrpc":"2.0","id":{id},"result":3}}"#));
        }
    }
}

#[test]
fn an_id_of_null_is_an_id() {
    let line = r#"{"jsonrpc":"2.0","id":null,"method":"add","params":[1,2]}"#;
    assert_eq!(answer(worker(), line), r#"{"jsonrpc":"2.0","id":null,"result":3}"#);
    assert_eq!(code(r#"{"jsonrpc":"2.0","id":null,"method":"nope"}"#), (json!(null), -32601));
}

#[test]
fn each_kind_of_bad_frame_has_its_code_and_the_id_where_it_is_known() {
    for (line, id, expected) in [
        ("{", json!(null), -32700),
        ("nonsense", json!(null), -32700),
        (r#"{"jsonrpc":"2.0","id":1,"method":"add"} x"#, json!(1), -32700),
        (r#"{"jsonrpc":"2.0","id":1,"method":"add","params":[01]}"#, json!(1), -32700),
        ("1", json!(null), -32600),
        ("{}", json!(null), -32600),
        (r#"{"jsonrpc":"1.0","id":1}"#, json!(1), -32600),
        (r#"{"jsonrpc":"2.0","id":"a","method":5}"#, json!("a"), -32600),
        (r#"{"jsonrpc":"1.0","id":1,"method":"add"}"#, json!(1), -32600),
        (r#"{"id":1,"method":"add","params":[1,2]}"#, json!(1), -32600),
        (r#"{"jsonrpc":"2.0","id":{},"method":"add"}"#, json!(null), -32600),
        (r#"{"jsonrpc":"2.0","id":true,"method":"add"}"#, json!(null), -32600),
        (r#"{"jsonrpc":"2.0","id":1,"method":"add","params":null}"#, json!(1), -32600),
        (r#"{"jsonrpc":"2.0","method":"nope","params":"x"}"#, json!(null), -32600),
        (r#"{"jsonrpc":"2.0","method":"add","params":[1,2],"id":3,"method":1}"#, json!(3), -32600),
        (r#"{"jsonrpc":"2.0","id":1,"method":"nope"}"#, json!(1), -32601),
        (r#"{"jsonrpc":"2.0","id":1,"method":"add","params":"x"}"#, json!(1), -32600),
        (r#"{"jsonrpc":"2.0","id":1,"method":"add","params":[1]}"#, json!(1), -32602),
        (r#"{"jsonrpc":"2.0","id":1,"method":"fail"}"#, json!(1), 7),
    ] {
        assert_eq!(code(line), (id, expected), "{line}");
    }
}

#[test]
fn of_members_with_one_name_the_last_counts_and_a_method_makes_a_call() {
    for line in [
        r#"{"jsonrpc":"1.0","id":{},"method":7,"params":null,"jsonrpc":"2.0","id":1,"method":"add","params":[1,2]}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":"add","params":[1,2],"result":3,"error":null}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":"add","params":{"a":"x","b":5,"a":1,"b":2}}"#,
    ] {
        assert_eq!(answer(worker(), line), r#"{"jsonrpc":"2.0","id":1,"result":3}"#);
    }
}

#[test]
fn bytes_that_are_not_utf8_are_refused_and_not_repaired() {
    let output = serve(worker(), b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"same\",\"params\":[\"\xff\"]}\n");
    assert!(String::from_utf8(output).unwrap().contains("-32700"));
}

#[test]
fn escaped_names_mean_what_they_spell() {
    let line = r#"{"\u006asonrpc":"2.0","i\u0064":1,"method":"\u0061dd","params":{"\u0061":1,"b":2}}"#;
    assert!(answer(worker(), line).ends_with(r#""result":3}"#));
}

#[test]
fn members_may_come_in_any_order_and_unknown_ones_are_ignored() {
    let line = r#" { "params" : {"b":2,"a":1,"c":3} , "extra":[{}], "method":"add", "id":1, "jsonrpc":"2.0" } "#;
    assert!(answer(worker(), line).ends_with(r#""result":3}"#));
}

#[test]
fn nothing_and_empty_containers_all_decode_to_the_unit() {
    for params in ["", r#","params":[]"#, r#","params":{}"#] {
        let line = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"nothing"{params}}}"#);
        assert!(answer(worker(), &line).ends_with(r#""result":null}"#), "{line}");
    }
    assert_eq!(code(r#"{"jsonrpc":"2.0","id":1,"method":"nothing","params":[1]}"#).1, -32602);
}

#[test]
fn bad_parameters_are_named() {
    for (params, sentence) in [
        (json!({ "a": 1 }), "add: missing parameter `b`"),
        (json!([1]), "add: missing parameter `b`"),
        (json!([]), "add: missing parameter `a`"),
        (json!([1, 2, 3]), "add: expected 2 parameters, got 3"),
        (json!({ "a": 1, "b": "x" }), "add: parameter `b`: invalid type: string \"x\", expected i64"),
        (json!([1, null]), "add: parameter `b`: invalid type: null, expected i64"),
    ] {
        let message: Value = serde_json::from_str(&answer(worker(), &request(1, "add", params))).unwrap();
        assert_eq!(message["error"]["message"], sentence);
    }
}

#[test]
fn notifications_and_answers_are_never_answered() {
    for line in [
        r#"{"jsonrpc":"2.0","method":"add","params":[1,2]}"#,
        r#"{"jsonrpc":"2.0","method":"nope"}"#,
        r#"{"jsonrpc":"2.0","id":1,"result":3}"#,
        r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"Parse error"}}"#,
        r#"{"result":3}"#,
        r#"{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":99}}"#,
    ] {
        assert_eq!(serve(worker(), line.as_bytes()), b"", "{line}");
    }
}

#[test]
fn a_batch_is_one_array_of_the_answers_to_its_requests() {
    let one = request(1, "add", json!([1, 2]));
    let two = request("two", "slow_add", json!([3, 4]));
    let quiet = r#"{"jsonrpc":"2.0","method":"note"}"#;
    let answers: Value = serde_json::from_str(&answer(worker(), &format!("[{one},{quiet},{two},5,[],{{}}]"))).unwrap();
    let answers = answers.as_array().unwrap();
    assert_eq!(answers.len(), 5);
    assert!(answers.contains(&json!({ "jsonrpc": "2.0", "id": 1, "result": 3 })));
    assert!(answers.contains(&json!({ "jsonrpc": "2.0", "id": "two", "result": 7 })));
    assert_eq!(answers.iter().filter(|answer| answer["error"]["code"] == -32600).count(), 3);
}

#[test]
fn an_empty_batch_is_one_error_and_one_of_notifications_is_nothing() {
    assert_eq!(code("[]"), (json!(null), -32600));
    assert_eq!(serve(worker(), br#"[{"jsonrpc":"2.0","method":"a"},{"jsonrpc":"2.0","id":1,"result":1}]"#), b"");
    assert_eq!(code("[1,").1, -32700);
}

#[test]
fn a_call_that_lost_its_method_is_answered() {
    for (line, id) in [
        (r#"{"jsonrpc":"2.0","id":7}"#, json!(7)),
        (r#"{"jsonrpc":"2.0","id":null}"#, json!(null)),
        (r#"{"jsonrpc":"2.0","id":"a","metod":"add","params":[1,2]}"#, json!("a")),
    ] {
        assert_eq!(code(line), (id, -32600), "{line}");
    }
}

#[test]
fn a_batch_above_its_limit_is_refused_whole_with_one_error_that_names_the_limit() {
    let batch = |count: usize, last: &str| {
        let requests: String = (0..count - 1).map(|id| request(id, "slow_add", json!([1, 2])) + ",").collect();
        let mut limits = Limits::default();
        limits.batch = 2;
        answer(worker().limits(limits), &format!("[{requests}{last}]"))
    };
    for last in ["3", "{}", r#"{"jsonrpc":"2.0","method":"note"}"#, r#"{"jsonrpc":"2.0","id":1,"result":1}"#] {
        for count in [3, 4, 1000] {
            let expected = json!({ "code": -32600, "message": "a batch has more than 2 messages",
                "data": { "limit": "batchMessages", "value": 2 } });
            let message: Value = serde_json::from_str(&batch(count, last)).unwrap();
            assert_eq!(message, json!({ "jsonrpc": "2.0", "id": null, "error": expected }));
        }
    }
    let torn: Value = serde_json::from_str(&batch(3, "[")).unwrap();
    assert_eq!(torn["error"]["code"], -32700);
    assert!(batch(2, &request(9, "add", json!([1, 2]))).contains(r#""result":3"#));
}

#[test]
fn a_name_that_nobody_serves_is_no_method_reserved_or_not() {
    for name in ["nope", "", "$/nope", "$/cancelRequest", "$/progress", "rpc.nope", "rpc.", "Shutdown", "log"] {
        let message: Value = serde_json::from_str(&answer(worker(), &request(1, name, json!([])))).unwrap();
        assert_eq!(message["error"], json!({ "code": -32601, "message": format!("Method not found: {name}") }));
    }
}

#[test]
fn a_method_of_the_workers_own_goes_before_the_protocols() {
    let worker = || {
        Worker::new()
            .register(Method::new("$/ping", |(): ()| Ok("mine")).inline())
            .register(Method::new("shutdown", |(): ()| Ok("not yet")).inline())
    };
    let answers = lines(worker(), &["$/ping", "shutdown", "$/ping"].map(|name| request(1, name, json!([]))).join("\n"));
    let results: Vec<_> = answers.iter().map(|answer| answer["result"].clone()).collect();
    assert_eq!(results, ["mine", "not yet", "mine"]);
}

#[test]
fn nesting_is_served_up_to_the_limit_and_not_read_above_it() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    // The message itself is one level.
    let line = |depth| format!(r#"{{"jsonrpc":"2.0","id":1,"method":"same","params":{}}}"#, nested(depth));
    assert!(answer(worker(), &line(120)).contains("result"));
    assert!(answer(worker(), &line(127)).contains("result"));
    assert_eq!(code(&line(128)), (json!(1), -32700));
    assert_eq!(code(&line(100_000)), (json!(1), -32700));
    let brackets = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"same","params":["{}\"["]}}"#, "[".repeat(1000));
    assert!(answer(worker(), &brackets).contains("result"));
}

#[test]
fn the_worker_answers_ping_and_discover_itself() {
    assert_eq!(answer(worker(), &request(1, "$/ping", json!({}))), r#"{"jsonrpc":"2.0","id":1,"result":null}"#);
    let found: Value = serde_json::from_str(&answer(worker(), &request(1, "rpc.discover", json!({})))).unwrap();
    let names: Vec<_> = found["result"]["methods"].as_array().unwrap().iter().map(|m| m["name"].clone()).collect();
    assert_eq!(names, ["add", "fail", "nothing", "same", "slow_add"]);
}

#[test]
fn nothing_is_read_after_a_shutdown() {
    for shutdown in [r#"{"jsonrpc":"2.0","method":"shutdown"}"#, r#"{"jsonrpc":"2.0","id":2,"method":"shutdown"}"#] {
        let [before, after] = [1, 3].map(|id| request(id, "add", json!([1, 2])));
        let answers = lines(worker(), &format!("{before}\n{shutdown}\n{after}\n"));
        assert!(answers.iter().all(|answer| answer["id"] != 3));
        assert_eq!(answers[0]["result"], 3);
    }
}

#[test]
fn an_error_is_written_code_first_and_data_last() {
    let expected = r#"{"jsonrpc":"2.0","id":1,"error":{"code":7,"message":"no","data":[1]}}"#;
    assert_eq!(answer(worker(), &request(1, "fail", json!([]))), expected);
}

fn numbered<'a>(params: &Params<'a>, name: usize) -> Result<Raw<'a>, Fault> {
    params.get(&name.to_string(), name)?.ok_or_else(|| Fault::internal(format!("no {name}")))
}

#[test]
fn each_of_many_long_parameters_is_the_one_asked_for_on_the_pool_and_on_the_reader() {
    let long = |unit: &str| format!("\"{}\"", unit.repeat(50));
    let values = [long("a"), "1".to_owned(), long("]"), format!("[{}]", long("é")), format!("{{\"x\":{}}}", long("x"))];
    for name in 0..values.len() {
        let worker = || {
            let read = move |params: &Params<'_>, _: &Context| Ok(numbered(params, name)?.bytes().to_vec());
            Worker::new()
                .register(Method::raw("pool", move |params: &Params<'_>| numbered(params, name)))
                .register(Method::unread("reader", read).inline())
        };
        // All of them twice: the last one of a name counts.
        let members = |values: &[String]| -> String {
            values.iter().enumerate().map(|(at, value)| format!("\"{at}\":{value},")).collect()
        };
        let named = format!("{{{}{}\"end\":0}}", members(&values).replace('a', "b"), members(&values));
        for params in [named, format!("[{}]", values.join(","))] {
            let ask = |method: &str| {
                let line = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}","params":{params}}}"#);
                serde_json::from_str::<Value>(&answer(worker(), &line)).unwrap()["result"].take()
            };
            let expected: Value = serde_json::from_str(&values[name]).unwrap();
            assert_eq!(ask("pool"), expected);
            assert_eq!(ask("reader"), json!(values[name].as_bytes()));
        }
    }
}
