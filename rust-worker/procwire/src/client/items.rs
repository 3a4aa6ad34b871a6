//! A streamed answer.

use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

use serde::de::DeserializeOwned;
use serde_json::json;

use crate::client::call::{Ticket, block_on};
use crate::dialect;
use crate::error::Error;
use crate::peer::credit::Items as Held;

/// The items of a streamed answer: an [`Iterator`] that waits for them, and a [`futures_core::Stream`] of any runtime.
///
/// They are asked for as they are read, so a slow reader holds the worker back. After an error there are no more. Whoever
/// drops it before the end cancels the call.
#[must_use = "a stream that is dropped is cancelled"]
pub struct Items<T> {
    ticket: Option<Ticket>,
    /// Why there is no ticket.
    error: Option<Error>,
    held: Held,
    item: PhantomData<fn() -> T>,
}

impl<T> Unpin for Items<T> {}

impl<T: DeserializeOwned> Items<T> {
    pub(crate) fn new(ticket: Result<Ticket, Error>) -> Self {
        let (ticket, error) = match ticket {
            Ok(ticket) => (Some(ticket), None),
            Err(error) => (None, Some(error)),
        };
        Items { ticket, error, held: Held::default(), item: PhantomData }
    }

    fn poll_item(&mut self, cx: &Context<'_>) -> Poll<Option<Result<T, Error>>> {
        let Some(ticket) = &self.ticket else { return Poll::Ready(self.error.take().map(Err)) };
        let found = loop {
            if let Some(item) = self.held.next() {
                break Some(ticket.decode(item));
            }
            match more(ticket, cx) {
                Poll::Ready(Ok(Some(held))) => self.held = held,
                Poll::Ready(Ok(None)) => break None,
                Poll::Ready(Err(error)) => break Some(Err(error)),
                Poll::Pending => return Poll::Pending,
            }
        };
        if !matches!(found, Some(Ok(_))) {
            // What still runs is cancelled.
            self.ticket = None;
        }
        Poll::Ready(found)
    }
}

/// The items of the next message; `None` at the end.
fn more(ticket: &Ticket, cx: &Context<'_>) -> Poll<Result<Option<Held>, Error>> {
    let mut state = ticket.pending.lock();
    let limits = &ticket.shared.limits;
    let Some(input) = state.items.as_mut() else { return Poll::Ready(Ok(None)) };
    if let Some(held) = input.next() {
        let count = input.ask(held.len(), limits.held_bytes);
        drop(state);
        if count > 0 {
            ticket.shared.control(dialect::STREAM_PULL, &json!({ "id": ticket.pending.id, "count": count }));
        }
        return Poll::Ready(Ok(Some(held)));
    }
    match state.poll(cx) {
        Poll::Ready(outcome) => Poll::Ready(outcome.map(|_| None)),
        Poll::Pending => {
            // What was held has been read: more may be asked for.
            let count = state.items.as_mut().map_or(0, |input| input.ask(0, limits.held_bytes));
            drop(state);
            if count > 0 {
                ticket.shared.control(dialect::STREAM_PULL, &json!({ "id": ticket.pending.id, "count": count }));
            }
            Poll::Pending
        }
    }
}

impl<T: DeserializeOwned> Iterator for Items<T> {
    type Item = Result<T, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        block_on(std::future::poll_fn(|cx| self.poll_item(cx)))
    }
}

impl<T: DeserializeOwned> futures_core::Stream for Items<T> {
    type Item = Result<T, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_item(cx)
    }
}

impl<T> std::fmt::Debug for Items<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Items").finish_non_exhaustive()
    }
}
