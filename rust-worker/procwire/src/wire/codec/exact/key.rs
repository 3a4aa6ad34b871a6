//! Keys of maps for codecs that would write any value as a key: they are texts, as those of JSON are.

use std::fmt::Display;

use serde::ser::{Error, Impossible, Serialize, Serializer};

/// A key that is written as text, or refused.
pub(super) struct Key<'a, T: ?Sized>(pub &'a T);

impl<T: Serialize + ?Sized> Serialize for Key<'_, T> {
    #[inline]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(AsText(serializer))
    }
}

struct AsText<S>(S);

macro_rules! as_text {
    ($($name:ident($kind:ty))*) => {
        $(fn $name(self, key: $kind) -> Result<S::Ok, S::Error> { self.0.collect_str(&key) })*
    };
}

macro_rules! refuse {
    ($($name:ident($($argument:ty),*) -> $result:ty;)*) => {
        $(fn $name(self, $(_: $argument),*) -> Result<$result, S::Error> { Err(no_text()) })*
    };
}

#[cold]
fn no_text<E: Error>() -> E {
    E::custom("a key must be a text or a number")
}

impl<S: Serializer> Serializer for AsText<S> {
    type Ok = S::Ok;
    type Error = S::Error;
    type SerializeSeq = Impossible<S::Ok, S::Error>;
    type SerializeTuple = Impossible<S::Ok, S::Error>;
    type SerializeTupleStruct = Impossible<S::Ok, S::Error>;
    type SerializeTupleVariant = Impossible<S::Ok, S::Error>;
    type SerializeMap = Impossible<S::Ok, S::Error>;
    type SerializeStruct = Impossible<S::Ok, S::Error>;
    type SerializeStructVariant = Impossible<S::Ok, S::Error>;

    as_text! {
        serialize_bool(bool)
        serialize_i8(i8)
        serialize_i16(i16)
        serialize_i32(i32)
        serialize_i64(i64)
        serialize_i128(i128)
        serialize_u8(u8)
        serialize_u16(u16)
        serialize_u32(u32)
        serialize_u64(u64)
        serialize_u128(u128)
        serialize_char(char)
    }

    refuse! {
        serialize_bytes(&[u8]) -> S::Ok;
        serialize_none() -> S::Ok;
        serialize_unit() -> S::Ok;
        serialize_unit_struct(&'static str) -> S::Ok;
        serialize_seq(Option<usize>) -> Self::SerializeSeq;
        serialize_tuple(usize) -> Self::SerializeTuple;
        serialize_tuple_struct(&'static str, usize) -> Self::SerializeTupleStruct;
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> Self::SerializeTupleVariant;
        serialize_map(Option<usize>) -> Self::SerializeMap;
        serialize_struct(&'static str, usize) -> Self::SerializeStruct;
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> Self::SerializeStructVariant;
    }

    #[inline]
    fn serialize_str(self, key: &str) -> Result<S::Ok, S::Error> {
        self.0.serialize_str(key)
    }

    fn serialize_f32(self, key: f32) -> Result<S::Ok, S::Error> {
        float(self.0, key.is_finite(), &key)
    }

    fn serialize_f64(self, key: f64) -> Result<S::Ok, S::Error> {
        float(self.0, key.is_finite(), &key)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, key: &T) -> Result<S::Ok, S::Error> {
        key.serialize(self)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<S::Ok, S::Error> {
        self.0.serialize_str(variant)
    }

    #[inline]
    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, key: &T) -> Result<S::Ok, S::Error> {
        key.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<S::Ok, S::Error> {
        Err(no_text())
    }

    fn collect_str<T: Display + ?Sized>(self, key: &T) -> Result<S::Ok, S::Error> {
        self.0.collect_str(key)
    }
}

/// As JSON has it: the shortest text that reads as the same number.
fn float<S: Serializer>(serializer: S, finite: bool, key: &impl Serialize) -> Result<S::Ok, S::Error> {
    if !finite {
        return Err(no_text());
    }
    serializer.serialize_str(&serde_json::to_string(key).map_err(S::Error::custom)?)
}
