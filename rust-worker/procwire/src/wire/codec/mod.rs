//! Frames to messages and values to bytes, for each codec.

mod append;
#[cfg(feature = "client")]
mod calls;
mod exact;
mod head;
mod json;
mod lenient;
mod limited;
#[cfg(feature = "msgpack")]
pub(crate) mod msgpack;
mod one_pass;
mod outline;
mod text;

use std::borrow::Cow;
use std::marker::PhantomData;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::Deserialize;
use serde::de::DeserializeSeed;

use crate::dialect;
use crate::fault::Fault;
use crate::wire::message::{Envelope, Peeked, Sent};
pub(crate) use lenient::Lenient;
pub(crate) use limited::Unwritten;

/// How values are written inside a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Codec {
    /// JSON text in UTF-8. The default.
    #[default]
    Json,
    /// MessagePack; structs travel as maps. Not possible with [`Framing::Line`](crate::Framing::Line).
    #[cfg(feature = "msgpack")]
    MessagePack,
}

/// What one frame holds.
#[derive(Debug)]
pub(crate) enum Decoded<'a> {
    One(Envelope<'a>),
    /// The messages of a batch; what is not an object is an invalid envelope.
    Many(Vec<Envelope<'a>>),
    /// Neither, with the answer it deserves.
    Bad(Fault),
}

/// Bounds a decoder holds itself to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    pub depth: usize,
    pub batch: usize,
}

/// How far a message may reach.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Room {
    /// The length the output may have.
    pub end: usize,
    /// The limit of one message, for the words of the error.
    pub limit: usize,
}

/// What an encoded value is, as far as it matters for params.
#[derive(Debug, PartialEq)]
pub(crate) enum Shape {
    /// An object or an array.
    Structure,
    /// null, which stands for no params.
    Nothing,
    Other,
}

/// The values inside `params`, each in the codec's own bytes.
#[derive(Debug, PartialEq)]
pub(crate) enum Parts<'a> {
    Named(Vec<(Cow<'a, str>, &'a [u8])>),
    Positional(Vec<&'a [u8]>),
    Absent,
}

impl Codec {
    pub(crate) fn decode(self, frame: &[u8], bounds: Bounds) -> Decoded<'_> {
        match self {
            Codec::Json => json::decode(frame, bounds),
            #[cfg(feature = "msgpack")]
            Codec::MessagePack => msgpack::decode(frame, bounds),
        }
    }

    /// What can be told of a message that cannot be read, or of which only the head was kept.
    pub(crate) fn peek(self, head: &[u8]) -> Peeked<'_> {
        match self {
            Codec::Json => head::peek(head),
            #[cfg(feature = "msgpack")]
            Codec::MessagePack => msgpack::peek(head),
        }
    }

    /// One value from its bytes; the error is a sentence without a position.
    pub(crate) fn value<'de, T: Deserialize<'de>>(self, bytes: &'de [u8]) -> Result<T, String> {
        self.seed(PhantomData, bytes)
    }

    /// As [`Codec::value`]; an integer may be digits in a text.
    pub(crate) fn read<'de, T: Deserialize<'de>>(self, bytes: &'de [u8]) -> Result<T, String> {
        self.value(bytes).or_else(|_| self.seed(Lenient(PhantomData), bytes))
    }

    /// As [`Codec::value`], through a seed.
    pub(crate) fn seed<'de, S: DeserializeSeed<'de>>(self, seed: S, bytes: &'de [u8]) -> Result<S::Value, String> {
        match self {
            Codec::Json => json::value(seed, bytes),
            #[cfg(feature = "msgpack")]
            Codec::MessagePack => msgpack::value(seed, bytes),
        }
    }

    pub(crate) fn parts(self, params: Option<&[u8]>) -> Result<Parts<'_>, String> {
        match (self, params) {
            (_, None) => Ok(Parts::Absent),
            (Codec::Json, Some(bytes)) => json::parts(bytes),
            #[cfg(feature = "msgpack")]
            (Codec::MessagePack, Some(bytes)) => msgpack::parts(bytes),
        }
    }

    /// The elements of an array; `None` if there are more than `most`.
    pub(crate) fn elements(self, array: &[u8], most: usize) -> Result<Option<Vec<&[u8]>>, String> {
        match self {
            Codec::Json => json::elements(array, most),
            #[cfg(feature = "msgpack")]
            Codec::MessagePack => msgpack::elements(array, most),
        }
    }

    /// One of the parameters, by name or by position, in bytes that have been decoded before; breaks soon after
    /// `unwanted` is set.
    pub(crate) fn find<'a>(
        self,
        params: Sent<'a>,
        name: &str,
        position: usize,
        unwanted: Option<&AtomicBool>,
    ) -> ControlFlow<(), Option<&'a [u8]>> {
        let wanted = || !unwanted.is_some_and(|unwanted| unwanted.load(Ordering::Relaxed));
        match self {
            Codec::Json => outline::find(params, name, position, wanted),
            #[cfg(feature = "msgpack")]
            Codec::MessagePack => msgpack::find(params.bytes, name, position, wanted),
        }
    }

    /// Appends everything of an answer before its result. `id: None` is written as null.
    pub(crate) fn append_result_head(self, out: &mut Vec<u8>, id: Option<&[u8]>) {
        match self {
            Codec::Json => json::append_head(out, id, b",\"result\":"),
            #[cfg(feature = "msgpack")]
            Codec::MessagePack => msgpack::append_head(out, id, "result"),
        }
    }

    /// Appends everything of an error answer before its error object.
    pub(crate) fn append_error_head(self, out: &mut Vec<u8>, id: Option<&[u8]>) {
        match self {
            Codec::Json => json::append_head(out, id, b",\"error\":"),
            #[cfg(feature = "msgpack")]
            Codec::MessagePack => msgpack::append_head(out, id, "error"),
        }
    }

    /// Appends what ends a message.
    pub(crate) fn append_tail(self, out: &mut Vec<u8>) {
        if self == Codec::Json {
            out.push(b'}');
        }
    }

    /// Whether an encoded value can be the params of a message.
    pub(crate) fn shape(self, value: &[u8]) -> Shape {
        match self {
            Codec::Json => json::shape(value),
            #[cfg(feature = "msgpack")]
            Codec::MessagePack => msgpack::shape(value),
        }
    }

    /// Appends a request, or without an id a notification.
    pub(crate) fn append_call(self, out: &mut Vec<u8>, id: Option<u64>, method: &str, params: Option<&[u8]>) {
        match self {
            Codec::Json => json::append_call(out, id, method, params),
            #[cfg(feature = "msgpack")]
            Codec::MessagePack => msgpack::append_call(out, id, method, params),
        }
    }

    /// Appends a notification whose params are written by `params`.
    fn append_notification<R>(self, out: &mut Vec<u8>, method: &str, params: impl FnOnce(&mut Vec<u8>) -> R) -> R {
        match self {
            Codec::Json => json::append_notification_head(out, method),
            #[cfg(feature = "msgpack")]
            Codec::MessagePack => msgpack::append_notification_head(out, method),
        }
        let result = params(out);
        self.append_tail(out);
        result
    }

    /// Appends `$/stream/items` with `count` encoded items, a separator between each two.
    pub(crate) fn append_items(self, out: &mut Vec<u8>, id: &[u8], items: &[u8], count: usize) {
        self.append_notification(out, dialect::STREAM_ITEMS, |out| match self {
            Codec::Json => json::append_items(out, id, items),
            #[cfg(feature = "msgpack")]
            Codec::MessagePack => msgpack::append_items(out, id, items, count),
        });
        let _ = count;
    }

    /// Appends `$/input/pull`.
    pub(crate) fn append_input_pull(self, out: &mut Vec<u8>, id: &[u8], count: usize) {
        self.append_notification(out, dialect::INPUT_PULL, |out| match self {
            Codec::Json => json::append_input_pull(out, id, count),
            #[cfg(feature = "msgpack")]
            Codec::MessagePack => msgpack::append_input_pull(out, id, count),
        });
    }

    /// Appends `$/progress`: the request's id as token, and a value written by `value`.
    pub(crate) fn append_progress<R>(
        self,
        out: &mut Vec<u8>,
        token: &[u8],
        value: impl FnOnce(&mut Vec<u8>) -> R,
    ) -> R {
        self.append_notification(out, dialect::PROGRESS, |out| {
            match self {
                Codec::Json => json::append_progress_head(out, token),
                #[cfg(feature = "msgpack")]
                Codec::MessagePack => msgpack::append_progress_head(out, token),
            }
            let result = value(out);
            self.append_tail(out);
            result
        })
    }

    /// Wraps the finished messages of a batch, `count` of them, each followed by one separator byte if the codec has one.
    pub(crate) fn append_batch(self, out: &mut Vec<u8>, messages: &[u8], count: usize) {
        match self {
            Codec::Json => json::append_batch(out, messages),
            #[cfg(feature = "msgpack")]
            Codec::MessagePack => msgpack::append_batch(out, messages, count),
        }
        let _ = count;
    }

    /// What stands between two messages of a batch.
    pub(crate) fn separator(self) -> &'static [u8] {
        match self {
            Codec::Json => b",",
            #[cfg(feature = "msgpack")]
            Codec::MessagePack => b"",
        }
    }
}
