//! What is not quite a message, `test/vectors/misfits.json`: the tests of the other languages hold themselves to the same
//! table. That each of its rows is one of ours is tested where they are.
#![cfg(all(unix, feature = "msgpack"))]

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use procwire::{Codec, Context, Framing, Limits, Worker};
use serde_json::{Value, json};
use support::PATIENCE;

/// A worker over length prefixes, in either codec.
struct Link {
    codec: Codec,
    input: UnixStream,
    messages: Receiver<Value>,
}

impl Link {
    fn open(codec: Codec, limit: usize) -> Link {
        let mut limits = Limits::default();
        limits.message_bytes = limit;
        let worker = Worker::new().limits(limits).framing(Framing::Length).codec(codec);
        let worker = worker.method("ask", |(): (), cx: &Context| cx.call::<_, Value>("question", &()));
        let (input, theirs) = UnixStream::pair().unwrap();
        let (output, their_output) = UnixStream::pair().unwrap();
        thread::spawn(move || worker.serve(theirs, their_output));
        Link { codec, input, messages: receive(codec, output) }
    }

    fn send(&mut self, payload: &[u8]) {
        self.input.write_all(&(payload.len() as u32).to_be_bytes()).unwrap();
        self.input.write_all(payload).unwrap();
    }

    fn request(&mut self, id: &str, method: &str) {
        let message = json!({ "jsonrpc": "2.0", "id": id, "method": method });
        let payload = match self.codec {
            Codec::Json => message.to_string().into_bytes(),
            _ => rmp_serde::to_vec(&message).unwrap(),
        };
        self.send(&payload);
    }

    fn next(&self) -> Value {
        self.messages.recv_timeout(PATIENCE).expect("a message in time")
    }
}

fn receive(codec: Codec, mut output: UnixStream) -> Receiver<Value> {
    let (sender, messages) = channel();
    thread::spawn(move || {
        let mut prefix = [0; 4];
        while output.read_exact(&mut prefix).is_ok() {
            let mut payload = vec![0; u32::from_be_bytes(prefix) as usize];
            output.read_exact(&mut payload).unwrap();
            let message = match codec {
                Codec::Json => serde_json::from_slice(&payload).unwrap(),
                _ => rmp_serde::from_slice(&payload).unwrap(),
            };
            if sender.send(message).is_err() {
                return;
            }
        }
    });
    messages
}

/// The frame of a vector, and its codec.
fn frame(vector: &Value, limit: usize) -> (Codec, Vec<u8>) {
    if let Some(text) = vector["json"].as_str() {
        return (Codec::Json, text.replace("{long}", &"x".repeat(limit)).into_bytes());
    }
    let hex = vector["msgpack"].as_str().expect("json or msgpack").replace("{long}", &"78".repeat(limit));
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    (Codec::MessagePack, hex.as_bytes().chunks(2).map(byte).collect())
}

#[test]
fn each_vector_meets_what_its_row_says() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../test/vectors/misfits.json");
    let table: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let limit = table["limit"].as_u64().unwrap() as usize;
    let mut tried = 0;
    for row in table["rows"].as_array().unwrap() {
        for vector in row["vectors"].as_array().into_iter().flatten() {
            let (codec, payload) = frame(vector, limit);
            let mut link = Link::open(codec, limit);
            let waits = row["isAnswer"] == true;
            if waits {
                link.request("ask", "ask");
                assert_eq!(link.next()["id"], 1, "{vector}: the question comes first");
            }
            link.send(&payload);
            if row["serves"] == "fails" {
                let answer = link.next();
                assert_eq!((&answer["id"], &answer["error"]["code"]), (&json!("ask"), &json!(-32603)), "{vector}");
            }
            if row["serves"] == "answers" {
                let answer = link.next();
                let id = if row["hasId"] == true { json!(1) } else { Value::Null };
                assert_eq!((&answer["id"], &answer["error"]["code"]), (&id, &row["code"]), "{vector}: {answer}");
            }
            link.request("after", "$/ping");
            assert_eq!(link.next()["id"], "after", "{vector}");
            tried += 1;
        }
    }
    assert!(tried > 30, "{tried} vectors were tried");
}
