//! The parameters of one call, decoded by name or by position.

mod named;

use serde::Deserialize;
use serde::de::DeserializeSeed;

use crate::codec::{Codec, Parts};
use crate::fault::Fault;

/// The parameters of one call as they came. Handlers usually take a decoded type instead; this is for lane rules
/// ([`Worker::inline_if`](crate::Worker::inline_if)) and raw handlers ([`Worker::raw`](crate::Worker::raw)).
#[derive(Debug, Clone, Copy)]
pub struct Params<'a> {
    method: &'a str,
    codec: Codec,
    pub(crate) bytes: Option<&'a [u8]>,
}

/// One value in the codec's own bytes: to be sent back unread, or to be decoded where it lies.
#[derive(Debug, Clone, Copy)]
pub struct Raw<'a> {
    codec: Codec,
    pub(crate) bytes: &'a [u8],
}

impl<'a> Raw<'a> {
    /// The value as `T`, which may borrow from the message.
    ///
    /// # Errors
    ///
    /// A sentence about what is wrong, for [`Params::fault`].
    pub fn decode<T: Deserialize<'a>>(&self) -> Result<T, String> {
        self.codec.value(self.bytes)
    }

    /// The value through a seed, for types that need something to be read with.
    ///
    /// # Errors
    ///
    /// As [`Raw::decode`].
    pub fn decode_seed<S: DeserializeSeed<'a>>(&self, seed: S) -> Result<S::Value, String> {
        self.codec.seed(seed, self.bytes)
    }
}

impl<'a> Params<'a> {
    pub(crate) fn new(method: &'a str, codec: Codec, bytes: Option<&'a [u8]>) -> Self {
        Params { method, codec, bytes }
    }

    /// Bytes of the parameters on the wire, 0 when there are none.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bytes.map_or(0, <[u8]>::len)
    }

    /// No parameters were sent.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The parameters as `T`: an object by the names of its fields, an array by their order. Missing parameters, `null`,
    /// `[]` and `{}` all decode to `()`.
    ///
    /// # Errors
    ///
    /// -32602, naming the parameter that is missing or wrong.
    pub fn decode<T: Deserialize<'a>>(&self) -> Result<T, Fault> {
        if let Some(bytes) = self.bytes {
            if let Ok(value) = self.codec.value(bytes) {
                return Ok(value);
            }
        }
        // Either there is something wrong, and the slower way can say what, or `T` is happy with nothing.
        named::decode(self.codec, self.bytes).map_err(|text| self.fault(&text))
    }

    /// The whole parameters as text, which is valid JSON; `None` in MessagePack, and without parameters.
    #[must_use]
    pub fn json(&self) -> Option<&'a str> {
        match self.codec {
            Codec::Json => std::str::from_utf8(self.bytes?).ok(),
            #[cfg(feature = "msgpack")]
            Codec::MessagePack => None,
        }
    }

    /// One parameter, by name or by position, unread. `None` if it was not sent.
    ///
    /// # Errors
    ///
    /// -32602 if the parameters cannot be read.
    pub fn get(&self, name: &str, position: usize) -> Result<Option<Raw<'a>>, Fault> {
        let parts = self.codec.parts(self.bytes).map_err(|text| self.fault(&text))?;
        Ok(match parts {
            Parts::Named(members) => members.iter().rfind(|(key, _)| key == name).map(|(_, raw)| self.raw(raw)),
            Parts::Positional(items) => items.get(position).map(|raw| self.raw(raw)),
            Parts::Absent => None,
        })
    }

    fn raw(&self, bytes: &'a [u8]) -> Raw<'a> {
        Raw { codec: self.codec, bytes }
    }

    /// -32602 with a sentence about these parameters, which gets the method's name in front.
    #[must_use]
    pub fn fault(&self, text: &str) -> Fault {
        Fault::invalid_params(format!("{}: {text}", self.method))
    }
}
