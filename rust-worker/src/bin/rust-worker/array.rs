//! Arrays of numbers as callers send them, and as they are sent back.

use std::fmt;

use rust_worker::{Context, Params};
use serde::de::{self, DeserializeSeed, Deserializer, SeqAccess, Visitor};
use serde::ser::{SerializeSeq, Serializer};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

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

/// The same numbers in one of few forms, for work that does not depend on the kind.
pub enum Wide {
    Integers(Vec<i64>),
    Unsigned(Vec<u64>),
    Floats(Vec<f64>),
    Mixed(Vec<Number>),
}

impl From<Array> for Wide {
    fn from(array: Array) -> Self {
        fn wide<T: Copy + Into<U>, U>(values: &[T]) -> Vec<U> {
            values.iter().map(|value| (*value).into()).collect()
        }

        match array {
            Array::Integers(values) | Array::Typed(Typed::BigInt64(values)) => Wide::Integers(values),
            Array::Floats(values) | Array::Typed(Typed::Float64(values)) => Wide::Floats(values),
            Array::Mixed(values) => Wide::Mixed(values),
            Array::Typed(Typed::BigUint64(values)) => Wide::Unsigned(values),
            Array::Typed(Typed::Float32(values)) => Wide::Floats(wide(&values)),
            Array::Typed(Typed::Int8(values)) => Wide::Integers(wide(&values)),
            Array::Typed(Typed::Bytes(values) | Typed::Uint8Clamped(values)) => Wide::Integers(wide(&values)),
            Array::Typed(Typed::Int16(values)) => Wide::Integers(wide(&values)),
            Array::Typed(Typed::Uint16(values)) => Wide::Integers(wide(&values)),
            Array::Typed(Typed::Int32(values)) => Wide::Integers(wide(&values)),
            Array::Typed(Typed::Uint32(values)) => Wide::Integers(wide(&values)),
        }
    }
}

macro_rules! typed {
    ($($kind:ident($element:ty) = $code:literal;)*) => {
        /// A typed array of JavaScript.
        #[derive(Debug, Clone, PartialEq)]
        pub enum Typed { $($kind(Vec<$element>),)* Bytes(Vec<u8>) }

        impl Typed {
            /// Of an extension of MessagePack.
            fn read(code: i8, bytes: &[u8]) -> Result<Typed, String> {
                match code {
                    $($code => elements(bytes).map(Typed::$kind),)*
                    _ => Err(format!("expected an array of numbers, found the extension type {code}")),
                }
            }

            /// The code of the extension, `None` for plain bytes, and the elements as they travel.
            fn written(&self) -> (Option<i8>, Vec<u8>) {
                match self {
                    $(Typed::$kind(values) => (Some($code), bytes(values)),)*
                    Typed::Bytes(values) => (None, values.clone()),
                }
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

/// The elements of a typed array. The error says how many bytes are too many.
pub fn elements<T: Element>(bytes: &[u8]) -> Result<Vec<T>, String> {
    match bytes.len() % T::SIZE {
        0 => Ok(bytes.chunks_exact(T::SIZE).map(T::read).collect()),
        _ => Err(format!("a typed array of {}-byte elements has {} bytes", T::SIZE, bytes.len())),
    }
}

fn bytes<T: Element>(values: &[T]) -> Vec<u8> {
    let mut out = Vec::with_capacity(values.len() * T::SIZE);
    values.iter().for_each(|value| value.write(&mut out));
    out
}

impl Serialize for Array {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Array::Integers(values) => sequence(serializer, values, |value| Integer::Small((*value).into())),
            Array::Floats(values) => values.serialize(serializer),
            Array::Mixed(values) => values.serialize(serializer),
            Array::Typed(typed) => match typed.written() {
                (None, bytes) => serializer.serialize_bytes(&bytes),
                (Some(code), bytes) => serializer.serialize_newtype_struct(
                    rmp_serde::MSGPACK_EXT_STRUCT_NAME,
                    &(code, serde_bytes::Bytes::new(&bytes)),
                ),
            },
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

/// Reads an array for a call, and stops when the call is cancelled.
pub struct ArraySeed<'c> {
    pub cx: &'c Context,
    /// Decimal digits in strings count as integers.
    pub strings: bool,
}

impl<'de> DeserializeSeed<'de> for ArraySeed<'_> {
    type Value = Array;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Array, D::Error> {
        let mut builder = Builder { array: Array::Integers(Vec::new()), cx: self.cx };
        if deserializer.is_human_readable() {
            let raw = <&RawValue>::deserialize(deserializer)?;
            scan::array(raw.get(), self.strings, &mut builder).map_err(de::Error::custom)?;
            return Ok(builder.array);
        }
        deserializer.deserialize_any(&mut builder)?;
        Ok(builder.array)
    }
}

impl ArraySeed<'_> {
    /// Of the only parameter of a call, in one go: parameters that are looked through first are read twice. `None` if
    /// there are others, or if something is wrong: the longer way finds the words for it.
    pub fn read_only(&self, params: &Params<'_>) -> Option<Array> {
        let text = params.json()?;
        let start = scan::first(text)?;
        let mut builder = Builder { array: Array::Integers(Vec::new()), cx: self.cx };
        let length = scan::array(&text[start..], self.strings, &mut builder).ok()?;
        scan::is_last(text, start + length).then_some(builder.array)
    }
}

struct Builder<'c> {
    array: Array,
    cx: &'c Context,
}

impl Builder<'_> {
    /// Goes over to another form, and adds the number there.
    fn widen(&mut self, number: &Number) {
        let safe = |value: i64| i128::from(value).abs() <= SAFE;
        self.array = match (std::mem::replace(&mut self.array, Array::Integers(Vec::new())), number) {
            (Array::Integers(values), Number::Float(_)) if values.iter().all(|value| safe(*value)) => {
                Array::Floats(values.into_iter().map(|value| value as f64).collect())
            }
            (Array::Integers(values), _) => Array::Mixed(values.into_iter().map(Element::number).collect()),
            (Array::Floats(values), _) => Array::Mixed(values.into_iter().map(Element::number).collect()),
            (other, _) => other,
        };
        self.number(number);
    }
}

impl Numbers for Builder<'_> {
    fn integer(&mut self, value: i64) {
        match &mut self.array {
            Array::Integers(values) => values.push(value),
            Array::Floats(values) if i128::from(value).abs() <= SAFE => values.push(value as f64),
            _ => self.number(&value.number()),
        }
    }

    fn number(&mut self, number: &Number) {
        match (&mut self.array, number) {
            (Array::Integers(values), Number::Integer(Integer::Small(value))) if i64::try_from(*value).is_ok() => {
                values.push(*value as i64);
            }
            (Array::Floats(values), Number::Float(value)) => values.push(*value),
            (Array::Floats(values), Number::Integer(Integer::Small(value))) if value.abs() <= SAFE => {
                values.push(*value as f64);
            }
            (Array::Mixed(values), number) => values.push(number.clone()),
            _ => self.widen(number),
        }
    }

    fn check(&self) -> Result<(), String> {
        self.cx.check().map_err(|fault| fault.message.into_owned())
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
        self.array = Array::Typed(Typed::Bytes(bytes.to_vec()));
        Ok(())
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let (code, bytes) = deserializer.deserialize_any(scan::Extension)?;
        self.array = Array::Typed(Typed::read(code, bytes).map_err(de::Error::custom)?);
        Ok(())
    }
}
