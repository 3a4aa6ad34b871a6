//! How numbers travel: as numbers where the other side can hold them, else by their digits.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};
use serde_json::value::RawValue;

use super::{Integer, Number, SAFE};

impl Serialize for Integer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Integer::Small(value) = self else {
            return serializer.collect_str(self);
        };
        let range = if serializer.is_human_readable() { -SAFE..=SAFE } else { i64::MIN.into()..=u64::MAX.into() };
        match (range.contains(value), i64::try_from(*value), u64::try_from(*value)) {
            (true, Ok(value), _) => serializer.serialize_i64(value),
            (true, _, Ok(value)) => serializer.serialize_u64(value),
            _ => serializer.collect_str(value),
        }
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Number::Integer(value) => value.serialize(serializer),
            Number::Float(value) => serializer.serialize_f64(*value),
        }
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if !deserializer.is_human_readable() {
            return deserializer.deserialize_any(NumberVisitor);
        }
        let raw = <&RawValue>::deserialize(deserializer)?.get();
        let number = match raw.as_bytes()[0] {
            b'"' => string_integer(raw),
            b'-' | b'0'..=b'9' => Number::from_json(raw),
            _ => Err(format!("expected a number, found {}", kind(raw.as_bytes()))),
        };
        number.map_err(de::Error::custom)
    }
}

fn string_integer(raw: &str) -> Result<Number, String> {
    let text: String = serde_json::from_str(raw).map_err(|error| error.to_string())?;
    Integer::parse(&text).map(Number::Integer)
}

struct NumberVisitor;

impl Visitor<'_> for NumberVisitor {
    type Value = Number;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number")
    }

    fn visit_i64<E>(self, value: i64) -> Result<Number, E> {
        Ok(Number::Integer(Integer::Small(value.into())))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Number, E> {
        Ok(Number::Integer(Integer::Small(value.into())))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Number, E> {
        match value.is_finite() {
            true => Ok(Number::Float(value)),
            false => Err(E::custom(format!("expected a finite number, found {value}"))),
        }
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Number, E> {
        Integer::parse(text).map(Number::Integer).map_err(E::custom)
    }
}

/// What a JSON value is, in words.
pub fn kind(raw: &[u8]) -> &'static str {
    match raw.first() {
        Some(b'"') => "a string",
        Some(b'{') => "an object",
        Some(b'[') => "an array",
        Some(b't' | b'f') => "a boolean",
        Some(b'n') => "null",
        _ => "a number",
    }
}
