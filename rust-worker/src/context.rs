//! What a handler can ask and say while it runs.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use serde::Serialize;

use crate::calls::Call;
use crate::fault::Fault;
use crate::session::Session;

/// The call a handler is serving: whether it is still wanted, and a way to speak before the answer.
///
/// What a handler sends arrives before its answer, in the order it was sent.
pub struct Context {
    session: Arc<Session>,
    pub(crate) call: Arc<Call>,
    inline: bool,
}

impl Context {
    pub(crate) fn new(session: &Arc<Session>, call: Arc<Call>, inline: bool) -> Self {
        Context { session: Arc::clone(session), call, inline }
    }

    /// Whether the caller has cancelled, or the worker is ending. Costs one relaxed load: ask every few milliseconds of
    /// work. Calls that run on the reader cannot be cancelled.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.call.cancelled.load(Ordering::Relaxed)
    }

    /// [`Context::is_cancelled`] for the `?` operator.
    ///
    /// # Errors
    ///
    /// -32800 once the call is cancelled. The caller has its answer by then; this only ends the handler.
    pub fn check(&self) -> Result<(), Fault> {
        if self.is_cancelled() { Err(Fault::cancelled()) } else { Ok(()) }
    }

    /// Sends a notification. On a pool thread this waits while the parent has too much unread
    /// ([`Limits::outbox_bytes`](crate::Limits::outbox_bytes)).
    ///
    /// # Errors
    ///
    /// -32603 if `params` cannot be encoded or is larger than one message may be. Nothing is sent then.
    pub fn notify<T: Serialize + ?Sized>(&self, method: &str, params: &T) -> Result<(), Fault> {
        let mut frame = self.session.notification(method, params)?;
        self.send(&mut frame);
        Ok(())
    }

    /// Sends the notification `log` with `{"message": text}`, unless the worker is quiet.
    pub fn log(&self, text: &str) {
        let mut frame = self.session.log(text);
        self.send(&mut frame);
    }

    /// Sends the notification `$/progress` with `{"token": <id of the request>, "value": value}`. Does nothing in a
    /// notification handler and after the call was cancelled.
    ///
    /// # Errors
    ///
    /// As [`Context::notify`].
    pub fn progress<T: Serialize + ?Sized>(&self, value: &T) -> Result<(), Fault> {
        if self.call.id.is_empty() || self.call.is_answered() {
            return Ok(());
        }
        let mut frame = self.session.progress(&self.call.id, value)?;
        self.send(&mut frame);
        Ok(())
    }

    fn send(&self, frame: &mut Vec<u8>) {
        if frame.is_empty() {
            return;
        }
        match self.inline {
            true => self.session.outbox.send_now(frame),
            false => self.session.outbox.send(frame),
        }
    }
}
