//! Write JSON-RPC 2.0 workers that serve their methods over stdin and stdout, and call them.
//!
//! A handler is a closure from a type serde can read to a `Result` of one it can write. By name or by position, the
//! parameters fit:
//!
//! ```
//! use procwire::{Fault, Worker};
//! use serde::Deserialize;
//!
//! #[derive(Deserialize)]
//! struct Division { a: f64, b: f64 }
//!
//! let worker = Worker::new().method("divide", |p: Division| {
//!     if p.b == 0.0 { Err(Fault::invalid_params("b is zero")) } else { Ok(p.a / p.b) }
//! });
//!
//! // A process would say `worker.serve_stdio()`. Any reader and writer do as well:
//! let input = br#"{"jsonrpc":"2.0","id":1,"method":"divide","params":[3,2]}"#;
//! worker.serve(&input[..], std::io::stdout())?; // {"jsonrpc":"2.0","id":1,"result":1.5}
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! The other side is a `Channel`: it starts a worker, written with this library or not, and calls it.
//!
//! # Threads
//!
//! One thread reads. It splits frames, answers control messages, serves the handlers declared cheap
//! ([`Method::inline`]), and queues the rest for a small pool ([`Worker::method`], [`Method::serial`]). It never waits for
//! a handler, so a cancel, a ping and a shutdown are heard while every thread computes. Answers leave on the thread that
//! made them; under load they leave in batches.
//!
//! # Streams, inputs, questions
//!
//! [`Method::stream`] answers with items, as the caller takes them. [`Context::input`] reads the items a caller sends
//! along with its request. [`Context::call`] asks the parent. They wait for the parent, so they run on the pool, and they
//! end with -32800 when their call is cancelled or the link ends:
//!
//! ```
//! use procwire::{About, Context, Fault, Method, Stream, Worker};
//!
//! let worker = Worker::new()
//!     .register(
//!         Method::stream("count", |(n,): (u64,), out: &mut Stream<'_>| (0..n).try_for_each(|i| out.send(&i)))
//!             .describe(About::new("The numbers below n.")),
//!     )
//!     .method("total", |(): (), cx: &Context| cx.input::<f64>()?.sum::<Result<f64, Fault>>());
//!
//! // The caller says first how many items it takes.
//! let input = br#"{"jsonrpc":"2.0","method":"$/stream/pull","params":{"id":1,"count":1000}}
//! {"jsonrpc":"2.0","id":1,"method":"count","params":[3]}"#;
//! worker.serve(&input[..], std::io::stdout())?;
//! // {"jsonrpc":"2.0","method":"$/stream/items","params":{"id":1,"items":[0,1,2]}}
//! // {"jsonrpc":"2.0","id":1,"result":null}
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! # Bytes and MessagePack
//!
//! [`Codec::MessagePack`] has bytes and typed arrays, over any framing but lines. [`Bytes`] and [`Numbers`] travel as what
//! they are there, and in JSON as base64 and as an array, so a worker can serve both:
//!
//! ```
//! use procwire::{Bytes, Numbers, Worker};
//!
//! # #[cfg(feature = "msgpack")]
//! Worker::new()
//!     .framing(procwire::Framing::Length)
//!     .codec(procwire::Codec::MessagePack)
//!     // A Uint8Array comes, and a Uint8Array goes.
//!     .method("invert", |(bytes,): (Bytes,)| Ok(Bytes::from(bytes.iter().map(|byte| !byte).collect::<Vec<_>>())))
//!     // Any typed array comes, and a Float64Array goes.
//!     .method("halve", |(numbers,): (Vec<f64>,)| {
//!         Ok(Numbers::from(numbers.iter().map(|number| number / 2.0).collect::<Vec<_>>()))
//!     });
//! ```
//!
//! | in the handler | MessagePack | JSON |
//! | --- | --- | --- |
//! | [`Bytes`] | bytes, `Uint8Array` | base64 in a string; also read: an array of bytes |
//! | [`Numbers<f64>`](Numbers), other kinds alike | `Float64Array`; also read: an array of numbers | an array of numbers |
//! | `Vec<f64>` as a parameter | any typed array, or an array of numbers | an array of numbers |
//! | `Vec<u8>` as a parameter | bytes, any typed array, or an array of numbers | an array of numbers |
//! | `Vec<u8>` as a result | an array of numbers; above 64 KiB an error that names [`Bytes`] | the same |
//! | [`Raw::decode_bytes`], [`Raw::decode_numbers`] | borrowed from the message, numbers where they are aligned | a copy |
//!
//! # What callers can rely on
//!
//! - Each request is answered exactly once: with its result, its error, or -32800 when it was cancelled.
//! - A handler that panics is answered with -32603, and its thread lives on; stderr is told where it was
//!   ([`Worker::log_panics`]).
//! - A full queue is answered with -32000 at once; nothing is dropped, nothing waits in the dark.
//! - A call whose time is limited ([`Method::deadline`]) is answered with -32001 when it is up.
//! - Ids come back byte for byte, `null` included.
//! - `$/cancelRequest` with `{"id": ...}` cancels; the id is compared by its bytes. `$/ping` is answered with `null` by
//!   the reader itself, `rpc.discover` with the list of methods and what
//!   [`Method::describe`] said of them; `shutdown` ends the worker.
#![deny(missing_docs, unsafe_code)]
// What only the side that calls uses is checked with that side.
#![cfg_attr(not(feature = "client"), allow(dead_code, unused_imports))]

#[cfg(feature = "client")]
mod client;
mod dialect;
#[cfg(feature = "client")]
mod error;
mod fault;
#[cfg(feature = "client")]
mod last_words;
mod limits;
mod link;
mod locks;
mod peer;
mod threads;
mod wire;
mod worker;

#[cfg(all(unix, feature = "client"))]
pub use client::services::list_services;
#[cfg(feature = "client")]
pub use client::{
    breaker::Breaker,
    builder::ChannelBuilder,
    call::Call,
    channel::{Channel, WeakChannel},
    events::{BreakerState, Event},
    heartbeat::Heartbeat,
    items::Items,
    metrics::Metrics,
    request::Request,
    restart::Restart,
};
#[cfg(feature = "client")]
pub use error::{Delivery, Error};
pub use fault::{
    BUSY, DEADLINE_EXCEEDED, DecodeError, Fault, INTERNAL_ERROR, INVALID_PARAMS, INVALID_REQUEST, METHOD_NOT_FOUND,
    PARSE_ERROR, REQUEST_CANCELLED,
};
pub use limits::Limits;
#[cfg(unix)]
pub use link::socket::address::Address;
#[cfg(all(unix, feature = "client"))]
pub use link::socket::listing::ServiceInfo;
#[cfg(all(unix, feature = "tls"))]
pub use link::socket::tls::Tls;
pub use link::stdio::report;
pub use wire::alone::Frames;
pub use wire::binary::{Bytes, Element, Numbers};
pub use wire::codec::Codec;
pub use wire::format::CustomCodec;
pub use wire::framing::{CustomFraming, Framing, Split};
pub use wire::params::{Content, Params, Pieces, Raw};
pub use worker::Worker;
pub use worker::about::About;
pub use worker::context::Context;
pub use worker::handler::{Failing, Handler, failing};
pub use worker::input::Inputs;
#[cfg(unix)]
pub use worker::listen::Service;
pub use worker::method::Method;
pub use worker::stream::Stream;

/// The examples of the README, so that they are compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
