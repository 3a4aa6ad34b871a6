//! Those who have not greeted: none holds more than a line, and none stays for more than a few seconds.

use std::net::Shutdown;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::hall::{Manner, Presence};
use crate::link::socket::greeting::{self, Verdict, judge, may_greet, refusal, welcome};
use crate::link::socket::tls::Secured;
use crate::link::socket::{Connection, FirstLine, Socket};

/// How long one that was refused may take to read why.
const FAREWELL: Duration = Duration::from_millis(500);

pub(super) struct Guest {
    pub socket: Arc<Socket>,
    pub is_sent_away: AtomicBool,
}

impl Guest {
    /// Whoever waits for its greeting does not any more.
    pub fn send_away(&self) {
        self.is_sent_away.store(true, Ordering::Release);
        self.socket.shutdown(Shutdown::Read);
    }
}

impl Presence {
    /// The whole of it, on a thread of its own.
    pub fn receive(&self, guest: &Guest) {
        let Some((connection, line)) = self.greet(guest) else { return };
        if let Err(error) = self.serve(connection, line) {
            self.hall.complain(&error);
        }
    }

    /// A connection on which messages can begin, and what it is told before; `None` for one that has to go.
    fn greet(&self, guest: &Guest) -> Option<(Connection, Vec<u8>)> {
        let Manner { token, tls, is_local, speech, .. } = &self.hall.manner;
        let (until, token) = (Instant::now() + greeting::TIME, token.as_deref());
        let secured = match tls {
            None => None,
            // What is said before it would not be understood.
            Some(tls) => Some(Arc::new(Secured::service(tls, &guest.socket, until).ok()?)),
        };
        let mut connection = Connection::new(Arc::clone(&guest.socket), secured);
        let must_greet = !is_local || token.is_some();
        let verdict = match connection.first_line(until, |byte| must_greet || may_greet(byte)) {
            FirstLine::Message => return Some((connection, Vec::new())),
            FirstLine::Line(line) => judge(&line, token),
            FirstLine::TooLong | FirstLine::TooLate => Verdict::Refused("greeting"),
            FirstLine::Ended(_) if !guest.is_sent_away.load(Ordering::Acquire) => return None,
            FirstLine::Ended(_) => Verdict::Refused(if self.hall.is_closed() { "closing" } else { "greeting" }),
        };
        let pid = self.hall.pid();
        let line = match verdict {
            Verdict::Welcome => return Some((connection, welcome(speech, pid))),
            Verdict::Question if token.is_none() => welcome(speech, pid),
            Verdict::Question => refusal("token", pid),
            Verdict::Refused(why) => refusal(why, pid),
        };
        // Refused, it has gone already.
        if connection.say(&line, Instant::now() + FAREWELL).is_ok() {
            guest.socket.depart(FAREWELL);
        }
        None
    }
}
