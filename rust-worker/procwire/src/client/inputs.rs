//! Items that go along with a request, as the worker takes them.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::Poll;

use serde::Serialize;
use serde::ser::SerializeStruct;
use serde_json::json;

use crate::client::call::block_on;
use crate::client::pending::Pending;
use crate::client::shared::Shared;
use crate::dialect;
use crate::error::Error;
use crate::threads;

/// Items of one message.
const AT_ONCE: u64 = 64;

/// An iterator without its types.
pub(crate) struct Feed(Box<Pump>);

type Pump = dyn FnOnce(&Shared, &Pending) -> Result<(), Error> + Send;

impl Feed {
    pub fn of<I>(inputs: I) -> Self
    where
        I: Iterator<Item: Serialize> + Send + 'static,
    {
        Feed(Box::new(move |shared, pending| pump(shared, pending, inputs)))
    }

    /// Sends them, on a thread of its own, until the request has its outcome.
    pub fn start(self, shared: &Arc<Shared>, pending: &Arc<Pending>) -> Result<(), Error> {
        let refused = |_| Error::Overloaded { method: pending.method.to_string(), limit: "threads" };
        let (shared, pending) = (Arc::clone(shared), Arc::clone(pending));
        let feed = move || {
            let fed = catch_unwind(AssertUnwindSafe(|| (self.0)(&shared, &pending)));
            let panicked = || Err(Error::encode(&pending.method, "the iterator of its inputs panicked"));
            if let Err(error) = fed.unwrap_or_else(|_| panicked()) {
                shared.give_up(pending.id, |_, _| error);
            }
        };
        threads::start("input", threads::LARGE, feed).map(drop).map_err(refused)
    }
}

fn pump<S: Serialize>(shared: &Shared, pending: &Pending, inputs: impl Iterator<Item = S>) -> Result<(), Error> {
    let mut inputs = inputs.fuse();
    loop {
        let wanted = block_on(poll_fn(|cx| {
            if pending.is_settled() {
                return Poll::Ready(0);
            }
            let mut state = pending.lock();
            let wanted = state.wanted.min(AT_ONCE);
            state.wanted -= wanted;
            if wanted == 0 {
                state.wait_for_pull(cx);
                // It may have been settled before there was somebody to wake.
                return if pending.is_settled() { Poll::Ready(0) } else { Poll::Pending };
            }
            Poll::Ready(wanted)
        }));
        let items: Vec<S> = inputs.by_ref().take(wanted as usize).collect();
        if items.is_empty() {
            if wanted > 0 {
                shared.control(dialect::INPUT_END, &json!({ "id": pending.id }));
            }
            return Ok(());
        }
        let message = Message { id: pending.id, items: &items };
        let mut frame = shared.encoder.message(None, dialect::INPUT_ITEMS, &message)?;
        match shared.line() {
            Some(line) => line.session().outbox.send(&mut frame),
            None => return Ok(()),
        }
    }
}

struct Message<'a, S> {
    id: u64,
    items: &'a [S],
}

impl<S: Serialize> Serialize for Message<'_, S> {
    fn serialize<Z: serde::Serializer>(&self, serializer: Z) -> Result<Z::Ok, Z::Error> {
        let mut message = serializer.serialize_struct("Items", 2)?;
        message.serialize_field("id", &self.id)?;
        message.serialize_field("items", self.items)?;
        message.end()
    }
}
