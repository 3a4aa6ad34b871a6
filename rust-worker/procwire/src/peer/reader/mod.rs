//! The reader thread: frames in, control handled, the rest handed on. It never waits for a handler
//! or, below twice the outbox limit, for the parent to read.

mod control;
mod ending;
#[cfg(feature = "client")]
mod feed;
mod misfits;
mod prints;
mod serve;

use std::io;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::fault::{BUSY, DecodeError, Fault, PARSE_ERROR};
use crate::link::source::Source;
use crate::peer::announcements::Announcements;
use crate::peer::answer::Answer;
use crate::peer::batch::Batch;
use crate::peer::session::Session;
use crate::wire::codec::Decoded;
use crate::wire::framing::{Buffer, Found, HEAD, Splitter};
use crate::wire::message::{Envelope, Message, Sent};
use control::Control;
use misfits::Misfit;

pub(crate) use ending::Ended;
pub(crate) use serve::{Arrived, Refused, Serve};

/// Answers of the reader are handed to the outbox above this many bytes, even in the middle of a chunk.
const HAND_OVER: usize = 256 * 1024;
/// How long answers may take to leave after `shutdown`.
const LAST_WRITE: Duration = Duration::from_secs(2);

pub(crate) struct Reader<S> {
    session: Arc<Session>,
    service: S,
    /// Answers made since the last hand-over.
    pending: Vec<u8>,
    announcements: Announcements,
    /// The frame that is being handled, if it is a large one.
    whole: Option<Arc<Vec<u8>>>,
    /// `outbox_bytes` of answers wait for the parent to read them, or for the rest of their batches.
    overloaded: bool,
    shutdown: bool,
    /// When everything must be over, once the parent is known to write no more.
    last_moment: Option<Instant>,
}

impl<S: Serve> Reader<S> {
    pub fn new(session: &Arc<Session>, service: S) -> Self {
        Reader {
            session: Arc::clone(session),
            service,
            pending: Vec::new(),
            announcements: Announcements::default(),
            whole: None,
            overloaded: false,
            shutdown: false,
            last_moment: None,
        }
    }

    /// Serves until the input ends, `shutdown` arrives, or the link breaks.
    pub fn run(mut self, source: &mut impl Source) -> io::Result<Ended> {
        let mut splitter = self.session.format.splitter(self.session.limits.message_bytes);
        loop {
            match self.drain(&mut splitter, Splitter::next, source) {
                Ok(frames) => source.delivered(frames),
                Err(error) => {
                    self.session.end("", LAST_WRITE);
                    return Err(error);
                }
            }
            if self.shutdown {
                self.session.end("Shutting down...", LAST_WRITE);
                return self.session.outbox.failure().map(|()| Ended::Shutdown);
            }
            if self.session.outbox.is_broken() {
                self.session.end("", Duration::ZERO);
                return self.session.outbox.failure().map(|()| Ended::Left);
            }
            if self.is_over() {
                return self.end_of_input(&mut splitter, source);
            }
            match splitter.buffer.fill(|bytes| source.read(bytes)) {
                Ok(0) => return self.end_of_input(&mut splitter, source),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.session.end("", LAST_WRITE);
                    return Err(error);
                }
            }
        }
    }

    /// Handles every whole frame, then sends all the answers at once. Tells how many frames there were.
    fn drain(
        &mut self,
        splitter: &mut Splitter,
        next: fn(&mut Splitter) -> Result<Option<Found>, crate::wire::framing::Lost>,
        source: &impl Source,
    ) -> io::Result<usize> {
        let mut frames = 0;
        let result = loop {
            if self.shutdown || self.is_over() {
                break Ok(frames);
            }
            frames += 1;
            match next(splitter) {
                Ok(None) => break Ok(frames - 1),
                Ok(Some(Found::Frame(range))) => self.frame_in(&mut splitter.buffer, range),
                Ok(Some(Found::Oversized(head))) => self.oversized(&head),
                Err(lost) => break Err(io::Error::new(io::ErrorKind::InvalidData, lost.to_string())),
            }
            if self.pending.len() > HAND_OVER {
                self.hand_over(source);
            }
        };
        self.hand_over(source);
        result
    }

    /// Gives the answers to the outbox, and learns whether the parent keeps up.
    fn hand_over(&mut self, source: &impl Source) {
        let outbox = &self.session.outbox;
        if !self.pending.is_empty() {
            outbox.send_now(&mut self.pending);
            self.pending.clear();
        }
        let unread = unread(&self.session, &mut self.overloaded);
        if unread > 2 * outbox.limit() {
            match S::SERVES {
                // Of many, none is waited for.
                true if self.session.is_connection => self.session.outbox.fail(io::ErrorKind::BrokenPipe.into()),
                true => self.pause(source),
                false => self.service.is_unheard(unread),
            }
        }
    }

    /// Handles a frame in the buffer; a large one takes the buffer along.
    fn frame_in(&mut self, buffer: &mut Buffer, range: Range<usize>) {
        if let Some(translated) = self.session.format.translated(buffer.get(range.clone())) {
            return self.translated_in(translated);
        }
        let Some(whole) = buffer.detach(&range) else {
            return self.frame(buffer.get(range));
        };
        let whole = Arc::new(whole);
        self.whole = Some(Arc::clone(&whole));
        self.frame(&whole[range]);
        self.whole = None;
    }

    #[cold]
    fn translated_in(&mut self, translated: Result<Vec<u8>, DecodeError>) {
        match translated {
            Err(error) => self.misfit(&Misfit::unreadable(Fault::parse_error(error.to_string())), None),
            Ok(json) if json.len() > self.session.limits.message_bytes => self.oversized(&json[..HEAD.min(json.len())]),
            Ok(json) => self.frame(&json),
        }
    }

    fn frame(&mut self, frame: &[u8]) {
        match self.session.codec.decode(frame, self.bounds()) {
            Decoded::One(envelope) if envelope.is_stray() && self.service.takes_prints() => self.print(frame),
            Decoded::One(envelope) => self.message(self.judged(envelope), None),
            Decoded::Many(all) if all.iter().all(Envelope::is_stray) && self.service.takes_prints() => {
                self.print(frame)
            }
            Decoded::Many(envelopes) => {
                // All of them before any is handled, so that what is in flight is the same for each.
                let messages: Vec<_> = envelopes.into_iter().map(|envelope| self.judged(envelope)).collect();
                let Session { codec, limits, in_batches, .. } = &*self.session;
                let ids = messages.iter().filter_map(|message| misfits::answered(message, S::SERVES));
                let batch = Arc::new(Batch::new(*codec, limits.message_bytes, in_batches, ids));
                for message in messages {
                    self.message(message, Some(&batch));
                }
            }
            Decoded::Bad(fault) if fault.code == PARSE_ERROR => self.unreadable(frame, fault),
            Decoded::Bad(_) if self.service.takes_prints() => self.print(frame),
            Decoded::Bad(fault) => self.misfit(&Misfit::invalid(None, false, fault), None),
        }
    }

    /// What a message is, seen from here.
    fn judged<'a>(&self, envelope: Envelope<'a>) -> Message<'a> {
        envelope.classify(|id| self.service.awaits(id))
    }

    fn message(&mut self, message: Message<'_>, batch: Option<&Arc<Batch>>) {
        match message {
            Message::Request { id, method, params } => self.request(id, &method, params, batch),
            Message::Response { id, outcome } => self.service.answered(id, outcome, self.whole.as_ref()),
            Message::Notification { method, params } => self.notification(method, params),
            Message::Invalid { id, is_answer, fault } => self.misfit(&Misfit::invalid(id, is_answer, fault), batch),
        }
    }

    fn request(&mut self, id: &[u8], method: &str, params: Option<Sent<'_>>, batch: Option<&Arc<Batch>>) {
        let announced = self.announcements.take(id);
        let Reader { session, overloaded, pending, whole, .. } = self;
        let arrived = Arrived { id, method, params, batch, announced, whole: whole.as_ref() };
        let admit = || {
            if !session.incoming.is_free(id) {
                return Err(in_flight());
            }
            if is_overloaded(session, overloaded) {
                return Err(Fault::busy("outboxBytes", session.outbox.limit()));
            }
            if session.is_closing.load(Ordering::Relaxed) {
                return Err(Fault::new(BUSY, "Busy: the service is ending"));
            }
            Ok(())
        };
        match self.service.request(&arrived, admit, pending) {
            Ok(()) => {}
            Err(Refused::Unknown) => self.unserved(id, method, batch),
            Err(Refused::Fault(fault)) => self.refuse(Some(id), batch, &fault),
        }
    }

    /// A request for a method that nobody added: one of the protocol's own, or none.
    fn unserved(&mut self, id: &[u8], method: &str, batch: Option<&Arc<Batch>>) {
        match Control::named(method) {
            None => self.refuse(Some(id), batch, &Fault::method_not_found(method)),
            Some(Control::Shutdown) if self.session.is_connection => {
                self.refuse(Some(id), batch, &Fault::method_not_found(method));
            }
            Some(control) if !S::SERVES && !matches!(control, Control::Ping) => {
                self.refuse(Some(id), batch, &Fault::method_not_found(method));
            }
            Some(_) if !self.session.incoming.is_free(id) => self.refuse(Some(id), batch, &in_flight()),
            Some(control) => self.control(&control, id, batch),
        }
    }

    fn refuse(&mut self, id: Option<&[u8]>, batch: Option<&Arc<Batch>>, fault: &Fault) {
        let session = Arc::clone(&self.session);
        self.say(id, batch, |out| session.append_fault(out, id, fault));
    }

    fn reply<T: serde::Serialize>(&mut self, id: &[u8], batch: Option<&Arc<Batch>>, result: &T) {
        let session = Arc::clone(&self.session);
        let write = |answer: &mut Answer<'_>| answer.value(result);
        self.say(Some(id), batch, |out| {
            session.append_answer(out, Some(id), None, write, |_| {});
        });
    }

    /// Adds a message of the reader's own to its batch or to what is pending.
    fn say(&mut self, id: Option<&[u8]>, batch: Option<&Arc<Batch>>, write: impl FnOnce(&mut Vec<u8>)) {
        let Some(batch) = batch else {
            return self.session.format.wrap(&mut self.pending, write);
        };
        let mut message = Vec::new();
        write(&mut message);
        let bytes = self.session.gather_in(batch, id, message, &[]);
        self.pending.extend(bytes.unwrap_or_default());
    }
}

/// Whether too many answers wait: as it was when the last ones were handed over, unless that was so.
fn is_overloaded(session: &Session, overloaded: &mut bool) -> bool {
    if *overloaded {
        unread(session, overloaded);
    }
    *overloaded
}

/// Bytes the parent has not read. Notes whether answers that wait are too many.
fn unread(session: &Session, overloaded: &mut bool) -> usize {
    let Session { outbox, in_batches, .. } = session;
    let unread = outbox.pending();
    *overloaded = unread + in_batches.load(Ordering::Relaxed) > outbox.limit();
    unread
}

fn in_flight() -> Fault {
    Fault::invalid_request("a request with this id is in flight")
}
