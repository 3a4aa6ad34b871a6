//! A worker that does whatever the tests of the other side want to see. The arguments: a framing, a codec.

use std::io::Write;
use std::time::Duration;

use procwire::{Bytes, Codec, Context, Fault, Framing, Method, Stream, Worker};
use serde_json::{Value, json};

fn main() -> std::io::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let has = |name: &str| args.iter().any(|arg| arg == name);
    let framing = match () {
        () if has("length") => Framing::Length,
        () if has("content-length") => Framing::ContentLength,
        () => Framing::Line,
    };
    let codec = if has("msgpack") { Codec::MessagePack } else { Codec::Json };
    Worker::new()
        .framing(framing)
        .codec(codec)
        .threads(16)
        .register(Method::new("add", |(a, b): (i64, i64)| Ok(a + b)).inline())
        .method("echo", |(value,): (Value,)| Ok(value))
        .method("bytes", |(bytes,): (Bytes,)| Ok(Bytes::from(bytes.iter().rev().copied().collect::<Vec<_>>())))
        .method("fail", |(): ()| Err::<(), _>(Fault::new(7, "on purpose").with_data(json!({ "why": "asked" }))))
        .method("never", |(): (), cx: &Context| -> Result<(), Fault> {
            cx.notify("entered", &())?;
            loop {
                cx.check().inspect_err(|_| drop(cx.notify("stopped", &())))?;
                std::thread::sleep(Duration::from_millis(1));
            }
        })
        .method("exit", |(code,): (i32,)| -> Result<(), Fault> { std::process::exit(code) })
        .method("die", |(words,): (String,)| -> Result<(), Fault> {
            eprintln!("{words}");
            std::process::abort()
        })
        .method("pid", |(): ()| Ok(std::process::id()))
        .method("ask", |(method, params): (String, Value), cx: &Context| cx.call::<Value, Value>(&method, &params))
        .method("tell", |(method, params): (String, Value), cx: &Context| cx.notify(&method, &params))
        .method("steps", |(n,): (u64,), cx: &Context| {
            for step in 0..n {
                cx.progress(&step)?;
                std::thread::sleep(Duration::from_millis(60));
            }
            Ok(n)
        })
        .register(Method::stream("count", |(n,): (u64,), out: &mut Stream<'_>| {
            (0..n).try_for_each(|i| out.send(&i))?;
            Ok(n)
        }))
        .method("total", |(): (), cx: &Context| cx.input::<i64>()?.sum::<Result<i64, Fault>>())
        .method("warn", |(text,): (String,)| Ok(std::io::stderr().write_all(text.as_bytes())?))
        .serve_stdio()
}
