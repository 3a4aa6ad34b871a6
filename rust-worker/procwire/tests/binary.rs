//! Bytes and typed arrays, as parameters, inputs and results of a worker of one's own.
#![cfg(all(unix, feature = "msgpack"))]

use std::borrow::Cow;

use procwire::{Bytes, Codec, Context, Fault, Framing, Method, Numbers, Params, Worker};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// What a worker answers in MessagePack to parameters in their own bytes: the whole answer.
fn answer(worker: Worker, method: &str, params: &[u8]) -> Vec<u8> {
    let worker = worker.framing(Framing::Length).codec(Codec::MessagePack);
    let text = |text: &str| rmp_serde::to_vec(text).unwrap();
    let head =
        [&[0x84], &text("jsonrpc")[..], &text("2.0"), &text("id"), &[1], &text("method"), &text(method)].concat();
    let payload = [&head[..], &text("params"), params].concat();
    let frame = [&(payload.len() as u32).to_be_bytes(), &payload[..]].concat();
    support::serve(worker, &frame)[4..].to_vec()
}

/// The result in its own bytes.
fn result(worker: Worker, method: &str, params: &[u8]) -> Vec<u8> {
    let answer = answer(worker, method, params);
    let head = b"\x83\xa7jsonrpc\xa32.0\xa2id\x01\xa6result";
    answer.strip_prefix(&head[..]).unwrap_or_else(|| panic!("{}", answer.escape_ascii())).to_vec()
}

fn decoded<T: DeserializeOwned>(bytes: &[u8]) -> T {
    rmp_serde::from_slice(bytes).unwrap_or_else(|error| panic!("{error}: {}", bytes.escape_ascii()))
}

fn fault(worker: Worker, method: &str, params: &[u8]) -> (i64, String) {
    let answer: Value = decoded(&answer(worker, method, params));
    (answer["error"]["code"].as_i64().expect("an error"), answer["error"]["message"].as_str().unwrap().to_owned())
}

/// A typed array: an extension with little-endian elements.
fn typed(code: i8, elements: &[&[u8]]) -> Vec<u8> {
    let bytes = elements.concat();
    let mut out = Vec::new();
    rmp::encode::write_ext_meta(&mut out, bytes.len() as u32, code).unwrap();
    out.extend_from_slice(&bytes);
    out
}

fn floats(numbers: &[f64]) -> Vec<u8> {
    typed(
        24,
        &numbers
            .iter()
            .map(|number| number.to_le_bytes())
            .collect::<Vec<_>>()
            .iter()
            .map(|b| &b[..])
            .collect::<Vec<_>>(),
    )
}

fn in_array(value: &[u8]) -> Vec<u8> {
    [&[0x91], value].concat()
}

fn binary(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    rmp::encode::write_bin(&mut out, bytes).unwrap();
    out
}

#[derive(Deserialize)]
struct Image {
    width: u32,
    pixels: Bytes,
}

fn images() -> Worker {
    Worker::new().method("rows", |image: Image| {
        let rows: Vec<u8> = image.pixels.chunks(image.width as usize).rev().flatten().copied().collect();
        Ok(Bytes::from(rows))
    })
}

#[test]
fn bytes_are_bytes_in_messagepack_and_base64_in_json() {
    let params = [&[0x82], &b"\xa5width\x02\xa6pixels"[..], &binary(&[1, 2, 3, 4])].concat();
    assert_eq!(result(images(), "rows", &params), binary(&[3, 4, 1, 2]));
    let answer = support::answer(images(), &support::request(1, "rows", json!({ "width": 2, "pixels": "AQIDBA==" })));
    assert_eq!(answer, r#"{"jsonrpc":"2.0","id":1,"result":"AwQBAg=="}"#);
    let answer = support::answer(images(), &support::request(1, "rows", json!({ "width": 2, "pixels": [1, 2, 3, 4] })));
    assert_eq!(answer, r#"{"jsonrpc":"2.0","id":1,"result":"AwQBAg=="}"#);
}

#[test]
fn what_is_no_base64_is_refused_by_the_parameters_name() {
    let answer = support::answer(images(), &support::request(1, "rows", json!({ "width": 2, "pixels": "?" })));
    assert!(answer.contains("rows: parameter `pixels`: expected base64, and the string is none"), "{answer}");
    let params = b"\x82\xa5width\x02\xa6pixels\xa1?";
    let (code, text) = fault(images(), "rows", params);
    assert_eq!(code, -32602);
    assert!(text.starts_with("rows: parameter `pixels`: ") && text.contains("expected bytes"), "{text}");
}

#[test]
fn a_vec_of_numbers_takes_any_typed_array() {
    let sum = || Worker::new().method("sum", |(numbers,): (Vec<f64>,)| Ok(numbers.iter().sum::<f64>()));
    assert_eq!(decoded::<f64>(&result(sum(), "sum", &in_array(&floats(&[0.5, 1.5, -7.0])))), -5.0);
    assert_eq!(decoded::<f64>(&result(sum(), "sum", &in_array(&typed(21, &[&(-3_i32).to_le_bytes()])))), -3.0);
    assert_eq!(decoded::<f64>(&result(sum(), "sum", &in_array(&typed(23, &[&0.25_f32.to_le_bytes()])))), 0.25);
    assert_eq!(decoded::<f64>(&result(sum(), "sum", &in_array(&binary(&[1, 2, 255])))), 258.0);
    assert_eq!(decoded::<f64>(&result(sum(), "sum", &in_array(&[0x92, 1, 2]))), 3.0);
    let named = || {
        #[derive(Deserialize)]
        struct Pair {
            all: Vec<i64>,
            last: [u64; 2],
        }
        Worker::new().method("pair", |p: Pair| Ok((p.all, p.last)))
    };
    let all = typed(25, &[&i64::MIN.to_le_bytes(), &7_i64.to_le_bytes()]);
    let last = typed(26, &[&u64::MAX.to_le_bytes(), &1_u64.to_le_bytes()]);
    let params = [&[0x82], &b"\xa3all"[..], &all, b"\xa4last", &last].concat();
    assert_eq!(decoded::<(Vec<i64>, [u64; 2])>(&result(named(), "pair", &params)), (vec![i64::MIN, 7], [u64::MAX, 1]));
}

#[test]
fn a_vec_of_bytes_takes_bytes() {
    let worker = || Worker::new().method("last", |(bytes,): (Vec<u8>,)| Ok(bytes.last().copied()));
    assert_eq!(result(worker(), "last", &in_array(&binary(&[1, 2, 250]))), [0xcc, 250]);
    assert_eq!(result(worker(), "last", &in_array(&[0x92, 1, 2])), [2]);
}

#[test]
fn elements_that_do_not_fit_are_refused() {
    let worker = || Worker::new().method("bytes", |(bytes,): (Vec<u8>,)| Ok(bytes.len()));
    assert_eq!(fault(worker(), "bytes", &in_array(&typed(20, &[&256_u16.to_le_bytes()]))).0, -32602);
    assert_eq!(fault(worker(), "bytes", &in_array(&typed(20, &[&[1]]))).0, -32602);
    assert_eq!(fault(worker(), "bytes", &in_array(&typed(99, &[&[1]]))).0, -32602);
    let worker = || Worker::new().method("floats", |(numbers,): (Numbers<f64>,)| Ok(numbers.len()));
    let (_, text) = fault(worker(), "floats", &in_array(&typed(21, &[&[0; 4]])));
    assert!(text.contains("floats: parameter 1: expected a Float64Array, found Int32Array"), "{text}");
}

#[test]
fn numbers_of_one_kind_are_answered_as_a_typed_array_and_in_json_as_an_array() {
    let double = || {
        Worker::new().method("double", |(numbers,): (Numbers<f64>,)| {
            Ok(Numbers::from(numbers.iter().map(|number| 2.0 * number).collect::<Vec<_>>()))
        })
    };
    assert_eq!(result(double(), "double", &in_array(&floats(&[0.5, f64::INFINITY]))), floats(&[1.0, f64::INFINITY]));
    assert_eq!(result(double(), "double", &in_array(&[0x92, 1, 2])), floats(&[2.0, 4.0]));
    let answer = support::answer(double(), &support::request(1, "double", json!([[0.5, 1]])));
    assert_eq!(answer, r#"{"jsonrpc":"2.0","id":1,"result":[1.0,2.0]}"#);
    let bytes = || Worker::new().method("bytes", |(): ()| Ok(Numbers::<u8>::from(vec![1, 2])));
    assert_eq!(result(bytes(), "bytes", &[0x90]), binary(&[1, 2]));
}

#[test]
fn bytes_that_would_travel_as_a_number_each_are_refused_with_advice() {
    let worker = |length: usize| Worker::new().method("bytes", move |(): ()| Ok(vec![7_u8; length]));
    assert_eq!(decoded::<Vec<u8>>(&result(worker(65_536), "bytes", &[0x90])).len(), 65_536);
    let (code, text) = fault(worker(65_537), "bytes", &[0x90]);
    assert_eq!(code, -32603);
    assert!(text.contains("use procwire::Bytes in place of Vec<u8>"), "{text}");
    let answer = support::answer(worker(4_000_000), &support::request(1, "bytes", json!([])));
    assert!(answer.contains("use procwire::Bytes in place of Vec<u8>"), "{answer}");
    let worker = || Worker::new().method("bytes", |(): ()| Ok(serde_bytes::ByteBuf::from(vec![7; 100_000])));
    assert_eq!(result(worker(), "bytes", &[0x90]), binary(&[7; 100_000]));
    let answer = support::answer(worker(), &support::request(1, "bytes", json!([])));
    assert!(answer.contains("use procwire::Bytes"), "{answer}");
    // What has no length beforehand, and other small numbers.
    let worker = Worker::new().method("bytes", |(): ()| Ok(Unsized));
    let answer = support::answer(worker, &support::request(1, "bytes", json!([])));
    assert!(answer.contains("use procwire::Bytes"), "{answer}");
    let worker = Worker::new().method("shorts", |(): ()| Ok(vec![7_u16; 70_000]));
    assert_eq!(decoded::<Vec<u16>>(&result(worker, "shorts", &[0x90])).len(), 70_000);
}

/// More bytes than may be numbers, of which nobody knows how many they are.
struct Unsized;

impl serde::Serialize for Unsized {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeSeq;
        let mut sequence = serializer.serialize_seq(None)?;
        (0..70_000).try_for_each(|_| sequence.serialize_element(&7_u8))?;
        sequence.end()
    }
}

#[test]
fn large_ones_are_read_where_they_lie() {
    let unread = || {
        Worker::new().register(Method::unread("kinds", |params: &Params<'_>, _: &Context| {
            let wrong = |error| params.fault(error);
            let bytes =
                params.get("bytes", 0)?.ok_or_else(|| params.fault("no bytes"))?.decode_bytes().map_err(wrong)?;
            let numbers = params.get("numbers", 1)?.ok_or_else(|| params.fault("no numbers"))?;
            let numbers = numbers.decode_numbers::<i16>().map_err(wrong)?;
            let is_borrowed = matches!(bytes, Cow::Borrowed(_));
            Ok((is_borrowed, bytes.len(), numbers.iter().map(|number| i64::from(*number)).sum::<i64>()))
        }))
    };
    let numbers = typed(19, &[&(-5_i16).to_le_bytes(), &300_i16.to_le_bytes()]);
    let params = [&[0x92], &binary(&[0; 1000])[..], &numbers].concat();
    assert_eq!(decoded::<(bool, usize, i64)>(&result(unread(), "kinds", &params)), (true, 1000, 295));
    let answer = support::answer(unread(), &support::request(1, "kinds", json!(["AQID", [-5, 300]])));
    assert_eq!(answer, r#"{"jsonrpc":"2.0","id":1,"result":[false,3,295]}"#);
}

#[test]
fn progress_items_and_errors_may_hold_bytes_as_well() {
    let worker = Worker::new().method("tell", |(): (), cx: &Context| {
        cx.notify("bytes", &[Bytes::from(vec![1, 2, 3])])?;
        Err::<(), _>(Fault::new(7, "with data").with_data(json!(Bytes::from(vec![4]))))
    });
    let lines = support::lines(worker, &support::request(1, "tell", json!([])));
    assert_eq!((&lines[0]["params"], &lines[1]["error"]["data"]), (&json!(["AQID"]), &json!("BA==")));
}
