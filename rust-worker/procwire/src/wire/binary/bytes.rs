//! Bytes that travel as bytes.

use std::fmt;
use std::ops::Deref;

use serde::de::{self, Deserialize, Deserializer, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};

use super::base64;

/// Bytes, as a parameter, an item or a result: in MessagePack they are bytes (a `Uint8Array` in JavaScript), in JSON they
/// are base64 in a string. A `Vec<u8>` is to serde an array of numbers, and travels as one: a large one is refused.
///
/// ```
/// use procwire::{Bytes, Worker};
/// use serde::Deserialize;
///
/// #[derive(Deserialize)]
/// struct Image { pixels: Bytes }
///
/// Worker::new().method("invert", |image: Image| Ok(Bytes::from(image.pixels.iter().map(|byte| !byte).collect::<Vec<_>>())));
/// ```
///
/// To read large ones where they lie see [`Raw::decode_bytes`](crate::Raw::decode_bytes).
#[derive(Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Bytes(Vec<u8>);

impl Bytes {
    /// The bytes themselves, which are not copied.
    #[must_use]
    pub fn into_vec(self) -> Vec<u8> {
        self.0
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        Bytes(bytes)
    }
}

impl From<&[u8]> for Bytes {
    fn from(bytes: &[u8]) -> Self {
        Bytes(bytes.to_vec())
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bytes(b\"{}\")", self.0.escape_ascii())
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match serializer.is_human_readable() {
            true => serializer.serialize_str(&base64::encode(&self.0)),
            false => serializer.serialize_bytes(&self.0),
        }
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match deserializer.is_human_readable() {
            true => deserializer.deserialize_any(Travelled { as_text: true }),
            false => deserializer.deserialize_byte_buf(Travelled { as_text: false }),
        }
        .map(Bytes)
    }
}

/// Reads bytes, base64 where that is what they travel as, and an array of bytes of those who know nothing of bytes.
struct Travelled {
    as_text: bool,
}

impl<'de> Visitor<'de> for Travelled {
    type Value = Vec<u8>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.as_text { "bytes as base64 in a string" } else { "bytes" })
    }

    fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
        Ok(bytes.to_vec())
    }

    fn visit_byte_buf<E: de::Error>(self, bytes: Vec<u8>) -> Result<Vec<u8>, E> {
        Ok(bytes)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Vec<u8>, E> {
        if !self.as_text {
            return Err(E::invalid_type(de::Unexpected::Str(cut(text)), &self));
        }
        base64::decode(text).ok_or_else(|| E::custom("expected base64, and the string is none"))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Vec<u8>, A::Error> {
        let mut bytes = Vec::new();
        while let Some(byte) = items.next_element()? {
            bytes.push(byte);
        }
        Ok(bytes)
    }
}

/// The start of a text that may be long.
fn cut(text: &str) -> &str {
    text.char_indices().nth(40).map_or(text, |(at, _)| &text[..at])
}
