//! The JSON codec. The envelope borrows from the frame; `params` is validated once and not built.

use std::borrow::Cow;
use std::fmt;
use std::io;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{Bounds, Decoded, Parts, Shape, canonical};
use crate::fault::Fault;
use crate::message::{Envelope, Salvaged};

pub(super) fn decode(frame: &[u8], bounds: Bounds) -> Decoded<'_> {
    match canonical::read(frame, bounds.depth) {
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
    let too_deep = deeper_than(frame, bounds.depth);
    match text.trim_ascii_start().as_bytes().first() {
        Some(b'{') => match envelope(text) {
            Ok(envelope) => Decoded::One(Envelope { too_deep, ..envelope }),
            Err(error) => syntax(&error),
        },
        Some(b'[') => batch(text, bounds.batch, too_deep),
        _ => match serde_json::from_str::<IgnoredAny>(text) {
            Ok(_) => Decoded::Bad(Fault::invalid_request("a message must be an object or a batch")),
            Err(error) => syntax(&error),
        },
    }
}

/// See [`super::Codec::salvage`].
pub(super) fn salvage(head: &[u8]) -> Salvaged<'_> {
    let valid = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or_default(),
    };
    let mut envelope = Envelope::default();
    let mut reader = serde_json::Deserializer::from_str(valid);
    // The head ends in the middle of a value, so this fails after the members it could read.
    let _ = Fields(&mut envelope).deserialize(&mut reader);
    envelope.salvaged()
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

pub(super) fn write<T: Serialize + ?Sized>(out: &mut impl io::Write, value: &T) -> Result<(), String> {
    serde_json::to_writer(out, value).map_err(|error| error.to_string())
}

pub(super) fn append_head(out: &mut Vec<u8>, id: Option<&[u8]>, member: &[u8]) {
    out.extend_from_slice(b"{\"jsonrpc\":\"2.0\",\"id\":");
    out.extend_from_slice(id.unwrap_or(b"null"));
    out.extend_from_slice(member);
}

pub(super) fn append_notification_head(out: &mut Vec<u8>, method: &str) {
    out.extend_from_slice(b"{\"jsonrpc\":\"2.0\",\"method\":");
    serde_json::to_writer(&mut *out, method).expect("a string always encodes");
    out.extend_from_slice(b",\"params\":");
}

pub(super) fn shape(value: &[u8]) -> Shape {
    match value.first() {
        Some(b'{' | b'[') => Shape::Structure,
        Some(b'n') => Shape::Nothing,
        _ => Shape::Other,
    }
}

pub(super) fn append_call(out: &mut Vec<u8>, id: Option<u64>, method: &str, params: Option<&[u8]>) {
    out.extend_from_slice(b"{\"jsonrpc\":\"2.0\",");
    if let Some(id) = id {
        out.extend_from_slice(format!("\"id\":{id},").as_bytes());
    }
    out.extend_from_slice(b"\"method\":");
    serde_json::to_writer(&mut *out, method).expect("a string always encodes");
    if let Some(params) = params {
        out.extend_from_slice(b",\"params\":");
        out.extend_from_slice(params);
    }
    out.push(b'}');
}

pub(super) fn append_items(out: &mut Vec<u8>, id: &[u8], items: &[u8]) {
    out.extend_from_slice(b"{\"id\":");
    out.extend_from_slice(id);
    out.extend_from_slice(b",\"items\":[");
    out.extend_from_slice(items);
    out.extend_from_slice(b"]}");
}

pub(super) fn append_input_pull(out: &mut Vec<u8>, id: &[u8], count: usize) {
    out.extend_from_slice(b"{\"id\":");
    out.extend_from_slice(id);
    out.extend_from_slice(format!(",\"count\":{count}}}").as_bytes());
}

pub(super) fn append_progress_head(out: &mut Vec<u8>, token: &[u8]) {
    out.extend_from_slice(b"{\"token\":");
    out.extend_from_slice(token);
    out.extend_from_slice(b",\"value\":");
}

pub(super) fn append_batch(out: &mut Vec<u8>, messages: &[u8]) {
    out.push(b'[');
    out.extend_from_slice(messages.strip_suffix(b",").unwrap_or(messages));
    out.push(b']');
}

fn syntax<'a>(error: &serde_json::Error) -> Decoded<'a> {
    Decoded::Bad(Fault::parse_error(format!("Parse error: {error}")))
}

fn envelope(text: &str) -> Result<Envelope<'_>, serde_json::Error> {
    let mut envelope = Envelope::default();
    let mut reader = serde_json::Deserializer::from_str(text);
    Fields(&mut envelope).deserialize(&mut reader)?;
    reader.end()?;
    Ok(envelope)
}

fn batch(text: &str, limit: usize, too_deep: bool) -> Decoded<'_> {
    let items = match serde_json::from_str::<Items>(text) {
        Ok(items) => items.0,
        Err(error) => return syntax(&error),
    };
    if items.is_empty() {
        return Decoded::Bad(Fault::invalid_request("a batch cannot be empty"));
    }
    if items.len() > limit {
        return Decoded::Bad(Fault::invalid_request(format!("a batch has more than {limit} messages")));
    }
    Decoded::Many(items.into_iter().map(|raw| batch_member(raw.get(), too_deep)).collect())
}

/// What is not an object becomes an empty envelope, which is an invalid request.
fn batch_member(text: &str, too_deep: bool) -> Envelope<'_> {
    match text.starts_with('{') {
        true => envelope(text).map(|found| Envelope { too_deep, ..found }).unwrap_or_default(),
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

/// Reads the members of an envelope into it as they come, so that they are there even if a later one is torn.
struct Fields<'e, 'a>(&'e mut Envelope<'a>);

impl<'de> DeserializeSeed<'de> for Fields<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Fields<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON-RPC message")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut seen = 0_u8;
        while let Some(member) = map.next_key::<Member>()? {
            if member == Member::Other {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            // Noted before its value is read: the value of an over-long answer is torn.
            self.0.has_outcome |= matches!(member, Member::Result | Member::Error);
            let raw = map.next_value::<&RawValue>()?.get();
            let bit = 1 << member as u8;
            self.0.duplicate |= seen & bit != 0;
            seen |= bit;
            set(self.0, member, raw);
        }
        Ok(())
    }
}

fn set<'a>(envelope: &mut Envelope<'a>, member: Member, raw: &'a str) {
    let first = raw.as_bytes()[0];
    match member {
        Member::Version => envelope.version = raw == "\"2.0\"",
        Member::Id => match first {
            b'"' | b'-' | b'0'..=b'9' | b'n' => envelope.id = Some(raw.as_bytes()),
            _ => envelope.bad_id = true,
        },
        Member::Method => match string(raw) {
            Some(name) => envelope.method = Some(name),
            None => envelope.bad_method = true,
        },
        Member::Params => match first {
            b'{' | b'[' => envelope.params = Some(raw.as_bytes()),
            b'n' => {}
            _ => envelope.bad_params = true,
        },
        Member::Result => envelope.result = Some(raw.as_bytes()),
        Member::Error => envelope.error = Some(raw.as_bytes()),
        Member::Other => {}
    }
}

/// The text of a JSON string; `None` if it is something else.
fn string(raw: &str) -> Option<Cow<'_, str>> {
    let inner = raw.strip_prefix('"')?.strip_suffix('"')?;
    match memchr::memchr(b'\\', inner.as_bytes()) {
        None => Some(Cow::Borrowed(inner)),
        Some(_) => serde_json::from_str(raw).ok().map(Cow::Owned),
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Member {
    Version,
    Id,
    Method,
    Params,
    Result,
    Error,
    Other,
}

impl<'de> Deserialize<'de> for Member {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(MemberName)
    }
}

struct MemberName;

impl Visitor<'_> for MemberName {
    type Value = Member;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Member, E> {
        Ok(match name {
            "jsonrpc" => Member::Version,
            "id" => Member::Id,
            "method" => Member::Method,
            "params" => Member::Params,
            "result" => Member::Result,
            "error" => Member::Error,
            _ => Member::Other,
        })
    }
}

/// The elements of a batch, unread.
struct Items<'a>(Vec<&'a RawValue>);

impl<'de> Deserialize<'de> for Items<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::deserialize(deserializer).map(Items)
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
