//! A call with options.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::client::call::{Call, Ticket};
use crate::client::inputs::Feed;
use crate::client::items::Items;
use crate::client::pending::{Extra, Pending};
use crate::client::shared::Shared;
use crate::dialect;
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
    inputs: Option<Feed>,
}

impl<'a, P: Serialize + ?Sized> Request<'a, P> {
    pub(crate) fn new(shared: &'a Arc<Shared>, method: &'a str, params: &'a P, timeout: Option<Duration>) -> Self {
        Request { shared, method, params, timeout, extra: Extra::default(), inputs: None }
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

    /// Makes the call, of a method that answers with a stream.
    pub fn stream<T: DeserializeOwned>(mut self) -> Items<T> {
        self.extra.streams = true;
        Items::new(self.submit())
    }

    /// Sends these along, as the worker takes them: its pace holds the iterator back, which runs on a thread of its own.
    /// The answer ends it, read to its end or not. Such a call is never sent again.
    pub fn input<I>(mut self, inputs: I) -> Self
    where
        I: IntoIterator<IntoIter: Send + 'static, Item: Serialize>,
    {
        self.inputs = Some(Feed::of(inputs.into_iter()));
        self.extra.is_idempotent = false;
        self
    }

    fn submit(self) -> Result<Ticket, Error> {
        let Request { shared, method, params, timeout, mut extra, inputs } = self;
        let (encoder, id) = (&shared.encoder, shared.next_id());
        extra.is_idempotent &= inputs.is_none();
        let is_plain = !extra.is_idempotent && extra.on_progress.is_none() && !extra.streams;
        let streams = extra.streams;
        let pending = Pending::new(id, method, if is_plain { None } else { Some(Box::new(extra)) });
        let mut frame = Vec::new();
        if streams {
            let count = pending.lock().items.as_mut().map_or(1, |input| input.ask(0, shared.limits.held_bytes));
            frame = encoder.message(None, dialect::STREAM_PULL, &json!({ "id": id, "count": count }))?;
        }
        if inputs.is_some() {
            frame.extend(encoder.message(None, dialect::INPUT_OPEN, &json!({ "id": id }))?);
        }
        let request = encoder.message(Some(id), method, params)?;
        let frame = if frame.is_empty() { request } else { [frame, request].concat() };
        let ticket = Ticket::submit(shared, pending, frame, timeout)?;
        match inputs {
            Some(inputs) => inputs.start(shared, &ticket.pending).map(|()| ticket),
            None => Ok(ticket),
        }
    }
}
