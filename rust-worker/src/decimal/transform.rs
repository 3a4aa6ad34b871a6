//! Transforms modulo a prime, by which long numbers are multiplied.

/// The modulus of the transforms, 2^64 - 2^32 + 1: a prime with roots of unity of order 2^32.
pub(super) const P: u64 = 0xffff_ffff_0000_0001;
/// 2^64 mod P.
const EPSILON: u64 = 0xffff_ffff;
/// A generator of the multiplicative group.
const GENERATOR: u64 = 7;

/// Roots of unity, for transforms of any size up to the largest seen.
#[derive(Default)]
pub struct Roots {
    /// From index n on the first n powers of the root of order 2n, for every n that is a power of two.
    powers: Vec<u64>,
}

impl Roots {
    pub(super) fn grow(&mut self, size: usize) {
        if self.powers.is_empty() {
            self.powers = vec![1, 1];
        }
        while self.powers.len() < size {
            let half = self.powers.len();
            let root = power(GENERATOR, (P - 1) / (2 * half as u64));
            let mut next = 1;
            for _ in 0..half {
                self.powers.push(next);
                next = multiply(next, root);
            }
        }
    }
}

/// Leaves the values in the order that [`inverse`] expects.
pub(super) fn forward<E>(values: &mut [u64], roots: &Roots, check: &impl Fn() -> Result<(), E>) -> Result<(), E> {
    let mut half = values.len() / 2;
    while half > 0 {
        check()?;
        let powers = &roots.powers[half..2 * half];
        for block in values.chunks_exact_mut(2 * half) {
            let (low, high) = block.split_at_mut(half);
            for ((low, high), root) in low.iter_mut().zip(high).zip(powers) {
                (*low, *high) = (add(*low, *high), multiply(subtract(*low, *high), *root));
            }
        }
        half /= 2;
    }
    Ok(())
}

/// All but the division by the number of values, and with the values after the first in reverse.
pub(super) fn inverse<E>(values: &mut [u64], roots: &Roots, check: &impl Fn() -> Result<(), E>) -> Result<(), E> {
    let mut half = 1;
    while half < values.len() {
        check()?;
        let powers = &roots.powers[half..2 * half];
        for block in values.chunks_exact_mut(2 * half) {
            let (low, high) = block.split_at_mut(half);
            for ((low, high), root) in low.iter_mut().zip(high).zip(powers) {
                let turned = multiply(*high, *root);
                (*low, *high) = (add(*low, turned), subtract(*low, turned));
            }
        }
        half *= 2;
    }
    // The powers went round the other way: so do the values.
    values[1..].reverse();
    Ok(())
}

#[inline]
pub fn add(a: u64, b: u64) -> u64 {
    let (sum, carry) = a.overflowing_add(b);
    let (less, borrow) = sum.overflowing_sub(P);
    if carry || !borrow { less } else { sum }
}

#[inline]
pub fn subtract(a: u64, b: u64) -> u64 {
    let (difference, borrow) = a.overflowing_sub(b);
    if borrow { difference.wrapping_add(P) } else { difference }
}

#[inline]
pub fn multiply(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    let (low, high) = (product as u64, (product >> 64) as u64);
    // 2^64 is EPSILON, and 2^96 is -1.
    let (rest, borrow) = low.overflowing_sub(high >> 32);
    let rest = if borrow { rest.wrapping_sub(EPSILON) } else { rest };
    let (sum, carry) = rest.overflowing_add((high & EPSILON) * EPSILON);
    let sum = if carry { sum.wrapping_add(EPSILON) } else { sum };
    if sum >= P { sum - P } else { sum }
}

pub(super) fn power(mut base: u64, mut exponent: u64) -> u64 {
    let mut result = 1;
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = multiply(result, base);
        }
        base = multiply(base, base);
        exponent >>= 1;
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_modulus_is_kept() {
        for a in [0, 1, EPSILON, 1 << 32, P - 1, P / 2, 0x1234_5678_9abc_def0] {
            for b in [0, 1, EPSILON, 1 << 32, P - 1, P / 2, 0xfedc_ba98_7654_3210] {
                let modulo = |value: u128| (value % u128::from(P)) as u64;
                assert_eq!(multiply(a, b), modulo(u128::from(a) * u128::from(b)));
                assert_eq!(add(a, b), modulo(u128::from(a) + u128::from(b)));
                assert_eq!(subtract(a, b), modulo(u128::from(a) + u128::from(P) - u128::from(b)));
            }
        }
    }
}
