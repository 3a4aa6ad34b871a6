//! The builder a worker is written with.

#[cfg(unix)]
pub(crate) mod listen;
mod stdio;

pub(crate) mod about;
pub(crate) mod context;
pub(crate) mod handler;
pub(crate) mod input;
pub(crate) mod method;
pub(crate) mod names;
pub(crate) mod pool;
pub(crate) mod service;
pub(crate) mod serving;
pub(crate) mod stream;

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::sync::Arc;
use std::time::Duration;

use serde::de::DeserializeOwned;

use crate::limits::Limits;
use crate::link::sink::{Sink, Writing};
use crate::link::source::Reading;
use crate::peer::outbox::OnBroken;
use crate::wire::codec::Codec;
use crate::wire::format::CustomCodec;
use crate::wire::framing::{CustomFraming, Framing};
use crate::worker::handler::{Handler, Listener};
use crate::worker::method::Method;
use crate::worker::names::Names;
use crate::worker::service::Served;

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
pub struct Worker {
    methods: HashMap<String, Method>,
    listeners: Names<Listener>,
    framing: Framing,
    custom_framing: Option<Arc<dyn CustomFraming>>,
    codec: Codec,
    custom_codec: Option<Arc<dyn CustomCodec>>,
    limits: Limits,
    threads: Option<usize>,
    spin: Option<Duration>,
    max_time: Option<Duration>,
    announce: Option<String>,
    quiet: bool,
    logs_panics: bool,
}

impl Default for Worker {
    fn default() -> Self {
        Worker {
            methods: HashMap::new(),
            listeners: Names::default(),
            framing: Framing::default(),
            custom_framing: None,
            codec: Codec::default(),
            custom_codec: None,
            limits: Limits::default(),
            threads: None,
            spin: None,
            max_time: None,
            announce: None,
            quiet: false,
            logs_panics: true,
        }
    }
}

impl Worker {
    /// A worker without methods: JSON over lines, one pool thread for each CPU.
    #[must_use]
    pub fn new() -> Self {
        Worker::default()
    }

    /// Adds a method. A later one of the same name replaces an earlier one.
    #[must_use]
    pub fn register(mut self, method: Method) -> Self {
        self.methods.insert(method.name.clone(), method);
        self
    }

    /// Serves `name` on a thread of the pool: `register(Method::new(name, handler))`.
    #[must_use]
    pub fn method<Kind>(self, name: &str, handler: impl Handler<Kind>) -> Self {
        self.register(Method::new(name, handler))
    }

    /// Limits the time of every call that goes to the pool, as [`Method::deadline`] does for one method. None by default.
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
        self.custom_framing = None;
        self
    }

    /// As [`Worker::framing`], for one of your own.
    #[must_use]
    pub fn custom_framing(mut self, framing: impl CustomFraming) -> Self {
        self.custom_framing = Some(Arc::new(framing));
        self
    }

    /// How values are written; [`Codec::Json`] by default.
    #[must_use]
    pub fn codec(mut self, codec: Codec) -> Self {
        self.codec = codec;
        self.custom_codec = None;
        self
    }

    /// As [`Worker::codec`], for one of your own. Handlers, and rules whether a call is cheap, see the JSON it makes.
    #[must_use]
    pub fn custom_codec(mut self, codec: impl CustomCodec) -> Self {
        self.codec = Codec::Json;
        self.custom_codec = Some(Arc::new(codec));
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

    /// Whether a handler's panic is told on stderr, with the method's name, its place, and a backtrace where
    /// `RUST_BACKTRACE` asks for one. Yes by default; the caller is answered with -32603 in either case.
    #[must_use]
    pub fn log_panics(mut self, logs: bool) -> Self {
        self.logs_panics = logs;
        self
    }

    /// Serves a reader and a writer until the input ends or `shutdown` arrives. Requests still open at the end of the
    /// input get [`Limits::grace`] to finish and to have their answers written. A writer without room keeps a thread of its
    /// own waiting, never the reader.
    ///
    /// # Errors
    ///
    /// `InvalidData` when the boundary between frames is lost, `InvalidInput` for MessagePack over lines, a system that
    /// refuses the thread that writes, and whatever the reader or the writer returns; a broken pipe or connection is no error: the parent has gone.
    pub fn serve(self, reader: impl Read, writer: impl Write + Send + 'static) -> io::Result<()> {
        let service = self.into_service(Box::new(Writing(writer)), Box::new(|_| {}))?;
        service.session.outbox.start_helper()?;
        service.run(&mut Reading::new(reader)).map(drop)
    }

    pub(crate) fn into_service(self, sink: Box<dyn Sink>, on_broken: OnBroken) -> io::Result<Served> {
        let announced = self.announce.as_ref().map(|name| format!("{name} started"));
        let served = self.into_serving(false)?.open(sink, on_broken);
        if let Some(text) = announced {
            let session = &served.session;
            session.outbox.send_now(&mut session.life_log(&text));
        }
        Ok(served)
    }
}
