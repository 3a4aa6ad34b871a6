//! The kinds of numbers that typed arrays of JavaScript hold.

use std::borrow::Cow;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::cast;

mod sealed {
    pub trait Sealed {}
}

/// A number of a typed array: an integer of 8 to 64 bits, or a float. Not to be implemented elsewhere.
pub trait Element: sealed::Sealed + Copy + Default + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The class of such an array in JavaScript.
    const CLASS: &'static str;
    /// The type of its extension of MessagePack; `None` for bytes, which MessagePack has itself.
    #[doc(hidden)]
    const CODE: Option<i8>;

    #[doc(hidden)]
    fn read(bytes: &[u8]) -> Self;
    #[doc(hidden)]
    fn write(self, out: &mut Vec<u8>);
}

macro_rules! elements {
    ($($kind:ty = $class:literal, $code:expr;)*) => {
        $(
            impl sealed::Sealed for $kind {}

            impl Element for $kind {
                const CLASS: &'static str = $class;
                const CODE: Option<i8> = $code;

                fn read(bytes: &[u8]) -> Self {
                    <$kind>::from_le_bytes(bytes.try_into().expect("elements are of this size"))
                }

                fn write(self, out: &mut Vec<u8>) {
                    out.extend_from_slice(&self.to_le_bytes());
                }
            }
        )*
    };
}

// The codes are those of the JavaScript codec.
elements! {
    i8 = "Int8Array", Some(17);
    u8 = "Uint8Array", None;
    i16 = "Int16Array", Some(19);
    u16 = "Uint16Array", Some(20);
    i32 = "Int32Array", Some(21);
    u32 = "Uint32Array", Some(22);
    f32 = "Float32Array", Some(23);
    f64 = "Float64Array", Some(24);
    i64 = "BigInt64Array", Some(25);
    u64 = "BigUint64Array", Some(26);
}

/// The class of the typed array that travels as such an extension.
pub(super) fn class(code: i8) -> Option<&'static str> {
    Some(match code {
        17 => i8::CLASS,
        18 => "Uint8ClampedArray",
        19 => i16::CLASS,
        20 => u16::CLASS,
        21 => i32::CLASS,
        22 => u32::CLASS,
        23 => f32::CLASS,
        24 => f64::CLASS,
        25 => i64::CLASS,
        26 => u64::CLASS,
        _ => return None,
    })
}

/// The numbers of an extension of this type, where they lie if they may lie there. `None` stands for bytes.
pub(crate) fn read<T: Element>(code: Option<i8>, bytes: &[u8]) -> Result<Cow<'_, [T]>, String> {
    let fits = code == T::CODE || (code == Some(18) && T::CODE.is_none());
    if !fits {
        let found = code.map_or(Some(u8::CLASS), class).unwrap_or("an extension that is no typed array");
        return Err(format!("expected a {}, found {}{found}", T::CLASS, if code.is_none() { "bytes, a " } else { "" }));
    }
    if bytes.len() % size_of::<T>() != 0 {
        return Err(format!("a {} of {}-byte elements has {} bytes", T::CLASS, size_of::<T>(), bytes.len()));
    }
    let copied = || bytes.chunks_exact(size_of::<T>()).map(T::read).collect();
    Ok(cast::numbers(bytes).map_or_else(|| Cow::Owned(copied()), Cow::Borrowed))
}

/// The bytes of numbers as they travel.
pub(super) fn written<T: Element>(numbers: &[T]) -> Cow<'_, [u8]> {
    let copied = || {
        let mut out = Vec::with_capacity(size_of_val(numbers));
        numbers.iter().for_each(|number| number.write(&mut out));
        out
    };
    cast::bytes(numbers).map_or_else(|| Cow::Owned(copied()), Cow::Borrowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_borrowed_where_they_are_aligned_and_copied_where_they_are_not() {
        let numbers = [1.5_f64, -0.0, f64::INFINITY, 5e-324];
        let bytes = written(&numbers);
        assert_eq!(bytes[..8], 1.5_f64.to_le_bytes());
        let aligned = read::<f64>(Some(24), &bytes).unwrap();
        assert_eq!(matches!(aligned, Cow::Borrowed(_)), cfg!(target_endian = "little"));
        assert!(aligned.iter().zip(&numbers).all(|(a, b)| a.to_bits() == b.to_bits()));
        let shifted = read::<f64>(Some(24), &bytes[1..25]).unwrap();
        assert!(matches!(shifted, Cow::Owned(_)));
        assert_eq!(shifted[2].to_bits().to_le_bytes(), bytes[17..25]);
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let error = |code, bytes: &[u8]| read::<f64>(code, bytes).unwrap_err();
        assert_eq!(error(Some(21), &[0; 4]), "expected a Float64Array, found Int32Array");
        assert_eq!(error(None, &[0; 8]), "expected a Float64Array, found bytes, a Uint8Array");
        assert_eq!(error(Some(24), &[0; 9]), "a Float64Array of 8-byte elements has 9 bytes");
        assert_eq!(error(Some(5), &[]), "expected a Float64Array, found an extension that is no typed array");
        assert_eq!(read::<u8>(Some(18), &[1]).unwrap(), [1].as_slice());
    }
}
