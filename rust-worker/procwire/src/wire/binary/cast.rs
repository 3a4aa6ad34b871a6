//! Numbers as the bytes they are in memory, and back. With `unsafe`, because nothing safe looks at memory in two ways.
#![allow(unsafe_code)]

use super::Element;

/// The numbers that some bytes are, if they lie where numbers may.
pub(super) fn numbers<T: Element>(bytes: &[u8]) -> Option<&[T]> {
    if cfg!(target_endian = "big") {
        return None;
    }
    // SAFETY: nobody else can implement `Element`; those who do are integers and floats, of which any bits are a value.
    let (before, numbers, behind) = unsafe { bytes.align_to() };
    (before.is_empty() && behind.is_empty()).then_some(numbers)
}

/// The bytes of some numbers, the lowest first, if that is how they lie.
pub(super) fn bytes<T: Element>(numbers: &[T]) -> Option<&[u8]> {
    if cfg!(target_endian = "big") {
        return None;
    }
    // SAFETY: as above; there is no padding in integers and floats, and all bytes may be looked at.
    let (before, bytes, behind) = unsafe { numbers.align_to() };
    (before.is_empty() && behind.is_empty()).then_some(bytes)
}
