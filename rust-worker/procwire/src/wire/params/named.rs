//! Decoding that knows the name of each parameter. Slower than decoding at once, so it runs when that has failed, to
//! find the words for it, and for parameters that are not there.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::{self, Display};
use std::vec;

use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;

use crate::wire::codec::{Codec, Lenient, Parts};

pub(super) fn decode<'de, T: Deserialize<'de>>(codec: Codec, params: Option<&'de [u8]>) -> Result<T, String> {
    let parts = codec.parts(params)?;
    T::deserialize(Top { codec, parts }).map_err(|problem| problem.0)
}

/// The whole of `params`.
struct Top<'de> {
    codec: Codec,
    parts: Parts<'de>,
}

impl<'de> Top<'de> {
    fn len(&self) -> usize {
        match &self.parts {
            Parts::Named(members) => members.len(),
            Parts::Positional(items) => items.len(),
            Parts::Absent => 0,
        }
    }

    /// Positional values get the names of the fields they are for.
    fn by_name(self, fields: &'static [&'static str]) -> Result<Members<'de>, Problem> {
        let members = match self.parts {
            Parts::Named(members) => without_repeated(members),
            Parts::Positional(items) if items.len() > fields.len() => {
                return Err(Problem(format!("expected {} parameters, got {}", fields.len(), items.len())));
            }
            Parts::Positional(items) => fields.iter().map(|name| Cow::Borrowed(*name)).zip(items).collect(),
            Parts::Absent => Vec::new(),
        };
        Ok(Members { codec: self.codec, rest: members.into_iter(), value: None })
    }
}

impl<'de> Deserializer<'de> for Top<'de> {
    type Error = Problem;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        match self.parts {
            Parts::Positional(items) => {
                visitor.visit_seq(Items { codec: self.codec, rest: items.into_iter(), position: 0 })
            }
            Parts::Named(_) => visitor.visit_map(self.by_name(&[])?),
            Parts::Absent => visitor.visit_unit(),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Problem> {
        visitor.visit_map(self.by_name(fields)?)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        match self.len() {
            0 => visitor.visit_unit(),
            count => Err(Problem(format!("expected no parameters, got {count}"))),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Problem> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Problem> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        match self.parts {
            Parts::Absent => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Problem> {
        if self.len() == 0 {
            self.parts = Parts::Named(Vec::new());
        }
        self.deserialize_any(visitor)
    }

    fn deserialize_seq<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Problem> {
        if self.len() == 0 {
            self.parts = Parts::Positional(Vec::new());
        }
        self.deserialize_any(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        tuple tuple_struct enum identifier ignored_any
    }
}

/// Of several members with one name the last counts.
fn without_repeated<'de>(members: Vec<Member<'de>>) -> Vec<Member<'de>> {
    let last: HashMap<Cow<'de, str>, usize> =
        members.iter().enumerate().map(|(at, (name, _))| (name.clone(), at)).collect();
    let counts = |(at, member): (usize, Member<'de>)| (last[&member.0] == at).then_some(member);
    members.into_iter().enumerate().filter_map(counts).collect()
}

type Member<'de> = (Cow<'de, str>, &'de [u8]);

struct Members<'de> {
    codec: Codec,
    rest: vec::IntoIter<(Cow<'de, str>, &'de [u8])>,
    value: Option<(String, &'de [u8])>,
}

impl<'de> MapAccess<'de> for Members<'de> {
    type Error = Problem;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Problem> {
        let Some((name, raw)) = self.rest.next() else {
            return Ok(None);
        };
        let key = Lenient(seed).deserialize(de::value::StrDeserializer::<Problem>::new(&name))?;
        self.value = Some((name.into_owned(), raw));
        Ok(Some(key))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Problem> {
        let (name, raw) = self.value.take().expect("serde asks for a key before its value");
        value(self.codec, seed, raw).map_err(|text| Problem(format!("parameter `{name}`: {text}")))
    }
}

struct Items<'de> {
    codec: Codec,
    rest: vec::IntoIter<&'de [u8]>,
    position: usize,
}

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = Problem;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Problem> {
        let Some(raw) = self.rest.next() else {
            return Ok(None);
        };
        self.position += 1;
        let position = self.position;
        value(self.codec, seed, raw).map(Some).map_err(|text| Problem(format!("parameter {position}: {text}")))
    }
}

fn value<'de, S: DeserializeSeed<'de>>(codec: Codec, seed: S, raw: &'de [u8]) -> Result<S::Value, String> {
    codec.seed(Lenient(seed), raw)
}

/// What is wrong, in words for the caller.
#[derive(Debug)]
struct Problem(String);

impl Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Problem {}

impl de::Error for Problem {
    fn custom<T: Display>(text: T) -> Self {
        Problem(text.to_string())
    }

    fn missing_field(name: &'static str) -> Self {
        Problem(format!("missing parameter `{name}`"))
    }

    fn duplicate_field(name: &'static str) -> Self {
        Problem(format!("parameter `{name}` is given twice"))
    }

    fn unknown_field(name: &str, _: &'static [&'static str]) -> Self {
        Problem(format!("unknown parameter `{name}`"))
    }
}
