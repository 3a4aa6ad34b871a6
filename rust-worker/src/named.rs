//! Parameters that are numbers, by name or by position. By hand: a derive costs each build its proc macros.

use std::fmt;

use compute::number::Number;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// Declares a struct of numbers that is read in this way.
macro_rules! numbers {
    ($name:ident { $($field:ident),+ }) => {
        struct $name { $($field: Number),+ }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                const NAMES: &[&str] = &[$(stringify!($field)),+];
                // Here, where the names are known, so that they are compared as what they are.
                let place = |name: &str| [$(stringify!($field)),+].iter().position(|known| *known == name);
                let [$($field),+] = crate::named::read(deserializer, NAMES, place)?;
                Ok($name { $($field),+ })
            }
        }
    };
}
pub(crate) use numbers;

/// The numbers of these names, all of them; `place` finds a name among them.
pub fn read<'de, const N: usize, D: Deserializer<'de>>(
    deserializer: D,
    names: &'static [&'static str],
    place: impl Fn(&str) -> Option<usize>,
) -> Result<[Number; N], D::Error> {
    deserializer.deserialize_struct("Numbers", names, Named { names, place })
}

struct Named<P, const N: usize> {
    names: &'static [&'static str],
    place: P,
}

impl<'de, P: Fn(&str) -> Option<usize>, const N: usize> Visitor<'de> for Named<P, N> {
    type Value = [Number; N];

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the numbers {}", self.names.join(", "))
    }

    #[inline]
    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut found = [const { None }; N];
        while let Some(place) = members.next_key_seed(Key(&self.place))? {
            match place {
                Some(place) => found[place] = Some(members.next_value()?),
                None => drop(members.next_value::<IgnoredAny>()?),
            }
        }
        self.all(found)
    }

    #[inline]
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut found = [const { None }; N];
        for place in &mut found {
            *place = items.next_element()?;
        }
        self.all(found)
    }
}

impl<P, const N: usize> Named<P, N> {
    #[inline]
    fn all<E: Error>(&self, mut found: [Option<Number>; N]) -> Result<[Number; N], E> {
        if let Some(missing) = found.iter().position(Option::is_none) {
            return Err(E::missing_field(self.names[missing]));
        }
        Ok(std::array::from_fn(|at| found[at].take().expect("none is missing")))
    }
}

/// The place of a member, by its name; `None` for one that nobody knows.
struct Key<'p, P>(&'p P);

impl<'de, P: Fn(&str) -> Option<usize>> DeserializeSeed<'de> for Key<'_, P> {
    type Value = Option<usize>;

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<usize>, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl<P: Fn(&str) -> Option<usize>> Visitor<'_> for Key<'_, P> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a parameter")
    }

    #[inline]
    fn visit_str<E: Error>(self, name: &str) -> Result<Option<usize>, E> {
        Ok((self.0)(name))
    }
}
