//! A call that was made, and its one outcome.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use serde::de::DeserializeOwned;

use crate::client::line::Line;
use crate::client::pending::Pending;
use crate::client::shared::Shared;
use crate::client::timer;
use crate::error::Error;
use crate::link::spin::Polling;

/// A call on its way: a [`Future`] of any runtime, and [`Call::wait`] for those without one.
///
/// It was sent when it was made; whoever drops it before it has its outcome cancels it.
#[must_use = "a call that is dropped is cancelled"]
pub struct Call<T> {
    state: State<T>,
}

enum State<T> {
    Sent(Ticket, Read<T>),
    Ready(Option<Result<T, Error>>),
}

/// Makes a result of its bytes.
type Read<T> = fn(&Ticket, &[u8]) -> Result<T, Error>;

/// Somebody has read in vain.
type Lead = (Arc<dyn Line>, Polling);

/// One request, to be waited for. Dropped before it is settled, it is cancelled.
pub(crate) struct Ticket {
    pub shared: Arc<Shared>,
    pub pending: Arc<Pending>,
    timer: Option<timer::Key>,
}

impl<T> Unpin for Call<T> {}

impl<T: DeserializeOwned> Call<T> {
    pub(crate) fn new(ticket: Result<Ticket, Error>) -> Self {
        Call::reading(ticket, Ticket::decode)
    }
}

impl<T> Call<T> {
    /// A call whose result is made of its bytes by `read`.
    pub(crate) fn reading(ticket: Result<Ticket, Error>, read: Read<T>) -> Self {
        match ticket {
            Ok(ticket) => Call { state: State::Sent(ticket, read) },
            Err(error) => Call::ready(Err(error)),
        }
    }

    /// One that has its outcome.
    pub(crate) fn ready(outcome: Result<T, Error>) -> Self {
        Call { state: State::Ready(Some(outcome)) }
    }

    fn ticket(&self) -> Option<&Ticket> {
        match &self.state {
            State::Sent(ticket, _) => Some(ticket),
            State::Ready(_) => None,
        }
    }

    /// Waits for the outcome on this thread.
    ///
    /// # Errors
    ///
    /// Every variant of [`Error`] says when it comes.
    pub fn wait(self) -> Result<T, Error> {
        let in_vain = self.ticket().and_then(Ticket::lead);
        let result = block_on(self);
        if let Some((line, polling)) = in_vain {
            line.slept(&polling);
        }
        result
    }

    /// The id on the wire, for logs; `None` if it was not sent.
    #[must_use]
    pub fn id(&self) -> Option<u64> {
        self.ticket().map(|ticket| ticket.pending.id)
    }
}

impl<T> Future for Call<T> {
    type Output = Result<T, Error>;

    /// # Panics
    ///
    /// When it is polled again after it was ready.
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.state {
            State::Sent(ticket, read) => ticket.pending.poll(cx).map(|outcome| read(ticket, &outcome?)),
            State::Ready(outcome) => Poll::Ready(outcome.take().expect("a call is not polled after it was ready")),
        }
    }
}

impl<T> std::fmt::Debug for Call<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let method = self.ticket().map(|ticket| &ticket.pending.method);
        f.debug_struct("Call").field("method", &method).finish_non_exhaustive()
    }
}

impl Ticket {
    /// Sends a request that was framed.
    pub fn submit(
        shared: &Arc<Shared>,
        pending: Pending,
        frame: Vec<u8>,
        timeout: Option<Duration>,
    ) -> Result<Ticket, Error> {
        if let Some(circuit) = &shared.circuit {
            circuit.admit(pending.id)?;
        }
        let pending = Arc::new(pending);
        shared.submit(&pending, frame).inspect_err(|error| {
            if let Some(circuit) = &shared.circuit {
                circuit.judge(pending.id, &Err(error.clone()));
            }
        })?;
        let mut ticket = Ticket { shared: Arc::clone(shared), pending, timer: None };
        // A time beyond what the clock can tell is no limit.
        if let Some((after, deadline)) =
            timeout.and_then(|after| Some((after, ticket.pending.started.checked_add(after)?)))
        {
            ticket.expire_at(after, deadline)?;
        }
        Ok(ticket)
    }

    fn expire_at(&mut self, after: Duration, deadline: Instant) -> Result<(), Error> {
        let (shared, id) = (Arc::downgrade(&self.shared), self.pending.id);
        let expire = move || {
            if let Some(shared) = shared.upgrade() {
                shared.expire(id, after);
            }
        };
        let refused = |_| Error::Overloaded { method: self.pending.method.to_string(), limit: "threads" };
        self.timer = Some(timer::at(deadline, expire).map_err(refused)?);
        Ok(())
    }

    /// Reads in the reader's stead, if the answer is likely to come soon; tells when that was in vain.
    fn lead(&self) -> Option<Lead> {
        if self.pending.is_settled() {
            return None;
        }
        let (line, is_alone) = {
            let table = self.shared.lock();
            (table.line.clone()?, table.len() == 1)
        };
        line.session().outbox.pump_now();
        let polling = if is_alone { line.lead(&|| self.pending.is_settled())? } else { return None };
        (!self.pending.is_settled()).then_some((line, polling))
    }

    /// A result of any type.
    pub fn decode<T: DeserializeOwned>(&self, bytes: &[u8]) -> Result<T, Error> {
        self.shared.encoder.codec.read(bytes).map_err(|text| Error::decode(&self.pending.method, text))
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if let Some(timer) = self.timer.take() {
            timer::forget(timer);
        }
        if !self.pending.is_settled() {
            self.shared.cancel(self.pending.id);
        }
    }
}

/// Wakes a thread that waits.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.unpark();
    }
}

thread_local! {
    static OWN: Waker = Waker::from(Arc::new(Unpark(thread::current())));
}

/// Runs a future on this thread.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let waker = OWN.try_with(Clone::clone).unwrap_or_else(|_| Waker::from(Arc::new(Unpark(thread::current()))));
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return output;
        }
        thread::park();
    }
}
