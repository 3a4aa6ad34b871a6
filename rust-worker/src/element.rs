//! The kinds of numbers that arrays hold.

use crate::number::{Integer, Number};

/// What elements are ordered by: an integer of their size.
pub trait Rank: Copy + Default + Ord + Into<u64> + Send + Sync + 'static {}

impl<K: Copy + Default + Ord + Into<u64> + Send + Sync + 'static> Rank for K {}

/// A number of a fixed kind.
pub trait Element: Copy + Default + Send + Sync + 'static {
    /// Bytes of one element.
    const SIZE: usize;
    type Rank: Rank;

    /// From little-endian bytes, `SIZE` of them.
    fn read(bytes: &[u8]) -> Self;
    fn write(self, out: &mut Vec<u8>);
    /// A number in the same order as the elements; -0 comes before 0, NaN last or, if negative, first.
    fn rank(self) -> Self::Rank;
    /// The element of this rank.
    fn from_rank(rank: Self::Rank) -> Self;

    /// The rank in the widest form.
    fn key(self) -> u64 {
        self.rank().into()
    }

    fn to_f64(self) -> f64;
    fn number(self) -> Number;

    fn is_finite(self) -> bool {
        true
    }

    fn is_nan(self) -> bool {
        false
    }
}

macro_rules! integers {
    ($($kind:ty, $unsigned:ty, $flip:expr;)*) => { $(
        impl Element for $kind {
            const SIZE: usize = size_of::<$kind>();
            type Rank = $unsigned;

            fn read(bytes: &[u8]) -> Self {
                <$kind>::from_le_bytes(bytes.try_into().expect("chunks are of this size"))
            }

            fn write(self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_le_bytes());
            }

            fn rank(self) -> $unsigned {
                self as $unsigned ^ $flip
            }

            fn from_rank(rank: $unsigned) -> Self {
                (rank ^ $flip) as $kind
            }

            fn to_f64(self) -> f64 {
                self as f64
            }

            fn number(self) -> Number {
                Number::Integer(Integer::Small(self.into()))
            }
        }
    )* };
}

macro_rules! floats {
    ($($kind:ty, $unsigned:ty;)*) => { $(
        impl Element for $kind {
            const SIZE: usize = size_of::<$kind>();
            type Rank = $unsigned;

            fn read(bytes: &[u8]) -> Self {
                <$kind>::from_le_bytes(bytes.try_into().expect("chunks are of this size"))
            }

            fn write(self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_le_bytes());
            }

            fn rank(self) -> $unsigned {
                let (bits, sign) = (self.to_bits(), 1 << (<$unsigned>::BITS - 1));
                // All bits of a negative number are flipped, and the sign of any; without a branch, which would be wrong
                // half of the time.
                let negative = (bits >> (<$unsigned>::BITS - 1)).wrapping_neg();
                bits ^ (negative | sign)
            }

            fn from_rank(rank: $unsigned) -> Self {
                let sign = 1 << (<$unsigned>::BITS - 1);
                let positive = (rank >> (<$unsigned>::BITS - 1)).wrapping_neg();
                <$kind>::from_bits(rank ^ (!positive | sign))
            }

            fn to_f64(self) -> f64 {
                self.into()
            }

            fn number(self) -> Number {
                Number::Float(self.into())
            }

            fn is_finite(self) -> bool {
                self.is_finite()
            }

            fn is_nan(self) -> bool {
                self.is_nan()
            }
        }
    )* };
}

integers! {
    i8, u8, 1 << 7;
    u8, u8, 0;
    i16, u16, 1 << 15;
    u16, u16, 0;
    i32, u32, 1 << 31;
    u32, u32, 0;
    i64, u64, 1 << 63;
    u64, u64, 0;
}

floats! {
    f32, u32;
    f64, u64;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_the_order_of_their_numbers() {
        let floats = [f64::NEG_INFINITY, -1e300, -1.0, -5e-324, -0.0, 0.0, 5e-324, 1.0, f64::INFINITY, f64::NAN];
        assert!(floats.windows(2).all(|pair| pair[0].key() < pair[1].key()));
        assert!([i32::MIN, -1, 0, 1, i32::MAX].windows(2).all(|pair| pair[0].key() < pair[1].key()));
        assert!([i8::MIN, -1, 0, 1, i8::MAX].windows(2).all(|pair| pair[0].key() < pair[1].key()));
        assert_eq!((u64::MAX.key(), 0_u64.key()), (u64::MAX, 0));
        assert!(floats.iter().all(|float| f64::from_rank(float.rank()).to_bits() == float.to_bits()));
        assert!([i16::MIN, -1, 0, 1, i16::MAX].iter().all(|value| i16::from_rank(value.rank()) == *value));
        assert_eq!(f32::from_rank((-1.5_f32).rank()), -1.5);
    }

    #[test]
    fn bytes_are_little_endian() {
        assert_eq!(u16::read(&[1, 2]), 0x201);
        let mut out = Vec::new();
        (-2_i32).write(&mut out);
        assert_eq!(out, [0xfe, 0xff, 0xff, 0xff]);
    }
}
