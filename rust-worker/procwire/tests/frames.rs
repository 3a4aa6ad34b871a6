//! Bytes to frames: what may arrive in which pieces, and what ends a link.
#![cfg(unix)]

use procwire::{Fault, Framing, Limits, Method, Params, Worker};
use serde_json::{Value, json};
use support::{answer, lines, request, serve, serve_chunks};

fn worker() -> Worker {
    Worker::new().register(Method::new("same", |value: Value| Ok::<_, Fault>(value)).inline())
}

fn small_limit() -> Worker {
    let mut limits = Limits::default();
    limits.message_bytes = 1024;
    worker().limits(limits)
}

fn frame(framing: Framing, payload: &str) -> Vec<u8> {
    match framing {
        Framing::Line => format!("{payload}\n").into_bytes(),
        Framing::Length => [&(payload.len() as u32).to_be_bytes(), payload.as_bytes()].concat(),
        Framing::ContentLength => format!("Content-Length: {}\r\n\r\n{payload}", payload.len()).into_bytes(),
    }
}

const FRAMINGS: [Framing; 3] = [Framing::Line, Framing::Length, Framing::ContentLength];

#[test]
fn answers_are_the_same_wherever_the_input_is_split() {
    for framing in FRAMINGS {
        let input: Vec<u8> = (1..=3).flat_map(|id| frame(framing, &request(id, "same", json!(["é", id])))).collect();
        let whole = serve(worker().framing(framing), &input);
        let expected: Vec<u8> = (1..=3)
            .flat_map(|id| frame(framing, &format!(r#"{{"jsonrpc":"2.0","id":{id},"result":["é",{id}]}}"#)))
            .collect();
        assert_eq!(whole, expected, "{framing:?}");
        for at in 0..=input.len() {
            let (head, tail) = input.split_at(at);
            let chunks = [head, tail].into_iter().filter(|chunk| !chunk.is_empty()).collect();
            assert_eq!(serve_chunks(worker().framing(framing), chunks).unwrap(), whole, "{framing:?} split at {at}");
        }
        assert_eq!(serve_chunks(worker().framing(framing), input.chunks(1).collect()).unwrap(), whole);
    }
}

#[test]
fn a_thousand_frames_in_one_chunk_are_answered_in_order() {
    for framing in FRAMINGS {
        let input: Vec<u8> = (0..1000).flat_map(|id| frame(framing, &request(id, "same", json!([id])))).collect();
        let expected: Vec<u8> = (0..1000)
            .flat_map(|id| frame(framing, &format!(r#"{{"jsonrpc":"2.0","id":{id},"result":[{id}]}}"#)))
            .collect();
        assert!(serve(worker().framing(framing), &input) == expected, "{framing:?}");
    }
}

/// A large part of the params is sent back from where it lies, so the answer leaves in three parts.
#[test]
fn a_part_of_the_params_comes_back_byte_for_byte_whatever_its_size() {
    for framing in FRAMINGS {
        for size in [0, 1, 65_533, 65_534, 65_535, 65_536, 70_000, 300_000] {
            let text = format!("{}é", "x".repeat(size));
            let params = json!({ "before": [1, "{"], "message": text, "after": 2 });
            let frames =
                [request(1, "echo", params), request(2, "small", json!([7]))].map(|text| frame(framing, &text));
            let output = serve(echoing().framing(framing).threads(1), &frames.concat());
            let [large, log, small] = [
                format!(r#"{{"jsonrpc":"2.0","id":1,"result":"{text}"}}"#),
                r#"{"jsonrpc":"2.0","method":"log","params":{"message":"Processed echo"}}"#.to_owned(),
                r#"{"jsonrpc":"2.0","id":2,"result":7}"#.to_owned(),
            ]
            .map(|text| frame(framing, &text));
            let last = [large, log].concat();
            assert_eq!(
                output.len(),
                frame(framing, STARTED).len() + last.len() + small.len() + frame(framing, DONE).len()
            );
            assert!(contains(&output, &last), "{framing:?}, {size} bytes");
            assert!(contains(&output, &small), "{framing:?}, {size} bytes");
        }
    }
}

const STARTED: &str = r#"{"jsonrpc":"2.0","method":"log","params":{"message":"Test started"}}"#;
const DONE: &str = r#"{"jsonrpc":"2.0","method":"log","params":{"message":"Processed small"}}"#;

fn echoing() -> Worker {
    Worker::new()
        .announce("Test")
        .register(
            Method::raw("echo", |params: &Params<'_>| params.get("message", 0)?.ok_or_else(|| params.fault("missing")))
                .inline(),
        )
        .register(
            Method::raw("small", |params: &Params<'_>| params.get("", 0)?.ok_or_else(|| params.fault("missing")))
                .inline(),
        )
}

fn contains(all: &[u8], part: &[u8]) -> bool {
    memchr::memmem::find(all, part).is_some()
}

#[test]
fn a_frame_of_megabytes_comes_back_whole() {
    let text = "x".repeat(5_000_000);
    for framing in FRAMINGS {
        let input = frame(framing, &request(1, "same", json!([text])));
        let expected = frame(framing, &format!(r#"{{"jsonrpc":"2.0","id":1,"result":["{text}"]}}"#));
        assert!(serve(worker().framing(framing), &input) == expected, "{framing:?}");
    }
}

#[test]
fn carriage_returns_blank_lines_a_mark_and_a_missing_newline_are_tolerated() {
    let [one, two] = [request(1, "same", json!([])), request(2, "same", json!([]))];
    let answers = lines(worker(), &format!("\u{feff}\r\n \t\r\n{one}\r\n\n\n{two}"));
    assert_eq!(answers.len(), 2);
    assert_eq!(answers[1]["id"], 2);
}

#[test]
fn a_second_byte_order_mark_is_not_tolerated() {
    let one = request(1, "same", json!([]));
    let answers = lines(worker(), &format!("{one}\n\u{feff}{one}\n"));
    assert_eq!(answers[1]["error"]["code"], -32700);
}

#[test]
fn a_line_above_the_limit_is_answered_once_and_the_next_one_served() {
    let long = request(7, "same", json!(["x".repeat(200_000)]));
    let good = request(8, "same", json!([]));
    let input = format!("{long}\n{good}\n");
    for chunk in [100, 1000, 65_536, input.len()] {
        let output = serve_chunks(small_limit(), input.as_bytes().chunks(chunk).collect()).unwrap();
        let answers: Vec<Value> =
            String::from_utf8(output).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(answers.len(), 2, "{answers:?}");
        assert_eq!(answers[0]["id"], 7);
        assert_eq!(answers[0]["error"]["code"], -32600);
        assert_eq!(answers[0]["error"]["data"]["value"], 1024);
        assert_eq!(answers[1]["id"], 8);
    }
}

#[test]
fn the_id_of_an_over_long_line_is_null_where_it_comes_too_late() {
    let long = format!(r#"{{"params":["{}"],"id":7}}"#, "x".repeat(100_000));
    assert!(answer(small_limit(), &long).contains(r#""id":null,"error":{"code":-32600"#));
}

#[test]
fn an_over_long_answer_from_the_peer_is_not_answered() {
    let long = format!(r#"{{"jsonrpc":"2.0","id":7,"result":["{}"]}}"#, "x".repeat(100_000));
    assert_eq!(serve(small_limit(), format!("{long}\n").as_bytes()), b"");
}

#[test]
fn a_frame_announced_above_the_limit_is_answered_and_skipped() {
    let long = request(7, "same", json!(["x".repeat(200_000)]));
    let good = request(8, "same", json!([]));
    for framing in [Framing::Length, Framing::ContentLength] {
        let input = [frame(framing, &long), frame(framing, &good)].concat();
        for chunk in [100, 1000, 65_536, input.len()] {
            let output = serve_chunks(small_limit().framing(framing), input.chunks(chunk).collect()).unwrap();
            let text = String::from_utf8_lossy(&output);
            assert!(text.contains(r#""id":7,"error":{"code":-32600,"#), "{text}");
            assert!(text.contains(r#""id":8,"result":[]"#), "{text}");
        }
    }
}

#[test]
fn headers_are_read_strictly_but_unknown_ones_are_ignored() {
    let body = request(1, "same", json!([]));
    let with = |header: &str| {
        let input = format!("{header}\r\n\r\n{body}");
        serve_chunks(worker().framing(Framing::ContentLength), vec![input.as_bytes()])
    };
    let length = body.len();
    for good in [
        format!("content-length:{length}"),
        format!("Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nCONTENT-LENGTH: {length} "),
    ] {
        assert!(!with(&good).unwrap().is_empty(), "{good}");
    }
    for bad in [
        "Content-Length: ".to_owned(),
        format!("Content-Length: +{length}"),
        format!("Content-Length: {length}.0"),
        "Content-Length: -1".to_owned(),
        "Content-Length: 99999999999999999999".to_owned(),
        format!("Content-Length: {length}\r\nContent-Length: {length}"),
        "Content-Type: text".to_owned(),
        format!("Content-Length {length}"),
        format!("Content-Length : {length}"),
        format!("X\u{0}: 1\r\nContent-Length: {length}"),
        format!("X: 1\nContent-Length: {length}"),
        format!("Content-Length: {length}\r\nContent-Type: text; charset=latin-1"),
        format!("X: {}", "x".repeat(9000)),
    ] {
        assert!(with(&bad).is_err(), "{bad}");
    }
}

#[test]
fn input_that_ends_inside_a_frame_ends_the_worker_in_order() {
    let whole = frame(Framing::Length, &request(1, "same", json!([])));
    for end in 0..whole.len() {
        assert_eq!(serve(worker().framing(Framing::Length), &whole[..end]), b"", "cut at {end}");
    }
    let torn = answer(worker(), r#"{"jsonrpc":"2.0","id":1,"meth"#);
    assert!(torn.contains("-32700"));
}
