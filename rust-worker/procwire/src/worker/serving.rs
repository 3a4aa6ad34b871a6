//! What a worker serves, and how: over one link, or over many.

use std::io;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::thread;

use super::Worker;
use crate::limits::Limits;
use crate::link::sink::{Sink, Writing};
use crate::peer::flusher::Flusher;
use crate::peer::incoming::Incoming;
use crate::peer::outbox::{OnBroken, Outbox};
use crate::peer::outgoing::Outgoing;
use crate::peer::session::Session;
use crate::wire::codec::Codec;
use crate::wire::format::{Custom, CustomCodec, Format};
use crate::wire::framing::{CustomFraming, Framing};
use crate::worker::handler::Lane;
use crate::worker::method::Method;
use crate::worker::names::Names;
use crate::worker::pool::Pool;
use crate::worker::service::{Entry, Methods, Served};

pub(crate) struct Serving {
    pub methods: Arc<Methods>,
    pub framing: Framing,
    pub custom_framing: Option<Arc<dyn CustomFraming>>,
    pub codec: Codec,
    pub custom_codec: Option<Arc<dyn CustomCodec>>,
    pub limits: Limits,
    threads: usize,
    announces: bool,
    quiet: bool,
    logs_panics: bool,
    /// Each link is one of many.
    is_connection: bool,
}

impl Worker {
    pub(super) fn into_serving(self, is_connection: bool) -> io::Result<Serving> {
        #[cfg(feature = "msgpack")]
        if self.codec == Codec::MessagePack && self.framing == Framing::Line && self.custom_framing.is_none() {
            let text = "MessagePack cannot travel over lines: its bytes contain newlines";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
        }
        let mut limits = self.limits;
        limits.message_bytes = limits.message_bytes.clamp(1024, u32::MAX as usize);
        let threads = self.threads.unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from));
        let mut serving = Serving {
            methods: Arc::default(),
            framing: self.framing,
            custom_framing: self.custom_framing,
            codec: self.codec,
            custom_codec: self.custom_codec,
            limits,
            threads,
            announces: self.announce.is_some(),
            quiet: self.quiet,
            logs_panics: self.logs_panics,
            is_connection,
        };
        let mut methods = Methods { entries: Names::default(), listeners: self.listeners };
        let sample = serving.open(Box::new(Writing(io::sink())), Box::new(|_| {})).session;
        let mut gates = Names::<Arc<Mutex<()>>>::default();
        for (name, Method { lane, handler, streams, time, about, .. }) in self.methods {
            let processed = sample.life_log(&format!("Processed {name}"));
            let listed = about.listed(&name, streams);
            let time = time.or(self.max_time);
            let gate = match &lane {
                Lane::Serial(key) if is_connection => Some(Arc::clone(gates.entry(key.to_string()).or_default())),
                _ => None,
            };
            let entry = Entry { name: name.as_str().into(), lane, handler, streams, time, listed, processed, gate };
            methods.entries.insert(name, Arc::new(entry));
        }
        serving.methods = Arc::new(methods);
        Ok(serving)
    }
}

impl Serving {
    /// Over one link.
    pub fn open(&self, sink: Box<dyn Sink>, on_broken: OnBroken) -> Served {
        let limits = self.limits.clone();
        let pool = Arc::new(Pool::new(self.threads, limits.queued, limits.queued_bytes));
        let outbox = Arc::new(Outbox::new(sink, limits.outbox_bytes, on_broken));
        let own = custom(self.custom_framing.clone(), self.custom_codec.clone(), &outbox);
        let session = Session {
            format: Format::new(self.framing, own),
            codec: self.codec,
            announces: self.announces,
            quiet: self.quiet,
            logs_panics: self.logs_panics,
            incoming: Incoming::default(),
            queue: Arc::clone(&pool) as _,
            outbox,
            limits,
            in_batches: Arc::default(),
            flusher: Flusher::default(),
            deadlines: Arc::default(),
            outgoing: Outgoing::default(),
            reading_ended: AtomicBool::new(false),
            is_connection: self.is_connection,
            is_closing: AtomicBool::new(false),
        };
        Served { session: Arc::new(session), methods: Arc::clone(&self.methods), pool }
    }
}

/// The user's own part of a format. What cannot be written breaks the link, as a failed write does.
pub(crate) fn custom(
    framing: Option<Arc<dyn CustomFraming>>,
    codec: Option<Arc<dyn CustomCodec>>,
    outbox: &Arc<Outbox>,
) -> Option<Custom> {
    if framing.is_none() && codec.is_none() {
        return None;
    }
    let outbox = Arc::clone(outbox);
    let on_failure = move |reason| outbox.fail(io::Error::new(io::ErrorKind::InvalidData, reason));
    Some(Custom { framing, codec, on_failure: Box::new(on_failure) })
}
