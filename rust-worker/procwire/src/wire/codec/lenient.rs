//! What a type can take beside what it asks for, however deep inside. For an integer: its decimal digits in a text, as those
//! beyond ±(2^53 - 1) and those that are keys come. For a sequence: a typed array, or bytes. Only what could not be read at
//! once is read in this way.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, VariantAccess, Visitor};

use crate::wire::binary::{Elements, Extension};

/// A seed, a deserializer, or what is inside of a value, that takes more than is asked for.
pub(crate) struct Lenient<T>(pub T);

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Lenient<S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<S::Value, D::Error> {
        self.0.deserialize(Lenient(deserializer))
    }
}

macro_rules! forward {
    ($($name:ident($($argument:ident: $kind:ty),*))*) => {$(
        fn $name<V: Visitor<'de>>(self, $($argument: $kind,)* visitor: V) -> Result<V::Value, D::Error> {
            self.0.$name($($argument,)* Inside::<V, ANYTHING>(visitor))
        }
    )*};
}

macro_rules! integers {
    ($($name:ident)*) => {$(
        fn $name<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
            self.0.deserialize_any(Inside::<V, INTEGER>(visitor))
        }
    )*};
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Lenient<D> {
    type Error = D::Error;

    integers! {
        deserialize_i8
        deserialize_i16
        deserialize_i32
        deserialize_i64
        deserialize_i128
        deserialize_u8
        deserialize_u16
        deserialize_u32
        deserialize_u64
        deserialize_u128
    }

    forward! {
        deserialize_any()
        deserialize_bool()
        deserialize_f32()
        deserialize_f64()
        deserialize_char()
        deserialize_str()
        deserialize_string()
        deserialize_bytes()
        deserialize_byte_buf()
        deserialize_option()
        deserialize_unit()
        deserialize_unit_struct(name: &'static str)
        deserialize_newtype_struct(name: &'static str)
        deserialize_tuple_struct(name: &'static str, length: usize)
        deserialize_map()
        deserialize_struct(name: &'static str, fields: &'static [&'static str])
        deserialize_enum(name: &'static str, variants: &'static [&'static str])
        deserialize_identifier()
        deserialize_ignored_any()
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_seq(Inside::<V, SEQUENCE>(visitor))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_tuple(length, Inside::<V, SEQUENCE>(visitor))
    }

    fn is_human_readable(&self) -> bool {
        self.0.is_human_readable()
    }
}

/// What a type asks for.
const ANYTHING: u8 = 0;
const INTEGER: u8 = 1;
const SEQUENCE: u8 = 2;

/// The visitor of a type that asks for this.
struct Inside<V, const FOR: u8>(V);

/// An integer from its digits, in the way that everybody writes them; anything else is the text it is.
fn integer<'de, V: Visitor<'de>, E: Error>(visitor: V, text: &str) -> Result<V::Value, E> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let plain = unsigned.bytes().all(|byte| byte.is_ascii_digit()) && (!unsigned.starts_with('0') || text == "0");
    if !plain {
        return visitor.visit_str(text);
    }
    if let Ok(value) = text.parse() {
        return visitor.visit_u64(value);
    }
    if let Ok(value) = text.parse() {
        return visitor.visit_i64(value);
    }
    if let Ok(value) = text.parse() {
        return visitor.visit_u128(value);
    }
    match text.parse() {
        Ok(value) => visitor.visit_i128(value),
        Err(_) => visitor.visit_str(text),
    }
}

macro_rules! visit {
    ($($name:ident($kind:ty))*) => {
        $(fn $name<E: Error>(self, value: $kind) -> Result<V::Value, E> { self.0.$name(value) })*
    };
}

impl<'de, V: Visitor<'de>, const FOR: u8> Visitor<'de> for Inside<V, FOR> {
    type Value = V::Value;

    visit! {
        visit_bool(bool)
        visit_i8(i8)
        visit_i16(i16)
        visit_i32(i32)
        visit_i64(i64)
        visit_i128(i128)
        visit_u8(u8)
        visit_u16(u16)
        visit_u32(u32)
        visit_u64(u64)
        visit_u128(u128)
        visit_f32(f32)
        visit_f64(f64)
        visit_char(char)
    }

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<V::Value, E> {
        if FOR == INTEGER { integer(self.0, text) } else { self.0.visit_str(text) }
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<V::Value, E> {
        if FOR == INTEGER { integer(self.0, text) } else { self.0.visit_borrowed_str(text) }
    }

    fn visit_string<E: Error>(self, text: String) -> Result<V::Value, E> {
        if FOR == INTEGER { integer(self.0, &text) } else { self.0.visit_string(text) }
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<V::Value, E> {
        if FOR == SEQUENCE { self.0.visit_seq(Elements::of_bytes(bytes)) } else { self.0.visit_bytes(bytes) }
    }

    fn visit_borrowed_bytes<E: Error>(self, bytes: &'de [u8]) -> Result<V::Value, E> {
        if FOR == SEQUENCE { self.visit_bytes(bytes) } else { self.0.visit_borrowed_bytes(bytes) }
    }

    fn visit_byte_buf<E: Error>(self, bytes: Vec<u8>) -> Result<V::Value, E> {
        if FOR == SEQUENCE { self.visit_bytes(&bytes) } else { self.0.visit_byte_buf(bytes) }
    }

    fn visit_none<E: Error>(self) -> Result<V::Value, E> {
        self.0.visit_none()
    }

    fn visit_unit<E: Error>(self) -> Result<V::Value, E> {
        self.0.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        self.0.visit_some(Lenient(inner))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        if FOR == SEQUENCE {
            let Extension { code, bytes } = Extension::read(inner)?;
            return self.0.visit_seq(Elements::new(code, &bytes)?);
        }
        self.0.visit_newtype_struct(Lenient(inner))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<V::Value, A::Error> {
        self.0.visit_seq(Lenient(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<V::Value, A::Error> {
        self.0.visit_map(Lenient(members))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, variant: A) -> Result<V::Value, A::Error> {
        self.0.visit_enum(Lenient(variant))
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Lenient<A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        self.0.next_element_seed(Lenient(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Lenient<A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        self.0.next_key_seed(Lenient(seed))
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.0.next_value_seed(Lenient(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, A: EnumAccess<'de>> EnumAccess<'de> for Lenient<A> {
    type Error = A::Error;
    type Variant = Lenient<A::Variant>;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self::Variant), A::Error> {
        self.0.variant_seed(Lenient(seed)).map(|(value, variant)| (value, Lenient(variant)))
    }
}

impl<'de, A: VariantAccess<'de>> VariantAccess<'de> for Lenient<A> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), A::Error> {
        self.0.unit_variant()
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, A::Error> {
        self.0.newtype_variant_seed(Lenient(seed))
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, A::Error> {
        self.0.tuple_variant(length, Inside::<V, ANYTHING>(visitor))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        self.0.struct_variant(fields, Inside::<V, ANYTHING>(visitor))
    }
}
