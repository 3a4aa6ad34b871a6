//! A sum of floats held exactly, as one very long binary number, after Radford Neal's small superaccumulator.

use num_bigint::{BigInt, Sign};

/// Bits of the number one limb stands for; limbs are wider, so that carries can wait.
const LIMB: usize = 32;
/// The lowest bit of the lowest limb is worth 2^-FLOOR; 1088 = 34 limbs, and floats reach down to 2^-1074.
const FLOOR: usize = 34 * LIMB;
/// Enough for 2^1024 and 64 bits of growth.
const LIMBS: usize = (FLOOR + 1024 + 64) / LIMB + 1;
/// Additions after which carries must be settled: each adds less than 2^32 to a limb that holds less than 2^63.
const SETTLE_AFTER: u32 = 1 << 30;

pub struct Exact {
    limbs: [i64; LIMBS],
    since_settled: u32,
}

impl Exact {
    pub fn new() -> Self {
        Exact { limbs: [0; LIMBS], since_settled: 0 }
    }

    /// Adds a finite float.
    pub fn add(&mut self, value: f64) {
        let bits = value.to_bits();
        let exponent = (bits >> 52 & 0x7ff) as usize;
        let fraction = bits & ((1 << 52) - 1);
        // A float is mantissa · 2^(exponent - 1075), and subnormal ones have the exponent of the smallest normal ones.
        let (mantissa, exponent) = if exponent == 0 { (fraction, 1) } else { (fraction | 1 << 52, exponent) };
        self.add_scaled(mantissa, exponent, value.is_sign_negative());
    }

    /// Adds mantissa · 2^(exponent - 1075), for an exponent from 1 to 2046.
    #[inline]
    pub fn add_scaled(&mut self, mantissa: u64, exponent: usize, negative: bool) {
        let shift = exponent + FLOOR - 1075;
        let wide = u128::from(mantissa) << (shift % LIMB);
        for (limb, part) in self.limbs[shift / LIMB..][..3].iter_mut().zip(0..) {
            let part = (wide >> (LIMB * part)) as u32;
            *limb += if negative { -i64::from(part) } else { i64::from(part) };
        }
        self.since_settled += 1;
        if self.since_settled == SETTLE_AFTER {
            self.settle();
        }
    }

    /// Adds another sum.
    pub fn merge(&mut self, other: &Exact) {
        self.settle();
        for (limb, more) in self.limbs.iter_mut().zip(&other.limbs) {
            *limb += more;
        }
        self.settle();
    }

    fn settle(&mut self) {
        let mut carry = 0;
        for limb in &mut self.limbs[..LIMBS - 1] {
            let value = *limb + carry;
            carry = value >> LIMB;
            *limb = value & 0xffff_ffff;
        }
        self.limbs[LIMBS - 1] += carry;
        self.since_settled = 0;
    }

    /// The sum of the floats and of `integer`, rounded once, to the nearest, ties to even. Infinite beyond the range.
    pub fn rounded_with(mut self, integer: &BigInt) -> f64 {
        self.settle();
        let top = self.limbs[LIMBS - 1];
        let digits: Vec<u32> = self.limbs[..LIMBS - 1].iter().map(|limb| *limb as u32).collect();
        let low = BigInt::from_slice(Sign::Plus, &digits);
        let sum = low + (BigInt::from(top) << (LIMB * (LIMBS - 1))) + (integer << FLOOR);
        round(&sum)
    }
}

/// The float nearest to `value` · 2^-FLOOR.
fn round(value: &BigInt) -> f64 {
    let magnitude = value.magnitude();
    let length = magnitude.bits() as usize;
    // The lowest bit kept: 53 bits, and nothing below what subnormal floats can hold.
    let lowest = length.saturating_sub(53).max(FLOOR - 1074);
    let kept = (magnitude >> lowest).iter_u64_digits().next().unwrap_or(0);
    let half = lowest > 0 && magnitude.bit(lowest as u64 - 1);
    let odd_or_more = kept & 1 == 1 || magnitude.trailing_zeros().is_some_and(|zeros| (zeros as usize) < lowest - 1);
    let rounded = kept + u64::from(half && odd_or_more);
    let exponent = lowest as i32 - FLOOR as i32;
    let result = if exponent > 971 { f64::INFINITY } else { rounded as f64 * power_of_two(exponent) };
    if value.sign() == Sign::Minus { -result } else { result }
}

/// 2^exponent, from -1074 to 971.
fn power_of_two(exponent: i32) -> f64 {
    match exponent {
        ..-1022 => f64::from_bits(1 << (exponent + 1074)),
        _ => f64::from_bits(((exponent + 1023) as u64) << 52),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(values: &[f64]) -> f64 {
        let mut exact = Exact::new();
        values.iter().for_each(|value| exact.add(*value));
        exact.rounded_with(&BigInt::ZERO)
    }

    #[test]
    fn ten_tenths_are_one() {
        assert_eq!(sum(&[0.1; 10]), 1.0);
    }

    #[test]
    fn what_cancels_leaves_the_rest() {
        assert_eq!(sum(&[1.0, 1e100, 1.0, -1e100]), 2.0);
        assert_eq!(sum(&[1e308, 1e308, -1e308]), 1e308);
        assert_eq!(sum(&[f64::MAX, f64::MAX, -f64::MAX, -f64::MAX, 5e-324]), 5e-324);
        assert_eq!(sum(&[0.1, -0.1]), 0.0);
    }

    #[test]
    fn a_single_float_comes_back_as_it_was() {
        for value in [5e-324, 2.2e-308, 2.225_073_858_507_201_4e-308, 1.0, -1.5, f64::MAX, f64::MIN, 1e-300] {
            assert_eq!(sum(&[value]), value);
        }
    }

    #[test]
    fn ties_go_to_even_and_the_last_bit_breaks_them() {
        let two53 = 9_007_199_254_740_992.0;
        assert_eq!(sum(&[two53, 1.0]), two53);
        assert_eq!(sum(&[two53, 1.0, 5e-324]), two53 + 2.0);
        assert_eq!(sum(&[two53 + 2.0, 1.0]), two53 + 4.0);
        assert_eq!(sum(&[-two53, -1.0, -5e-324]), -two53 - 2.0);
    }

    #[test]
    fn a_sum_beyond_the_range_is_infinite() {
        assert_eq!(sum(&[f64::MAX, f64::MAX]), f64::INFINITY);
        assert_eq!(sum(&[f64::MIN, f64::MIN]), f64::NEG_INFINITY);
    }

    #[test]
    fn the_order_does_not_matter() {
        let mut values: Vec<f64> =
            (1..200).map(|i| f64::from(i).powi(i % 40 - 20) * f64::from(i % 2 * 2 - 1)).collect();
        let forwards = sum(&values);
        values.reverse();
        assert_eq!(sum(&values), forwards);
    }

    #[test]
    fn integers_join_without_being_rounded_first() {
        let mut exact = Exact::new();
        exact.add(0.5);
        exact.add(-9_007_199_254_740_992.0);
        assert_eq!(exact.rounded_with(&BigInt::from(9_007_199_254_740_993_i64)), 1.5);
    }
}
