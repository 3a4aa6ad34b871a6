//! The parameters of one call, decoded by name or by position.

mod named;
mod pieces;

use std::borrow::Cow;
use std::fmt;
use std::ops::ControlFlow;
use std::sync::atomic::AtomicBool;

use serde::Deserialize;
use serde::de::DeserializeSeed;

use crate::fault::{DecodeError, Fault};
#[cfg(feature = "msgpack")]
use crate::wire::binary::numbers_of_bytes;
use crate::wire::binary::{Bytes, Element, Numbers};
#[cfg(feature = "msgpack")]
use crate::wire::codec::msgpack;
use crate::wire::codec::{Codec, Shape};
use crate::wire::message::Sent;
pub use pieces::{Content, Pieces};

/// The parameters of one call as they came. Handlers usually take a decoded type instead; this is for lane rules
/// ([`Method::inline_if`](crate::Method::inline_if)) and raw handlers ([`Method::raw`](crate::Method::raw)).
#[derive(Debug, Clone, Copy)]
pub struct Params<'a> {
    method: &'a str,
    codec: Codec,
    sent: Option<Sent<'a>>,
    /// Set when the call is not wanted any more.
    unwanted: Option<&'a AtomicBool>,
}

/// One value in the codec's own bytes: to be sent back unread, or to be decoded where it lies.
#[derive(Debug, Clone, Copy)]
pub struct Raw<'a> {
    codec: Codec,
    pub(crate) bytes: &'a [u8],
}

impl<'a> Raw<'a> {
    pub(crate) fn new(codec: Codec, bytes: &'a [u8]) -> Self {
        Raw { codec, bytes }
    }

    /// The value as `T`, which may borrow from the message.
    ///
    /// # Errors
    ///
    /// What is wrong with it, for [`Params::fault`].
    pub fn decode<T: Deserialize<'a>>(&self) -> Result<T, DecodeError> {
        self.codec.read(self.bytes).map_err(DecodeError::new)
    }

    /// The value as it came: valid in the codec of the call, in JSON without white space around it.
    #[must_use]
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Whether it is null.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.codec.shape(self.bytes) == Shape::Nothing
    }

    /// How the value is written.
    #[must_use]
    pub fn codec(&self) -> Codec {
        self.codec
    }

    /// A text or bytes, in pieces that are made as they are asked for: for large ones, of which no copy is wanted.
    /// `None` if the value is something else.
    ///
    /// ```
    /// # use procwire::{Content, Context, Fault, Method, Params};
    /// Method::unread("length", |params: &Params<'_>, cx: &Context| {
    ///     let wrong = || params.fault("parameter `text` must be a text");
    ///     let Some(Content::Text(pieces)) = params.get("text", 0)?.and_then(|raw| raw.content()) else {
    ///         return Err(wrong());
    ///     };
    ///     let mut length = 0;
    ///     for piece in pieces {
    ///         cx.check()?;
    ///         length += piece.map_err(|text| params.fault(text))?.len();
    ///     }
    ///     Ok(length)
    /// });
    /// ```
    #[must_use]
    pub fn content(&self) -> Option<Content<'a>> {
        pieces::content(self.codec, self.bytes)
    }

    /// The value as bytes: in MessagePack those of the message itself, in JSON what base64 in a string says
    /// ([`Bytes`](crate::Bytes)).
    ///
    /// ```
    /// # use procwire::{Context, Method, Params};
    /// Method::unread("checksum", |params: &Params<'_>, _: &Context| {
    ///     let raw = params.get("data", 0)?.ok_or_else(|| params.fault("missing parameter `data`"))?;
    ///     let bytes = raw.decode_bytes().map_err(|error| params.fault(error))?;
    ///     Ok(bytes.iter().map(|byte| u64::from(*byte)).sum::<u64>())
    /// });
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Raw::decode`].
    pub fn decode_bytes(&self) -> Result<Cow<'a, [u8]>, DecodeError> {
        #[cfg(feature = "msgpack")]
        if self.codec == Codec::MessagePack {
            if let Some((false, bytes)) = msgpack::content(self.bytes) {
                return Ok(Cow::Borrowed(bytes));
            }
        }
        self.decode::<Bytes>().map(|bytes| Cow::Owned(bytes.into_vec()))
    }

    /// The value as numbers of one kind: in MessagePack those of a typed array in the message itself, if they are aligned
    /// there, else a copy; in JSON those of an array ([`Numbers`](crate::Numbers)).
    ///
    /// ```
    /// # use procwire::{Context, Method, Params};
    /// Method::unread("peak", |params: &Params<'_>, _: &Context| {
    ///     let raw = params.get("samples", 0)?.ok_or_else(|| params.fault("missing parameter `samples`"))?;
    ///     let samples = raw.decode_numbers::<f32>().map_err(|error| params.fault(error))?;
    ///     Ok(samples.iter().copied().reduce(f32::max))
    /// });
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Raw::decode`].
    pub fn decode_numbers<T: Element>(&self) -> Result<Cow<'a, [T]>, DecodeError> {
        #[cfg(feature = "msgpack")]
        if self.codec == Codec::MessagePack {
            if let Some((code, bytes)) = msgpack::extension(self.bytes) {
                return numbers_of_bytes(Some(code), bytes).map_err(DecodeError::new);
            }
        }
        self.decode::<Numbers<T>>().map(|numbers| Cow::Owned(numbers.into_vec()))
    }

    /// The value through a seed, for types that need something to be read with.
    ///
    /// # Errors
    ///
    /// As [`Raw::decode`].
    pub fn decode_seed<S: DeserializeSeed<'a>>(&self, seed: S) -> Result<S::Value, DecodeError> {
        self.codec.seed(seed, self.bytes).map_err(DecodeError::new)
    }
}

impl<'a> Params<'a> {
    pub(crate) fn new(method: &'a str, codec: Codec, sent: Option<Sent<'a>>) -> Self {
        Params { method, codec, sent, unwanted: None }
    }

    /// The same parameters, whose looking through ends soon after `unwanted` is set.
    pub(crate) fn unless(self, unwanted: &'a AtomicBool) -> Self {
        Params { unwanted: Some(unwanted), ..self }
    }

    /// Bytes of the parameters on the wire, 0 when there are none.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bytes().map_or(0, <[u8]>::len)
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
        if let Some(bytes) = self.bytes() {
            if let Ok(value) = self.codec.value(bytes) {
                return Ok(value);
            }
        }
        // Either there is something wrong, and the slower way can say what, or `T` is happy with nothing.
        named::decode(self.codec, self.bytes()).map_err(|text| self.fault(text))
    }

    /// The whole parameters as they came: an object or an array, valid in the codec of the call, in JSON without white
    /// space around it. `None` without parameters.
    #[must_use]
    pub fn bytes(&self) -> Option<&'a [u8]> {
        self.sent.map(|sent| sent.bytes)
    }

    /// How the parameters are written.
    #[must_use]
    pub fn codec(&self) -> Codec {
        self.codec
    }

    /// One parameter, by name or by position, unread. `None` if it was not sent.
    ///
    /// # Errors
    ///
    /// -32800 once the call is cancelled: looking through megabytes takes its time.
    pub fn get(&self, name: &str, position: usize) -> Result<Option<Raw<'a>>, Fault> {
        let Some(sent) = self.sent else { return Ok(None) };
        match self.codec.find(sent, name, position, self.unwanted) {
            ControlFlow::Continue(found) => Ok(found.map(|bytes| Raw::new(self.codec, bytes))),
            ControlFlow::Break(()) => Err(Fault::cancelled()),
        }
    }

    /// -32602 with a sentence about these parameters, which gets the method's name in front.
    #[must_use]
    pub fn fault(&self, text: impl fmt::Display) -> Fault {
        Fault::invalid_params(format!("{}: {text}", self.method))
    }
}
