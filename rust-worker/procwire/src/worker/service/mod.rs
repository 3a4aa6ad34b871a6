//! A worker's methods, and how a request comes to its handler: here and now, or by the pool.

mod inline;
mod queued;
#[cfg(test)]
mod tests;

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;

use crate::fault::Fault;
use crate::link::source::Source;
use crate::peer::answer::{Answer, Written};
use crate::peer::panics::Panic;
use crate::peer::reader::{Arrived, Ended, Reader};
use crate::peer::session::Session;
use crate::wire::params::Params;
use crate::worker::context::Context;
use crate::worker::handler::{Erased, Lane, Listener};
use crate::worker::names::Names;
use crate::worker::pool::Pool;
use inline::Inline;
pub(crate) use queued::Queued;
#[cfg(feature = "client")]
pub(crate) use queued::queue;

/// One method.
pub(crate) struct Entry {
    pub name: Arc<str>,
    pub lane: Lane,
    pub handler: Erased,
    /// It answers with a stream.
    pub streams: bool,
    /// How long a call may take on the pool, from its arrival.
    pub time: Option<Duration>,
    /// How `rpc.discover` lists it.
    pub listed: Value,
    /// The frame that follows a successful answer; empty if nothing follows.
    pub processed: Vec<u8>,
    /// Held while a serial call runs, where there are other links.
    pub gate: Option<Arc<Mutex<()>>>,
}

impl Entry {
    /// A stream must be asked for.
    pub fn check_announced(&self, arrived: &Arrived<'_>) -> Result<(), Fault> {
        if !self.streams || arrived.announced.credit > 0 {
            return Ok(());
        }
        let name = arrived.method;
        let text = format!("Invalid request: {name} answers with a stream; call it by channel.stream()");
        Err(Fault::invalid_request(text))
    }
}

/// The methods over one link.
pub(crate) struct Served {
    pub session: Arc<Session>,
    pub methods: Arc<Methods>,
    pub pool: Arc<Pool<Queued>>,
}

/// What every link has in common.
#[derive(Default)]
pub(crate) struct Methods {
    pub entries: Names<Arc<Entry>>,
    pub listeners: Names<Listener>,
}

impl Served {
    /// Serves until the input ends, `shutdown` arrives, or the link breaks.
    pub fn run(&self, source: &mut impl Source) -> io::Result<Ended> {
        Reader::new(&self.session, Inline::new(self)).run(source)
    }
}

/// Runs a handler and appends its answer, framed unless the call belongs to a batch. On the pool, and outside of
/// batches, a part of the params may be left out of it as its inset.
#[inline]
fn answer(out: &mut Vec<u8>, entry: &Entry, params: &Params<'_>, cx: &Context) -> Written {
    let session = &*cx.session;
    let id = Some(cx.request.id.as_slice());
    let splits = !cx.is_inline() && cx.request.batch.is_none() && session.format.leaves_parts();
    let splits = if splits { params.bytes() } else { None };
    let on_panic = |panic: &Panic| {
        if session.logs_panics {
            panic.report(format_args!("the handler of {}", entry.name));
        }
    };
    let run = |answer: &mut Answer<'_>| (entry.handler)(params, cx, answer);
    let write = |out: &mut Vec<u8>| session.append_answer(out, id, splits, run, on_panic);
    if cx.request.batch.is_some() {
        return write(out);
    }
    let mut written = session.format.wrap_around(out, Written::apart, write);
    if let Some(inset) = &mut written.inset {
        inset.behind += session.format.tail();
    }
    written
}
