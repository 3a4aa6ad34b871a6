//! The methods of the conformance sessions, in Rust: see test/conformance/README.md.

use std::process::exit;
use std::thread;
use std::time::{Duration, Instant};

use procwire::{Codec, Context, Fault, Framing, Method, Stream, Worker};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Asked {
    method: String,
    params: Value,
}

#[derive(Deserialize)]
struct Failure {
    code: i64,
    message: String,
    data: Option<Value>,
}

#[derive(Deserialize)]
struct Pair {
    a: i64,
    b: i64,
}

#[derive(Deserialize)]
struct Message {
    message: Value,
}

#[derive(Deserialize)]
struct Text {
    text: String,
}

#[derive(Deserialize)]
struct Number {
    #[serde(alias = "to", alias = "n", alias = "ms")]
    number: u64,
}

fn main() -> std::io::Result<()> {
    options(Worker::new())
        .threads(4)
        .quiet(true)
        .log_panics(false)
        .register(Method::new("add", |pair: Pair| Ok(pair.a + pair.b)).inline())
        .register(Method::new("echo", |given: Message| Ok(given.message)).inline())
        .method("wait", |(): (), cx: &Context| -> Result<(), Fault> {
            loop {
                cx.check()?;
                thread::sleep(Duration::from_millis(1));
            }
        })
        .method("compute", |time: Number| {
            let end = Instant::now() + Duration::from_millis(time.number);
            while Instant::now() < end {}
            Ok(time.number)
        })
        .method("fail", |failure: Failure| -> Result<(), Fault> {
            let fault = Fault::new(failure.code, failure.message);
            Err(match failure.data {
                Some(data) => fault.with_data(data),
                None => fault,
            })
        })
        .method("crash", |(): ()| -> Result<(), Fault> { panic!("the handler failed") })
        .register(Method::stream("count", |limit: Number, out: &mut Stream<'_>| {
            (0..limit.number).try_for_each(|number| out.send(&number))?;
            Ok(limit.number)
        }))
        .method("total", |(): (), cx: &Context| cx.input::<i64>()?.sum::<Result<i64, Fault>>())
        .method("steps", |count: Number, cx: &Context| {
            (1..=count.number).try_for_each(|step| cx.progress(&step))?;
            Ok(count.number)
        })
        .method("ask", |asked: Asked, cx: &Context| cx.call::<_, Value>(&asked.method, &asked.params))
        .method("tell", |asked: Asked, cx: &Context| cx.notify(&asked.method, &asked.params))
        .method("print", |printed: Text| {
            println!("{}", printed.text);
            Ok(())
        })
        .serve_stdio()
}

/// `--framing` and `--codec`, each with a word behind it.
fn options(mut worker: Worker) -> Worker {
    let args: Vec<String> = std::env::args().skip(1).collect();
    for pair in args.chunks(2) {
        worker = match pair.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            ["--framing", "line"] => worker.framing(Framing::Line),
            ["--framing", "length"] => worker.framing(Framing::Length),
            ["--framing", "content-length"] => worker.framing(Framing::ContentLength),
            ["--codec", "json"] => worker.codec(Codec::Json),
            ["--codec", "msgpack"] => worker.codec(Codec::MessagePack),
            _ => {
                eprintln!("usage: conformance [--framing line|length|content-length] [--codec json|msgpack]");
                exit(2);
            }
        };
    }
    worker
}
