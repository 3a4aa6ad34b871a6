//! Prime factors of 64-bit integers: trial division, then Pollard's rho method as Brent improved it.

use crate::montgomery::Montgomery;
use crate::prime::is_prime;

/// Steps between two looks for a common divisor.
const BATCH: u64 = 128;
/// Tried as divisors first, up to this.
const TRIAL: u64 = 256;

/// The prime factors of n in ascending order, each as often as it divides n; none for 1. Asks `check` every few
/// microseconds. Zero has no factors either; refuse it before.
pub fn factorize<E>(n: u64, check: &impl Fn() -> Result<(), E>) -> Result<Vec<u64>, E> {
    let (mut factors, mut rest) = (Vec::new(), n);
    for divisor in (2..TRIAL).filter(|divisor| *divisor == 2 || divisor % 2 == 1) {
        while rest > 1 && rest % divisor == 0 {
            factors.push(divisor);
            rest /= divisor;
        }
    }
    let mut open = vec![rest];
    while let Some(part) = open.pop() {
        if part < TRIAL * TRIAL || is_prime(part) {
            factors.extend((part > 1).then_some(part));
            continue;
        }
        let divisor = divide(part, check)?;
        open.extend([divisor, part / divisor]);
    }
    factors.sort_unstable();
    Ok(factors)
}

/// A divisor of an odd composite n, neither 1 nor n.
fn divide<E>(n: u64, check: &impl Fn() -> Result<(), E>) -> Result<u64, E> {
    let root = n.isqrt();
    if root * root == n {
        return Ok(root);
    }
    let field = Montgomery::new(n);
    for constant in 1.. {
        if let Some(divisor) = rho(&field, constant, check)? {
            return Ok(divisor);
        }
    }
    unreachable!("some constant finds a divisor of a composite number")
}

/// Walks x -> x² + constant until two places agree modulo a divisor. `None` if they agree modulo n itself.
fn rho<E>(field: &Montgomery, constant: u64, check: &impl Fn() -> Result<(), E>) -> Result<Option<u64>, E> {
    let step = |x| field.add(field.multiply(x, x), constant);
    let (mut y, mut distance) = (2, 1);
    loop {
        let x = y;
        (0..distance).for_each(|_| y = step(y));
        let mut walked = 0;
        while walked < distance {
            check()?;
            let start = y;
            let mut product = field.one;
            for _ in 0..BATCH.min(distance - walked) {
                y = step(y);
                product = field.multiply(product, x.abs_diff(y));
            }
            match gcd(product, field.n) {
                1 => {}
                divisor if divisor < field.n => return Ok(Some(divisor)),
                _ => return Ok(retrace(field, x, start, step)),
            }
            walked += BATCH;
        }
        distance *= 2;
    }
}

/// Goes through a batch in which all divisors fell together, one by one.
fn retrace(field: &Montgomery, x: u64, mut y: u64, step: impl Fn(u64) -> u64) -> Option<u64> {
    loop {
        y = step(y);
        let divisor = gcd(x.abs_diff(y), field.n);
        if divisor > 1 {
            return (divisor < field.n).then_some(divisor);
        }
    }
}

/// The greatest common divisor with an odd n.
fn gcd(mut a: u64, mut n: u64) -> u64 {
    while a > 0 {
        a >>= a.trailing_zeros();
        (a, n) = (a.abs_diff(n), a.min(n));
    }
    n
}

#[cfg(test)]
mod tests {
    use super::*;

    fn factors(n: u64) -> Vec<u64> {
        factorize(n, &|| Ok::<(), ()>(())).unwrap()
    }

    #[test]
    fn small_numbers_agree_with_trial_division() {
        for n in 1..20_000 {
            let (mut expected, mut rest, mut divisor) = (Vec::new(), n, 2);
            while rest > 1 {
                while rest % divisor == 0 {
                    expected.push(divisor);
                    rest /= divisor;
                }
                divisor += 1;
            }
            assert_eq!(factors(n), expected, "{n}");
        }
    }

    #[test]
    fn large_numbers_fall_into_their_primes() {
        for expected in [
            vec![u64::MAX - 58],
            vec![4_294_967_279, 4_294_967_291],
            vec![4_294_967_291, 4_294_967_291],
            vec![3, 5, 17, 257, 641, 65_537, 6_700_417],
            vec![65_521, 65_521, 65_537, 65_537],
            vec![2_097_143, 2_097_143, 2_097_143],
            vec![149_491, 747_451, 34_233_211],
            vec![1_000_003, 1_000_033, 1_000_037],
            [2; 63].to_vec(),
        ] {
            assert_eq!(factors(expected.iter().product()), expected);
        }
    }

    #[test]
    fn products_of_random_numbers_multiply_back() {
        let mut x = 88_172_645_463_325_252_u64;
        for _ in 0..300 {
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
            let found = factors(x);
            assert_eq!(found.iter().product::<u64>(), x);
            assert!(found.iter().all(|factor| is_prime(*factor)), "{x}: {found:?}");
        }
    }

    #[test]
    fn a_cancelled_call_stops() {
        assert_eq!(factorize(4_294_967_279 * 4_294_967_291, &|| Err("stop")), Err("stop"));
    }
}
