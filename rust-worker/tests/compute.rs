//! The numbers: known answers, given by name and by position.
#![cfg(unix)]

mod common;

use common::{Process, request};
use serde_json::{Value, json};

/// Method, parameters as text, and the result as text, or the error's message.
const VECTORS: &[(&str, &str, Result<&str, &str>)] = &[
    ("add", r#"{"a":42,"b":58}"#, Ok("100")),
    ("add", "[9007199254740991,1]", Ok(r#""9007199254740992""#)),
    ("add", "[9223372036854775807,9223372036854775807]", Ok(r#""18446744073709551614""#)),
    ("add", r#"["9007199254740993",-2]"#, Ok("9007199254740991")),
    ("add", "[0.1,0.2]", Ok("0.30000000000000004")),
    ("add", "[1.5,1]", Ok("2.5")),
    ("add", "[1e308,1e308]", Err("add: the result is beyond the range of floats")),
    ("add", r#"{"a":1}"#, Err("add: missing parameter `b`")),
    (
        "add",
        r#"["x",1]"#,
        Err("add: parameter `a`: expected a number or the decimal digits of an integer, found the string \"x\""),
    ),
    ("add", "[null,1]", Err("add: parameter `a`: expected a number, found null")),
    ("multiply", "[12,34]", Ok("408")),
    ("multiply", "[9223372036854775807,-9223372036854775807]", Ok(r#""-85070591730234615847396907784232501249""#)),
    (
        "multiply",
        "[340282366920938463463374607431768211456,340282366920938463463374607431768211456]",
        Ok(r#""115792089237316195423570985008687907853269984665640564039457584007913129639936""#),
    ),
    ("multiply", "[-0.5,4]", Ok("-2.0")),
    ("fibonacci", "[0]", Ok("0")),
    ("fibonacci", "[30.0]", Ok("832040")),
    ("fibonacci", "[78]", Ok("8944394323791464")),
    ("fibonacci", "[79]", Ok(r#""14472334024676221""#)),
    ("fibonacci", "[93]", Ok(r#""12200160415121876738""#)),
    ("fibonacci", "[94]", Ok(r#""19740274219868223167""#)),
    ("fibonacci", "[186]", Ok(r#""332825110087067562321196029789634457848""#)),
    ("fibonacci", "[-1]", Err("fibonacci: parameter `n` must be a whole number from 0 to 10000000")),
    ("fibonacci", "[1.5]", Err("fibonacci: parameter `n` must be a whole number from 0 to 10000000")),
    ("fibonacci", "[10000001]", Err("fibonacci: parameter `n` must be a whole number from 0 to 10000000")),
    ("fibonacci", "{}", Err("fibonacci: missing parameter `n`")),
    ("fibonacci_recursive", "[27]", Ok("196418")),
    ("is_prime", "[1000000007]", Ok("true")),
    ("is_prime", "[1]", Ok("false")),
    ("is_prime", "[-7]", Ok("false")),
    ("is_prime", "[1e6]", Ok("false")),
    ("is_prime", r#"["18446744073709551557"]"#, Ok("true")),
    ("is_prime", "[18446744073709551557]", Ok("true")),
    ("is_prime", "[3825123056546413051]", Ok("false")),
    ("is_prime", "[18446744073709551616]", Err("is_prime: parameter `n` must be a whole number below 2^64")),
    ("is_prime", "[2.5]", Err("is_prime: parameter `n` must be a whole number below 2^64")),
    ("sum_array", "[[]]", Ok("0")),
    ("sum_array", r#"{"numbers":[9007199254740991,9007199254740991]}"#, Ok(r#""18014398509481982""#)),
    ("sum_array", "[[0.1,0.1,0.1,0.1,0.1,0.1,0.1,0.1,0.1,0.1]]", Ok("1.0")),
    ("sum_array", "[[1,1e100,1,-1e100]]", Ok("2.0")),
    ("sum_array", "[[1,\"2\"]]", Err("sum_array: parameter `numbers`: numbers[1]: expected a number, found a string")),
    ("sum_array", "[[1e308,1e308]]", Err("sum_array: the result is beyond the range of floats")),
    ("sum_array", "[7]", Err("sum_array: parameter `numbers`: expected an array of numbers, found a number")),
    ("sum_array", "{}", Err("sum_array: missing parameter `numbers`")),
    ("sum_array", "[[9999999999999999999,1]]", Ok(r#""10000000000000000000""#)),
    ("is_prime_many", r#"[[2, 4, "18446744073709551557", -7, 9.0]]"#, Ok("[true,false,true,false,false]")),
    ("is_prime_many", "[[]]", Ok("[]")),
    (
        "is_prime_many",
        "[[2,3,2.5]]",
        Err("is_prime_many: parameter `numbers`: numbers[2]: must be a whole number below 2^64"),
    ),
    ("factorize", r#"{"n":360}"#, Ok("[2,2,2,3,3,5]")),
    ("factorize", "[1]", Ok("[]")),
    ("factorize", r#"["18446744073709551615"]"#, Ok("[3,5,17,257,641,65537,6700417]")),
    ("factorize", r#"["18446744073709551557"]"#, Ok(r#"["18446744073709551557"]"#)),
    ("factorize", "[0]", Err("factorize: parameter `n` must be a whole number from 1 to 2^64 - 1")),
    ("sort", "[[3,1,2]]", Ok("[1,2,3]")),
    ("sort", r#"{"numbers":[3,1,2],"descending":true}"#, Ok("[3,2,1]")),
    ("sort", "[[0.5,-1,3]]", Ok("[-1.0,0.5,3.0]")),
    ("sort", "[[9007199254740993, 9007199254740992.0, 1]]", Ok(r#"[1,9007199254740992.0,"9007199254740993"]"#)),
    ("sort", "[[]]", Ok("[]")),
    ("sort", "[[1,null]]", Err("sort: parameter `numbers`: numbers[1]: expected a number, found null")),
    ("sort", "[[1],5]", Err("sort: parameter `descending`: invalid type: integer `5`, expected a boolean")),
    (
        "stats",
        "[[2,4,4,4,5,5,7,9]]",
        Ok(r#"{"count":8,"min":2,"max":9,"sum":40,"mean":5.0,"variance":4.0,"stddev":2.0,"median":4.5}"#),
    ),
    ("stats", "{}", Err("stats: missing parameter `numbers`")),
    ("echo", r#"{"message":null}"#, Ok("null")),
    ("echo", r#"{"message": {"z":1.0,"a":[1e400, "\ud83d\ude00"]} }"#, Ok(r#"{"z":1.0,"a":[1e400, "\ud83d\ude00"]}"#)),
    ("echo", "[]", Err("echo: missing parameter `message`")),
];

#[test]
fn known_answers() {
    let input: String = VECTORS
        .iter()
        .map(|(method, params, _)| {
            format!("{{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"{method}\",\"params\":{params}}}\n")
        })
        .collect();
    // One thread, and one request at a time, so that the answers come in order.
    let mut child = common::command(env!("CARGO_BIN_EXE_rust-worker").as_ref(), &["--quiet"]).spawn().unwrap();
    let mut output = std::io::BufReader::new(child.stdout.take().unwrap());
    for (line, (method, params, expected)) in input.lines().zip(VECTORS) {
        use std::io::{BufRead, Write};
        writeln!(child.stdin.as_mut().unwrap(), "{line}").unwrap();
        let mut answer = String::new();
        output.read_line(&mut answer).unwrap();
        match expected {
            Ok(result) => {
                assert_eq!(
                    answer,
                    format!("{{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{result}}}\n"),
                    "{method} {params}"
                );
            }
            Err(message) => {
                let answer: Value = serde_json::from_str(&answer).unwrap();
                assert_eq!(answer["error"], json!({ "code": -32602, "message": message }), "{method} {params}");
            }
        }
    }
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_long_array_and_a_long_text_take_the_pool_and_come_back_exact() {
    let mut worker = common::start(&["--quiet"]);
    let numbers: Vec<u64> = (0..200_000).collect();
    worker.send(&request(1, "sum_array", json!([numbers])));
    assert_eq!(worker.answer(1)["result"], 19_999_900_000_u64);
    let text = "é\u{2028}\"".repeat(100_000);
    worker.send(&request(2, "echo", json!([text])));
    assert_eq!(worker.answer(2)["result"], text);
}

#[test]
fn a_long_fibonacci_number_ends_in_the_digits_it_should() {
    let mut worker = common::start(&["--quiet"]);
    worker.send(&request(1, "fibonacci", json!([100_000])));
    let answer = worker.answer(1);
    let digits = answer["result"].as_str().unwrap();
    assert_eq!(digits.len(), 20_899);
    assert!(digits.starts_with("25974069347221724166"));
    assert!(digits.ends_with("49895374653428746875"));
}

#[cfg(feature = "hash")]
#[test]
fn digests_are_those_of_the_bytes_a_text_stands_for() {
    let mut worker = common::start(&["--quiet"]);
    let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    for (id, params) in [
        json!({ "data": "abc", "algorithm": "sha256" }),
        json!(["abc", "sha256"]),
        json!({ "data": "YWJj", "algorithm": "sha256", "encoding": "base64" }),
    ]
    .into_iter()
    .enumerate()
    {
        worker.send(&request(id, "hash", params));
        assert_eq!(worker.answer(id)["result"], abc);
    }
    worker.send(r#"{"jsonrpc":"2.0","method":"$/input/open","params":{"id":9}}"#);
    worker.send(&request(9, "hash", json!({ "algorithm": "sha256" })));
    for items in [r#"["a"]"#, r#"["","bc"]"#] {
        assert_eq!(worker.next()["method"], "$/input/pull");
        let params = format!(r#"{{"id":9,"items":{items}}}"#);
        worker.send(&format!(r#"{{"jsonrpc":"2.0","method":"$/input/items","params":{params}}}"#));
    }
    worker.send(r#"{"jsonrpc":"2.0","method":"$/input/end","params":{"id":9}}"#);
    assert_eq!(worker.answer(9)["result"], abc);
    for params in
        [json!({ "algorithm": "sha256" }), json!({ "data": "é", "algorithm": "blake3", "encoding": "base64" })]
    {
        worker.send(&request(10, "hash", params));
        assert_eq!(worker.answer(10)["error"]["code"], -32602);
    }
    // MessagePack: bytes as they are.
    let mut worker = MessagePack::default();
    worker.params.insert("algorithm".into(), json!("sha256"));
    assert_eq!(worker.call("hash", "data", &[0xc4, 3, b'a', b'b', b'c'])["result"], abc);
}

#[derive(Default)]
struct MessagePack {
    params: serde_json::Map<String, Value>,
}

impl MessagePack {
    /// One answer to a request with one parameter in its own bytes, and the others.
    fn call(&mut self, method: &str, name: &str, raw: &[u8]) -> Value {
        let mut more = Vec::new();
        for (name, value) in &self.params {
            more.extend(rmp_serde::to_vec(name).unwrap());
            more.extend(rmp_serde::to_vec_named(value).unwrap());
        }
        common::msgpack_answer(method, self.params.len(), &more, name, raw)
    }
}

#[test]
fn typed_arrays_come_back_sorted_and_of_the_same_kind() {
    let floats = [2.5, f64::NAN, -0.0, 0.0, -1.0];
    let sorted = [-1.0, -0.0, 0.0, 2.5, f64::NAN];
    let extension = |values: &[f64]| {
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        [&[0xc7, bytes.len() as u8, 24], &bytes[..]].concat()
    };
    let frame = common::msgpack_frame("sort", 0, &[], "numbers", &extension(&floats));
    assert!(frame.ends_with(&extension(&sorted)), "{frame:?}");
    let frame = common::msgpack_frame("sort", 0, &[], "numbers", &[0xc4, 3, 9, 1, 5]);
    assert!(frame.ends_with(&[0xc4, 3, 1, 5, 9]), "{frame:?}");
}

#[test]
fn primes_come_as_a_stream() {
    let mut worker = common::start(&["--quiet"]);
    worker.send(r#"{"jsonrpc":"2.0","method":"$/stream/pull","params":{"id":1,"count":1000}}"#);
    worker.send(&request(1, "primes", json!({ "from": 10, "to": "30" })));
    assert_eq!(stream(&worker), (json!([11, 13, 17, 19, 23, 29]), json!(6)));
    worker.send(r#"{"jsonrpc":"2.0","method":"$/stream/pull","params":{"id":2,"count":1000}}"#);
    worker.send(&request(2, "primes", json!(["18446744073709551530", "18446744073709551615"])));
    assert_eq!(stream(&worker), (json!(["18446744073709551533", "18446744073709551557"]), json!(2)));
}

/// The items of the stream that is under way, in as many messages as they happen to come in, and its result.
fn stream(worker: &Process) -> (Value, Value) {
    let mut items = Vec::new();
    loop {
        let message = worker.next();
        match message["params"]["items"].as_array() {
            Some(more) => items.extend(more.iter().cloned()),
            None => return (json!(items), message["result"].clone()),
        }
    }
}

#[test]
fn a_cancelled_call_frees_its_thread_soon() {
    let mut worker = common::start(&["--quiet", "--threads", "1"]);
    let numbers: Vec<u64> = (0..300_000).map(|i| u64::MAX - i).collect();
    for (method, params) in [
        ("fibonacci", json!([10_000_000])),
        ("fibonacci_recursive", json!([80])),
        ("is_prime_many", json!([numbers])),
        ("primes", json!([0, 1_000_000_000_000_u64])),
    ] {
        worker.send(r#"{"jsonrpc":"2.0","method":"$/stream/pull","params":{"id":1,"count":10000}}"#);
        worker.send(&request(1, method, params));
        worker.send(&request("p", "$/ping", json!([])));
        worker.answer("p");
        let started = std::time::Instant::now();
        worker.send(&common::cancel(1));
        worker.send(&request(2, "factorize", json!([6])));
        assert_eq!(worker.answer(2)["result"], json!([2, 3]), "{method}");
        // Far from what the longest of these would take, for machines that are busy and builds that are slow.
        assert!(started.elapsed() < std::time::Duration::from_secs(1), "{method}: {:?}", started.elapsed());
    }
}
