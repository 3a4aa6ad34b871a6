//! Very large numbers that are held by their decimal digits from the start: nothing has to be converted at the end, which
//! would take longer than the arithmetic. Products are made by number-theoretic transforms, in time n log n.

mod transform;

use std::cmp::Ordering;

use transform::{P, forward, inverse, power};
pub use transform::{Roots, add, multiply, subtract};

const BASE: i64 = 1_000_000;
/// Digits of a limb.
pub const DIGITS: usize = 6;
/// Digits of the shorter factor at most: the sum of as many products of two limbs as it has stays below half of the
/// modulus of the transforms.
pub const MOST: usize = DIGITS << 20;
const _: () = assert!((MOST / DIGITS) as u128 * (BASE as u128 - 1).pow(2) < P as u128 / 2);
/// Limbs of the shorter factor up to which each is multiplied with each: transforms cost more.
const FEW: usize = 32;
/// A number from zero up, lowest limb first.
#[derive(Debug, Clone, PartialEq)]
pub struct Decimal(Vec<u32>);

impl From<u64> for Decimal {
    fn from(value: u64) -> Self {
        u128::from(value).into()
    }
}

impl From<u128> for Decimal {
    fn from(mut value: u128) -> Self {
        let mut limbs = Vec::new();
        while value > 0 {
            limbs.push((value % BASE as u128) as u32);
            value /= BASE as u128;
        }
        Decimal(limbs)
    }
}

impl Decimal {
    /// The digits, highest first.
    pub fn digits(&self) -> String {
        let Some((highest, rest)) = self.0.split_last() else {
            return "0".into();
        };
        let mut out = highest.to_string().into_bytes();
        out.reserve(rest.len() * DIGITS);
        for limb in rest.iter().rev() {
            let mut digits = [0; DIGITS];
            let mut left = *limb;
            for digit in digits.iter_mut().rev() {
                *digit = b'0' + (left % 10) as u8;
                left /= 10;
            }
            out.extend_from_slice(&digits);
        }
        String::from_utf8(out).expect("digits are text")
    }

    /// Of digits, highest first, and nothing else.
    pub fn of_digits(digits: &[u8]) -> Decimal {
        let limb = |digits: &[u8]| digits.iter().fold(0, |limb, digit| limb * 10 + i64::from(digit - b'0'));
        Decimal::carried(digits.rchunks(DIGITS).map(limb))
    }

    /// How many limbs it has; zero has none.
    pub fn limbs(&self) -> usize {
        self.0.len()
    }

    /// `None` beyond 128 bits.
    pub fn to_u128(&self) -> Option<u128> {
        let add = |value: u128, limb: &u32| value.checked_mul(BASE as u128)?.checked_add((*limb).into());
        if self.0.len() * DIGITS > 50 { None } else { self.0.iter().rev().try_fold(0, add) }
    }

    pub fn order(&self, other: &Decimal) -> Ordering {
        self.0.len().cmp(&other.0.len()).then_with(|| self.0.iter().rev().cmp(other.0.iter().rev()))
    }

    pub fn add(&self, other: &Decimal) -> Decimal {
        self.with(other, |a, b| a + b)
    }

    /// Takes away one that is not larger.
    pub fn subtract(&self, other: &Decimal) -> Decimal {
        self.with(other, |a, b| a - b)
    }

    fn with(&self, other: &Decimal, combine: impl Fn(i64, i64) -> i64) -> Decimal {
        let limb = |number: &Decimal, at: usize| i64::from(number.0.get(at).copied().unwrap_or(0));
        let length = self.0.len().max(other.0.len());
        Decimal::carried((0..length).map(|at| combine(limb(self, at), limb(other, at))))
    }

    /// Asks `check` before each pass of the transforms that long factors need.
    pub fn multiply<E>(&self, other: &Decimal, check: &impl Fn() -> Result<(), E>) -> Result<Decimal, E> {
        if self.0.len().min(other.0.len()) > FEW {
            let mut roots = Roots::default();
            return Pair::new(self, other, &mut roots, check)?.combine(&roots, check, multiply);
        }
        let mut limbs = vec![0_i64; self.0.len() + other.0.len()];
        for (at, a) in self.0.iter().enumerate() {
            for (limb, b) in limbs[at..].iter_mut().zip(&other.0) {
                *limb += i64::from(*a) * i64::from(*b);
            }
        }
        Ok(Decimal::carried(limbs.into_iter()))
    }

    /// From limbs that are too large or negative; the number itself is not negative.
    fn carried(limbs: impl Iterator<Item = i64>) -> Decimal {
        let (mut out, mut carry) = (Vec::with_capacity(limbs.size_hint().0 + 3), 0);
        for limb in limbs {
            let value = limb + carry;
            carry = value.div_euclid(BASE);
            out.push(value.rem_euclid(BASE) as u32);
        }
        while carry > 0 {
            out.push((carry % BASE) as u32);
            carry /= BASE;
        }
        out.truncate(out.iter().rposition(|limb| *limb > 0).map_or(0, |at| at + 1));
        Decimal(out)
    }
}

/// Two numbers, transformed together, so that several products can be made of them.
pub struct Pair {
    a: Vec<u64>,
    b: Vec<u64>,
}

impl Pair {
    pub fn new<E>(a: &Decimal, b: &Decimal, roots: &mut Roots, check: &impl Fn() -> Result<(), E>) -> Result<Pair, E> {
        debug_assert!(a.0.len().min(b.0.len()) <= MOST / DIGITS, "a product of numbers that are too long");
        let size = (2 * a.0.len().max(b.0.len())).next_power_of_two().max(2);
        roots.grow(size);
        check()?;
        let transform = |number: &Decimal| {
            let mut values: Vec<u64> = number.0.iter().map(|limb| (*limb).into()).collect();
            values.resize(size, 0);
            forward(&mut values, roots, check).map(|()| values)
        };
        Ok(Pair { a: transform(a)?, b: transform(b)? })
    }

    /// The number whose transform `combine` makes of those of both numbers, value by value: one product of sums, or a sum
    /// of products.
    pub fn combine<E>(
        &self,
        roots: &Roots,
        check: &impl Fn() -> Result<(), E>,
        combine: impl Fn(u64, u64) -> u64,
    ) -> Result<Decimal, E> {
        let mut values: Vec<u64> = self.a.iter().zip(&self.b).map(|(a, b)| combine(*a, *b)).collect();
        inverse(&mut values, roots, check)?;
        check()?;
        let scale = power(values.len() as u64, P - 2);
        Ok(Decimal::carried(values.into_iter().map(|value| {
            let value = multiply(value, scale);
            // What lies in the upper half was negative.
            if value > P / 2 { -((P - value) as i64) } else { value as i64 }
        })))
    }
}

#[cfg(test)]
mod tests {
    use num_bigint::BigUint;

    use super::*;

    fn never() -> Result<(), ()> {
        Ok(())
    }

    #[test]
    fn products_agree_with_big_integers() {
        let mut x = 88_172_645_463_325_252_u64;
        let mut number = |limbs: usize| {
            let mut next = || {
                x ^= x << 13;
                x ^= x >> 7;
                x ^= x << 17;
                if x % 3 == 0 { 999_999 } else { (x >> 20) % 1_000_000 }
            };
            Decimal::carried((0..limbs).map(|_| next() as i64).collect::<Vec<_>>().into_iter())
        };
        let mut roots = Roots::default();
        for limbs in [1, 2, 3, 4, 5, 17, 64, 100, 1000] {
            let (a, b) = (number(limbs), number(limbs));
            let big = |number: &Decimal| number.digits().parse::<BigUint>().unwrap();
            let pair = Pair::new(&a, &b, &mut roots, &never).unwrap();
            assert_eq!(big(&pair.combine(&roots, &never, multiply).unwrap()), big(&a) * big(&b));
            let squares = pair.combine(&roots, &never, |a, b| add(multiply(a, a), multiply(b, b))).unwrap();
            assert_eq!(big(&squares), big(&a) * big(&a) + big(&b) * big(&b));
            assert_eq!(big(&a.add(&b)), big(&a) + big(&b));
        }
    }

    #[test]
    fn digits_are_those_of_the_number() {
        for value in [0_u64, 1, 999_999, 1_000_000, 1_000_001, 12_345_678_901_234_567_890] {
            assert_eq!(Decimal::from(value).digits(), value.to_string());
        }
    }
}
