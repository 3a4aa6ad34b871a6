//! A call with options.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::client::call::{Call, Ticket};
use crate::client::pending::{Extra, Pending};
use crate::client::shared::Shared;
use crate::error::Error;
use crate::link::stdio::report;

/// A call that is not made yet: [`Request::call`] makes it.
///
/// ```no_run
/// # use procwire::{Channel, Error};
/// # use std::time::Duration;
/// # fn example(channel: &Channel) -> Result<(), Error> {
/// let call = channel
///     .request("resize", &("image.png", 200))
///     .timeout(Duration::from_secs(5))
///     .idempotent()
///     .on_progress(|percent: f64| println!("{percent} %"))
///     .call::<String>();
/// println!("{}", call.wait()?);
/// # Ok(())
/// # }
/// ```
#[must_use = "a request is made by `call` or `stream`"]
pub struct Request<'a, P: ?Sized> {
    shared: &'a Arc<Shared>,
    method: &'a str,
    params: &'a P,
    timeout: Option<Duration>,
    extra: Extra,
}

impl<'a, P: Serialize + ?Sized> Request<'a, P> {
    pub(crate) fn new(shared: &'a Arc<Shared>, method: &'a str, params: &'a P, timeout: Option<Duration>) -> Self {
        Request { shared, method, params, timeout, extra: Extra::default() }
    }

    /// The time it has, from when it is made, over all workers. When it is over the call fails with
    /// [`Error::Timeout`](crate::Error::Timeout), and the worker is told to stop.
    pub fn timeout(mut self, time: Duration) -> Self {
        self.timeout = Some(time);
        self
    }

    /// It does no harm when the method runs twice: when a worker dies over it, it is sent again to the next one, if there
    /// is one ([`ChannelBuilder::restart`](crate::ChannelBuilder::restart)). The second death for which it may be to
    /// blame ends that, with [`Error::Quarantined`](crate::Error::Quarantined).
    pub fn idempotent(mut self) -> Self {
        self.extra.is_idempotent = true;
        self
    }

    /// Hears how far it is, on the thread of the notifications.
    pub fn on_progress<V: DeserializeOwned>(mut self, handler: impl Fn(V) + Send + Sync + 'static) -> Self {
        let (codec, method) = (self.shared.encoder.codec, self.method.to_owned());
        self.extra.on_progress = Some(Box::new(move |bytes| match codec.read(bytes) {
            Ok(value) => handler(value),
            Err(text) => report(&format!("the progress of {method} cannot be read: {text}")),
        }));
        self
    }

    /// Makes the call.
    pub fn call<T: DeserializeOwned>(self) -> Call<T> {
        Call::new(self.submit())
    }

    fn submit(self) -> Result<Ticket, Error> {
        let Request { shared, method, params, timeout, extra } = self;
        let id = shared.next_id();
        let frame = shared.encoder.message(Some(id), method, params)?;
        let is_plain = !extra.is_idempotent && extra.on_progress.is_none() && !extra.streams;
        let extra = if is_plain { None } else { Some(Box::new(extra)) };
        Ticket::submit(shared, Pending::new(id, method, extra), frame, timeout)
    }
}
