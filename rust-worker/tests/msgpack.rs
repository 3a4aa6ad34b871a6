//! MessagePack: the same meaning in other bytes.
#![cfg(unix)]

mod common;

use std::collections::BTreeMap;
use std::io::{Read, Write};

use common::{serve, serve_chunks};
use procwire::{Codec, Fault, Framing, Method, Worker};
use rmp_serde::from_slice;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

fn frame(payload: &[u8]) -> Vec<u8> {
    [&(payload.len() as u32).to_be_bytes()[..], payload].concat()
}

fn message(value: &Value) -> Vec<u8> {
    frame(&rmp_serde::to_vec_named(value).unwrap())
}

fn call(id: Value, method: &str, params: Value) -> Vec<u8> {
    message(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }))
}

fn frames(mut output: &[u8]) -> Vec<Vec<u8>> {
    let mut frames = Vec::new();
    while let Some((length, rest)) = output.split_first_chunk::<4>() {
        let (payload, rest) = rest.split_at(u32::from_be_bytes(*length) as usize);
        frames.push(payload.to_vec());
        output = rest;
    }
    frames
}

fn values(output: &[u8]) -> Vec<Value> {
    frames(output).iter().map(|frame| from_slice(frame).unwrap()).collect()
}

#[derive(Serialize, Deserialize)]
struct Point {
    x: i64,
    y: f64,
}

fn worker() -> Worker {
    Worker::new()
        .framing(Framing::Length)
        .codec(Codec::MessagePack)
        .register(Method::new("point", |point: Point| Ok(point)).inline())
        .register(Method::new("largest", |(): ()| Ok(u64::MAX)).inline())
        .register(Method::new("bytes", |p: (serde_bytes::ByteBuf,)| Ok(p.0)).inline())
        .register(Method::new("same", |value: Value| Ok::<_, Fault>(value)).inline())
}

fn compute(input: &[u8]) -> Vec<Vec<u8>> {
    let program = env!("CARGO_BIN_EXE_rust-worker").as_ref();
    let mut child = common::command(program, &["--quiet", "--framing=length", "--codec=msgpack"]).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let mut output = Vec::new();
    child.stdout.take().unwrap().read_to_end(&mut output).unwrap();
    assert!(child.wait().unwrap().success());
    frames(&output)
}

#[test]
fn structs_travel_as_maps_and_are_read_by_name_or_position() {
    let by_name = serve(worker(), &call(json!(1), "point", json!({ "y": 1.5, "x": 2 })));
    let by_position = serve(worker(), &call(json!(1), "point", json!([2, 1.5])));
    assert_eq!(values(&by_name), [json!({ "jsonrpc": "2.0", "id": 1, "result": { "x": 2, "y": 1.5 } })]);
    assert_eq!(by_name, by_position);
}

#[test]
fn integers_are_exact_to_64_bits_and_bytes_stay_bytes() {
    let output = serve(worker(), &call(json!(1), "largest", json!([])));
    assert_eq!(values(&output)[0]["result"], u64::MAX);
    #[derive(Serialize)]
    struct Request<'a> {
        jsonrpc: &'a str,
        id: u8,
        method: &'a str,
        params: (&'a serde_bytes::Bytes,),
    }
    let bytes = serde_bytes::Bytes::new(&[0, 10, 255]);
    let request = Request { jsonrpc: "2.0", id: 1, method: "bytes", params: (bytes,) };
    let output = serve(worker(), &frame(&rmp_serde::to_vec_named(&request).unwrap()));
    assert!(frames(&output)[0].ends_with(&[0xc4, 3, 0, 10, 255]));
}

#[test]
fn errors_and_batches_mean_what_they_mean_in_json() {
    for (value, id, code) in [
        (json!(5), json!(null), -32600),
        (json!([]), json!(null), -32600),
        (json!({ "jsonrpc": "2.0", "id": "a", "method": 5 }), json!("a"), -32600),
        (json!({ "jsonrpc": "2.0", "id": 1, "method": "nope" }), json!(1), -32601),
        (json!({ "jsonrpc": "2.0", "id": 1, "method": "point", "params": { "x": 1 } }), json!(1), -32602),
        (json!({ "jsonrpc": "2.0", "id": 1, "method": "point", "params": 3 }), json!(1), -32600),
    ] {
        let answer = values(&serve(worker(), &message(&value))).remove(0);
        assert_eq!((&answer["id"], &answer["error"]["code"]), (&id, &json!(code)), "{value}");
    }
    let batch = json!([
        { "jsonrpc": "2.0", "id": 1, "method": "same", "params": [1] },
        { "jsonrpc": "2.0", "method": "note" },
        7
    ]);
    let answers = values(&serve(worker(), &message(&batch))).remove(0);
    assert_eq!(answers[0]["result"], json!([1]));
    assert_eq!(answers[1]["error"]["code"], -32600);
    assert_eq!(answers.as_array().unwrap().len(), 2);
}

#[test]
fn bytes_that_are_no_value_are_a_parse_error() {
    for payload in [&[0xc1][..], &[0x81], &[0xdf, 0xff, 0xff, 0xff, 0xff], &[0x01, 0x02], &[]] {
        let answer = values(&serve(worker(), &frame(payload))).remove(0);
        assert_eq!(answer["error"]["code"], -32700, "{payload:?}");
    }
}

#[test]
fn what_is_nested_too_deeply_is_a_parse_error_with_its_id_wherever_that_stands_in_front() {
    let member = |name: &str, value: &[u8]| [&rmp_serde::to_vec(name).unwrap(), value].concat();
    let version = member("jsonrpc", &rmp_serde::to_vec("2.0").unwrap());
    let method = member("method", &rmp_serde::to_vec("same").unwrap());
    let params = member("params", &[&[0x91; 200][..], &[0xc0]].concat());
    let id = member("id", &[7]);
    for (order, known) in [
        ([&version, &id, &method, &params], json!(7)),
        ([&version, &id, &params, &method], json!(7)),
        ([&id, &params, &version, &method], json!(7)),
        ([&params, &version, &id, &method], json!(null)),
    ] {
        let payload = [&[0x84][..], order[0], order[1], order[2], order[3]].concat();
        let answer = values(&serve(worker(), &frame(&payload))).remove(0);
        assert_eq!((&answer["id"], &answer["error"]["code"]), (&known, &json!(-32700)), "{answer}");
    }
}

#[test]
fn text_that_is_not_utf8_is_refused_wherever_it_stands() {
    let request = message(&json!({ "jsonrpc": "2.0", "id": "?d", "method": "same", "params": ["?p", { "?k": 1 }] }));
    let request = &request[4..];
    for mark in ["?d", "?p", "?k"] {
        let at = request.windows(2).position(|window| window == mark.as_bytes()).unwrap();
        let mut torn = request.to_vec();
        torn[at] = 0xff;
        let answer = values(&serve(worker(), &frame(&torn))).remove(0);
        assert_eq!(answer["error"]["code"], -32700, "{mark}");
    }
    assert!(values(&serve(worker(), &frame(request)))[0].get("result").is_some());
}

#[test]
fn it_is_refused_over_lines() {
    let refused = serve_chunks(worker().framing(Framing::Line), vec![]).unwrap_err();
    assert!(refused.to_string().contains("newlines"));
}

#[test]
fn the_compute_worker_answers_as_it_does_in_json() {
    let input = [
        call(json!(1), "add", json!([i64::MAX, 1])),
        call(json!(2), "multiply", json!([i64::MAX, i64::MAX])),
        call(json!(3), "fibonacci", json!({ "n": 93 })),
        call(json!(4), "is_prime", json!([18_446_744_073_709_551_557_u64])),
        call(json!(5), "sum_array", json!([[1, 2.5]])),
        call(json!(6), "echo", json!({ "message": { "a": [null, "é"] } })),
        call(json!(7), "sum_array", json!([[1, "x"]])),
    ]
    .concat();
    let results: BTreeMap<u64, Value> = compute(&input)
        .iter()
        .map(|frame| from_slice::<Value>(frame).unwrap())
        .map(|answer| {
            let outcome = if answer["error"].is_null() { &answer["result"] } else { &answer["error"]["message"] };
            (answer["id"].as_u64().unwrap(), outcome.clone())
        })
        .collect();
    assert_eq!(results[&1], 9_223_372_036_854_775_808_u64);
    assert_eq!(results[&2], "85070591730234615847396907784232501249");
    assert_eq!(results[&3], 12_200_160_415_121_876_738_u64);
    assert_eq!(results[&4], true);
    assert_eq!(results[&5], 3.5);
    assert_eq!(results[&6], json!({ "a": [null, "é"] }));
    assert_eq!(
        results[&7],
        "sum_array: parameter `numbers`: numbers[1]: expected a number or the decimal digits of an integer, found the string \"x\""
    );
}

/// A request for `method` whose only parameter is given in MessagePack's own bytes.
fn call_raw(method: &str, name: &str, raw: &[u8]) -> Vec<u8> {
    let mut payload = vec![0x84];
    for (key, value) in [("jsonrpc", "2.0"), ("method", method)] {
        rmp::encode::write_str(&mut payload, key).unwrap();
        rmp::encode::write_str(&mut payload, value).unwrap();
    }
    rmp::encode::write_str(&mut payload, "id").unwrap();
    payload.push(1);
    rmp::encode::write_str(&mut payload, "params").unwrap();
    payload.push(0x81);
    rmp::encode::write_str(&mut payload, name).unwrap();
    payload.extend_from_slice(raw);
    frame(&payload)
}

fn extension(code: i8, bytes: &[u8]) -> Vec<u8> {
    let mut raw = Vec::new();
    rmp::encode::write_ext_meta(&mut raw, bytes.len() as u32, code).unwrap();
    raw.extend_from_slice(bytes);
    raw
}

#[test]
fn typed_arrays_are_summed_and_echoed_as_they_are() {
    let floats: Vec<u8> = [0.1_f64; 10].iter().flat_map(|value| value.to_le_bytes()).collect();
    let integers: Vec<u8> = [i64::MAX, i64::MAX].iter().flat_map(|value| value.to_le_bytes()).collect();
    let sums = [
        (extension(24, &floats), json!(1.0)),
        (extension(25, &integers), json!(18_446_744_073_709_551_614_u64)),
        (extension(17, &[0xff]), json!(-1)),
        ([&[0xc4, 3][..], &[200, 100, 1]].concat(), json!(301)),
        (extension(23, &1.5_f32.to_le_bytes().repeat(40_000)), json!(60_000.0)),
    ];
    for (raw, expected) in sums {
        let answer: Value = from_slice(&compute(&call_raw("sum_array", "numbers", &raw))[0]).unwrap();
        assert_eq!(answer["result"], expected, "{answer}");
        assert!(compute(&call_raw("echo", "message", &raw))[0].ends_with(&raw));
    }
    let refused: Value = from_slice(&compute(&call_raw("sum_array", "numbers", &extension(5, &[0; 8])))[0]).unwrap();
    assert_eq!(refused["error"]["code"], -32602);
}
