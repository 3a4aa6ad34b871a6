//! Arithmetic modulo an odd number without division.

/// Numbers modulo an odd n: x is held as x·2^64 mod n.
pub struct Montgomery {
    pub n: u64,
    /// 1/n mod 2^64.
    inverse: u64,
    /// 1, as it is held.
    pub one: u64,
    /// 2^128 mod n, which brings a number into this form.
    square: u64,
}

impl Montgomery {
    /// For an odd n above 1.
    pub fn new(n: u64) -> Self {
        // Newton's iteration doubles the correct low bits, beginning with five.
        let mut inverse = n.wrapping_mul(3) ^ 2;
        for _ in 0..4 {
            inverse = inverse.wrapping_mul(2_u64.wrapping_sub(n.wrapping_mul(inverse)));
        }
        let one = (u64::MAX % n) + 1;
        let one = if one == n { 0 } else { one };
        let square = (u128::from(one) * u128::from(one) % u128::from(n)) as u64;
        Montgomery { n, inverse, one, square }
    }

    /// A number below n, as it is held.
    #[inline]
    pub fn enter(&self, x: u64) -> u64 {
        self.multiply(x, self.square)
    }

    #[inline]
    pub fn multiply(&self, a: u64, b: u64) -> u64 {
        let product = u128::from(a) * u128::from(b);
        let factor = (product as u64).wrapping_mul(self.inverse);
        let multiple = (u128::from(factor) * u128::from(self.n)) >> 64;
        let (difference, borrow) = ((product >> 64) as u64).overflowing_sub(multiple as u64);
        if borrow { difference.wrapping_add(self.n) } else { difference }
    }

    #[inline]
    pub fn add(&self, a: u64, b: u64) -> u64 {
        let (sum, carry) = a.overflowing_add(b);
        if carry || sum >= self.n { sum.wrapping_sub(self.n) } else { sum }
    }

    /// Each base to the same power.
    #[inline]
    pub fn powers<const K: usize>(&self, mut bases: [u64; K], mut exponent: u64) -> [u64; K] {
        let mut results = [self.one; K];
        while exponent > 0 {
            let odd = exponent & 1 == 1;
            for (result, base) in results.iter_mut().zip(&mut bases) {
                // Multiplied in any case: a branch on random bits costs more.
                let next = self.multiply(*result, *base);
                *result = if odd { next } else { *result };
                *base = self.multiply(*base, *base);
            }
            exponent >>= 1;
        }
        results
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_division() {
        for n in [3, 5, 1_000_000_007, (1 << 32) + 1, u64::MAX, u64::MAX - 58] {
            let field = Montgomery::new(n);
            for (a, b) in [(0, 0), (1, n - 1), (n - 1, n - 1), (n / 2, n / 3), (12_345 % n, 67_890 % n)] {
                let expected = (u128::from(a) * u128::from(b) % u128::from(n)) as u64;
                let leave = |x| field.multiply(x, 1);
                assert_eq!(leave(field.multiply(field.enter(a), field.enter(b))), expected, "{a} * {b} mod {n}");
                let sum = ((u128::from(a) + u128::from(b)) % u128::from(n)) as u64;
                assert_eq!(field.add(a, b), sum, "{a} + {b} mod {n}");
                assert_eq!(leave(field.powers([field.enter(a)], 2)[0]), (u128::from(a).pow(2) % u128::from(n)) as u64);
            }
        }
    }
}
