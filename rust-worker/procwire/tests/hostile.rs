//! Random mutations of good and bad input, from a seed, so that a failure comes again. `HOSTILE_SECONDS=600 cargo test
//! --release --test hostile` runs for longer; `HOSTILE_SEED` begins elsewhere.
#![cfg(unix)]

use support::hostile;

use std::time::{Duration, Instant};

use procwire::{Codec, Framing};
use serde_json::Value;

struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() >> 11) as usize % limit.max(1)
    }
}

/// Messages to begin with: those of the shared vectors, and a few with streams and inputs.
fn messages() -> Vec<Vec<u8>> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../test/vectors/json-rpc.json");
    let vectors: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let shared = vectors["cases"].as_array().unwrap().iter().filter_map(|case| case["in"].as_str());
    let ours = [
        r#"{"jsonrpc":"2.0","method":"$/stream/pull","params":{"id":1,"count":5}}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":"count","params":[9]}"#,
        r#"{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":1}}"#,
        r#"{"jsonrpc":"2.0","method":"$/input/open","params":{"id":2}}"#,
        r#"{"jsonrpc":"2.0","id":2,"method":"total","params":[]}"#,
        r#"{"jsonrpc":"2.0","method":"$/input/items","params":{"id":2,"items":[1,2,3]}}"#,
        r#"{"jsonrpc":"2.0","method":"$/input/end","params":{"id":2}}"#,
        r#"{"jsonrpc":"2.0","id":3,"method":"same","params":[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]}"#,
    ];
    shared.chain(ours).map(|text| text.as_bytes().to_vec()).collect()
}

fn encode(framing: Framing, codec: Codec, message: &[u8]) -> Vec<u8> {
    let payload = match (codec, serde_json::from_slice::<Value>(message)) {
        (Codec::MessagePack, Ok(value)) => rmp_serde::to_vec_named(&value).unwrap(),
        _ => message.to_vec(),
    };
    match framing {
        Framing::Line => [&payload, &b"\n"[..]].concat(),
        Framing::Length => [&(payload.len() as u32).to_be_bytes(), &payload[..]].concat(),
        Framing::ContentLength => [format!("Content-Length: {}\r\n\r\n", payload.len()).as_bytes(), &payload].concat(),
    }
}

fn mutate(bytes: &mut Vec<u8>, random: &mut Random) {
    if bytes.is_empty() {
        return;
    }
    let at = random.below(bytes.len());
    let interesting = *b"{}[],:\"\\\n\r 019-.eE\0\x7f\x80\xc0\xc1\xc6\xc9\xdd\xdf\xed\xff";
    match random.below(8) {
        0 => bytes[at] ^= 1 << random.below(8),
        1 => bytes[at] = interesting[random.below(interesting.len())],
        2 => bytes.insert(at, interesting[random.below(interesting.len())]),
        3 => drop(bytes.remove(at)),
        4 => bytes.truncate(at),
        5 => {
            let piece = bytes[at..(at + random.below(40)).min(bytes.len())].to_vec();
            let to = random.below(bytes.len());
            bytes.splice(to..to, piece);
        }
        6 => {
            let one = [bytes[at]];
            bytes.splice(at..at, one.repeat(random.below(6000)));
        }
        _ => bytes.extend((0..random.below(20)).map(|_| random.next() as u8)),
    }
}

#[test]
fn no_input_makes_the_worker_panic_hang_or_answer_what_cannot_be_read() {
    let number = |name: &str| std::env::var(name).ok().and_then(|value| value.parse::<u64>().ok());
    let seed = number("HOSTILE_SEED").unwrap_or(88_172_645_463_325_252).max(1);
    let deadline = number("HOSTILE_SECONDS").map(|seconds| Instant::now() + Duration::from_secs(seconds));
    let messages = messages();
    let mut random = Random(seed);
    let mut rounds = 0;
    while deadline.map_or(rounds < 1500, |deadline| Instant::now() < deadline) {
        rounds += 1;
        let choice = random.next() as u8;
        let (framing, codec) = hostile::variant(choice);
        let mut input = Vec::new();
        for _ in 0..1 + random.below(6) {
            let mut message = messages[random.below(messages.len())].clone();
            // Inside of a frame that fits it, or over the frame as well.
            if random.below(2) == 0 {
                mutate(&mut message, &mut random);
            }
            input.extend(encode(framing, codec, &message));
        }
        for _ in 0..random.below(3) {
            mutate(&mut input, &mut random);
        }
        let chunk = if random.below(2) == 0 { 1 + random.below(16) } else { 1 << 20 };
        let started = Instant::now();
        let (copy, failed) = (input.clone(), std::panic::catch_unwind(|| hostile::serve(choice, chunk, &input)));
        let slow = started.elapsed() > Duration::from_secs(3);
        assert!(
            failed.is_ok() && !slow,
            "seed {seed}, round {rounds}, {framing:?}, {codec:?}: {}",
            copy.escape_ascii()
        );
    }
    eprintln!("{rounds} rounds");
}
