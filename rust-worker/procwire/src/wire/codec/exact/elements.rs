//! The elements of a sequence, which may be bytes that should not be one.

use std::marker::PhantomData;

use serde::ser::{Error, Serialize, SerializeSeq};

use super::{By, Rules};

/// Bytes that may travel as a number each.
pub(super) const MOST_BYTES: usize = 64 * 1024;

pub(in crate::wire::codec) struct Elements<C, R> {
    elements: C,
    /// Bytes among them; one too many as soon as there is one, if it is known that there are too many.
    bytes: usize,
    rules: PhantomData<R>,
}

impl<C, R> Elements<C, R> {
    #[inline]
    pub fn new(elements: C, length: Option<usize>) -> Self {
        let bytes = if length.is_some_and(|length| length > MOST_BYTES) { MOST_BYTES } else { 0 };
        Elements { elements, bytes, rules: PhantomData }
    }
}

impl<C: SerializeSeq, R: Rules> SerializeSeq for Elements<C, R> {
    type Ok = C::Ok;
    type Error = C::Error;

    #[inline]
    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), C::Error> {
        if is_byte::<T>() {
            self.bytes += 1;
            if self.bytes > MOST_BYTES {
                return Err(too_many_bytes());
            }
        }
        self.elements.serialize_element(&By::<T, R>(value, PhantomData))
    }

    #[inline]
    fn end(self) -> Result<C::Ok, C::Error> {
        self.elements.end()
    }
}

/// Whether a type is that of bytes, or of references to them: known when it is compiled.
#[inline]
fn is_byte<T: ?Sized>() -> bool {
    matches!(std::any::type_name::<T>(), "u8" | "&u8" | "&&u8")
}

#[cold]
pub(super) fn too_many_bytes<E: Error>() -> E {
    E::custom(format_args!(
        "more than {MOST_BYTES} bytes would travel as an array with a number for each; use procwire::Bytes in place of Vec<u8>"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_known_by_their_type() {
        assert!(is_byte::<u8>() && is_byte::<&u8>() && is_byte::<&&u8>());
        assert!(!is_byte::<i8>() && !is_byte::<u16>() && !is_byte::<str>() && !is_byte::<[u8]>());
    }
}
