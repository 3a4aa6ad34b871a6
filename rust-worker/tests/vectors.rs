//! The vectors that all languages share, `test/vectors`: the same files are read by the tests of the others.
#![cfg(unix)]

mod common;

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdout};

use common::request;
use procwire::{Method, Params, Worker};
use serde_json::{Value, json};

fn vectors(name: &str) -> Value {
    let path = format!("{}/../test/vectors/{name}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_str(&text).unwrap()
}

fn cases<'a>(vectors: &'a Value, name: &str) -> &'a [Value] {
    vectors[name].as_array().unwrap_or_else(|| panic!("no {name}"))
}

fn bytes(hex: &Value) -> Vec<u8> {
    let hex = hex.as_str().unwrap().as_bytes();
    hex.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

/// The text of each result, of requests that are sent one after the other.
struct Results {
    child: Child,
    output: BufReader<ChildStdout>,
}

impl Results {
    fn open() -> Results {
        let mut child = common::command(env!("CARGO_BIN_EXE_rust-worker").as_ref(), &["--quiet"]).spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Results { child, output }
    }

    fn of(&mut self, method: &str, params: &str) -> Result<String, i64> {
        let input = self.child.stdin.as_mut().unwrap();
        writeln!(input, r#"{{"jsonrpc":"2.0","id":1,"method":"{method}","params":{params}}}"#).unwrap();
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        match line.trim_end().strip_prefix(r#"{"jsonrpc":"2.0","id":1,"result":"#) {
            Some(rest) => Ok(rest.strip_suffix('}').unwrap().to_owned()),
            None => Err(serde_json::from_str::<Value>(&line).unwrap()["error"]["code"].as_i64().unwrap()),
        }
    }
}

impl Drop for Results {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// An integer as it travels in JSON.
fn travelling(digits: &str) -> String {
    match digits.parse::<i64>() {
        Ok(value) if value.abs() < 1 << 53 => digits.to_owned(),
        _ => format!("\"{digits}\""),
    }
}

#[test]
fn primes_are_told_from_composites() {
    let vectors = vectors("is-prime.json");
    let mut results = Results::open();
    let mut numbers = Vec::new();
    for case in cases(&vectors, "cases") {
        let (n, expected) = (case["n"].as_str().unwrap(), case["prime"].to_string());
        assert_eq!(results.of("is_prime", &format!(r#"{{"n":"{n}"}}"#)), Ok(expected.clone()), "{n}");
        assert_eq!(results.of("is_prime", &format!("[{n}]")), Ok(expected), "{n}");
        numbers.push(n);
    }
    for n in cases(&vectors, "negative") {
        assert_eq!(results.of("is_prime", &format!("[{}]", n.as_str().unwrap())), Ok("false".into()), "{n}");
    }
    for params in cases(&vectors, "refused") {
        assert_eq!(results.of("is_prime", params.as_str().unwrap()), Err(-32602), "{params}");
    }
    let all = results.of("is_prime_many", &json!([numbers]).to_string()).unwrap();
    let all: Vec<bool> = serde_json::from_str(&all).unwrap();
    let expected = cases(&vectors, "cases").iter().map(|case| case["prime"].as_bool().unwrap());
    assert!(all.into_iter().eq(expected));
}

#[test]
fn fibonacci_numbers_have_their_digits() {
    let vectors = vectors("fibonacci.json");
    let mut results = Results::open();
    for case in cases(&vectors, "cases") {
        let expected = travelling(case["value"].as_str().unwrap());
        assert_eq!(results.of("fibonacci", &format!(r#"{{"n":{}}}"#, case["n"])), Ok(expected), "{case}");
    }
    for case in cases(&vectors, "large") {
        let result = results.of("fibonacci", &format!("[{}]", case["n"])).unwrap();
        let digits = result.trim_matches('"');
        assert_eq!(digits.len() as u64, case["digits"].as_u64().unwrap(), "{case}");
        assert!(digits.starts_with(case["starts"].as_str().unwrap()), "{case}");
        assert!(digits.ends_with(case["ends"].as_str().unwrap()), "{case}");
    }
    for params in cases(&vectors, "refused") {
        assert_eq!(results.of("fibonacci", params.as_str().unwrap()), Err(-32602), "{params}");
    }
}

fn assert_sum(result: &str, sum: &Value, name: &Value) {
    match sum["integer"].as_str() {
        Some(digits) => assert_eq!(result, travelling(digits), "{name}"),
        None => {
            let bits = u64::from_str_radix(sum["float"].as_str().unwrap(), 16).unwrap();
            assert_eq!(result.parse::<f64>().unwrap().to_bits(), bits, "{name}: {result}");
        }
    }
}

#[test]
fn sums_are_exact() {
    let vectors = vectors("sum-array.json");
    let mut results = Results::open();
    for case in cases(&vectors, "cases") {
        let numbers = case["numbers"].as_str().unwrap().replace(['\n', '\r'], " ");
        let result = results.of("sum_array", &format!(r#"{{"numbers":{numbers}}}"#)).unwrap();
        assert_sum(&result, &case["sum"], &case["name"]);
    }
    for case in cases(&vectors, "refused") {
        let params = format!("[{}]", case["numbers"].as_str().unwrap());
        assert_eq!(results.of("sum_array", &params), Err(-32602), "{case}");
    }
}

#[test]
fn sums_of_typed_arrays_are_exact() {
    let code = |kind: &str| match kind {
        "Int8Array" => 17,
        "Uint8ClampedArray" => 18,
        "Int16Array" => 19,
        "Uint16Array" => 20,
        "Int32Array" => 21,
        "Uint32Array" => 22,
        "Float32Array" => 23,
        "Float64Array" => 24,
        "BigInt64Array" => 25,
        "BigUint64Array" => 26,
        _ => panic!("{kind}"),
    };
    for case in cases(&vectors("sum-array.json"), "typed") {
        let bytes = bytes(&case["hex"]);
        let mut array = Vec::new();
        match case["type"].as_str().unwrap() {
            "Uint8Array" => rmp::encode::write_bin(&mut array, &bytes).unwrap(),
            kind => {
                rmp::encode::write_ext_meta(&mut array, bytes.len() as u32, code(kind)).unwrap();
                array.extend_from_slice(&bytes);
            }
        }
        let answer = common::msgpack_answer("sum_array", 0, &[], "numbers", &array);
        let expected = &case["sum"];
        match (expected["integer"].as_str(), &answer["result"]) {
            (Some(digits), Value::String(text)) => assert_eq!(text, digits, "{case}"),
            (Some(digits), number) => assert_eq!(number.to_string(), digits, "{case}"),
            (None, number) => assert_sum(&number.to_string(), expected, case),
        }
    }
}

#[test]
fn values_pass_an_echo_byte_for_byte_or_are_refused() {
    for case in cases(&vectors("json-values.json"), "cases") {
        let value = bytes(&case["hex"]);
        let worker = Worker::new().register(
            Method::raw("echo", |params: &Params<'_>| {
                params.get("message", 0)?.ok_or_else(|| params.fault("missing parameter `message`"))
            })
            .inline(),
        );
        let frame = [br#"{"jsonrpc":"2.0","id":1,"method":"echo","params":["#, &value[..], b"]}\n"].concat();
        let answer = common::serve(worker, &frame);
        if case["valid"] == true {
            let value = value.trim_ascii();
            let expected = [br#"{"jsonrpc":"2.0","id":1,"result":"#, value, b"}\n"].concat();
            assert_eq!(answer, expected, "{case}");
        } else if value.is_empty() {
            // Nothing between brackets is an empty array.
            assert!(String::from_utf8_lossy(&answer).contains("-32602"), "{case}");
        } else {
            // Two values, or a bracket too many, may make a valid frame of another meaning: never a result.
            let answer: Value = serde_json::from_slice(&answer).unwrap();
            assert_eq!(answer["error"]["code"], -32700, "{case}: {answer}");
        }
    }
}

/// Whether an answer is what the vectors say.
fn fits(answer: &Value, expected: &Value) -> bool {
    let outcome = match expected.get("error") {
        Some(code) => answer["error"]["code"] == *code && answer["error"]["message"].is_string(),
        None => answer.get("result") == expected.get("result"),
    };
    outcome && answer.get("id") == expected.get("id") && answer["jsonrpc"] == "2.0"
}

#[test]
fn frames_are_answered_as_they_should_be() {
    let mut worker = common::start(&["--quiet"]);
    for case in cases(&vectors("json-rpc.json"), "cases") {
        let frame = case["in"].as_str().map_or_else(|| bytes(&case["inHex"]), |text| text.as_bytes().to_vec());
        let input = worker.child.stdin.as_mut().unwrap();
        input.write_all(&frame).unwrap();
        input.write_all(b"\n").unwrap();
        // What comes back before the answer to this is what the frame was answered with.
        worker.send(&request("after", "$/ping", json!([])));
        let answer = worker.next();
        match &case["out"] {
            Value::Null => {
                assert_eq!(answer["id"], "after", "{case}: {answer}");
                continue;
            }
            Value::Array(expected) => {
                let mut left = answer.as_array().unwrap_or_else(|| panic!("{case}: {answer}")).clone();
                for expected in expected {
                    let at = left.iter().position(|answer| fits(answer, expected));
                    left.remove(at.unwrap_or_else(|| panic!("{case}: {answer}")));
                }
                assert!(left.is_empty(), "{case}: {answer}");
            }
            expected => assert!(fits(&answer, expected), "{case}: {answer}"),
        }
        assert_eq!(worker.next()["id"], "after", "{case}");
    }
}

/// Gives frames of MessagePack to a worker that serves `echo` at once and `later`, and reads what comes back.
fn over_msgpack(payloads: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let worker = Worker::new()
        .threads(1)
        .framing(procwire::Framing::Length)
        .codec(procwire::Codec::MessagePack)
        .register(
            Method::raw("echo", |params: &Params<'_>| {
                params.get("message", 0)?.ok_or_else(|| params.fault("no message"))
            })
            .inline(),
        )
        .method("later", |(): ()| Ok(1))
        .method("wait", |(): (), cx: &procwire::Context| {
            while !cx.is_cancelled() {
                std::thread::yield_now();
            }
            Ok(())
        });
    let frame = |payload: &Vec<u8>| [&(payload.len() as u32).to_be_bytes(), &payload[..]].concat();
    let input: Vec<u8> = payloads.iter().flat_map(frame).collect();
    let output = common::serve(worker, &input);
    let (mut rest, mut answers) = (&output[..], Vec::new());
    while let Some((length, behind)) = rest.split_first_chunk::<4>() {
        let (payload, behind) = behind.split_at(u32::from_be_bytes(*length) as usize);
        answers.push(payload.to_vec());
        rest = behind;
    }
    answers
}

#[test]
fn payloads_of_msgpack_are_answered_as_they_should_be() {
    for case in cases(&vectors("msgpack.json"), "cases") {
        let answers = over_msgpack(&[bytes(&case["hex"])]);
        // Ids that are floats are compared as floats.
        let answers: Vec<Value> = answers.iter().map(|answer| rmp_serde::from_slice(answer).unwrap()).collect();
        match &case["out"] {
            Value::Null => assert!(answers.is_empty(), "{case}: {answers:?}"),
            Value::Array(expected) => {
                let given = answers[0].as_array().unwrap();
                assert_eq!(given.len(), expected.len(), "{case}");
                assert!(expected.iter().all(|one| given.iter().any(|answer| fits(answer, one))), "{case}: {given:?}");
            }
            expected => assert!(answers.len() == 1 && fits(&answers[0], expected), "{case}: {answers:?}"),
        }
    }
}

/// A request in MessagePack whose id is given in its own bytes; without one a notification with it in its params.
fn with_id(method: &str, id: &[u8]) -> Vec<u8> {
    let text = |text: &str| rmp_serde::to_vec(text).unwrap();
    let version = [text("jsonrpc"), text("2.0"), text("method"), text(method)].concat();
    match method {
        "$/cancelRequest" => [&[0x83], &version[..], &text("params"), &[0x81], &text("id"), id].concat(),
        "echo" => [&[0x84], &version[..], &text("id"), id, &text("params"), &[0x91, 1]].concat(),
        _ => [&[0x83], &version[..], &text("id"), id].concat(),
    }
}

#[test]
fn ids_of_msgpack_come_back_as_they_came() {
    let vectors = vectors("msgpack-ids.json");
    let head = |id: &[u8]| [&[0x83], &b"\xa7jsonrpc\xa32.0\xa2id"[..], id].concat();
    for case in cases(&vectors, "ids") {
        let id = bytes(&case["id"]);
        for method in ["echo", "later"] {
            let answers = over_msgpack(&[with_id(method, &id)]);
            assert_eq!(answers, [[&head(&id)[..], b"\xa6result\x01"].concat()], "{case}, {method}");
        }
        let answers = over_msgpack(&[with_id("wait", &id), with_id("wait", &id), with_id("$/cancelRequest", &id)]);
        assert!(answers.iter().all(|answer| answer.starts_with(&head(&id))), "{case}");
        let code = |answer: &Vec<u8>| rmp_serde::from_slice::<Value>(answer).unwrap()["error"]["code"].clone();
        assert_eq!(answers.iter().map(code).collect::<Vec<_>>(), [-32600, -32800], "{case}");
    }
    for case in cases(&vectors, "none") {
        let answers = over_msgpack(&[with_id("echo", &bytes(&case["id"]))]);
        let answer: Value = rmp_serde::from_slice(&answers[0]).unwrap();
        assert!(fits(&answer, &json!({ "id": null, "error": -32600 })), "{case}: {answer}");
    }
}
