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
    let mut worker = Process::start(&["--quiet"]);
    let numbers: Vec<u64> = (0..200_000).collect();
    worker.send(&request(1, "sum_array", json!([numbers])));
    assert_eq!(worker.answer(1)["result"], 19_999_900_000_u64);
    let text = "é\u{2028}\"".repeat(100_000);
    worker.send(&request(2, "echo", json!([text])));
    assert_eq!(worker.answer(2)["result"], text);
}

#[test]
fn a_long_fibonacci_number_ends_in_the_digits_it_should() {
    let mut worker = Process::start(&["--quiet"]);
    worker.send(&request(1, "fibonacci", json!([100_000])));
    let answer = worker.answer(1);
    let digits = answer["result"].as_str().unwrap();
    assert_eq!(digits.len(), 20_899);
    assert!(digits.starts_with("25974069347221724166"));
    assert!(digits.ends_with("49895374653428746875"));
}
