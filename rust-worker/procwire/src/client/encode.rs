//! Requests and notifications of this side, framed.

use std::sync::{Arc, Mutex};

use serde::Serialize;

use crate::error::Error;
use crate::locks;
use crate::wire::codec::{Codec, Room, Shape, Unwritten};
use crate::wire::format::{Custom, CustomCodec, Format};
use crate::wire::framing::{CustomFraming, Framing};

/// The user's own framing and codec.
pub(crate) type Own = (Option<Arc<dyn CustomFraming>>, Option<Arc<dyn CustomCodec>>);

/// Writes what is said, whichever worker will hear it.
pub(crate) struct Encoder {
    format: Format,
    pub codec: Codec,
    limit: usize,
    /// Why the user's own framing or codec could not write a message.
    failure: Arc<Mutex<Option<String>>>,
}

impl Encoder {
    pub fn new(framing: Framing, codec: Codec, own: Own, limit: usize) -> Self {
        let failure = Arc::new(Mutex::new(None));
        let custom = (own.0.is_some() || own.1.is_some()).then(|| {
            let failure = Arc::clone(&failure);
            let on_failure = Box::new(move |reason| *locks::lock(&failure) = Some(reason));
            Custom { framing: own.0, codec: own.1, on_failure }
        });
        Encoder { format: Format::new(framing, custom), codec, limit, failure }
    }

    /// A request, or without an id a notification.
    pub fn message<T: Serialize + ?Sized>(&self, id: Option<u64>, method: &str, params: &T) -> Result<Vec<u8>, Error> {
        let mut out = Vec::with_capacity(128);
        let room = Room { end: self.limit - 16, limit: self.limit };
        let written = self.format.wrap(&mut out, |out| self.codec.append_call_of(out, id, method, params, room));
        match written {
            Ok(Shape::Structure | Shape::Nothing) if out.is_empty() => Err(Error::encode(method, self.why())),
            Ok(Shape::Structure | Shape::Nothing) => Ok(out),
            Ok(Shape::Other) => Err(Error::encode(method, "they must be an object, an array, or nothing: `&()`")),
            Err(Unwritten::Unfit(text)) => Err(Error::encode(method, text)),
            Err(Unwritten::Exceeded | Unwritten::Unwanted) => {
                let limit = self.limit;
                Err(Error::encode(method, format!("the message is larger than {limit} bytes (limits.message_bytes)")))
            }
        }
    }

    fn why(&self) -> String {
        locks::lock(&self.failure).take().unwrap_or_else(|| "the framing wrote nothing".into())
    }
}
