//! What a handler can ask and say while it runs.

use std::sync::{Arc, MutexGuard};
use std::time::{Duration, Instant};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::dialect;
use crate::fault::Fault;
use crate::peer::flow::State;
use crate::peer::incoming::Request;
use crate::peer::session::Session;
use crate::worker::input::Inputs;

/// How often a thread that waits for the parent to read looks whether its call is still wanted.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// The call a handler is serving: whether it is still wanted, and a way to speak and to ask before the answer.
///
/// What a handler sends arrives before its answer, in the order it was sent.
pub struct Context {
    pub(crate) session: Arc<Session>,
    pub(crate) request: Arc<Request>,
    /// The method, for the words of errors; `None` on the reader, which serves one after the other.
    method: Option<Arc<str>>,
}

impl Context {
    pub(crate) fn new(session: &Arc<Session>, request: Arc<Request>, method: Option<&Arc<str>>) -> Self {
        Context { session: Arc::clone(session), request, method: method.cloned() }
    }

    /// Whether it runs on the reader, which may not wait.
    pub(crate) fn is_inline(&self) -> bool {
        self.method.is_none()
    }

    /// Whether the caller has cancelled, the time is up, or the worker is ending. Costs one relaxed load: ask every few milliseconds of
    /// work. Calls that run on the reader cannot be cancelled.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.request.is_cancelled()
    }

    /// [`Context::is_cancelled`] for the `?` operator.
    ///
    /// # Errors
    ///
    /// -32800 once the call is cancelled, -32001 once its time is up. The caller has its answer by then; this only ends
    /// the handler.
    pub fn check(&self) -> Result<(), Fault> {
        self.request.check()
    }

    /// When the time of this call is up, if it is limited ([`Method::deadline`](crate::Method::deadline),
    /// [`Worker::max_time`](crate::Worker::max_time)). The context is cancelled then: there is no need to look at a clock.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        self.request.deadline
    }

    /// What is left of the time of this call, if it is limited; zero once it is up.
    #[must_use]
    pub fn remaining(&self) -> Option<Duration> {
        self.request.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()))
    }

    /// Sends a notification. On a pool thread this waits while the parent has too much unread
    /// ([`Limits::outbox_bytes`](crate::Limits::outbox_bytes)).
    ///
    /// # Errors
    ///
    /// Of what the parent does not read no more is kept: -32000 on the reader's lane, at twice that limit; -32800 or -32001
    /// on a pool thread whose call is not wanted any more.
    ///
    /// -32603 if `params` cannot be encoded, are neither an object nor an array nor nothing (`()`), or are larger than
    /// one message may be. Nothing is sent then.
    pub fn notify<T: Serialize + ?Sized>(&self, method: &str, params: &T) -> Result<(), Fault> {
        let mut frame = self.session.notification(method, params)?;
        self.send(&mut frame)
    }

    /// Sends the notification `log` with `{"message": text}`, unless the worker is quiet. Where [`Context::notify`] would
    /// fail the line is dropped.
    pub fn log(&self, text: &str) {
        let mut frame = self.session.log(text);
        let _ = self.send(&mut frame);
    }

    /// Sends the notification `$/progress` with `{"token": <id of the request>, "value": value}`: at most one in 50 ms,
    /// and the last one always, before the answer. Does nothing in a notification handler and after the call was
    /// cancelled.
    ///
    /// # Errors
    ///
    /// -32603 as [`Context::notify`].
    pub fn progress<T: Serialize + ?Sized>(&self, value: &T) -> Result<(), Fault> {
        if self.request.id.is_empty() || self.request.is_answered() {
            return Ok(());
        }
        let mut frame = self.session.progress(&self.request.id, value)?;
        let mut state = self.request.flow.lock();
        if state.progress.is_due() {
            drop(state);
            // Of a thing that is told again there may be one less.
            let _ = self.send(&mut frame);
        } else if !state.closed {
            state.progress.waiting = Some(frame);
        }
        Ok(())
    }

    /// Asks the parent: sends it a request and waits for its answer. Not on the reader's lane, which would wait for a
    /// message that it has to read itself.
    ///
    /// # Errors
    ///
    /// The parent's own error as it came; -32800 when the call this serves is cancelled, or the link ends; -32603 on the
    /// reader's lane, and if the parameters cannot be sent or the result is not an `R`.
    pub fn call<P: Serialize + ?Sized, R: DeserializeOwned>(&self, method: &str, params: &P) -> Result<R, Fault> {
        self.assert_may_wait("Context::call")?;
        let session = &self.session;
        let id = session.outgoing.open(&self.request);
        let reply = session.request(id, method, params).and_then(|mut frame| {
            self.send(&mut frame)?;
            self.wait_for_reply(id)
        });
        session.outgoing.forget(id);
        let bytes = reply?;
        session
            .codec
            .read(&bytes)
            .map_err(|text| Fault::internal(format!("the parent's answer to {method} does not fit: {text}")))
    }

    /// The items the caller sends along with this request (`$/input/items`), as they come. The handler's pace holds the
    /// caller back: at most 1,024 items are under way or waiting here, of
    /// [`Limits::input_bytes`](crate::Limits::input_bytes) together. Empty when the request came without inputs. To
    /// be read once.
    ///
    /// ```
    /// # use procwire::{Context, Fault, Worker};
    /// Worker::new().method("total", |(): (), cx: &Context| {
    ///     cx.input::<f64>()?.sum::<Result<f64, Fault>>()
    /// });
    /// ```
    ///
    /// # Errors
    ///
    /// -32603 on the reader's lane, which cannot wait, and for a second reader of the same inputs.
    pub fn input<T: DeserializeOwned>(&self) -> Result<Inputs<'_, T>, Fault> {
        self.assert_may_wait("Context::input")?;
        if let Some(input) = &mut self.request.flow.lock().input {
            if std::mem::replace(&mut input.opened, true) {
                return Err(Fault::internal("the inputs of a call can be read once"));
            }
        }
        Ok(Inputs::new(&self.session, &self.request, self.method.as_deref().unwrap_or_default()))
    }

    /// Whether the caller announced inputs with this request.
    #[must_use]
    pub fn has_input(&self) -> bool {
        self.request.flow.lock().input.is_some()
    }

    pub(crate) fn assert_may_wait(&self, what: &str) -> Result<(), Fault> {
        match self.is_inline() {
            false => Ok(()),
            true => Err(Fault::internal(format!(
                "{what} waits for the parent, and the reader may not wait: register the method on the pool"
            ))),
        }
    }

    fn wait_for_reply(&self, id: u64) -> Result<Vec<u8>, Fault> {
        let Context { session, request, .. } = self;
        let mut state = request.flow.lock();
        loop {
            if let Some(reply) = session.outgoing.take(id) {
                return reply;
            }
            if self.is_cancelled() || session.has_ended_reading() {
                drop(state);
                if let Ok(mut frame) = session.notification(dialect::CANCEL, &serde_json::json!({ "id": id })) {
                    self.put(&mut frame);
                }
                return Err(Fault::cancelled());
            }
            state = request.flow.wait(state);
        }
    }

    /// Sends a frame, if there is or comes to be room.
    fn send(&self, frame: &mut Vec<u8>) -> Result<(), Fault> {
        if !frame.is_empty() {
            self.find_room()?;
            self.put(frame);
        }
        Ok(())
    }

    /// Sends a frame after the items that were put before it.
    fn put(&self, frame: &mut Vec<u8>) {
        if self.is_inline() {
            return self.session.outbox.send_now(frame);
        }
        let mut state = self.request.flow.lock();
        if state.count > 0 {
            self.session.put_items(&self.request, &mut state);
        }
        self.session.outbox.put(frame);
        drop(state);
        self.session.outbox.pump();
    }

    /// Sends the items that wait.
    pub(crate) fn flush<'a>(&'a self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        if state.count == 0 {
            return state;
        }
        drop(state);
        // Items of a call that is not wanted any more are not put.
        let _ = self.find_room();
        let mut state = self.request.flow.lock();
        self.session.put_items(&self.request, &mut state);
        drop(state);
        self.session.outbox.pump();
        self.request.flow.lock()
    }

    /// Waits while the parent has too much unread, as long as the call is wanted. The reader does not wait.
    fn find_room(&self) -> Result<(), Fault> {
        let outbox = &self.session.outbox;
        if self.is_inline() {
            let full = outbox.pending() > 2 * outbox.limit();
            return if full { Err(Fault::busy("outboxBytes", outbox.limit())) } else { Ok(()) };
        }
        while !outbox.wait_below(outbox.limit(), Some(Instant::now() + LOOK_AGAIN)) {
            self.check()?;
        }
        Ok(())
    }
}

const _: fn() = || {
    fn shared_between_threads<T: Send + Sync>() {}
    shared_between_threads::<Context>();
};
