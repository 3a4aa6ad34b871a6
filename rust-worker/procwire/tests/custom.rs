//! A framing and a codec that a user writes, in place of those of the library.
#![cfg(unix)]

use std::io;

use procwire::{
    Context, CustomCodec, CustomFraming, DecodeError, Framing, Limits, Method, Params, Split, Stream, Worker,
};
use serde_json::{Value, json};
use support::{Sink, lines, request, serve, serve_chunks};

/// `12:hello world!,`
struct Netstrings;

impl CustomFraming for Netstrings {
    fn split(&self, bytes: &[u8], _: usize) -> Result<Split, DecodeError> {
        let Some(colon) = bytes.iter().take(12).position(|byte| *byte == b':') else {
            return if bytes.len() < 12 { Ok(Split::More) } else { Err(DecodeError::new("a netstring has no length")) };
        };
        let digits = std::str::from_utf8(&bytes[..colon]).ok().and_then(|digits| digits.parse().ok());
        let length = digits.ok_or_else(|| DecodeError::new("the length of a netstring is no number"))?;
        Ok(Split::Frame { head: colon + 1, length, tail: 1 })
    }

    fn append(&self, frame: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(format!("{}:", frame.len()).as_bytes());
        out.extend_from_slice(frame);
        out.push(b',');
    }
}

/// Each frame ended by a zero byte.
struct Zeros;

impl CustomFraming for Zeros {
    fn split(&self, bytes: &[u8], seen: usize) -> Result<Split, DecodeError> {
        let end = bytes[seen..].iter().position(|byte| *byte == 0);
        Ok(end.map_or(Split::More, |end| Split::Frame { head: 0, length: seen + end, tail: 1 }))
    }

    fn append(&self, frame: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(frame);
        out.push(0);
    }
}

/// MessagePack by way of a value, as somebody would write it who has a serde format.
struct Packed;

impl CustomCodec for Packed {
    fn decode(&self, frame: &[u8], json: &mut Vec<u8>) -> Result<(), DecodeError> {
        let value: Value = rmp_serde::from_slice(frame).map_err(|error| DecodeError::new(error.to_string()))?;
        serde_json::to_writer(json, &value).map_err(|error| DecodeError::new(error.to_string()))
    }

    fn encode(&self, json: &[u8], frame: &mut Vec<u8>) -> Result<(), DecodeError> {
        let value: Value = serde_json::from_slice(json).map_err(|error| DecodeError::new(error.to_string()))?;
        rmp_serde::encode::write_named(frame, &value).map_err(|error| DecodeError::new(error.to_string()))
    }
}

/// JSON, but for what a text in it asks for.
struct Moody;

impl CustomCodec for Moody {
    fn decode(&self, frame: &[u8], json: &mut Vec<u8>) -> Result<(), DecodeError> {
        assert!(!frame.starts_with(b"panic"), "as asked for");
        json.extend_from_slice(frame);
        Ok(())
    }

    fn encode(&self, json: &[u8], frame: &mut Vec<u8>) -> Result<(), DecodeError> {
        let text = String::from_utf8_lossy(json);
        assert!(!text.contains("panic!"), "as asked for");
        if text.contains("refuse!") {
            return Err(DecodeError::new("no \"such\" text"));
        }
        frame.extend_from_slice(text.replace("newline!", "\n").as_bytes());
        Ok(())
    }
}

fn worker() -> Worker {
    Worker::new()
        .threads(1)
        .register(Method::new("same", |(value,): (Value,)| Ok(value)).inline())
        .method("later", |(value,): (Value,)| Ok(value))
        .method("tell", |(value,): (Value,), cx: &Context| cx.notify("told", &[value]))
        .register(Method::raw("raw", |params: &Params<'_>| Ok(params.get("value", 0)?.expect("a parameter"))))
        .register(Method::stream("count", |(n,): (u64,), out: &mut Stream<'_>| {
            (0..n).try_for_each(|i| out.send(&i))?;
            out.context().notify("counted", &[n])
        }))
}

fn requests() -> Vec<String> {
    let pull = json!({ "jsonrpc": "2.0", "method": "$/stream/pull", "params": { "id": 3, "count": 9 } }).to_string();
    let batch = format!("[{},{}]", request(5, "same", json!([5])), request(6, "later", json!([6])));
    let large = "x".repeat(100_000);
    vec![
        request(1, "same", json!([{ "a": [1, -2.5, null, "é"] }])),
        request(2, "later", json!(["text"])),
        pull,
        request(3, "count", json!([5])),
        request(4, "nope", json!([])),
        batch,
        request(7, "raw", json!([large])),
        "{\"jsonrpc\":\"2.0\",\"id\":8}".to_owned(),
    ]
}

/// The answers in an order that does not depend on threads.
fn sorted(mut messages: Vec<Value>) -> Vec<String> {
    for message in &mut messages {
        if let Value::Array(answers) = message {
            answers.sort_by_key(|answer| answer["id"].as_u64());
        }
    }
    let mut texts: Vec<_> = messages.iter().map(Value::to_string).collect();
    texts.sort();
    texts
}

/// Frames of the bytes that a worker wrote.
fn frames<'a>(framing: &dyn CustomFraming, mut bytes: &'a [u8]) -> Vec<&'a [u8]> {
    let mut frames = Vec::new();
    while !bytes.is_empty() {
        let Ok(Split::Frame { head, length, tail }) = framing.split(bytes, 0) else { panic!("half a frame") };
        frames.push(&bytes[head..head + length]);
        bytes = &bytes[head + length + tail..];
    }
    frames
}

fn framed(framing: &dyn CustomFraming, messages: &[impl AsRef<[u8]>]) -> Vec<u8> {
    let mut input = Vec::new();
    messages.iter().for_each(|message| framing.append(message.as_ref(), &mut input));
    input
}

#[test]
fn a_worker_with_a_framing_and_a_codec_of_its_users_says_what_it_says_without() {
    let expected = sorted(lines(worker(), &requests().join("\n")));
    assert_eq!(expected.len(), 9);
    let packed: Vec<Vec<u8>> = requests()
        .iter()
        .map(|json| {
            let mut frame = Vec::new();
            Packed.encode(json.as_bytes(), &mut frame).unwrap();
            frame
        })
        .collect();
    let input = framed(&Netstrings, &packed);
    for size in [61, 1000, input.len()] {
        let chunks = input.chunks(size).collect();
        let output = serve_chunks(worker().custom_framing(Netstrings).custom_codec(Packed), chunks).unwrap();
        let said = frames(&Netstrings, &output).into_iter().map(|frame| rmp_serde::from_slice(frame).unwrap());
        assert_eq!(sorted(said.collect()), expected);
    }
    let output = serve(worker().custom_framing(Zeros), &framed(&Zeros, &requests()));
    let said = frames(&Zeros, &output).into_iter().map(|frame| serde_json::from_slice(frame).unwrap());
    assert_eq!(sorted(said.collect()), expected);
    // A codec of one's own in a framing of the library.
    let output = serve(worker().custom_codec(Moody).framing(Framing::Line), requests().join("\n").as_bytes());
    let said = output.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    assert_eq!(sorted(said.map(|line| serde_json::from_slice(line).unwrap()).collect()), expected);
}

#[test]
fn a_frame_above_the_limit_is_skipped_however_its_end_is_found() {
    let mut limits = Limits::default();
    limits.message_bytes = 2000;
    let long = request(2, "same", json!(["x".repeat(20_000)]));
    let messages = [request(1, "same", json!([1])), long, String::new(), request(3, "same", json!([3]))];
    for framing in [&Netstrings as &dyn CustomFraming, &Zeros] {
        let input = framed(framing, &messages);
        for size in [1, 700, input.len()] {
            let worker = match framing.split(&input, 0) {
                Ok(Split::Frame { head: 0, .. }) => worker().custom_framing(Zeros),
                _ => worker().custom_framing(Netstrings),
            };
            let worker = worker.limits(limits.clone());
            let output = serve_chunks(worker, input.chunks(size).collect()).unwrap();
            let said: Vec<Value> =
                frames(framing, &output).iter().map(|frame| serde_json::from_slice(frame).unwrap()).collect();
            assert_eq!(said.len(), 3, "{said:?}");
            assert_eq!((&said[0]["result"], &said[2]["result"]), (&json!(1), &json!(3)));
            assert_eq!(said[1]["error"]["data"], json!({ "limit": "messageBytes", "value": 2000 }));
        }
    }
}

#[test]
fn what_a_codec_cannot_read_or_write_is_an_error_and_the_link_lives() {
    let refused = ["same", "later"].map(|method| request(1, method, json!(["refuse!"])));
    for refused in refused {
        let input = [refused, "panic".to_owned(), "{".to_owned(), request(2, "same", json!([2]))].join("\n");
        let said = lines(worker().custom_codec(Moody), &input);
        let by_id = |id: Value| said.iter().filter(|message| message["id"] == id).collect::<Vec<_>>();
        assert_eq!(by_id(json!(1))[0]["error"]["code"], -32603);
        let message = by_id(json!(1))[0]["error"]["message"].as_str().unwrap();
        assert_eq!(message, "the result cannot be encoded: no \"such\" text");
        let unread = by_id(Value::Null);
        assert!(unread.len() == 2 && unread.iter().all(|message| message["error"]["code"] == -32700), "{said:?}");
        assert_eq!(by_id(json!(2))[0]["result"], 2);
    }
}

#[test]
fn where_nothing_can_be_said_any_more_the_link_ends_with_an_error() {
    struct Panics;
    impl CustomFraming for Panics {
        fn split(&self, _: &[u8], _: usize) -> Result<Split, DecodeError> {
            panic!("as asked for");
        }
        fn append(&self, _: &[u8], _: &mut Vec<u8>) {
            panic!("as asked for");
        }
    }
    struct Endless;
    impl CustomFraming for Endless {
        fn split(&self, _: &[u8], _: usize) -> Result<Split, DecodeError> {
            Ok(Split::Frame { head: 0, length: 0, tail: 0 })
        }
        fn append(&self, _: &[u8], _: &mut Vec<u8>) {}
    }
    let say = |text: &str| request(1, "tell", json!([text]));
    let newline = request(1, "same", json!(["newline!"]));
    let cases: [(Worker, String, &str); 6] = [
        (worker().custom_framing(Panics), say("x"), "the framing panicked"),
        (worker().custom_framing(Endless), say("x"), "the framing found a frame of an impossible length"),
        (worker().custom_framing(Netstrings), "no length at all".into(), "a netstring has no length"),
        (worker().custom_codec(Moody), say("panic!"), "the codec panicked"),
        (worker().custom_codec(Moody), say("refuse!"), "no \"such\" text"),
        (worker().custom_codec(Moody), newline, "the codec wrote a newline, which ends a line"),
    ];
    for (worker, input, reason) in cases {
        let error = worker.serve(input.as_bytes(), Sink::default()).map_err(|error| (error.kind(), error.to_string()));
        assert_eq!(error, Err((io::ErrorKind::InvalidData, reason.to_owned())));
    }
}
