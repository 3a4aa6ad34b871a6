//! Primality of 64-bit integers, decided exactly.

use crate::montgomery::Montgomery;

/// Tried as divisors first; they settle most composites and every n below 43².
const SMALL: [u64; 13] = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41];
/// With 2, strong-probable-prime bases without a common liar below 2^64 (Jim Sinclair). Three at a time: their
/// multiplications do not wait for each other.
const BASES: [[u64; 3]; 2] = [[325, 9375, 28_178], [450_775, 9_780_504, 1_795_265_022]];

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
    is_strong_probable_prime(&field, [2]) && BASES.iter().all(|bases| is_strong_probable_prime(&field, *bases))
}

/// Whether n passes for all of the bases.
fn is_strong_probable_prime<const K: usize>(field: &Montgomery, bases: [u64; K]) -> bool {
    let n = field.n;
    let twos = (n - 1).trailing_zeros();
    let (one, minus_one) = (field.one, n - field.one);
    let mut x = field.powers(bases.map(|base| field.enter(base % n)), (n - 1) >> twos);
    // A base that n divides says nothing.
    let mut passed: [bool; K] = std::array::from_fn(|i| bases[i] % n == 0 || x[i] == one || x[i] == minus_one);
    for _ in 1..twos {
        if passed.iter().all(|passed| *passed) {
            break;
        }
        for i in 0..K {
            x[i] = field.multiply(x[i], x[i]);
            passed[i] |= x[i] == minus_one;
        }
    }
    passed.iter().all(|passed| *passed)
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
