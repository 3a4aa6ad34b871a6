//! Arrays of numbers as callers send them, and as they are sent back.

use std::fmt;

use serde::Serialize;
use serde::de::{self, DeserializeSeed, Deserializer, SeqAccess, Visitor};
use serde::ser::{self, SerializeSeq, Serializer};

use crate::discard::{DropInBackground, Large};
use crate::element::Element;
use crate::number::{Integer, Number, SAFE};
use crate::scan::{self, Numbers};

/// Numbers in the narrowest form that holds them all.
#[derive(Debug, Clone, PartialEq)]
pub enum Array {
    Integers(Vec<i64>),
    /// Floats, and integers that floats hold exactly.
    Floats(Vec<f64>),
    Mixed(Vec<Number>),
    Typed(Typed),
}

macro_rules! typed {
    ($($kind:ident($element:ty) = $code:literal;)*) => {
        /// A typed array of JavaScript.
        #[derive(Debug, Clone, PartialEq)]
        pub enum Typed { $($kind(Vec<$element>),)* Bytes(Vec<u8>) }

        impl Large for Array {
            fn bytes(&self) -> usize {
                for_elements!(self, values => values.bytes(), mixed values => values.bytes())
            }
        }

        impl Typed {
            /// Of an extension of MessagePack.
            fn read(code: i8, bytes: &[u8], check: Check<'_>) -> Result<Typed, String> {
                match code {
                    $($code => elements(bytes, check).map(Typed::$kind),)*
                    _ => Err(format!("expected an array of numbers, found the extension type {code}")),
                }
            }

            /// As it travels.
            fn written<E>(&self, check: &impl Fn() -> Result<(), E>) -> Result<Sent, E> {
                Ok(match self {
                    $(Typed::$kind(values) => Sent::Extension($code, bytes(values, check)?),)*
                    Typed::Bytes(values) => Sent::Bytes(bytes(values, check)?),
                })
            }
        }

        /// Does the same for every kind of array but the mixed one, which goes its own way.
        macro_rules! for_elements {
            ($array:expr, $values:ident => $work:expr, mixed $mixed:ident => $other:expr) => {
                match $array {
                    $crate::array::Array::Integers($values) => $work,
                    $crate::array::Array::Floats($values) => $work,
                    $crate::array::Array::Mixed($mixed) => $other,
                    $($crate::array::Array::Typed($crate::array::Typed::$kind($values)) => $work,)*
                    $crate::array::Array::Typed($crate::array::Typed::Bytes($values)) => $work,
                }
            };
        }
    };
}

// The extension codes are those of the JavaScript codec.
typed! {
    Int8(i8) = 17;
    Uint8Clamped(u8) = 18;
    Int16(i16) = 19;
    Uint16(u16) = 20;
    Int32(i32) = 21;
    Uint32(u32) = 22;
    Float32(f32) = 23;
    Float64(f64) = 24;
    BigInt64(i64) = 25;
    BigUint64(u64) = 26;
}

// The macro is made by a macro, which hides from the lint that this is what lets other files name it.
#[allow(clippy::single_component_path_imports)]
pub(crate) use for_elements;

/// Whether to go on, in words.
pub type Check<'c> = &'c dyn Fn() -> Result<(), String>;

/// Elements between two looks whether the call is still wanted.
const LOOK_EVERY: usize = 1 << 16;

/// The elements of a typed array. The error says how many bytes are too many.
fn elements<T: Element>(bytes: &[u8], check: Check<'_>) -> Result<Vec<T>, String> {
    if bytes.len() % T::SIZE != 0 {
        return Err(format!("a typed array of {}-byte elements has {} bytes", T::SIZE, bytes.len()));
    }
    let mut out = Vec::with_capacity(bytes.len() / T::SIZE);
    for part in bytes.chunks(LOOK_EVERY * T::SIZE) {
        check()?;
        out.extend(part.chunks_exact(T::SIZE).map(T::read));
    }
    Ok(out)
}

fn bytes<T: Element, E>(values: &[T], check: &impl Fn() -> Result<(), E>) -> Result<Vec<u8>, E> {
    let mut out = Vec::with_capacity(values.len() * T::SIZE);
    for part in values.chunks(LOOK_EVERY) {
        check()?;
        part.iter().for_each(|value| value.write(&mut out));
    }
    Ok(out)
}

/// An array that is ready to be sent.
pub enum Sent {
    Array(Array),
    Extension(i8, Vec<u8>),
    Bytes(Vec<u8>),
}

impl Large for Sent {
    fn bytes(&self) -> usize {
        match self {
            Sent::Array(array) => array.bytes(),
            Sent::Extension(_, bytes) | Sent::Bytes(bytes) => bytes.bytes(),
        }
    }
}

impl Array {
    /// How many numbers it holds.
    pub fn count(&self) -> usize {
        for_elements!(self, values => values.len(), mixed values => values.len())
    }
}

impl DropInBackground<Array> {
    pub fn sent<E>(self, check: &impl Fn() -> Result<(), E>) -> Result<DropInBackground<Sent>, E> {
        let sent = match &*self {
            Array::Typed(typed) => typed.written(check)?,
            _ => Sent::Array(self.take()),
        };
        Ok(DropInBackground::new(sent))
    }
}

impl Serialize for Sent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Sent::Array(Array::Integers(values)) => {
                sequence(serializer, values, |value| Integer::Small((*value).into()))
            }
            Sent::Array(Array::Floats(values)) => values.serialize(serializer),
            Sent::Array(Array::Mixed(values)) => values.serialize(serializer),
            Sent::Array(Array::Typed(_)) => Err(ser::Error::custom("a typed array is sent by its bytes")),
            Sent::Bytes(bytes) => serializer.serialize_bytes(bytes),
            Sent::Extension(code, bytes) => serializer
                .serialize_newtype_struct(rmp_serde::MSGPACK_EXT_STRUCT_NAME, &(code, serde_bytes::Bytes::new(bytes))),
        }
    }
}

fn sequence<S: Serializer, T, U: Serialize>(
    serializer: S,
    values: &[T],
    convert: impl Fn(&T) -> U,
) -> Result<S::Ok, S::Error> {
    let mut sequence = serializer.serialize_seq(Some(values.len()))?;
    for value in values {
        sequence.serialize_element(&convert(value))?;
    }
    sequence.end()
}

/// An array that is being read.
pub struct Builder<'c> {
    array: DropInBackground<Array>,
    check: Check<'c>,
}

impl<'c> Builder<'c> {
    /// Reading stops with the error of `check`.
    pub fn new(check: Check<'c>) -> Self {
        Builder { array: DropInBackground::new(Array::Integers(Vec::new())), check }
    }

    pub fn finish(self) -> DropInBackground<Array> {
        self.array
    }

    /// Goes over to another form, and adds the number there.
    fn widen(&mut self, number: Number) -> Result<(), String> {
        let array = std::mem::replace(&mut *self.array, Array::Integers(Vec::new()));
        *self.array = match (array, &number) {
            (Array::Integers(values), Number::Float(_)) => match self.all_safe(&values)? {
                true => Array::Floats(self.converted(values, |value| value as f64)?),
                false => Array::Mixed(self.converted(values, Element::number)?),
            },
            (Array::Integers(values), _) => Array::Mixed(self.converted(values, Element::number)?),
            (Array::Floats(values), _) => Array::Mixed(self.converted(values, Element::number)?),
            (other, _) => other,
        };
        self.number(number)
    }

    fn all_safe(&self, values: &[i64]) -> Result<bool, String> {
        for part in values.chunks(LOOK_EVERY) {
            self.check()?;
            if !part.iter().all(|value| i128::from(*value).abs() <= SAFE) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn converted<T: Copy + Send + 'static, U: Send + 'static>(
        &self,
        values: Vec<T>,
        convert: impl Fn(T) -> U,
    ) -> Result<Vec<U>, String> {
        let values = DropInBackground::new(values);
        let mut out = DropInBackground::new(Vec::with_capacity(values.len() + 1));
        for part in values.chunks(LOOK_EVERY) {
            self.check()?;
            out.extend(part.iter().map(|value| convert(*value)));
        }
        Ok(out.take())
    }
}

impl Numbers for Builder<'_> {
    fn integer(&mut self, value: i64) -> Result<(), String> {
        match &mut *self.array {
            Array::Integers(values) => values.push(value),
            Array::Floats(values) if i128::from(value).abs() <= SAFE => values.push(value as f64),
            _ => return self.number(value.number()),
        }
        Ok(())
    }

    fn number(&mut self, number: Number) -> Result<(), String> {
        match (&mut *self.array, &number) {
            (Array::Integers(values), Number::Integer(Integer::Small(value))) if i64::try_from(*value).is_ok() => {
                values.push(*value as i64);
            }
            (Array::Floats(values), Number::Float(value)) => values.push(*value),
            (Array::Floats(values), Number::Integer(Integer::Small(value))) if value.abs() <= SAFE => {
                values.push(*value as f64);
            }
            (Array::Mixed(values), _) => values.push(number),
            _ => return self.widen(number),
        }
        Ok(())
    }

    fn check(&self) -> Result<(), String> {
        (self.check)()
    }
}

impl<'de> DeserializeSeed<'de> for &mut Builder<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for &mut Builder<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of numbers")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<(), A::Error> {
        scan::items(items, self)
    }

    fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<(), E> {
        *self.array = Array::Typed(Typed::Bytes(elements(bytes, &|| self.check()).map_err(E::custom)?));
        Ok(())
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let (code, bytes) = deserializer.deserialize_any(scan::Extension)?;
        *self.array = Array::Typed(Typed::read(code, bytes, &|| self.check()).map_err(de::Error::custom)?);
        Ok(())
    }
}
