//! The builder a worker is written with.

mod stdio;

pub(crate) mod about;
pub(crate) mod context;
pub(crate) mod handler;
pub(crate) mod input;
pub(crate) mod names;
pub(crate) mod pool;
pub(crate) mod service;
pub(crate) mod stream;

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::fault::Fault;
use crate::limits::Limits;
use crate::link::sink::{Plain, Sink};
use crate::link::source::Reading;
use crate::peer::calls::Calls;
use crate::peer::flusher::Flusher;
use crate::peer::outbox::{OnBroken, Outbox};
use crate::peer::requests::Requests;
use crate::peer::session::Session;
use crate::wire::codec::Codec;
use crate::wire::framing::Framing;
use crate::wire::params::{Params, Raw};
use crate::worker::about::About;
use crate::worker::context::Context;
use crate::worker::handler::{Erased, Handler, Lane, Listener};
use crate::worker::names::Names;
use crate::worker::pool::Pool;
use crate::worker::service::{Entry, Service};
use crate::worker::stream::Stream;

/// A worker: methods, notification handlers, and how they are served.
///
/// ```no_run
/// use procwire::Worker;
/// use serde::Deserialize;
///
/// #[derive(Deserialize)]
/// struct Pair { a: i64, b: i64 }
///
/// fn main() -> std::io::Result<()> {
///     Worker::new().method("add", |p: Pair| Ok(p.a + p.b)).serve_stdio()
/// }
/// ```
#[derive(Default)]
pub struct Worker {
    methods: HashMap<String, Method>,
    /// The method added last, which `describe` means.
    last: String,
    listeners: Names<Listener>,
    framing: Framing,
    codec: Codec,
    limits: Limits,
    threads: Option<usize>,
    spin: Option<Duration>,
    max_time: Option<Duration>,
    announce: Option<String>,
    quiet: bool,
}

struct Method {
    lane: Lane,
    handler: Erased,
    streams: bool,
    time: Option<Duration>,
    about: About,
}

impl Worker {
    /// A worker without methods: JSON over lines, one pool thread for each CPU.
    #[must_use]
    pub fn new() -> Self {
        Worker::default()
    }

    /// Serves `name` on a thread of the pool. A later handler of the same name replaces an earlier one.
    #[must_use]
    pub fn method<P, T>(self, name: &str, handler: impl Handler<P, T>) -> Self
    where
        P: DeserializeOwned,
        T: Serialize,
    {
        self.add(name, Lane::Pool, handler::plain(handler))
    }

    /// As [`Worker::method`], for a handler that can be cancelled or speaks while it runs.
    #[must_use]
    pub fn method_with<P, T, F>(self, name: &str, handler: F) -> Self
    where
        P: DeserializeOwned,
        T: Serialize,
        F: Fn(P, &Context) -> Result<T, Fault> + Send + Sync + 'static,
    {
        self.add(name, Lane::Pool, handler::with_context(handler))
    }

    /// Serves `name` on the reader thread itself: no hand-over, but nothing else is read meanwhile. For work of a few
    /// microseconds. Calls with more than [`Limits::inline_bytes`] of parameters go to the pool.
    #[must_use]
    pub fn inline<P, T>(self, name: &str, handler: impl Handler<P, T>) -> Self
    where
        P: DeserializeOwned,
        T: Serialize,
    {
        self.add(name, Lane::Inline(Box::new(|_| true)), handler::plain(handler))
    }

    /// As [`Worker::inline`] for the calls that `cheap` says are cheap, as [`Worker::method_with`] for the others.
    #[must_use]
    pub fn inline_if<P, T, C, F>(self, name: &str, cheap: C, handler: F) -> Self
    where
        P: DeserializeOwned,
        T: Serialize,
        C: Fn(&Params<'_>) -> bool + Send + Sync + 'static,
        F: Fn(P, &Context) -> Result<T, Fault> + Send + Sync + 'static,
    {
        self.add(name, Lane::Inline(handler::cheap(name, cheap)), handler::with_context(handler))
    }

    /// Serves `name` on the pool, one call at a time and in order of arrival among all methods with the same `key`.
    #[must_use]
    pub fn serial<P, T>(self, key: &str, name: &str, handler: impl Handler<P, T>) -> Self
    where
        P: DeserializeOwned,
        T: Serialize,
    {
        self.add(name, Lane::Serial(key.into()), handler::plain(handler))
    }

    /// Serves `name`, inline, with a part of its own parameters, copied byte for byte and never decoded.
    #[must_use]
    pub fn raw<F>(self, name: &str, handler: F) -> Self
    where
        F: for<'a> Fn(&Params<'a>) -> Result<Raw<'a>, Fault> + Send + Sync + 'static,
    {
        self.add(name, Lane::Inline(Box::new(|_| true)), handler::raw(handler))
    }

    /// Serves `name` with a stream of items, on a thread of the pool. What the handler returns is the answer that ends
    /// the stream, often `()`. Callers announce how many items they take (`$/stream/pull`) before they ask; one that did
    /// not is answered with -32600.
    ///
    /// ```
    /// # use procwire::{Stream, Worker};
    /// Worker::new().stream("count", |(n,): (u64,), out: &mut Stream<'_>| {
    ///     for i in 0..n {
    ///         out.send(&i)?;
    ///     }
    ///     Ok(())
    /// });
    /// ```
    #[must_use]
    pub fn stream<P, T, F>(mut self, name: &str, handler: F) -> Self
    where
        P: DeserializeOwned,
        T: Serialize,
        F: Fn(P, &mut Stream<'_>) -> Result<T, Fault> + Send + Sync + 'static,
    {
        self = self.add(name, Lane::Pool, handler::stream(handler));
        self.latest().streams = true;
        self
    }

    /// Serves `name` with a handler that reads its parameters itself, where they lie: for large ones, which need not be
    /// copied, and whose reading can then be cancelled. On the reader for the calls that `cheap` says are cheap, as with
    /// [`Worker::inline_if`], and on the pool for the others.
    #[must_use]
    pub fn unread<T, C, F>(self, name: &str, cheap: C, handler: F) -> Self
    where
        T: Serialize,
        C: Fn(&Params<'_>) -> bool + Send + Sync + 'static,
        F: Fn(&Params<'_>, &Context) -> Result<T, Fault> + Send + Sync + 'static,
    {
        self.add(name, Lane::Inline(handler::cheap(name, cheap)), handler::unread(handler))
    }

    /// Describes the method added last, for `rpc.discover`.
    ///
    /// # Panics
    ///
    /// If no method was added yet.
    #[must_use]
    pub fn describe(mut self, about: About) -> Self {
        self.latest().about = about;
        self
    }

    /// Limits the time of a call of the method added last, in place of [`Worker::max_time`]: from the arrival of a request
    /// that goes to the pool, so waiting for a thread counts. What runs on the reader cannot be stopped.
    ///
    /// When the time is up the caller is answered with -32001, a call that still waits does not run, and a handler that
    /// runs finds its [`Context`] cancelled.
    ///
    /// ```
    /// use procwire::{Context, DEADLINE_EXCEEDED, Worker};
    /// use std::time::Duration;
    ///
    /// let worker = Worker::new()
    ///     .method_with("forever", |(): (), cx: &Context| -> Result<(), _> {
    ///         assert!(cx.remaining().is_some());
    ///         loop {
    ///             cx.check()?;
    ///         }
    ///     })
    ///     .deadline(Duration::from_millis(5));
    ///
    /// # use std::{io, sync::{Arc, Mutex}};
    /// # #[derive(Clone, Default)]
    /// # struct Output(Arc<Mutex<Vec<u8>>>);
    /// # impl io::Write for Output {
    /// #     fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
    /// #         self.0.lock().unwrap().write(bytes)
    /// #     }
    /// #     fn flush(&mut self) -> io::Result<()> {
    /// #         Ok(())
    /// #     }
    /// # }
    /// # let output = Output::default();
    /// let input = br#"{"jsonrpc":"2.0","id":1,"method":"forever"}"#;
    /// worker.serve(&input[..], output.clone())?;
    /// let answer = String::from_utf8(output.0.lock().unwrap().clone()).unwrap();
    /// assert!(answer.contains(&DEADLINE_EXCEEDED.to_string()));
    /// # Ok::<(), io::Error>(())
    /// ```
    ///
    /// # Panics
    ///
    /// If no method was added yet.
    #[must_use]
    pub fn deadline(mut self, time: Duration) -> Self {
        self.latest().time = Some(time);
        self
    }

    /// Limits the time of every call that goes to the pool, as [`Worker::deadline`] does for one method. None by default.
    #[must_use]
    pub fn max_time(mut self, time: Duration) -> Self {
        self.max_time = Some(time);
        self
    }

    /// Hears the notification `name`, on the reader thread and in order of arrival: be quick. Parameters that do not fit
    /// are reported on stderr. `shutdown` may be heard too; the worker ends after its handler.
    #[must_use]
    pub fn on<P, F>(mut self, name: &str, handler: F) -> Self
    where
        P: DeserializeOwned,
        F: Fn(P) + Send + Sync + 'static,
    {
        let listener: Listener = Box::new(move |params, _| {
            handler(params.decode()?);
            Ok(())
        });
        self.listeners.insert(name.to_owned(), listener);
        self
    }

    /// How frames are told apart; [`Framing::Line`] by default.
    #[must_use]
    pub fn framing(mut self, framing: Framing) -> Self {
        self.framing = framing;
        self
    }

    /// How values are written; [`Codec::Json`] by default.
    #[must_use]
    pub fn codec(mut self, codec: Codec) -> Self {
        self.codec = codec;
        self
    }

    /// Replaces all limits.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Threads of the pool; one for each CPU by default, at least one. Started when they are needed. When the system
    /// refuses some, the others do the work; when it refuses all, requests for the pool are answered with -32000.
    #[must_use]
    pub fn threads(mut self, count: usize) -> Self {
        self.threads = Some(count.max(1));
        self
    }

    /// How long [`Worker::serve_stdio`] polls its input after a message before it sleeps: 50 µs by default, zero for
    /// never. It stops by itself where polling does not pay.
    #[must_use]
    pub fn spin(mut self, time: Duration) -> Self {
        self.spin = Some(time);
        self
    }

    /// Sends `log` notifications about the worker's life: `<name> started`, `Processed <method>` right after each
    /// result, `Shutting down...`, and `Unknown notification: <name>`.
    #[must_use]
    pub fn announce(mut self, name: &str) -> Self {
        self.announce = Some(name.to_owned());
        self
    }

    /// Drops all `log` notifications.
    #[must_use]
    pub fn quiet(mut self, quiet: bool) -> Self {
        self.quiet = quiet;
        self
    }

    /// Serves a reader and a writer until the input ends or `shutdown` arrives. Requests still open at the end of the
    /// input get [`Limits::grace`] to finish.
    ///
    /// # Errors
    ///
    /// `InvalidData` when the boundary between frames is lost, `InvalidInput` for MessagePack over lines, and whatever
    /// the reader or the writer returns; a broken pipe or connection is no error: the parent has gone.
    pub fn serve(self, reader: impl Read, writer: impl Write + Send + 'static) -> io::Result<()> {
        self.into_service(Box::new(Plain(writer)), Box::new(|_| {}))?.run(&mut Reading::new(reader)).map(drop)
    }

    fn add(mut self, name: &str, lane: Lane, handler: Erased) -> Self {
        let method = Method { lane, handler, streams: false, time: None, about: About::default() };
        self.methods.insert(name.to_owned(), method);
        name.clone_into(&mut self.last);
        self
    }

    fn latest(&mut self) -> &mut Method {
        self.methods.get_mut(&self.last).expect("describe() and deadline() come after a method")
    }

    pub(crate) fn into_service(self, sink: Box<dyn Sink>, on_broken: OnBroken) -> io::Result<Service> {
        #[cfg(feature = "msgpack")]
        if self.codec == Codec::MessagePack && self.framing == Framing::Line {
            let text = "MessagePack cannot travel over lines: its bytes contain newlines";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
        }
        let mut limits = self.limits;
        limits.message_bytes = limits.message_bytes.clamp(1024, u32::MAX as usize);
        let threads = self.threads.unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from));
        let pool = Arc::new(Pool::new(threads, limits.queued, limits.queued_bytes));
        let session = Session {
            framing: self.framing,
            codec: self.codec,
            announces: self.announce.is_some(),
            quiet: self.quiet,
            calls: Calls::default(),
            queue: Arc::clone(&pool) as _,
            outbox: Arc::new(Outbox::new(sink, limits.outbox_bytes, on_broken)),
            limits,
            in_batches: Arc::default(),
            flusher: Flusher::default(),
            deadlines: Arc::default(),
            requests: Requests::default(),
            deaf: AtomicBool::new(false),
        };
        let mut methods = Names::default();
        for (name, Method { lane, handler, streams, time, about }) in self.methods {
            let processed = session.announcement(&format!("Processed {name}"));
            let listed = about.listed(&name, streams);
            let time = time.or(self.max_time);
            let entry = Entry { name: name.clone(), lane, handler, streams, time, listed, processed };
            methods.insert(name, Arc::new(entry));
        }
        if let Some(name) = self.announce {
            session.outbox.send_now(&mut session.announcement(&format!("{name} started")));
        }
        Ok(Service { session: Arc::new(session), methods, listeners: self.listeners, pool })
    }
}
