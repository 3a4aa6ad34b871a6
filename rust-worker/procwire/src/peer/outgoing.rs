//! Outgoing requests: those of this side to the other.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};

use serde::de::{Deserialize, Deserializer, Visitor};

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
    let message = needed("message").and_then(|bytes| text(codec, bytes))?;
    let data = find("data").map_or(Ok(None), |data| codec.value(data))?;
    Ok(Fault { code: whole(codec, needed("code")?)?, message: message.into(), data })
}

/// Half of a surrogate pair has no place in our strings, but an error that has one in its words is an error still.
fn text(codec: Codec, bytes: &[u8]) -> Result<String, String> {
    codec.value(bytes).or_else(|error: String| codec.value::<Lossy>(bytes).map(|Lossy(text)| text).map_err(|_| error))
}

/// A text; what can't be a part of one is replaced.
struct Lossy(String);

impl<'de> Deserialize<'de> for Lossy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = Lossy;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Lossy, E> {
                Ok(Lossy(String::from_utf8_lossy(bytes).into_owned()))
            }
        }
        deserializer.deserialize_bytes(Text)
    }
}

/// A whole number that every language has, however it is written: 1.0 is 1.
fn whole(codec: Codec, bytes: &[u8]) -> Result<i64, String> {
    const MOST: f64 = 9_007_199_254_740_991.0;
    let number: f64 = codec.value(bytes)?;
    if number.fract() == 0.0 && number.abs() <= MOST { Ok(number as i64) } else { Err("its code is no integer".into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_read_as_the_other_languages_read_it() {
        let read =
            |text: &str| error(Codec::Json, text.as_bytes()).map(|fault| (fault.code, fault.message.into_owned()));
        assert_eq!(read(r#"{"code":1.0,"message":"m"}"#), Ok((1, "m".into())));
        assert_eq!(read(r#"{"code":-3e2,"message":"m"}"#), Ok((-300, "m".into())));
        let (code, message) = read(r#"{"code":7,"message":"half \ud83d of a pair"}"#).unwrap();
        assert!(code == 7 && message.starts_with("half ") && message.ends_with(" of a pair"), "{message}");
        for none in [
            r#"{"code":1.5,"message":"m"}"#,
            r#"{"code":9007199254740992,"message":"m"}"#,
            r#"{"code":"1","message":"m"}"#,
            r#"{"code":1,"message":2}"#,
            r#"{"code":1}"#,
        ] {
            assert!(read(none).is_err(), "{none}");
        }
    }
}
