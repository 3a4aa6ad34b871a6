//! A worker that is given anything at all. Shared by the seeded test and the fuzz target.

use std::io::{self, Read, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use procwire::{Codec, Context, Framing, Limits, Method, Params, Stream, Worker};
use serde::de::IgnoredAny;
use serde_json::Value;

/// Frames, and the variant of each: what is chosen by one byte.
pub fn variant(choice: u8) -> (Framing, Codec) {
    match choice % 5 {
        0 => (Framing::Line, Codec::Json),
        1 => (Framing::Length, Codec::Json),
        2 => (Framing::ContentLength, Codec::Json),
        3 => (Framing::Length, Codec::MessagePack),
        _ => (Framing::ContentLength, Codec::MessagePack),
    }
}

/// Serves `input`, cut into chunks of at most `chunk` bytes, and reads what comes back.
pub fn serve(choice: u8, chunk: usize, input: &[u8]) {
    let (framing, codec) = variant(choice);
    let mut limits = Limits::default();
    limits.message_bytes = 4096;
    limits.depth = 16;
    limits.batch = 8;
    limits.grace = Duration::from_secs(5);
    let worker = Worker::new()
        .threads(1)
        .framing(framing)
        .codec(codec)
        .limits(limits)
        .register(Method::new("add", |p: (f64, f64)| Ok(p.0 + p.1)).inline())
        .register(Method::new("same", |value: Value| Ok(value)).inline())
        .register(
            Method::raw("echo", |params: &Params<'_>| {
                params.get("message", 0)?.ok_or_else(|| params.fault("no message"))
            })
            .inline(),
        )
        .register(Method::stream("count", |(n,): (u16,), out: &mut Stream<'_>| (0..n).try_for_each(|i| out.send(&i))))
        .method("total", |(): (), cx: &Context| cx.input::<f64>()?.sum::<Result<f64, _>>());
    let output = Output::default();
    // A lost boundary is an answer too.
    let _ = worker.serve(Chunks { rest: input, size: chunk.max(1) }, output.clone());
    let bytes = output.0.lock().unwrap();
    match codec {
        Codec::Json => frames(framing, &bytes, |frame| assert!(serde_json::from_slice::<IgnoredAny>(frame).is_ok())),
        // What is echoed may hold extensions that no reader here knows, so only the frames are looked at.
        Codec::MessagePack => frames(framing, &bytes, |frame| assert!(frame[0] & 0x80 != 0)),
    }
}

fn frames(framing: Framing, mut bytes: &[u8], check: impl Fn(&[u8])) {
    while !bytes.is_empty() {
        let (start, end, next) = match framing {
            Framing::Line => {
                let end = bytes.iter().position(|byte| *byte == b'\n').unwrap();
                (0, end, end + 1)
            }
            Framing::Length => {
                let length = u32::from_be_bytes(bytes[..4].try_into().unwrap()) as usize;
                (4, 4 + length, 4 + length)
            }
            Framing::ContentLength => {
                let text = bytes.strip_prefix(b"Content-Length: ").unwrap();
                let digits = text.iter().position(|byte| *byte == b'\r').unwrap();
                let length: usize = std::str::from_utf8(&text[..digits]).unwrap().parse().unwrap();
                let start = 16 + digits + 4;
                (start, start + length, start + length)
            }
        };
        check(&bytes[start..end]);
        bytes = &bytes[next..];
    }
}

#[derive(Clone, Default)]
struct Output(Arc<Mutex<Vec<u8>>>);

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Chunks<'a> {
    rest: &'a [u8],
    size: usize,
}

impl Read for Chunks<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let count = self.size.min(self.rest.len()).min(bytes.len());
        let (now, rest) = self.rest.split_at(count);
        bytes[..count].copy_from_slice(now);
        self.rest = rest;
        Ok(count)
    }
}
