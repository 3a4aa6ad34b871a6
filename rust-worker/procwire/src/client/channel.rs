//! What the user holds.

use std::process::Command;
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use serde::Serialize;
use serde::de::{Deserialize, DeserializeOwned};

use crate::client::breaker::Circuit;
use crate::client::builder::ChannelBuilder;
use crate::client::call::{Call, Ticket};
use crate::client::events::Event;
use crate::client::items::Items;
use crate::client::metrics::Metrics;
use crate::client::pending::Pending;
use crate::client::request::Request;
use crate::client::shared::Shared;
use crate::client::start::Origin;
use crate::dialect;
use crate::error::Error;
use crate::fault::Fault;
use crate::locks;
use crate::wire::params::Params;
use crate::worker::handler::Handler;
use crate::worker::method::Method;

/// A channel to a worker: calls, notifications, streams, and handlers for what the worker asks.
///
/// A clone is a light handle to the same channel. When the last one is dropped the worker is killed; [`Channel::close`]
/// lets it end in peace. A handler that holds a clone keeps the channel open: let it hold a [`WeakChannel`].
///
/// ```no_run
/// use procwire::Channel;
/// use std::process::Command;
///
/// let channel = Channel::spawn(Command::new("./worker"))?;
/// let sum: i64 = channel.call("add", &(2, 40)).wait()?;
/// assert_eq!(sum, 42);
/// channel.close();
/// # Ok::<(), procwire::Error>(())
/// ```
#[derive(Clone)]
pub struct Channel {
    handle: Arc<Handle>,
}

/// A handle that does not keep its channel open.
#[derive(Clone)]
pub struct WeakChannel(Weak<Handle>);

struct Handle {
    shared: Arc<Shared>,
    timeout: Option<Duration>,
    /// Held by the one that closes.
    closing: Mutex<()>,
}

impl Channel {
    /// Starts a worker and opens a channel to it, with the default options.
    ///
    /// # Errors
    ///
    /// As [`ChannelBuilder::spawn`].
    pub fn spawn(command: Command) -> Result<Channel, Error> {
        Channel::builder().spawn(command)
    }

    /// Options for a channel.
    pub fn builder() -> ChannelBuilder {
        ChannelBuilder::default()
    }

    /// Calls a method. The request is on its way at once, and the [`Call`] is its answer: to be awaited, or
    /// [waited](Call::wait) for. Params are an object, an array, or nothing: `&()`.
    pub fn call<T: DeserializeOwned>(&self, method: &str, params: &(impl Serialize + ?Sized)) -> Call<T> {
        self.request(method, params).call()
    }

    /// As [`Channel::call`], with a time of its own.
    pub fn call_with_timeout<T: DeserializeOwned>(
        &self,
        method: &str,
        params: &(impl Serialize + ?Sized),
        timeout: Duration,
    ) -> Call<T> {
        self.request(method, params).timeout(timeout).call()
    }

    /// A call with options.
    pub fn request<'a, P: Serialize + ?Sized>(&'a self, method: &'a str, params: &'a P) -> Request<'a, P> {
        Request::new(&self.handle.shared, method, params, self.handle.timeout)
    }

    /// Calls a method that answers with a stream of items: to be iterated over, or read as a [`futures_core::Stream`].
    pub fn stream<T: DeserializeOwned>(&self, method: &str, params: &(impl Serialize + ?Sized)) -> Items<T> {
        self.request(method, params).stream()
    }

    /// Sends a notification. It is on its way at once; what it gives says whether it could be sent, and need not be
    /// waited for.
    pub fn notify(&self, method: &str, params: &(impl Serialize + ?Sized)) -> Call<()> {
        let shared = &self.handle.shared;
        let sent = shared.encoder.message(None, method, params).and_then(|frame| shared.notify(method, frame));
        Call::ready(sent)
    }

    /// The names of the worker's methods, as it tells them (`rpc.discover`).
    pub fn methods(&self) -> Call<Vec<String>> {
        let shared = &self.handle.shared;
        let id = shared.next_id();
        let ticket = shared.encoder.message(Some(id), dialect::DISCOVER, &()).and_then(|frame| {
            let pending = Pending::new(id, dialect::DISCOVER, None);
            Ticket::submit(shared, pending, frame, self.handle.timeout)
        });
        Call::reading(ticket, |ticket, bytes| {
            let found: serde_json::Value = ticket.decode(bytes)?;
            let names = found["methods"].as_array().into_iter().flatten();
            Ok(names.filter_map(|method| method["name"].as_str().map(str::to_owned)).collect())
        })
    }

    /// Hears the notification `name`, in order with all others, on a thread of its own: a handler may call and wait. It
    /// gets the params as any type that can be read from them, such as [`serde_json::Value`]. What has come before is
    /// handed to the first handler, if it was kept ([`Limits::early_notifications`](crate::Limits::early_notifications)).
    pub fn on_notification<P, F>(&self, name: &str, handler: F)
    where
        P: DeserializeOwned,
        F: Fn(P) + Send + Sync + 'static,
    {
        let listener = move |_: &str, params: &Params<'_>| -> Result<(), Fault> {
            handler(params.decode()?);
            Ok(())
        };
        self.handle.shared.notices.listen(Some(name), Arc::new(listener));
    }

    /// As [`Channel::on_notification`], for all names.
    pub fn on_any_notification<F>(&self, handler: F)
    where
        F: Fn(&str, &Params<'_>) + Send + Sync + 'static,
    {
        let listener = move |name: &str, params: &Params<'_>| {
            handler(name, params);
            Ok(())
        };
        self.handle.shared.notices.listen(None, Arc::new(listener));
    }

    /// Serves a method that the worker calls, on the threads of a small pool. A later one of the same name replaces an
    /// earlier one.
    pub fn on_request<Kind>(&self, name: &str, handler: impl Handler<Kind>) {
        self.serve(Method::new(name, handler));
    }

    /// As [`Channel::on_request`], for any kind of method. Handlers run on the pool, never on the reader.
    pub fn serve(&self, method: Method) {
        let entry = method.into_entry();
        let before = locks::write(&self.handle.shared.methods).insert(entry.name.to_string(), Arc::new(entry));
        // Without the lock: it may hold the last of a channel.
        drop(before);
    }

    /// Hears what becomes of the worker: its ends, its restarts, the circuit breaker. In order with the notifications, on
    /// their thread.
    pub fn on_event(&self, handler: impl Fn(&Event) + Send + Sync + 'static) {
        self.handle.shared.events.listen(Arc::new(handler));
    }

    /// What the channel has done so far.
    #[must_use]
    pub fn metrics(&self) -> Metrics {
        let in_flight = self.handle.shared.lock().len();
        self.handle.shared.counters.metrics(in_flight)
    }

    /// Whether there is somebody to answer: a worker runs, and the circuit is not open.
    #[must_use]
    pub fn is_healthy(&self) -> bool {
        self.handle.shared.line().is_some() && !self.circuit_open()
    }

    /// Whether the circuit breaker refuses calls ([`ChannelBuilder::breaker`]).
    #[must_use]
    pub fn circuit_open(&self) -> bool {
        self.handle.shared.circuit.as_ref().is_some_and(Circuit::is_open)
    }

    /// The worker's process id, while one runs.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.handle.shared.line().and_then(|line| line.pid())
    }

    /// Whether the channel is closed, or has ended.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.handle.shared.has_ended()
    }

    /// A handle that does not keep the channel open.
    #[must_use]
    pub fn downgrade(&self) -> WeakChannel {
        WeakChannel(Arc::downgrade(&self.handle))
    }

    /// Ends the channel: what is in flight fails with [`Error::Closed`], the worker is asked to end (`shutdown`), its
    /// stdin ends, and after the [graces](ChannelBuilder::graces) it is sent SIGTERM and SIGKILL. Returns after its exit,
    /// at the latest half a second after SIGKILL; so do further calls.
    pub fn close(&self) {
        let Handle { shared, closing, .. } = &*self.handle;
        let _one_after_the_other = locks::lock(closing);
        let reason = Error::closed("The channel is closed.");
        if let Some(line) = shared.end(&reason) {
            line.close();
            shared.events.tell(Event::Exited { pid: line.pid(), reason });
        }
        shared.forget_all();
    }
}

impl ChannelBuilder {
    /// Starts a worker, as the leader of a process group of its own on Unix, and opens a channel to it. Its stdin, stdout
    /// and stderr become those of the channel, whatever the command says.
    ///
    /// # Errors
    ///
    /// [`Error::Spawn`] when it can't be started, when the system refuses a thread, and for MessagePack over lines.
    pub fn spawn(self, command: Command) -> Result<Channel, Error> {
        self.open(Origin::Command(command))
    }

    pub(super) fn open(self, origin: Origin) -> Result<Channel, Error> {
        let (shared, timeout) = self.start(origin)?;
        Ok(Channel { handle: Arc::new(Handle { shared, timeout, closing: Mutex::new(()) }) })
    }
}

impl std::fmt::Debug for Channel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Channel").field("pid", &self.pid()).finish_non_exhaustive()
    }
}

impl WeakChannel {
    /// The channel, while somebody else keeps it open.
    #[must_use]
    pub fn upgrade(&self) -> Option<Channel> {
        self.0.upgrade().map(|handle| Channel { handle })
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        if let Some(line) = self.shared.end(&Error::closed("The last handle of the channel was dropped.")) {
            line.kill();
        }
        self.shared.forget_all();
    }
}

const _: fn() = || {
    fn shared_between_threads<T: Send + Sync>() {}
    shared_between_threads::<Channel>();
    fn of_any_type<'de, T: Deserialize<'de>>() {}
    of_any_type::<serde_json::Value>();
};
