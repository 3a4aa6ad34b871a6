//! The inputs that come with a request, as an iterator.

use std::fmt;
use std::marker::PhantomData;

use serde::de::DeserializeOwned;

use crate::fault::Fault;
use crate::peer::credit::Items;
use crate::peer::incoming::Request;
use crate::peer::session::Session;
use crate::wire::params::Raw;

/// The items the caller sends along with its request, as they come. Made by [`Context::input`](crate::Context::input).
///
/// An iterator that waits for the next item. It ends with the inputs, or after one error: -32800 when the call is
/// cancelled or the link has ended, -32602 when an item is not a `T`.
pub struct Inputs<'a, T> {
    session: &'a Session,
    request: &'a Request,
    method: &'a str,
    items: Items,
    /// Items given out, for the words of an error.
    read: usize,
    done: bool,
    item: PhantomData<fn() -> T>,
}

impl<'a, T: DeserializeOwned> Inputs<'a, T> {
    pub(crate) fn new(session: &'a Session, request: &'a Request, method: &'a str) -> Self {
        Inputs { session, request, method, items: Items::default(), read: 0, done: false, item: PhantomData }
    }

    /// The items of the next message; `None` when there are no more.
    fn receive(&self) -> Result<Option<Items>, Fault> {
        let Inputs { session, request, .. } = self;
        let limit = session.limits.input_bytes;
        let mut state = request.flow.lock();
        loop {
            if request.is_cancelled() || state.closed {
                return Err(Fault::cancelled());
            }
            let Some(input) = &mut state.input else {
                return Ok(None);
            };
            let asked = input.ask(0, limit);
            if asked > 0 {
                drop(state);
                session.ask_for_inputs(request, asked);
                state = request.flow.lock();
            } else if let Some(items) = input.next() {
                let asked = input.ask(items.len(), limit);
                drop(state);
                session.ask_for_inputs(request, asked);
                return Ok(Some(items));
            } else if input.ended {
                return Ok(None);
            } else if session.has_ended_reading() {
                return Err(Fault::cancelled());
            } else {
                state = request.flow.wait(state);
            }
        }
    }

    /// The next item in the codec's own bytes, for large ones that are read in pieces ([`Raw::content`]).
    pub fn next_unread(&mut self) -> Option<Result<Raw<'_>, Fault>> {
        let codec = self.session.codec;
        while !self.done && self.items.len() == 0 {
            if let Some(fault) = self.refill() {
                return Some(Err(fault));
            }
        }
        let bytes = self.items.next()?;
        self.read += 1;
        Some(Ok(Raw::new(codec, bytes)))
    }

    /// -32602 with a sentence about the input that was given out last, which gets the method's name and the input's number
    /// in front: the first is input 1.
    #[must_use]
    pub fn fault(&self, text: impl fmt::Display) -> Fault {
        Fault::invalid_params(format!("{}: input {}: {text}", self.method, self.read))
    }

    /// Waits for the next items, or the end; a fault is the end as well.
    fn refill(&mut self) -> Option<Fault> {
        match self.receive() {
            Ok(Some(items)) => self.items = items,
            Ok(None) => self.done = true,
            Err(fault) => {
                self.done = true;
                return Some(fault);
            }
        }
        None
    }

    fn decode(&mut self) -> Option<Result<T, Fault>> {
        let codec = self.session.codec;
        let bytes = self.items.next()?;
        self.read += 1;
        Some(codec.read(bytes).map_err(|text| self.fault(text)))
    }
}

impl<T: DeserializeOwned> Iterator for Inputs<'_, T> {
    type Item = Result<T, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.done {
            if let Some(item) = self.decode() {
                self.done = item.is_err();
                return Some(item);
            }
            if let Some(fault) = self.refill() {
                return Some(Err(fault));
            }
        }
        None
    }
}
