//! Numbers as they may travel. Whatever a handler gives to be written passes through here on its way to the codec: an
//! integer that the other side could not read exactly becomes its decimal digits, a float that the codec does not have
//! is an error, and so are many bytes that would travel as a number each. Nothing else is changed.

mod elements;
mod key;
mod parts;

use std::fmt::Display;
use std::io::Write;
use std::marker::PhantomData;

use serde::ser::{Error, Serialize, Serializer};

use elements::{Elements, MOST_BYTES, too_many_bytes};
use parts::{Fields, NUMBER, Parts};

/// What a codec can carry.
pub(super) trait Rules {
    /// The integers that travel as numbers.
    const LEAST: i64;
    const MOST: u64;
    /// There is no NaN and no infinity.
    const FINITE: bool;
    /// The codec would write keys that are no texts as what they are.
    const KEYS_OF_ALL_KINDS: bool;
    /// Bytes are bytes, and not as many numbers.
    const BYTES: bool;
}

/// Integers that every JavaScript number holds exactly.
pub(super) struct Json;

impl Rules for Json {
    const LEAST: i64 = -Self::LARGEST_SAFE;
    const MOST: u64 = Self::LARGEST_SAFE as u64;
    const FINITE: bool = true;
    const KEYS_OF_ALL_KINDS: bool = false;
    const BYTES: bool = false;
}

impl Json {
    const LARGEST_SAFE: i64 = (1 << 53) - 1;
}

/// Integers of up to 64 bits.
#[cfg(feature = "msgpack")]
pub(super) struct MessagePack;

#[cfg(feature = "msgpack")]
impl Rules for MessagePack {
    const LEAST: i64 = i64::MIN;
    const MOST: u64 = u64::MAX;
    const FINITE: bool = false;
    const KEYS_OF_ALL_KINDS: bool = true;
    const BYTES: bool = true;
}

/// A value that is written by the rules, all through.
struct By<'a, T: ?Sized, R>(&'a T, PhantomData<R>);

impl<T: Serialize + ?Sized, R: Rules> Serialize for By<'_, T, R> {
    #[inline]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(Exact::<S, R>::new(serializer))
    }
}

/// The codec's own serializer, and before it the rules.
pub(super) struct Exact<S, R>(S, PhantomData<R>);

impl<S, R> Exact<S, R> {
    #[inline]
    pub fn new(serializer: S) -> Self {
        Exact(serializer, PhantomData)
    }
}

fn digits<S: Serializer>(serializer: S, number: impl Display) -> Result<S::Ok, S::Error> {
    // The longest is the least i128.
    let mut room = [0; 40];
    let mut rest = &mut room[..];
    write!(rest, "{number}").map_err(S::Error::custom)?;
    let length = 40 - rest.len();
    serializer.serialize_str(std::str::from_utf8(&room[..length]).map_err(S::Error::custom)?)
}

#[cold]
fn not_finite<E: Error>() -> E {
    E::custom("JSON has no NaN and no infinities; check floats before you return them, or use MessagePack")
}

macro_rules! forward {
    ($($name:ident($kind:ty))*) => {
        $(#[inline] fn $name(self, value: $kind) -> Result<S::Ok, S::Error> { self.0.$name(value) })*
    };
}

impl<S: Serializer, R: Rules> Serializer for Exact<S, R> {
    type Ok = S::Ok;
    type Error = S::Error;
    type SerializeSeq = Elements<S::SerializeSeq, R>;
    type SerializeTuple = Parts<S::SerializeTuple, R>;
    type SerializeTupleStruct = Parts<S::SerializeTupleStruct, R>;
    type SerializeTupleVariant = Parts<S::SerializeTupleVariant, R>;
    type SerializeMap = Parts<S::SerializeMap, R>;
    type SerializeStruct = Fields<S, R>;
    type SerializeStructVariant = Parts<S::SerializeStructVariant, R>;

    forward! {
        serialize_bool(bool)
        serialize_i8(i8)
        serialize_i16(i16)
        serialize_i32(i32)
        serialize_u8(u8)
        serialize_u16(u16)
        serialize_u32(u32)
        serialize_char(char)
        serialize_str(&str)
        serialize_unit_struct(&'static str)
    }

    #[inline]
    fn serialize_i64(self, value: i64) -> Result<S::Ok, S::Error> {
        // A negative number is none of the u64.
        if value >= R::LEAST && (value < 0 || value as u64 <= R::MOST) {
            return self.0.serialize_i64(value);
        }
        digits(self.0, value)
    }

    #[inline]
    fn serialize_u64(self, value: u64) -> Result<S::Ok, S::Error> {
        if value <= R::MOST { self.0.serialize_u64(value) } else { digits(self.0, value) }
    }

    fn serialize_i128(self, value: i128) -> Result<S::Ok, S::Error> {
        match (i64::try_from(value), u64::try_from(value)) {
            (Ok(value), _) => self.serialize_i64(value),
            (_, Ok(value)) => self.serialize_u64(value),
            _ => digits(self.0, value),
        }
    }

    fn serialize_u128(self, value: u128) -> Result<S::Ok, S::Error> {
        match u64::try_from(value) {
            Ok(value) => self.serialize_u64(value),
            Err(_) => digits(self.0, value),
        }
    }

    #[inline]
    fn serialize_f32(self, value: f32) -> Result<S::Ok, S::Error> {
        if R::FINITE && !value.is_finite() { Err(not_finite()) } else { self.0.serialize_f32(value) }
    }

    #[inline]
    fn serialize_f64(self, value: f64) -> Result<S::Ok, S::Error> {
        if R::FINITE && !value.is_finite() { Err(not_finite()) } else { self.0.serialize_f64(value) }
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<S::Ok, S::Error> {
        if !R::BYTES && bytes.len() > MOST_BYTES { Err(too_many_bytes()) } else { self.0.serialize_bytes(bytes) }
    }

    #[inline]
    fn serialize_none(self) -> Result<S::Ok, S::Error> {
        self.0.serialize_none()
    }

    #[inline]
    fn serialize_unit(self) -> Result<S::Ok, S::Error> {
        self.0.serialize_unit()
    }

    #[inline]
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<S::Ok, S::Error> {
        self.0.serialize_some(&By::<T, R>(value, PhantomData))
    }

    #[inline]
    fn serialize_unit_variant(self, name: &'static str, index: u32, variant: &'static str) -> Result<S::Ok, S::Error> {
        self.0.serialize_unit_variant(name, index, variant)
    }

    #[inline]
    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, name: &'static str, value: &T) -> Result<S::Ok, S::Error> {
        self.0.serialize_newtype_struct(name, &By::<T, R>(value, PhantomData))
    }

    #[inline]
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<S::Ok, S::Error> {
        self.0.serialize_newtype_variant(name, index, variant, &By::<T, R>(value, PhantomData))
    }

    #[inline]
    fn serialize_seq(self, length: Option<usize>) -> Result<Self::SerializeSeq, S::Error> {
        self.0.serialize_seq(length).map(|elements| Elements::new(elements, length))
    }

    #[inline]
    fn serialize_tuple(self, length: usize) -> Result<Self::SerializeTuple, S::Error> {
        self.0.serialize_tuple(length).map(Parts::new)
    }

    #[inline]
    fn serialize_tuple_struct(self, name: &'static str, length: usize) -> Result<Self::SerializeTupleStruct, S::Error> {
        self.0.serialize_tuple_struct(name, length).map(Parts::new)
    }

    #[inline]
    fn serialize_tuple_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Self::SerializeTupleVariant, S::Error> {
        self.0.serialize_tuple_variant(name, index, variant, length).map(Parts::new)
    }

    #[inline]
    fn serialize_map(self, length: Option<usize>) -> Result<Self::SerializeMap, S::Error> {
        self.0.serialize_map(length).map(Parts::new)
    }

    #[inline]
    fn serialize_struct(self, name: &'static str, length: usize) -> Result<Self::SerializeStruct, S::Error> {
        if name == NUMBER {
            return Ok(Fields::Number(self.0, String::new()));
        }
        self.0.serialize_struct(name, length).map(|fields| Fields::Fields(Parts::new(fields)))
    }

    #[inline]
    fn serialize_struct_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Self::SerializeStructVariant, S::Error> {
        self.0.serialize_struct_variant(name, index, variant, length).map(Parts::new)
    }

    #[inline]
    fn collect_str<T: Display + ?Sized>(self, value: &T) -> Result<S::Ok, S::Error> {
        self.0.collect_str(value)
    }

    #[inline]
    fn is_human_readable(&self) -> bool {
        self.0.is_human_readable()
    }
}
