//! Extensions of MessagePack as serde shows them, and the numbers in those that are typed arrays.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, IntoDeserializer, SeqAccess, Visitor};

use super::element::class;

/// The type of an extension, and its bytes.
pub(crate) struct Extension<'de> {
    pub code: i8,
    pub bytes: Cow<'de, [u8]>,
}

impl<'de> Extension<'de> {
    /// From what `visit_newtype_struct` gives for one.
    pub fn read<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Two)
    }
}

struct Two;

impl<'de> Visitor<'de> for Two {
    type Value = Extension<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an extension")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Extension<'de>, A::Error> {
        let torn = || A::Error::custom("a torn extension");
        let code = items.next_element()?.ok_or_else(torn)?;
        let Plain(bytes) = items.next_element()?.ok_or_else(torn)?;
        Ok(Extension { code, bytes })
    }
}

struct Plain<'de>(Cow<'de, [u8]>);

impl<'de> Deserialize<'de> for Plain<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_bytes(PlainVisitor).map(Plain)
    }
}

struct PlainVisitor;

impl<'de> Visitor<'de> for PlainVisitor {
    type Value = Cow<'de, [u8]>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("bytes")
    }

    fn visit_borrowed_bytes<E>(self, bytes: &'de [u8]) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(bytes))
    }

    fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Self::Value, E> {
        Ok(Cow::Owned(bytes.to_vec()))
    }
}

/// The numbers of a typed array, or of bytes, one by one: for types that ask for a sequence of any numbers.
pub(crate) struct Elements<'a, E> {
    kind: Kind,
    rest: std::slice::ChunksExact<'a, u8>,
    error: std::marker::PhantomData<E>,
}

#[derive(Clone, Copy)]
enum Kind {
    Signed,
    Unsigned,
    Float,
}

impl<'a, E: Error> Elements<'a, E> {
    pub fn of_bytes(bytes: &'a [u8]) -> Self {
        Elements { kind: Kind::Unsigned, rest: bytes.chunks_exact(1), error: std::marker::PhantomData }
    }

    pub fn new(code: i8, bytes: &'a [u8]) -> Result<Self, E> {
        let (kind, size) = match code {
            17 => (Kind::Signed, 1),
            18 => (Kind::Unsigned, 1),
            19 => (Kind::Signed, 2),
            20 => (Kind::Unsigned, 2),
            21 => (Kind::Signed, 4),
            22 => (Kind::Unsigned, 4),
            23 => (Kind::Float, 4),
            24 => (Kind::Float, 8),
            25 => (Kind::Signed, 8),
            26 => (Kind::Unsigned, 8),
            _ => return Err(E::custom(format!("expected a sequence, found the extension {code}"))),
        };
        if bytes.len() % size != 0 {
            let class = class(code).unwrap_or_default();
            return Err(E::custom(format!("a {class} of {size}-byte elements has {} bytes", bytes.len())));
        }
        Ok(Elements { kind, rest: bytes.chunks_exact(size), error: std::marker::PhantomData })
    }
}

impl<'de, E: Error> SeqAccess<'de> for Elements<'_, E> {
    type Error = E;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, E> {
        let Some(bytes) = self.rest.next() else { return Ok(None) };
        let bits = bytes.iter().rev().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
        let unused = 64 - 8 * bytes.len() as u32;
        match (self.kind, unused) {
            (Kind::Unsigned, _) => seed.deserialize(bits.into_deserializer()),
            (Kind::Signed, _) => seed.deserialize((((bits << unused) as i64) >> unused).into_deserializer()),
            (Kind::Float, 0) => seed.deserialize(f64::from_bits(bits).into_deserializer()),
            (Kind::Float, _) => seed.deserialize(f64::from(f32::from_bits(bits as u32)).into_deserializer()),
        }
        .map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}
