//! The JSON codec. The envelope borrows from the frame; `params` is validated once and not built.

use std::borrow::Cow;
use std::fmt;
use std::io;
use std::marker::PhantomData;

use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::exact::{self, Exact};
use super::{Bounds, Decoded, Parts, Shape, one_pass};
use crate::fault::Fault;
use crate::wire::message::{Envelope, Sent, TOO_DEEP};

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

pub(super) fn write<T: Serialize + ?Sized>(out: &mut impl io::Write, value: &T) -> Result<(), String> {
    let mut serializer = serde_json::Serializer::new(out);
    value.serialize(Exact::<_, exact::Json>::new(&mut serializer)).map_err(|error| error.to_string())
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
    match envelope_with::<Member>(text) {
        // A name may hold half of a surrogate pair, and is no text then. Read as bytes it is, but so is what JSON forbids.
        Err(_) if serde_json::from_str::<IgnoredAny>(text).is_ok() => envelope_with::<WildMember>(text),
        result => result,
    }
}

fn envelope_with<'a, K: Deserialize<'a> + Into<Member>>(text: &'a str) -> Result<Envelope<'a>, serde_json::Error> {
    let mut envelope = Envelope::default();
    let mut reader = serde_json::Deserializer::from_str(text);
    Fields(&mut envelope, PhantomData::<K>).deserialize(&mut reader)?;
    reader.end()?;
    Ok(envelope)
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

/// Reads the members of an envelope into it.
struct Fields<'e, 'a, K>(&'e mut Envelope<'a>, PhantomData<K>);

impl<'de, K: Deserialize<'de> + Into<Member>> DeserializeSeed<'de> for Fields<'_, 'de, K> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, K: Deserialize<'de> + Into<Member>> Visitor<'de> for Fields<'_, 'de, K> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON-RPC message")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(member) = map.next_key::<K>()?.map(K::into) {
            if member == Member::Other {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            self.0.has_outcome |= matches!(member, Member::Result | Member::Error);
            let raw = map.next_value::<&RawValue>()?.get();
            set(self.0, member, raw);
        }
        Ok(())
    }
}

fn set<'a>(envelope: &mut Envelope<'a>, member: Member, raw: &'a str) {
    let first = raw.as_bytes()[0];
    match member {
        Member::Version => envelope.version = string(raw).is_some_and(|version| version == "2.0"),
        Member::Id => {
            envelope.bad_id = !matches!(first, b'"' | b'-' | b'0'..=b'9' | b'n');
            envelope.id = (!envelope.bad_id).then_some(raw.as_bytes());
        }
        Member::Method => {
            envelope.method = string(raw);
            envelope.bad_method = envelope.method.is_none();
        }
        Member::Params => {
            envelope.bad_params = !matches!(first, b'{' | b'[');
            envelope.params = (!envelope.bad_params).then_some(Sent::new(raw.as_bytes()));
        }
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
        // Half of a surrogate pair has no place in our strings, and no method a name with one: nobody serves what stands
        // in the text either.
        Some(_) => Some(serde_json::from_str(raw).map_or(Cow::Borrowed(inner), Cow::Owned)),
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

/// A member whose name need not be text.
struct WildMember(Member);

impl From<WildMember> for Member {
    fn from(WildMember(member): WildMember) -> Member {
        member
    }
}

impl<'de> Deserialize<'de> for WildMember {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_bytes(MemberName).map(WildMember)
    }
}

struct MemberName;

impl Visitor<'_> for MemberName {
    type Value = Member;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member name")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<Member, E> {
        self.visit_bytes(name.as_bytes())
    }

    fn visit_bytes<E>(self, name: &[u8]) -> Result<Member, E> {
        Ok(match name {
            b"jsonrpc" => Member::Version,
            b"id" => Member::Id,
            b"method" => Member::Method,
            b"params" => Member::Params,
            b"result" => Member::Result,
            b"error" => Member::Error,
            _ => Member::Other,
        })
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
