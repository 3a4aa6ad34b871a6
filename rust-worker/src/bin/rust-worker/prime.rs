//! Primality of 64-bit integers, decided exactly.

/// Tried as divisors first; they settle most composites and every n below 43².
const SMALL: [u64; 13] = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41];
/// Strong-probable-prime bases without a common liar below 2^64 (Jim Sinclair).
const BASES: [u64; 7] = [2, 325, 9375, 28_178, 450_775, 9_780_504, 1_795_265_022];

/// Whether `n` is prime: trial division, then the Miller-Rabin test for bases that leave no doubt.
pub fn is_prime(n: u64) -> bool {
    for prime in SMALL {
        if n % prime == 0 {
            return n == prime;
        }
    }
    if n < 43 * 43 {
        return n > 1;
    }
    let field = Montgomery::new(n);
    let twos = (n - 1).trailing_zeros();
    let odd = (n - 1) >> twos;
    BASES.iter().all(|base| field.is_strong_probable_prime(*base, odd, twos))
}

/// Arithmetic modulo an odd n without division: x is held as x·2^64 mod n.
struct Montgomery {
    n: u64,
    /// -1/n mod 2^64.
    inverse: u64,
    one: u64,
    /// 2^128 mod n, which brings a number into this form.
    square: u64,
}

impl Montgomery {
    fn new(n: u64) -> Self {
        // Newton's iteration doubles the correct low bits, beginning with three.
        let mut inverse = n;
        for _ in 0..5 {
            inverse = inverse.wrapping_mul(2_u64.wrapping_sub(n.wrapping_mul(inverse)));
        }
        let one = (u64::MAX % n) + 1;
        let one = if one == n { 0 } else { one };
        let square = (u128::from(one) * u128::from(one) % u128::from(n)) as u64;
        Montgomery { n, inverse: inverse.wrapping_neg(), one, square }
    }

    fn multiply(&self, a: u64, b: u64) -> u64 {
        let product = u128::from(a) * u128::from(b);
        let factor = (product as u64).wrapping_mul(self.inverse);
        let multiple = u128::from(factor) * u128::from(self.n);
        let (sum, carry) = product.overflowing_add(multiple);
        let high = (sum >> 64) as u64;
        if carry || high >= self.n { high.wrapping_sub(self.n) } else { high }
    }

    fn power(&self, base: u64, mut exponent: u64) -> u64 {
        let (mut base, mut result) = (base, self.one);
        while exponent > 0 {
            if exponent & 1 == 1 {
                result = self.multiply(result, base);
            }
            base = self.multiply(base, base);
            exponent >>= 1;
        }
        result
    }

    /// With n - 1 = odd · 2^twos.
    fn is_strong_probable_prime(&self, base: u64, odd: u64, twos: u32) -> bool {
        let base = base % self.n;
        if base == 0 {
            return true;
        }
        let minus_one = self.n - self.one;
        let mut x = self.power(self.multiply(base, self.square), odd);
        if x == self.one || x == minus_one {
            return true;
        }
        for _ in 1..twos {
            x = self.multiply(x, x);
            if x == minus_one {
                return true;
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_a_sieve_up_to_a_hundred_thousand() {
        let mut sieve = vec![true; 100_000];
        sieve[..2].fill(false);
        for n in 2..sieve.len() {
            if sieve[n] {
                (n * n..sieve.len()).step_by(n).for_each(|multiple| sieve[multiple] = false);
            }
            assert_eq!(is_prime(n as u64), sieve[n], "n = {n}");
        }
    }

    #[test]
    fn large_primes_are_primes() {
        for n in
            [1_000_000_007, 4_294_967_291, 9_007_199_254_740_881, 2_305_843_009_213_693_951, 18_446_744_073_709_551_557]
        {
            assert!(is_prime(n), "{n}");
        }
    }

    #[test]
    fn composites_that_fool_the_first_prime_bases_are_found_out() {
        for n in [
            3_215_031_751,
            3_474_749_660_383,
            341_550_071_728_321,
            3_825_123_056_546_413_051,
            561,
            1729,
            4_294_967_291 * 4_294_967_291,
            4_294_967_279 * 4_294_967_291,
            u64::MAX,
        ] {
            assert!(!is_prime(n), "{n}");
        }
    }
}
