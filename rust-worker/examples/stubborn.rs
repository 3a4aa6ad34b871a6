//! A worker whose handlers do what none should: compute without a look at their cancel, fill the output, leave other
//! processes behind, panic in destructors, end the process. With limits so small that tests soon reach them.

use std::process::Command;
use std::thread;
use std::time::Duration;

use procwire::{Context, Fault, Limits, Method, Stream, Worker};
use serde::{Serialize, Serializer};

/// Panics when it is dropped.
struct Grenade;

impl Drop for Grenade {
    fn drop(&mut self) {
        panic!("thrown by a destructor");
    }
}

impl Serialize for Grenade {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit()
    }
}

fn deeper(depth: u64) -> u64 {
    let frame = std::hint::black_box([depth; 1024]);
    if depth == u64::MAX { depth } else { deeper(depth + 1).max(frame[0]) }
}

fn main() -> std::io::Result<()> {
    let mut limits = Limits::default();
    limits.outbox_bytes = 64 * 1024;
    limits.grace = Duration::from_secs(1);
    Worker::new()
        .limits(limits)
        .method("park", |(): ()| -> Result<(), Fault> {
            loop {
                thread::park();
            }
        })
        .register(Method::stream("count", |(n,): (u64,), out: &mut Stream<'_>| (0..n).try_for_each(|i| out.send(&i))))
        .method("ask", |(): (), cx: &Context| cx.call::<_, String>("name", &()))
        .register(Method::new("text", |(length,): (usize,)| Ok("x".repeat(length))).inline())
        .register(
            Method::new("block", |(): ()| -> Result<(), Fault> {
                loop {
                    thread::park();
                }
            })
            .inline(),
        )
        .method("spawn", |(): ()| Ok(Command::new("sleep").arg("600").spawn()?.id()))
        .method("print", |(): ()| {
            println!("for stderr");
            Ok("printed")
        })
        .method("grenade", |(): ()| Ok(Grenade))
        .method("throw", |(): ()| -> Result<(), Fault> { std::panic::panic_any(Grenade) })
        .register(Method::new("picky", |(): ()| Ok("served")).inline_if(|_| panic!("thrown by the rule")))
        .on("listen", |(): ()| panic!("thrown by a listener"))
        .method("exit", |(code,): (i32,)| -> Result<(), Fault> { std::process::exit(code) })
        .method("abort", |(): ()| -> Result<(), Fault> { std::process::abort() })
        .method("overflow", |(): ()| Ok(deeper(0)))
        .serve_stdio()
}
