//! Numbers in both directions: none is altered in silence.
#![cfg(unix)]

use std::collections::BTreeMap;

use procwire::{Context, Fault, Method, Stream, Worker};
use serde::ser::{SerializeStruct, Serializer};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use support::{Link, answer, lines, request};

const SAFE: u64 = (1 << 53) - 1;
const ODD: u64 = 9_007_199_254_740_993;

/// The text of a result in JSON.
fn result<T: Serialize + Send + Sync + 'static>(value: T) -> String {
    let line =
        answer(Worker::new().register(Method::new("value", give(value)).inline()), &request(1, "value", json!([])));
    let text = line.strip_prefix(r#"{"jsonrpc":"2.0","id":1,"result":"#);
    text.unwrap_or_else(|| panic!("{line}")).strip_suffix('}').unwrap().to_owned()
}

fn give<T: Serialize + Send + Sync + 'static>(value: T) -> impl Fn(()) -> Result<Lent<T>, Fault> {
    let value = std::sync::Arc::new(value);
    move |()| Ok(Lent(std::sync::Arc::clone(&value)))
}

struct Lent<T>(std::sync::Arc<T>);

impl<T: Serialize> Serialize for Lent<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

#[derive(Serialize, Deserialize, PartialEq, Debug)]
enum Kind {
    Unit,
    Newtype(u64),
    Tuple(i64, u64),
    Struct { n: u128 },
}

#[derive(Serialize, Deserialize, PartialEq, Debug)]
struct Wrapped(u64);

#[derive(Serialize, Deserialize, PartialEq, Debug)]
struct All {
    plain: u64,
    negative: i64,
    wide: u128,
    low: i128,
    option: Option<u64>,
    list: Vec<u64>,
    pair: (u64, String),
    wrapped: Wrapped,
    kinds: Vec<Kind>,
    map: BTreeMap<u64, i64>,
}

fn all() -> All {
    All {
        plain: ODD,
        negative: -(ODD as i64),
        wide: u128::MAX,
        low: i128::MIN,
        option: Some(u64::MAX),
        list: vec![SAFE, SAFE + 1],
        pair: (ODD, ODD.to_string()),
        wrapped: Wrapped(ODD),
        kinds: vec![Kind::Unit, Kind::Newtype(ODD), Kind::Tuple(i64::MIN, ODD), Kind::Struct { n: ODD.into() }],
        map: BTreeMap::from([(ODD, 1), (2, i64::MAX)]),
    }
}

const ALL: &str = r#"{"plain":"9007199254740993","negative":"-9007199254740993","wide":"340282366920938463463374607431768211455","low":"-170141183460469231731687303715884105728","option":"18446744073709551615","list":[9007199254740991,"9007199254740992"],"pair":["9007199254740993","9007199254740993"],"wrapped":"9007199254740993","kinds":["Unit",{"Newtype":"9007199254740993"},{"Tuple":["-9223372036854775808","9007199254740993"]},{"Struct":{"n":"9007199254740993"}}],"map":{"2":"9223372036854775807","9007199254740993":1}}"#;

#[test]
fn an_integer_that_json_numbers_cannot_hold_travels_as_its_digits() {
    for (value, text) in [
        (json!(SAFE), "9007199254740991"),
        (json!(SAFE + 1), "\"9007199254740992\""),
        (json!(ODD), "\"9007199254740993\""),
        (json!(-(SAFE as i64)), "-9007199254740991"),
        (json!(-(ODD as i64)), "\"-9007199254740993\""),
        (json!(u64::MAX), "\"18446744073709551615\""),
        (json!({ "a": [{ "b": ODD }] }), r#"{"a":[{"b":"9007199254740993"}]}"#),
        (
            json!([1, -1, 1.5, 1e300, null, true, "9007199254740993"]),
            r#"[1,-1,1.5,1e+300,null,true,"9007199254740993"]"#,
        ),
    ] {
        assert_eq!(result(value), text);
    }
    assert_eq!(result(all()), ALL);
    assert_eq!(result(1_u128), "1");
    assert_eq!(result(-1_i128), "-1");
    assert_eq!(result(i128::from(i64::MIN)), "\"-9223372036854775808\"");
}

#[test]
fn what_a_handler_says_before_its_answer_keeps_its_digits_too() {
    let worker = Worker::new().register(Method::stream("speak", |(): (), out: &mut Stream<'_>| {
        out.context().progress(&ODD)?;
        out.context().notify("seen", &[ODD])?;
        out.send(&ODD)?;
        Err::<(), _>(Fault::new(7, "no").with_data(json!({ "n": ODD })))
    }));
    let pull = r#"{"jsonrpc":"2.0","method":"$/stream/pull","params":{"id":1,"count":9}}"#;
    let messages = lines(worker, &format!("{pull}\n{}", request(1, "speak", json!([]))));
    let digits = ODD.to_string();
    assert_eq!(messages[0]["params"]["value"], digits);
    assert_eq!(messages[1]["params"], json!([digits]));
    assert_eq!(messages[2]["params"]["items"], json!([digits]));
    assert_eq!(messages[3]["error"]["data"], json!({ "n": digits }));
}

#[test]
fn a_question_to_the_parent_and_its_answer_keep_their_digits() {
    let ask = |(): (), cx: &Context| cx.call::<_, u64>("next", &[ODD]);
    let mut link = Link::open(Worker::new().method("ask", ask));
    link.send(&request(1, "ask", json!([])));
    let question = link.next();
    assert_eq!(question["params"], json!([ODD.to_string()]));
    link.send(&json!({ "jsonrpc": "2.0", "id": question["id"], "result": u64::MAX.to_string() }).to_string());
    assert_eq!(link.answer(1)["result"], u64::MAX.to_string());
}

#[test]
fn digits_are_read_wherever_a_parameter_is_an_integer() {
    let worker = || {
        Worker::new()
            .register(Method::new("one", |p: (u64,)| Ok(p.0 == ODD)).inline())
            .register(Method::new("all", |p: All| Ok(p == all())).inline())
            .register(Method::new("in", |p: (All,)| Ok(p.0 == all())).inline())
            .register(Method::new("keys", |p: BTreeMap<i32, u64>| Ok(p == BTreeMap::from([(-1, ODD)]))).inline())
            .register(Method::new("text", |p: (String,)| Ok(p.0 == ODD.to_string())).inline())
            .register(Method::new("any", |p: (Value,)| Ok(p.0 == json!(ODD.to_string()))).inline())
    };
    let digits = ODD.to_string();
    let whole: Value = serde_json::from_str(ALL).unwrap();
    for (method, params) in [
        ("one", json!([digits])),
        ("one", json!([ODD])),
        ("all", whole.clone()),
        ("in", json!([whole])),
        ("keys", json!({ "-1": digits })),
        ("text", json!([digits])),
        ("any", json!([digits])),
    ] {
        let line = answer(worker(), &request(1, method, params));
        assert!(line.ends_with(r#""result":true}"#), "{method}: {line}");
    }
    for text in ["", "-", "+1", "01", "-0", "1.0", "1e3", " 1", "1 ", "0x1", "18446744073709551616", "-1", "١"] {
        let line = answer(worker(), &request(1, "one", json!([text])));
        assert!(line.contains("-32602"), "{text}: {line}");
    }
}

#[test]
fn inputs_may_be_digits() {
    let worker = Worker::new().method("total", |(): (), cx: &Context| cx.input::<u64>()?.sum::<Result<u64, Fault>>());
    let note =
        |method: &str, params: Value| json!({ "jsonrpc": "2.0", "method": method, "params": params }).to_string();
    let mut link = Link::open(worker);
    link.send(&note("$/input/open", json!({ "id": 1 })));
    link.send(&request(1, "total", json!([])));
    assert_eq!(link.next()["method"], "$/input/pull");
    link.send(&note("$/input/items", json!({ "id": 1, "items": [ODD.to_string()] })));
    link.send(&note("$/input/end", json!({ "id": 1 })));
    assert_eq!(link.answer(1)["result"], ODD.to_string());
}

#[test]
fn a_float_that_json_does_not_have_is_an_error_and_no_null() {
    let bad = |value: f64| {
        let worker = Worker::new()
            .register(Method::new("plain", move |(): ()| Ok(value)).inline())
            .register(Method::new("short", move |(): ()| Ok(value as f32)).inline())
            .register(Method::new("inside", move |(): ()| Ok(BTreeMap::from([("a", vec![Some(value)])]))).inline())
            .register(Method::stream("items", move |(): (), out: &mut Stream<'_>| out.send(&value)))
            .method("progress", move |(): (), cx: &Context| cx.progress(&value))
            .method("notify", move |(): (), cx: &Context| cx.notify("n", &[value]));
        let pull = r#"{"jsonrpc":"2.0","method":"$/stream/pull","params":{"id":"items","count":9}}"#;
        let requests: Vec<_> = ["plain", "short", "inside", "items", "progress", "notify"]
            .map(|method| request(method, method, json!([])))
            .to_vec();
        lines(worker, &format!("{pull}\n{}", requests.join("\n")))
    };
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let answers = bad(value);
        assert_eq!(answers.len(), 6);
        for answer in answers {
            assert_eq!(answer["error"]["code"], -32603, "{answer}");
            assert!(answer["error"]["message"].as_str().unwrap().contains("JSON has no NaN"), "{answer}");
        }
    }
}

/// As serde_json writes a number when it keeps all digits.
struct Arbitrary(&'static str);

impl Serialize for Arbitrary {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut number = serializer.serialize_struct("$serde_json::private::Number", 1)?;
        number.serialize_field("$serde_json::private::Number", self.0)?;
        number.end()
    }
}

#[test]
fn numbers_of_arbitrary_size_are_digits_beyond_the_bound() {
    for (number, text) in [
        ("1", "1"),
        ("-9007199254740991", "-9007199254740991"),
        ("9007199254740992", "\"9007199254740992\""),
        ("123456789012345678901234567890123456789012345", "\"123456789012345678901234567890123456789012345\""),
    ] {
        assert_eq!(result(Arbitrary(number)), text);
    }
}

#[cfg(feature = "msgpack")]
mod msgpack {
    use super::*;
    use procwire::{Codec, Framing};

    fn message(value: &Value) -> Vec<u8> {
        let payload = rmp_serde::to_vec_named(value).unwrap();
        [&(payload.len() as u32).to_be_bytes()[..], &payload].concat()
    }

    fn answer(worker: Worker, method: &str, params: &Value) -> Value {
        let worker = worker.framing(Framing::Length).codec(Codec::MessagePack);
        let request = message(&json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }));
        rmp_serde::from_slice(&support::serve(worker, &request)[4..]).unwrap()
    }

    fn result<T: Serialize + Send + Sync + 'static>(value: T) -> Value {
        answer(Worker::new().register(Method::new("value", give(value)).inline()), "value", &json!([]))["result"]
            .clone()
    }

    #[test]
    fn integers_of_64_bits_are_integers_and_larger_ones_are_digits() {
        assert_eq!(result(u64::MAX), u64::MAX);
        assert_eq!(result(i64::MIN), i64::MIN);
        assert_eq!(result(u128::from(u64::MAX)), u64::MAX);
        assert_eq!(result(u128::from(u64::MAX) + 1), "18446744073709551616");
        assert_eq!(result(i128::from(i64::MIN)), i64::MIN);
        assert_eq!(result(i128::from(i64::MIN) - 1), "-9223372036854775809");
        assert_eq!(result(Arbitrary("18446744073709551615")), u64::MAX);
        assert_eq!(result(Arbitrary("1.5")), 1.5);
        let expected = json!({
            "plain": ODD, "negative": -(ODD as i64), "wide": u128::MAX.to_string(), "low": i128::MIN.to_string(),
            "option": u64::MAX, "list": [SAFE, SAFE + 1], "pair": [ODD, ODD.to_string()], "wrapped": ODD,
            "kinds": ["Unit", { "Newtype": ODD }, { "Tuple": [i64::MIN, ODD] }, { "Struct": { "n": ODD } }],
            "map": { "2": i64::MAX, "9007199254740993": 1 },
        });
        assert_eq!(result(all()), expected);
        let echoed =
            answer(Worker::new().register(Method::new("all", |p: All| Ok(p == all())).inline()), "all", &expected);
        assert_eq!(echoed["result"], true, "{echoed}");
    }

    #[test]
    fn keys_are_texts_and_what_is_no_text_is_refused() {
        assert_eq!(result(BTreeMap::from([(true, 1)])), json!({ "true": 1 }));
        assert_eq!(result(BTreeMap::from([('x', 1)])), json!({ "x": 1 }));
        assert_eq!(result(BTreeMap::from([(Some(-1), 1)])), json!({ "-1": 1 }));
        let refused = |worker: Worker| answer(worker, "value", &json!([]))["error"]["code"].clone();
        assert_eq!(
            refused(Worker::new().register(Method::new("value", give(BTreeMap::from([((1, 2), 3)]))).inline())),
            -32603
        );
        assert_eq!(
            refused(Worker::new().register(Method::new("value", give(BTreeMap::from([((), 3)]))).inline())),
            -32603
        );
    }

    #[test]
    fn every_float_travels() {
        let worker = Worker::new().register(Method::new("value", |(): ()| Ok((f64::NAN, f64::INFINITY))).inline());
        let worker = worker.framing(Framing::Length).codec(Codec::MessagePack);
        let request = message(&json!({ "jsonrpc": "2.0", "id": 1, "method": "value" }));
        let output = support::serve(worker, &request);
        let mut floats = vec![0x92];
        for value in [f64::NAN, f64::INFINITY] {
            floats.push(0xcb);
            floats.extend_from_slice(&value.to_be_bytes());
        }
        assert!(output.ends_with(&floats));
    }
}
