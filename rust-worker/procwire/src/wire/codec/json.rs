//! The JSON codec. The envelope borrows from the frame; `params` is validated once and not built.

mod envelope;
mod write;

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::{Bounds, Decoded, Parts, one_pass};
use crate::fault::Fault;
use crate::wire::message::{Envelope, TOO_DEEP};
use envelope::envelope;
pub(super) use write::*;

pub(super) fn decode(frame: &[u8], bounds: Bounds) -> Decoded<'_> {
    match one_pass::read(frame, bounds.depth) {
        Some(envelope) => Decoded::One(envelope),
        None => decode_any(frame, bounds),
    }
}

/// As [`decode`], for every shape of message.
pub(super) fn decode_any(frame: &[u8], bounds: Bounds) -> Decoded<'_> {
    let text = match std::str::from_utf8(frame) {
        Ok(text) => text,
        Err(error) => return Decoded::Bad(Fault::parse_error(format!("Parse error: {error}"))),
    };
    if deeper_than(frame, bounds.depth) {
        return Decoded::Bad(Fault::parse_error(TOO_DEEP));
    }
    match text.trim_ascii_start().as_bytes().first() {
        Some(b'{') => match envelope(text) {
            Ok(envelope) => Decoded::One(envelope),
            Err(error) => syntax(&error),
        },
        Some(b'[') => batch(text, bounds.batch),
        _ => match serde_json::from_str::<IgnoredAny>(text) {
            Ok(_) => Decoded::Bad(Fault::invalid_request("a message must be an object or a batch")),
            Err(error) => syntax(&error),
        },
    }
}

pub(super) fn value<'de, S: DeserializeSeed<'de>>(seed: S, bytes: &'de [u8]) -> Result<S::Value, String> {
    let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = seed.deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
    value.map_err(|error| without_position(&error))
}

pub(super) fn parts(bytes: &[u8]) -> Result<Parts<'_>, String> {
    let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
    match bytes.first() {
        Some(b'{') => serde_json::from_str::<Members>(text).map(|members| Parts::Named(members.0)),
        Some(b'[') => serde_json::from_str::<Vec<&RawValue>>(text)
            .map(|items| Parts::Positional(items.into_iter().map(|raw| raw.get().as_bytes()).collect())),
        _ => return Ok(Parts::Absent),
    }
    .map_err(|error| without_position(&error))
}

pub(super) fn elements(array: &[u8], most: usize) -> Result<Option<Vec<&[u8]>>, String> {
    let text = std::str::from_utf8(array).map_err(|error| error.to_string())?;
    let items = Items(most).deserialize(&mut serde_json::Deserializer::from_str(text));
    let items = items.map_err(|error| without_position(&error))?;
    Ok(items.map(|items| items.into_iter().map(|raw| raw.get().as_bytes()).collect()))
}

fn syntax<'a>(error: &serde_json::Error) -> Decoded<'a> {
    Decoded::Bad(Fault::parse_error(format!("Parse error: {error}")))
}

fn batch(text: &str, limit: usize) -> Decoded<'_> {
    let mut reader = serde_json::Deserializer::from_str(text);
    match Items(limit).deserialize(&mut reader).and_then(|items| reader.end().map(|()| items)) {
        Ok(Some(items)) if items.is_empty() => Decoded::Bad(Fault::invalid_request("a batch cannot be empty")),
        Ok(Some(items)) => Decoded::Many(items.into_iter().map(|raw| batch_member(raw.get())).collect()),
        Ok(None) => Decoded::Bad(Fault::batch_too_large(limit)),
        Err(error) => syntax(&error),
    }
}

/// What is not an object becomes an empty envelope, which is an invalid request.
fn batch_member(text: &str) -> Envelope<'_> {
    match text.starts_with('{') {
        true => envelope(text).unwrap_or_default(),
        false => Envelope::default(),
    }
}

/// Whether brackets are nested deeper than `limit`. Few frames have even that many, which a vector search sees.
fn deeper_than(text: &[u8], limit: usize) -> bool {
    if memchr::memchr2_iter(b'[', b'{', text).nth(limit).is_none() {
        return false;
    }
    let (mut depth, mut at) = (0_usize, 0);
    while at < text.len() {
        match text[at] {
            b'"' => at = end_of_string(text, at + 1),
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > limit {
            return true;
        }
        at += 1;
    }
    false
}

/// The place of the quote that ends a string whose first character is at `at`.
fn end_of_string(text: &[u8], mut at: usize) -> usize {
    while let Some(found) = memchr::memchr2(b'"', b'\\', text.get(at..).unwrap_or_default()) {
        at += found;
        if text[at] == b'"' {
            return at;
        }
        at += 2;
    }
    text.len()
}

/// serde_json's sentence without "at line 1 column 2", which would count from the start of the parameter.
fn without_position(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rfind(" at line ") {
        Some(at) => text[..at].to_owned(),
        None => text,
    }
}

/// The elements of an array, unread; none if there are more than so many.
struct Items(usize);

impl<'de> DeserializeSeed<'de> for Items {
    type Value = Option<Vec<&'de RawValue>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Items {
    type Value = Option<Vec<&'de RawValue>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = elements.next_element::<&RawValue>()? {
            if items.len() == self.0 {
                // What is no JSON is no batch either.
                while elements.next_element::<IgnoredAny>()?.is_some() {}
                return Ok(None);
            }
            items.push(item);
        }
        Ok(Some(items))
    }
}

/// The members of an object in their order, unread.
struct Members<'a>(Vec<(Cow<'a, str>, &'a [u8])>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor).map(Members)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Vec<(Cow<'de, str>, &'de [u8])>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            let raw: &RawValue = map.next_value()?;
            members.push((Cow::Owned(name), raw.get().as_bytes()));
        }
        Ok(members)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<Self::Value, A::Error> {
        Ok(Vec::new())
    }
}
