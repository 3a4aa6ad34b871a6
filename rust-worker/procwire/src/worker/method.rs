//! A method as it is registered: what it takes, where it runs, and what is told of it.

use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::fault::Fault;
use crate::wire::params::{Params, Raw};
use crate::worker::about::About;
use crate::worker::context::Context;
use crate::worker::handler::{self, Erased, Handler, Lane};
#[cfg(feature = "client")]
use crate::worker::service::Entry;
use crate::worker::stream::Stream;

/// A method of a worker, for [`Worker::register`](crate::Worker::register).
///
/// How it is made says what its handler takes: decoded parameters ([`Method::new`]), decoded parameters and a stream to
/// answer with ([`Method::stream`]), or the parameters as they came ([`Method::unread`], [`Method::raw`]). What follows
/// says where it runs, on a thread of the pool unless it says [`inline`](Method::inline), and what else is to be known.
/// Everything goes with everything.
///
/// ```
/// use procwire::{About, Context, Fault, Method, Worker};
/// use std::time::Duration;
///
/// Worker::new()
///     .register(Method::new("twice", |(n,): (i32,)| Ok(i64::from(n) * 2)).inline().describe(About::new("Doubles a number.")))
///     .register(
///         Method::new("save", |(text,): (String,), cx: &Context| {
///             cx.check()?;
///             Ok(std::fs::write("/tmp/text", text)?)
///         })
///         .serial("file")
///         .deadline(Duration::from_secs(5)),
///     );
/// ```
pub struct Method {
    pub(crate) name: String,
    pub(crate) lane: Lane,
    pub(crate) handler: Erased,
    pub(crate) streams: bool,
    pub(crate) time: Option<Duration>,
    pub(crate) about: About,
}

impl Method {
    /// Takes decoded parameters, and the call's [`Context`] if it wants it.
    #[must_use]
    pub fn new<Kind>(name: &str, handler: impl Handler<Kind>) -> Self {
        Method::erased(name, handler::decoded(handler))
    }

    /// Takes decoded parameters, and answers with a stream of items. What the handler returns is the answer that ends the
    /// stream, often `()`. Callers announce how many items they take (`$/stream/pull`) before they ask; one that did not
    /// is answered with -32600.
    ///
    /// ```
    /// # use procwire::{Method, Stream};
    /// Method::stream("count", |(n,): (u64,), out: &mut Stream<'_>| {
    ///     for i in 0..n {
    ///         out.send(&i)?;
    ///     }
    ///     Ok(())
    /// });
    /// ```
    #[must_use]
    pub fn stream<P, T, F>(name: &str, handler: F) -> Self
    where
        P: DeserializeOwned,
        T: Serialize,
        F: Fn(P, &mut Stream<'_>) -> Result<T, Fault> + Send + Sync + 'static,
    {
        Method { streams: true, ..Method::erased(name, handler::stream(handler)) }
    }

    /// Reads its parameters itself, where they lie: for large ones, which need not be copied, and whose reading can then be
    /// cancelled.
    #[must_use]
    pub fn unread<T, F>(name: &str, handler: F) -> Self
    where
        T: Serialize,
        F: Fn(&Params<'_>, &Context) -> Result<T, Fault> + Send + Sync + 'static,
    {
        Method::erased(name, handler::unread(handler))
    }

    /// Answers with a part of its own parameters, byte for byte and never decoded.
    #[must_use]
    pub fn raw<F>(name: &str, handler: F) -> Self
    where
        F: for<'a> Fn(&Params<'a>) -> Result<Raw<'a>, Fault> + Send + Sync + 'static,
    {
        Method::erased(name, handler::raw(handler))
    }

    fn erased(name: &str, handler: Erased) -> Self {
        Method { name: name.to_owned(), lane: Lane::Pool, handler, streams: false, time: None, about: About::default() }
    }

    /// The method as the side that calls serves it.
    #[cfg(feature = "client")]
    pub(crate) fn into_entry(self) -> Entry {
        let Method { name, lane, handler, streams, time, about } = self;
        let listed = about.listed(&name, streams);
        Entry { name: name.as_str().into(), lane, handler, streams, time, listed, processed: Vec::new(), gate: None }
    }

    /// Runs on the reader thread itself: no hand-over, but nothing else is read meanwhile. For work of a few microseconds
    /// that waits for nothing. Calls with more than [`Limits::inline_bytes`](crate::Limits::inline_bytes) of parameters
    /// go to the pool.
    #[must_use]
    pub fn inline(self) -> Self {
        Method { lane: Lane::Inline(Box::new(|_| true)), ..self }
    }

    /// As [`Method::inline`] for the calls that `rule` says are cheap; the others go to the pool.
    #[must_use]
    pub fn inline_if(self, rule: impl Fn(&Params<'_>) -> bool + Send + Sync + 'static) -> Self {
        Method { lane: Lane::Inline(handler::cheap(&self.name, rule)), ..self }
    }

    /// Runs on the pool, one call at a time and in order of arrival among all methods with the same `key`.
    #[must_use]
    pub fn serial(self, key: &str) -> Self {
        Method { lane: Lane::Serial(key.into()), ..self }
    }

    /// What `rpc.discover` tells of it.
    #[must_use]
    pub fn describe(self, about: About) -> Self {
        Method { about, ..self }
    }

    /// Limits the time of a call, in place of [`Worker::max_time`](crate::Worker::max_time): from the arrival of a request
    /// that goes to the pool, so waiting for a thread counts. What runs on the reader cannot be stopped.
    ///
    /// When the time is up the caller is answered with -32001, a call that still waits does not run, and a handler that
    /// runs finds its [`Context`] cancelled.
    ///
    /// ```
    /// use procwire::{Context, DEADLINE_EXCEEDED, Method, Worker};
    /// use std::time::Duration;
    ///
    /// let forever = |(): (), cx: &Context| -> Result<(), _> {
    ///     assert!(cx.remaining().is_some());
    ///     loop {
    ///         cx.check()?;
    ///     }
    /// };
    /// let worker = Worker::new().register(Method::new("forever", forever).deadline(Duration::from_millis(5)));
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
    #[must_use]
    pub fn deadline(self, time: Duration) -> Self {
        Method { time: Some(time), ..self }
    }
}

impl std::fmt::Debug for Method {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Method").field("name", &self.name).field("streams", &self.streams).finish_non_exhaustive()
    }
}
