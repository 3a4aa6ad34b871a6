//! How answers are put together.

use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::Session;
use crate::fault::Fault;
use crate::peer::answer::{Answer, Written};
use crate::peer::batch::{Batch, Gathered};
use crate::peer::incoming::Request;
use crate::peer::panics::{self, Panic};
use crate::wire::codec::Room;

impl Session {
    /// Appends an answer that `result` writes, or, if it fails or panics, the error.
    pub fn append_answer(
        &self,
        out: &mut Vec<u8>,
        id: Option<&[u8]>,
        params: Option<&[u8]>,
        result: impl FnOnce(&mut Answer<'_>) -> Result<(), Fault>,
        on_panic: impl FnOnce(&Panic),
    ) -> Written {
        let start = out.len();
        self.codec.append_result_head(out, id);
        let mut answer = Answer { codec: self.codec, room: self.room(start, 1), params, inset: None, out };
        match panics::caught(|| result(&mut answer), on_panic) {
            Ok(()) => {
                let Answer { out, mut inset, .. } = answer;
                let end = out.len();
                self.codec.append_tail(out);
                if let Some(inset) = &mut inset {
                    inset.behind = out.len() - end;
                }
                Written { succeeded: true, inset }
            }
            Err(fault) => {
                out.truncate(start);
                self.append_fault(out, id, &fault);
                Written { succeeded: false, inset: None }
            }
        }
    }

    /// Where a message that begins at `start` and needs `tail` more bytes at its end has to stop.
    pub(super) fn room(&self, start: usize, tail: usize) -> Room {
        let limit = self.limits.message_bytes;
        Room { end: start + limit - tail, limit }
    }

    pub fn append_fault(&self, out: &mut Vec<u8>, id: Option<&[u8]>, fault: &Fault) {
        let start = out.len();
        self.codec.append_error_head(out, id);
        if let Err(too_large) = self.codec.append(out, &ErrorObject(fault), self.room(start, 1)) {
            out.truncate(start);
            self.codec.append_error_head(out, id);
            // A fixed, small error: the only one that may exceed a limit set absurdly low.
            let _ = self.codec.append(out, &ErrorObject(&too_large), Room { end: usize::MAX, limit: usize::MAX });
        }
        self.codec.append_tail(out);
    }

    /// The bytes to send once `message` answers `request`: itself with its log, or a whole batch, or nothing yet.
    pub fn gather(&self, request: &Request, mut message: Vec<u8>, log: &[u8]) -> Option<Vec<u8>> {
        match &request.batch {
            None => {
                message.extend_from_slice(log);
                Some(message)
            }
            Some(batch) => self.gather_in(batch, Some(&request.id), message, log),
        }
    }

    /// As [`Session::gather`], for one message of a batch.
    pub fn gather_in(&self, batch: &Batch, id: Option<&[u8]>, mut message: Vec<u8>, log: &[u8]) -> Option<Vec<u8>> {
        let limit = self.limits.message_bytes;
        let instead = |out: &mut Vec<u8>| self.append_fault(out, id, &Fault::result_too_large(limit));
        batch.add(id, &mut message, log, instead).map(|gathered| self.finish_batch(gathered))
    }

    fn finish_batch(&self, gathered: Gathered) -> Vec<u8> {
        let mut out = Vec::with_capacity(gathered.messages.len() + 16);
        self.format.wrap(&mut out, |out| self.codec.append_batch(out, &gathered.messages, gathered.count));
        out.extend_from_slice(&gathered.logs);
        out
    }
}

/// The error object of an answer, in the order people expect to read it.
struct ErrorObject<'a>(&'a Fault);

impl Serialize for ErrorObject<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Fault { code, message, data } = self.0;
        let mut object = serializer.serialize_struct("Error", 2 + usize::from(data.is_some()))?;
        object.serialize_field("code", code)?;
        object.serialize_field("message", message)?;
        if let Some(data) = data {
            object.serialize_field("data", data)?;
        }
        object.end()
    }
}
