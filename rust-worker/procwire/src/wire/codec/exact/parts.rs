//! What is inside of a value that is written by the rules.

use std::marker::PhantomData;

use serde::ser::{self, Error, Serialize, Serializer};

use super::key::Key;
use super::{By, Exact, Rules};

/// How serde_json names the struct that is a number with digits of its own, if it is built to keep those.
pub(super) const NUMBER: &str = "$serde_json::private::Number";

/// Elements, members or fields.
pub(crate) struct Parts<C, R>(C, PhantomData<R>);

impl<C, R> Parts<C, R> {
    #[inline]
    pub(super) fn new(parts: C) -> Self {
        Parts(parts, PhantomData)
    }
}

macro_rules! each_element {
    ($($kind:ident::$add:ident)*) => {$(
        impl<C: ser::$kind, R: Rules> ser::$kind for Parts<C, R> {
            type Ok = C::Ok;
            type Error = C::Error;

            #[inline]
            fn $add<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), C::Error> {
                self.0.$add(&By::<T, R>(value, PhantomData))
            }

            #[inline]
            fn end(self) -> Result<C::Ok, C::Error> {
                self.0.end()
            }
        }
    )*};
}

each_element! {
    SerializeSeq::serialize_element
    SerializeTuple::serialize_element
    SerializeTupleStruct::serialize_field
    SerializeTupleVariant::serialize_field
}

impl<C: ser::SerializeMap, R: Rules> ser::SerializeMap for Parts<C, R> {
    type Ok = C::Ok;
    type Error = C::Error;

    #[inline]
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), C::Error> {
        if R::KEYS_OF_ALL_KINDS { self.0.serialize_key(&Key(key)) } else { self.0.serialize_key(key) }
    }

    #[inline]
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), C::Error> {
        self.0.serialize_value(&By::<T, R>(value, PhantomData))
    }

    #[inline]
    fn end(self) -> Result<C::Ok, C::Error> {
        self.0.end()
    }
}

impl<C: ser::SerializeStructVariant, R: Rules> ser::SerializeStructVariant for Parts<C, R> {
    type Ok = C::Ok;
    type Error = C::Error;

    #[inline]
    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), C::Error> {
        self.0.serialize_field(name, &By::<T, R>(value, PhantomData))
    }

    #[inline]
    fn skip_field(&mut self, name: &'static str) -> Result<(), C::Error> {
        self.0.skip_field(name)
    }

    #[inline]
    fn end(self) -> Result<C::Ok, C::Error> {
        self.0.end()
    }
}

/// The fields of a struct, or a number that serde_json shows as one.
pub(crate) enum Fields<S: Serializer, R> {
    Fields(Parts<S::SerializeStruct, R>),
    Number(S, String),
}

impl<S: Serializer, R: Rules> ser::SerializeStruct for Fields<S, R> {
    type Ok = S::Ok;
    type Error = S::Error;

    #[inline]
    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), S::Error> {
        match self {
            Fields::Fields(fields) => fields.0.serialize_field(name, &By::<T, R>(value, PhantomData)),
            Fields::Number(_, text) => {
                let value = serde_json::to_value(value).map_err(S::Error::custom)?;
                value.as_str().unwrap_or_default().clone_into(text);
                Ok(())
            }
        }
    }

    #[inline]
    fn skip_field(&mut self, name: &'static str) -> Result<(), S::Error> {
        match self {
            Fields::Fields(fields) => fields.0.skip_field(name),
            Fields::Number(..) => Ok(()),
        }
    }

    #[inline]
    fn end(self) -> Result<S::Ok, S::Error> {
        match self {
            Fields::Fields(fields) => fields.0.end(),
            Fields::Number(serializer, text) => number::<S, R>(serializer, &text),
        }
    }
}

/// A number from its text.
#[cold]
fn number<S: Serializer, R: Rules>(serializer: S, text: &str) -> Result<S::Ok, S::Error> {
    if let Ok(value) = text.parse::<i128>() {
        return Exact::<S, R>::new(serializer).serialize_i128(value);
    }
    if text.trim_start_matches('-').bytes().all(|byte| byte.is_ascii_digit()) {
        return serializer.serialize_str(text);
    }
    if R::KEYS_OF_ALL_KINDS {
        return serializer.serialize_f64(text.parse().map_err(S::Error::custom)?);
    }
    let mut fields = serializer.serialize_struct(NUMBER, 1)?;
    ser::SerializeStruct::serialize_field(&mut fields, NUMBER, text)?;
    ser::SerializeStruct::end(fields)
}
