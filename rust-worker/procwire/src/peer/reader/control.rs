//! What the reader answers and hears itself: requests of the protocol's own, and notifications.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::json;

use super::{Reader, Serve};
use crate::dialect;
use crate::fault::Fault;
use crate::peer::batch::Batch;
use crate::peer::credit::{Input, Items, Refused};
use crate::peer::incoming::Request;
use crate::peer::session::Session;
use crate::wire::message::Sent;
use crate::wire::params::Params;

/// Requests that the reader answers itself, unless the worker has a method of that name.
pub(super) enum Control {
    Ping,
    Discover,
    Shutdown,
}

impl Control {
    pub fn named(method: &str) -> Option<Control> {
        Some(match method {
            dialect::PING => Control::Ping,
            dialect::DISCOVER => Control::Discover,
            dialect::SHUTDOWN => Control::Shutdown,
            _ => return None,
        })
    }
}

impl<S: Serve> Reader<S> {
    pub(super) fn control(&mut self, request: &Control, id: &[u8], batch: Option<&Arc<Batch>>) {
        match request {
            Control::Ping => self.reply(id, batch, &()),
            Control::Discover => {
                let methods = json!({ "methods": self.service.methods() });
                self.reply(id, batch, &methods);
            }
            Control::Shutdown => {
                self.reply(id, batch, &());
                self.shutdown = true;
            }
        }
    }

    pub(super) fn notification(&mut self, method: Cow<'_, str>, params: Option<Sent<'_>>) {
        let params = Params::new(&method, self.session.codec, params);
        let heard = self.service.notification(&method, &params);
        match method.as_ref() {
            dialect::CANCEL => self.cancel(&params),
            dialect::STREAM_PULL => self.pull(&params),
            dialect::INPUT_OPEN => self.input_open(&params),
            dialect::INPUT_ITEMS => self.input_items(&params),
            dialect::INPUT_END => self.input_end(&params),
            dialect::SHUTDOWN if S::SERVES && !self.session.is_connection => self.shutdown = true,
            name if heard || dialect::is_optional(name) => {}
            name => self.pending.extend(self.session.life_log(&format!("Unknown notification: {name}"))),
        }
    }

    fn cancel(&mut self, params: &Params<'_>) {
        let Some(id) = member(params, "id", 0) else { return };
        self.announcements.take(id);
        if let Some(request) = self.session.incoming.get(id) {
            self.pending.extend(self.session.cancel(&request).unwrap_or_default());
        }
    }

    /// The caller takes so many items more of a streamed answer; said before the request: it wants a stream.
    fn pull(&mut self, params: &Params<'_>) {
        let (Some(id), Some(count)) = (member(params, "id", 0), member(params, "count", 1)) else { return };
        let Ok(count) = self.session.codec.value::<u64>(count) else { return };
        match self.session.incoming.get(id) {
            Some(request) => request.flow.grant(count),
            None => {
                let add = |credit: u64| credit.saturating_add(count);
                self.announcements.note(id, |announced| announced.credit = add(announced.credit));
            }
        }
    }

    fn input_open(&mut self, params: &Params<'_>) {
        let Some(id) = member(params, "id", 0) else { return };
        if self.session.incoming.get(id).is_none() {
            self.announcements.note(id, |announced| announced.input = true);
        }
    }

    fn input_items(&mut self, params: &Params<'_>) {
        let (Some(id), Some(array)) = (member(params, "id", 0), member(params, "items", 1)) else { return };
        let Some(request) = self.session.incoming.get(id) else { return };
        if let Err(fault) = self.take_inputs(&request, array) {
            self.pending.extend(self.session.give_up(&request, &fault).unwrap_or_default());
        }
    }

    fn take_inputs(&self, request: &Request, array: &[u8]) -> Result<(), Fault> {
        let not_asked_for = || Fault::invalid_request("more inputs came than were asked for");
        let Session { codec, limits, .. } = &*self.session;
        // Nothing is noted of more items than can be right.
        let Some(expected) = request.flow.lock().input.as_ref().map(Input::expected) else { return Ok(()) };
        let Ok(elements) = codec.elements(array, expected) else { return Ok(()) };
        let items = Items::new(array, &elements.ok_or_else(not_asked_for)?);
        let mut state = request.flow.lock();
        let Some(input) = &mut state.input else { return Ok(()) };
        let taken = input.push(items, limits.input_bytes);
        request.flow.wake_with(&state);
        taken.map_err(|refused| match refused {
            Refused::NotAskedFor => not_asked_for(),
            Refused::TooMuch => Fault::inputs_too_large(limits.input_bytes),
        })
    }

    fn input_end(&mut self, params: &Params<'_>) {
        let Some(id) = member(params, "id", 0) else { return };
        let Some(request) = self.session.incoming.get(id) else {
            return self.announcements.amend(id, |announced| announced.input_ended = true);
        };
        let mut state = request.flow.lock();
        if let Some(input) = &mut state.input {
            input.ended = true;
        }
        request.flow.wake_with(&state);
    }
}

/// One member of a control notification, in the codec's own bytes.
fn member<'a>(params: &Params<'a>, name: &str, position: usize) -> Option<&'a [u8]> {
    params.get(name, position).ok().flatten().map(|raw| raw.bytes)
}
