//! Outgoing requests: those of this side to the other.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use crate::fault::Fault;
use crate::locks;
use crate::peer::incoming::Request;
use crate::wire::codec::{Codec, Parts};
use crate::wire::message::Outcome;

/// What the parent answered: a result in the codec's own bytes, or its error.
pub(crate) type Reply = Result<Vec<u8>, Fault>;

/// The requests the parent has not answered, and the answers nobody has taken.
#[derive(Default)]
pub(crate) struct Outgoing {
    table: Mutex<Table>,
}

#[derive(Default)]
struct Table {
    last: u64,
    open: HashMap<u64, (Arc<Request>, Option<Reply>)>,
}

impl Outgoing {
    fn lock(&self) -> MutexGuard<'_, Table> {
        locks::lock(&self.table)
    }

    /// Numbers requests from here on, where others number theirs from 1.
    #[cfg(feature = "client")]
    pub fn numbered_from(first: u64) -> Self {
        Outgoing { table: Mutex::new(Table { last: first, ..Table::default() }) }
    }

    /// An id for a request made while `request` is served.
    pub fn open(&self, request: &Arc<Request>) -> u64 {
        let mut table = self.lock();
        table.last += 1;
        let id = table.last;
        table.open.insert(id, (Arc::clone(request), None));
        id
    }

    /// Whether a request with this id waits for its answer.
    pub fn is_open(&self, codec: Codec, id: &[u8]) -> bool {
        number(codec, id).is_some_and(|id| matches!(self.lock().open.get(&id), Some((_, None))))
    }

    /// Takes an answer of the parent; one to nothing we asked is ignored.
    pub fn resolve(&self, codec: Codec, id: &[u8], outcome: Outcome<'_>) -> bool {
        self.answer(codec, id, || read(codec, outcome))
    }

    /// The answer has come, and is none. False if nobody waits for it.
    pub fn fail(&self, codec: Codec, id: &[u8], fault: &Fault) -> bool {
        self.answer(codec, id, || Err(Fault::internal(format!("the parent's answer is not valid: {}", fault.message))))
    }

    fn answer(&self, codec: Codec, id: &[u8], reply: impl FnOnce() -> Reply) -> bool {
        let Some(id) = number(codec, id) else { return false };
        let request = match self.lock().open.get_mut(&id) {
            Some((request, answer)) => {
                answer.get_or_insert_with(reply);
                Arc::clone(request)
            }
            None => return false,
        };
        request.flow.wake();
        true
    }

    /// The answer, if it has come.
    pub fn take(&self, id: u64) -> Option<Reply> {
        let mut table = self.lock();
        let (_, reply) = table.open.get_mut(&id)?;
        let reply = reply.take()?;
        table.open.remove(&id);
        Some(reply)
    }

    /// Nobody waits for the answer any more.
    pub fn forget(&self, id: u64) {
        self.lock().open.remove(&id);
    }
}

/// An id as we number them. Some languages write all numbers as floats.
pub(crate) fn number(codec: Codec, id: &[u8]) -> Option<u64> {
    if codec == Codec::Json {
        if let Some(id) = plain(id) {
            return Some(id);
        }
    }
    let float =
        |id: &[u8]| codec.value::<f64>(id).ok().filter(|id| *id == id.trunc() && (0.0..=2f64.powi(53)).contains(id));
    codec.value(id).ok().or_else(|| float(id).map(|id| id as u64))
}

/// A few digits, as nearly every peer sends our ids back.
fn plain(id: &[u8]) -> Option<u64> {
    let is_plain = matches!(id.len(), 1..=15) && (id.len() == 1 || id[0] != b'0');
    let digit = |number: u64, byte: &u8| byte.is_ascii_digit().then(|| number * 10 + u64::from(byte - b'0'));
    if is_plain { id.iter().try_fold(0, digit) } else { None }
}

fn read(codec: Codec, outcome: Outcome<'_>) -> Reply {
    match outcome {
        Outcome::Result(bytes) => Ok(bytes.to_vec()),
        Outcome::Error(bytes) => Err(error(codec, bytes)
            .unwrap_or_else(|text| Fault::internal(format!("the parent's error cannot be read: {text}")))),
    }
}

/// An error object. Of several members with one name the last counts.
pub(crate) fn error(codec: Codec, bytes: &[u8]) -> Result<Fault, String> {
    let Parts::Named(members) = codec.parts(Some(bytes))? else {
        return Err("it is no object".into());
    };
    let find = |name: &str| members.iter().rev().find(|(member, _)| member == name).map(|(_, value)| *value);
    let needed = |name: &str| find(name).ok_or_else(|| format!("it has no {name}"));
    let message: String = codec.value(needed("message")?)?;
    let data = find("data").map_or(Ok(None), |data| codec.value(data))?;
    Ok(Fault { code: codec.value(needed("code")?)?, message: message.into(), data })
}
