//! A ledger of how soon a thread is free again after its call was cancelled, for every method and many kinds of large
//! parameters, cancelled at moments spread over the time the call takes. Judged by the time the thread computed, since
//! on busy CPUs the time that passed says more about the others.
//!
//! `cargo build --release && cargo run --release --example cancel [-- [--mib N] [--rounds N] [NAME...]]`

mod common;

use std::thread;
use std::time::{Duration, Instant};

use common::Link;

/// What each cancel must keep to.
const MOST: Duration = Duration::from_millis(20);
/// Calls whose end is not waited for to learn how long they take, and what they count as taking.
const ENDLESS: [&str; 3] = ["fibonacci_recursive of 80", "primes from 0", "primes near 2^64"];
const LONG: Duration = Duration::from_millis(500);

enum Params {
    Json(String),
    /// The members of the params and their values, encoded; how many there are.
    MessagePack(u8, Vec<u8>),
}

struct Row {
    name: String,
    method: &'static str,
    params: Params,
}

fn main() {
    let (mut mib, mut rounds, mut wanted) = (63_usize, 20_usize, Vec::new());
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let mut number = || args.next().and_then(|text| text.parse().ok()).expect("a number after the option");
        match arg.as_str() {
            "--mib" => mib = number(),
            "--rounds" => rounds = number(),
            name => wanted.push(name.to_owned()),
        }
    }
    println!("{:<44} {:>10} {:>10} {:>10} {:>12}", "cancel of", "takes", "p50", "max", "max computed");
    let mut late = 0;
    for make in rows(mib << 20) {
        let row = make();
        if wanted.is_empty() || wanted.iter().any(|wanted| row.name.contains(wanted.as_str())) {
            late += usize::from(measure(&row, mib, rounds) > MOST);
        }
    }
    println!("{late} of them later than {MOST:?} at least once");
    std::process::exit(i32::from(late > 0));
}

type Make = Box<dyn Fn() -> Row>;

/// Made one by one: together they would fill the memory.
fn rows(size: usize) -> Vec<Make> {
    let mut rows: Vec<Make> = Vec::new();
    let mut json = |name: &str, method: &'static str, params: Box<dyn Fn() -> String>| {
        let name = format!("{method} {name}");
        rows.push(Box::new(move || Row { name: name.clone(), method, params: Params::Json(params()) }));
    };
    json("of 10,000,000", "fibonacci", Box::new(|| "[10000000]".into()));
    json("of 80", "fibonacci_recursive", Box::new(|| "[80]".into()));
    json("of two primes", "factorize", Box::new(|| format!("[\"{}\"]", 4_294_967_279_u64 * 4_294_967_291)));
    json("from 0", "primes", Box::new(|| r#"{"from":0,"to":1000000000000}"#.into()));
    json("near 2^64", "primes", Box::new(|| format!(r#"{{"from":"{}","to":"{}"}}"#, u64::MAX - (1 << 40), u64::MAX)));
    for method in ["add", "multiply"] {
        let digits = "7".repeat(1_000_000);
        json("of a million digits", method, Box::new(move || format!("[\"{digits}\",\"{digits}\"]")));
    }
    for method in ["sort", "stats", "sum_array", "is_prime_many"] {
        json("small integers", method, list(size, |i| (i % 10).to_string()));
        json("large integers", method, list(size, |i| (i.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 1).to_string()));
        json(
            "integers, named, with junk",
            method,
            Box::new(move || {
                let numbers = list(size / 2, |i| (i * 7919 % 1_000_003).to_string())();
                format!(r#"{{"junk":{},"numbers":{}}}"#, &numbers[1..numbers.len() - 1], &numbers[1..numbers.len() - 1])
            }),
        );
    }
    for method in ["sort", "stats", "sum_array"] {
        json("floats", method, list(size, |i| format!("{}.5", i * 7919 % 1_000_003)));
        json(
            "integers, a float at the end",
            method,
            Box::new(move || {
                let numbers = list(size, |i| (i % 1000).to_string())();
                numbers[..numbers.len() - 2].to_owned() + ",0.5]]"
            }),
        );
        json("numbers beyond 64 bits", method, list(size, |i| format!("{}00000000000000000000", i + 1)));
        json("numbers of 10,000 digits", method, list(size, |i| (i + 1).to_string() + &"1".repeat(10_000)));
        json("numbers of a million digits", method, list(size, |i| (i + 1).to_string() + &"1".repeat(900_000)));
    }
    for (name, unit, algorithm, encoding) in [
        ("text, sha256", "x", "sha256", "utf8"),
        ("text, blake3", "x", "blake3", "utf8"),
        ("escaped text", "\\n\\u00e9", "blake3", "utf8"),
        ("text of Chinese", "\u{4e2d}", "blake3", "utf8"),
        ("base64", "Zm9v", "blake3", "base64"),
    ] {
        let params = move || format!(r#"["{}","{algorithm}","{encoding}"]"#, unit.repeat(size / unit.len()));
        json(name, "hash", Box::new(params));
    }
    json("text", "echo", Box::new(move || format!("[\"{}\"]", "x".repeat(size))));
    json("array", "echo", list(size, |i| (i % 10).to_string()));
    json("nested", "echo", list(size, |_| "{\"a\":[\"b\"]}".into()));
    rows.extend(message_pack(size));
    rows
}

fn list(size: usize, item: impl Fn(u64) -> String + 'static) -> Box<dyn Fn() -> String> {
    Box::new(move || {
        let mut text = "[[".to_owned();
        for i in 0.. {
            text += &item(i);
            if text.len() + 128 > size {
                break;
            }
            text.push(',');
        }
        text + "]]"
    })
}

fn message_pack(size: usize) -> Vec<Make> {
    let mut rows: Vec<Make> = Vec::new();
    for method in ["sort", "stats", "sum_array", "is_prime_many"] {
        for (code, kind) in
            [(17, "Int8Array"), (20, "Uint16Array"), (22, "Uint32Array"), (24, "Float64Array"), (26, "BigUint64Array")]
        {
            rows.push(Box::new(move || row(format!("{method} {kind}"), method, "numbers", typed(code, size))));
        }
        rows.push(Box::new(move || {
            row(format!("{method} small numbers of MessagePack"), method, "numbers", array(size))
        }));
    }
    rows.push(Box::new(move || row("echo array of MessagePack".into(), "echo", "message", array(size))));
    rows.push(Box::new(move || {
        let mut row = row("hash bytes".into(), "hash", "data", head(0xc6, size, &vec![7; size]));
        if let Params::MessagePack(count, params) = &mut row.params {
            *count += 1;
            params.extend(rmp_serde::to_vec(&("algorithm", "sha256")).unwrap().into_iter().skip(1));
        }
        row
    }));
    rows
}

fn row(name: String, method: &'static str, parameter: &str, value: Vec<u8>) -> Row {
    let mut params = rmp_serde::to_vec(parameter).unwrap();
    params.extend(value);
    Row { name, method, params: Params::MessagePack(1, params) }
}

fn head(marker: u8, length: usize, bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![marker];
    out.extend_from_slice(&(length as u32).to_be_bytes());
    out.extend_from_slice(bytes);
    out
}

fn array(size: usize) -> Vec<u8> {
    let numbers: Vec<u8> = (0..size).map(|i| (i % 128) as u8).collect();
    head(0xdd, size, &numbers)
}

fn typed(code: u8, size: usize) -> Vec<u8> {
    let mut bytes = vec![code];
    let mut x = 88_172_645_463_325_252_u64;
    for _ in 0..size / 8 {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        // Whole and finite as a Float64Array too.
        bytes.extend_from_slice(&if code == 24 { ((x >> 32) as f64).to_le_bytes() } else { x.to_le_bytes() });
    }
    head(0xc9, size / 8 * 8, &bytes)
}

/// One worker with one thread, and how to talk to it in each codec.
struct Talk {
    link: Link,
    binary: bool,
}

impl Talk {
    fn open(row: &Row, mib: usize) -> Talk {
        let limit = (mib + 1).to_string();
        let mut args = vec!["--threads", "1", "--message-mib", &limit];
        let binary = matches!(row.params, Params::MessagePack(..));
        if binary {
            args.extend(["--framing", "length", "--codec", "msgpack"]);
        }
        Talk { link: Link::open(&args), binary }
    }

    fn call(&mut self, id: Option<u8>, method: &str, params: &Params) {
        match params {
            Params::Json(params) => match id {
                Some(id) => self.link.request(id.into(), method, params),
                None => self.link.notify(method, params),
            },
            Params::MessagePack(count, members) => {
                let mut frame = vec![0x83 + u8::from(id.is_some())];
                for (name, value) in [("jsonrpc", "2.0"), ("method", method)] {
                    frame.extend(rmp_serde::to_vec(&(name, value)).unwrap().into_iter().skip(1));
                }
                if let Some(id) = id {
                    frame.extend([0xa2, b'i', b'd', id]);
                }
                frame.extend(rmp_serde::to_vec("params").unwrap());
                frame.push(0x80 + count);
                frame.extend(members);
                self.link.send_frame(&frame);
            }
        }
    }

    fn number(&mut self, id: Option<u8>, method: &str, name: &str, value: u8) {
        let params = match self.binary {
            false => Params::Json(format!("{{\"{name}\":{value}}}")),
            true => {
                let mut members = rmp_serde::to_vec(name).unwrap();
                members.push(value);
                Params::MessagePack(1, members)
            }
        };
        self.call(id, method, &params);
    }

    /// Waits for the answer to a request; true if another one was answered on the way, and not because it was cancelled.
    fn wait(&mut self, id: u8, other: u8) -> bool {
        let mut late = false;
        loop {
            let found = |id: u8, bytes: &[u8]| match self.binary {
                true => contains(bytes, &[0xa2, b'i', b'd', id]),
                false => contains(bytes, format!("\"id\":{id},").as_bytes()),
            };
            let message = if self.binary { self.link.frame() } else { self.link.line().into_bytes() };
            let head = &message[..message.len().min(64)];
            if contains(head, b"method") {
                continue;
            }
            late |= found(other, head) && !contains(&message[..message.len().min(256)], CANCELLED);
            if found(id, head) {
                return late;
            }
        }
    }
}

/// The error's text, which is the same in both codecs.
const CANCELLED: &[u8] = b"Request cancelled";

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// From the cancel of a call to the answer of the next one, on the only thread.
fn measure(row: &Row, mib: usize, rounds: usize) -> Duration {
    let mut talk = Talk::open(row, mib);
    let (mut times, mut ended, mut takes) = (Vec::new(), 0, None);
    let mut work = Duration::ZERO;
    for round in 0..=rounds {
        let stream = if row.method == "primes" { 100_000_000 } else { 0 };
        if stream > 0 {
            talk.link.notify("$/stream/pull", &format!(r#"{{"id":1,"count":{stream}}}"#));
        }
        talk.call(Some(1), row.method, &row.params);
        // What the reader has not read yet is not counted: the ping comes back when it has.
        talk.number(Some(3), "$/ping", "n", 0);
        let ended_already = talk.wait(3, 1);
        let began = Instant::now();
        let Some(takes) = takes else {
            // How long it takes undisturbed, as far as that matters.
            takes = Some(match ENDLESS.contains(&row.name.as_str()) {
                true => LONG,
                false => {
                    let _ = ended_already || talk.wait(1, 1);
                    began.elapsed()
                }
            });
            talk.number(None, "$/cancelRequest", "id", 1);
            continue;
        };
        let moment = takes.mul_f64((round as f64 - 0.5) / rounds as f64);
        thread::sleep(moment.saturating_sub(began.elapsed()));
        let (started, computed) = (Instant::now(), talk.link.computed());
        talk.number(None, "$/cancelRequest", "id", 1);
        talk.number(Some(2), "factorize", "n", 6);
        // One that had ended by then is not counted: its answer, perhaps a long one, is on its way.
        match talk.wait(2, 1) {
            true => ended += 1,
            false => {
                times.push(started.elapsed());
                let spent = talk.link.computed().zip(computed).map(|(after, before)| after.saturating_sub(before));
                work = work.max(spent.unwrap_or(started.elapsed()));
            }
        }
    }
    times.sort();
    let p50 = times.get(times.len() / 2).copied().unwrap_or_default();
    let max = times.last().copied().unwrap_or_default();
    let verdict = if work > MOST { "LATE" } else { "" };
    let note = if ended > 0 { format!("({ended} had ended)") } else { String::new() };
    let takes = takes.unwrap_or_default();
    println!("{:<44} {takes:>10.0?} {p50:>10.1?} {max:>10.1?} {work:>12.1?} {verdict} {note}", row.name);
    work
}
