//! Numbers of one kind that travel as a typed array.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use serde::de::{self, Deserialize, Deserializer, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};

use super::element::{read, written};
use super::{Element, Extension};

/// How rmp-serde names the struct that is an extension.
const EXTENSION: &str = "_ExtStruct";

/// Numbers of one kind, as a parameter, an item or a result: in MessagePack a typed array (`Float64Array` for `f64`,
/// `Uint8Array` for `u8`), byte for byte as in memory; in JSON an array of numbers.
///
/// ```
/// use procwire::{Numbers, Worker};
///
/// Worker::new().method("double", |(numbers,): (Numbers<f64>,)| {
///     Ok(Numbers::from(numbers.iter().map(|number| 2.0 * number).collect::<Vec<_>>()))
/// });
/// ```
///
/// As a parameter it takes a typed array of its own kind, or an array of numbers. A `Vec<f64>` takes any typed array, one
/// number after the other; as a result it is an array of numbers, nine bytes each. To read many numbers where they lie see
/// [`Raw::decode_numbers`](crate::Raw::decode_numbers).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Numbers<T>(Vec<T>);

impl<T> Numbers<T> {
    /// The numbers themselves, which are not copied.
    #[must_use]
    pub fn into_vec(self) -> Vec<T> {
        self.0
    }
}

impl<T> From<Vec<T>> for Numbers<T> {
    fn from(numbers: Vec<T>) -> Self {
        Numbers(numbers)
    }
}

impl<T> Deref for Numbers<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T: Element> Serialize for Numbers<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            return self.0.serialize(serializer);
        }
        let bytes = written(&self.0);
        match T::CODE {
            None => serializer.serialize_bytes(&bytes),
            Some(code) => serializer.serialize_newtype_struct(EXTENSION, &(code, AsBytes(&bytes))),
        }
    }
}

struct AsBytes<'a>(&'a [u8]);

impl Serialize for AsBytes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

impl<'de, T: Element> Deserialize<'de> for Numbers<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match deserializer.is_human_readable() {
            true => Vec::deserialize(deserializer),
            false => deserializer.deserialize_any(Travelled(PhantomData)),
        }
        .map(Numbers)
    }
}

struct Travelled<T>(PhantomData<T>);

impl<'de, T: Element> Visitor<'de> for Travelled<T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a {} or an array of numbers", T::CLASS)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Vec<T>, A::Error> {
        let mut numbers = Vec::new();
        while let Some(number) = items.next_element()? {
            numbers.push(number);
        }
        Ok(numbers)
    }

    fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Vec<T>, E> {
        read(None, bytes).map(Into::into).map_err(E::custom)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Vec<T>, D::Error> {
        let Extension { code, bytes } = Extension::read(deserializer)?;
        read(Some(code), &bytes).map(Into::into).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    #[test]
    #[cfg(feature = "msgpack")]
    fn an_extension_has_the_name_that_its_writer_knows() {
        assert_eq!(super::EXTENSION, rmp_serde::MSGPACK_EXT_STRUCT_NAME);
    }
}
