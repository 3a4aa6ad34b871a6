//! The members of a message of any shape.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::wire::message::{Envelope, Sent};

pub(super) fn envelope(text: &str) -> Result<Envelope<'_>, serde_json::Error> {
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
        Member::Version => {
            envelope.version = string(raw).is_some_and(|version| version == "2.0");
            envelope.other_version = !envelope.version;
        }
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
