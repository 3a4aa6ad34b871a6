//! What others print between the messages of a worker, told from messages: for a side that calls.

use super::misfits::Misfit;
use super::{Reader, Serve};
use crate::fault::Fault;
use crate::peer::outgoing::error;
use crate::wire::codec::{Bounds, Decoded};
use crate::wire::message::{Message, Outcome, Peeked};

const BEGINNING: &[u8] = br#"{"jsonrpc""#;
/// A text that begins so more often and never turns out to be a message is not searched any further.
const MOST_ATTEMPTS: usize = 16;

impl<S: Serve> Reader<S> {
    /// Takes messages out of a frame that they are glued into, such as a print without a newline in front of one, and
    /// hands on what is printed between them. False, and nothing is done, when there are none.
    pub(super) fn salvage(&mut self, frame: &[u8]) -> bool {
        let (mut at, mut printed, mut attempts, mut found) = (0, 0, 0, false);
        while let Some(start) = memchr::memmem::find(&frame[at..], BEGINNING).map(|found| at + found) {
            let end = end_of_value(frame, start);
            if !self.is_salvageable(&frame[start..end]) {
                attempts += 1;
                if attempts == MOST_ATTEMPTS {
                    break;
                }
                at = start + 1;
                continue;
            }
            self.print(&frame[printed..start]);
            self.salvaged(&frame[start..end]);
            (at, printed, found) = (end, end, true);
        }
        if found {
            self.print(&frame[printed..]);
        }
        found
    }

    /// A whole message, or one whose beginning says what it was meant to be.
    fn is_salvageable(&self, piece: &[u8]) -> bool {
        match self.session.codec.decode(piece, self.bounds()) {
            Decoded::One(envelope) => match self.judged(envelope) {
                Message::Invalid { .. } => false,
                // One that can't be read is no whole message, and its beginning is not what says so.
                Message::Response { outcome: Outcome::Error(bytes), .. } => error(self.session.codec, bytes).is_ok(),
                _ => true,
            },
            Decoded::Many(_) => false,
            Decoded::Bad(_) => self.session.codec.peek(piece) != Peeked::default(),
        }
    }

    fn salvaged(&mut self, piece: &[u8]) {
        match self.session.codec.decode(piece, self.bounds()) {
            Decoded::One(envelope) => self.message(self.judged(envelope), None),
            Decoded::Many(_) => {}
            Decoded::Bad(fault) => {
                let Peeked { id, is_answer } = self.session.codec.peek(piece);
                let fault = Fault::invalid_request(fault.message);
                self.misfit(&Misfit::invalid(id, is_answer == Some(true), fault), None);
            }
        }
    }

    pub(super) fn print(&mut self, text: &[u8]) {
        if !text.is_empty() {
            self.service.printed(text);
        }
    }

    pub(super) fn bounds(&self) -> Bounds {
        Bounds { depth: self.session.limits.depth, batch: self.session.limits.batch }
    }
}

/// The place behind the object that begins at `start`; the end of the text when it does not end.
fn end_of_value(text: &[u8], start: usize) -> usize {
    let (mut depth, mut at, mut in_string) = (0_usize, start, false);
    while at < text.len() {
        match (text[at], in_string) {
            (b'\\', true) => at += 1,
            (b'"', _) => in_string = !in_string,
            (b'{' | b'[', false) => depth += 1,
            (b'}' | b']', false) => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
        at += 1;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_ends_where_its_brackets_close_outside_of_strings() {
        for (text, end) in [("{}x", 2), (r#"{"a":"}\"}"}y"#, 12), ("{[1]", 4), (r#"{"a":[{}]}{"#, 10)] {
            assert_eq!(end_of_value(text.as_bytes(), 0), end, "{text}");
        }
    }
}
