//! How long the reader waits for its parent: to read, and to have the last answers.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{Reader, Serve};
use crate::link::source::Source;
use crate::link::stdio::report;
use crate::wire::framing::Splitter;

/// What is left of the grace for the answers to leave, when requests have used up all of it.
const LAST_ANSWERS: Duration = Duration::from_millis(500);
/// Far away, and still a time that can be reckoned with.
const LONGEST: Duration = Duration::from_secs(10 * 365 * 24 * 3600);
/// Between two looks at what no thread is woken for.
const TICK: Duration = Duration::from_millis(50);

/// How the input of a worker ended.
pub(crate) enum Ended {
    /// The parent said goodbye.
    Shutdown,
    /// It is gone, or has closed what it does not need any more.
    Left,
}

impl<S: Serve> Reader<S> {
    /// Waits for the parent to read; once it writes no more, as long as its grace lasts.
    #[cold]
    pub(super) fn pause(&mut self, source: &impl Source) {
        let outbox = Arc::clone(&self.session.outbox);
        while !self.is_over() && !outbox.wait_below(outbox.limit(), Some(Instant::now() + TICK)) {
            if source.is_left() {
                self.start_grace();
            }
        }
    }

    pub(super) fn is_over(&self) -> bool {
        self.last_moment.is_some_and(|moment| Instant::now() >= moment)
    }

    /// The time by which everything is over, the last answers included.
    fn start_grace(&mut self) -> Instant {
        let grace = self.session.limits.grace.min(LONGEST);
        *self.last_moment.get_or_insert_with(|| Instant::now() + grace)
    }

    /// The parent has closed our input. It may still read, so what is open gets its grace; if it is gone, nothing does.
    pub(super) fn end_of_input(&mut self, splitter: &mut Splitter, source: &impl Source) -> io::Result<Ended> {
        let last_moment = self.start_grace();
        if let Err(torn) = self.drain(splitter, Splitter::finish, source) {
            report(&torn.to_string());
        }
        let session = &self.session;
        session.end_reading();
        let deadline = last_moment - LAST_ANSWERS.min(session.limits.grace / 10);
        loop {
            let tick = deadline.min(Instant::now() + TICK);
            if session.incoming.wait_settled(tick) || Instant::now() >= deadline || session.outbox.peer_gone() {
                break;
            }
        }
        let last_words = if self.shutdown { "Shutting down..." } else { "" };
        let gone = session.outbox.peer_gone();
        let left = if gone { Duration::ZERO } else { last_moment.saturating_duration_since(Instant::now()) };
        session.end(last_words, left);
        session.outbox.failure().map(|()| if self.shutdown { Ended::Shutdown } else { Ended::Left })
    }
}
