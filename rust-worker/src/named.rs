//! Parameters that are numbers, by name or by position. By hand: a derive costs each build its proc macros.

use std::fmt;

use compute::number::Number;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// Numbers that one method takes, at most.
pub const MOST: usize = 2;

/// Declares a struct of numbers that is read in this way.
macro_rules! numbers {
    ($name:ident { $($field:ident),+ }) => {
        struct $name { $($field: Number),+ }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let mut numbers = crate::named::read(deserializer, &[$(stringify!($field)),+])?.into_iter().flatten();
                let mut next = |name| numbers.next().ok_or_else(|| serde::de::Error::missing_field(name));
                Ok($name { $($field: next(stringify!($field))?),+ })
            }
        }
    };
}
pub(crate) use numbers;

/// The numbers of these names, all of them.
pub fn read<'de, D: Deserializer<'de>>(
    deserializer: D,
    names: &'static [&'static str],
) -> Result<[Option<Number>; MOST], D::Error> {
    deserializer.deserialize_struct("Numbers", names, Named(names))
}

struct Named(&'static [&'static str]);

impl<'de> Visitor<'de> for Named {
    type Value = [Option<Number>; MOST];

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the numbers {}", self.0.join(", "))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut found = [None, None];
        while let Some(place) = members.next_key_seed(Place(self.0))? {
            match place {
                Some(place) => found[place] = Some(members.next_value()?),
                None => drop(members.next_value::<IgnoredAny>()?),
            }
        }
        match self.0.iter().zip(&found).find(|(_, number)| number.is_none()) {
            Some((name, _)) => Err(A::Error::missing_field(name)),
            None => Ok(found),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut found = [None, None];
        for (name, place) in self.0.iter().zip(&mut found) {
            *place = Some(items.next_element()?.ok_or_else(|| A::Error::missing_field(name))?);
        }
        Ok(found)
    }
}

/// The place of a name among these; `None` for one that nobody knows.
struct Place(&'static [&'static str]);

impl<'de> DeserializeSeed<'de> for Place {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<usize>, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for Place {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a parameter")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Option<usize>, E> {
        Ok(self.0.iter().position(|known| *known == name))
    }
}
