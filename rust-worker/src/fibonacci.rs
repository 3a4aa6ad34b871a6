//! Fibonacci numbers, fast and exact, and slow on purpose.

use num_bigint::BigUint;

use crate::decimal::{Decimal, Pair, Roots, add, multiply, subtract};

/// The largest n answered: the result has two million digits.
pub const CAP: u64 = 10_000_000;
const _: () = assert!(CAP as usize / 4 <= crate::decimal::MOST);
/// The last n whose number fits 64 bits.
pub const LAST_U64: u64 = 93;
/// From here on the digits are computed as such; below, converting them is faster.
const DECIMAL_FROM: u64 = 20_000;
/// Below this the textbook recursion does not ask whether it is still wanted.
const UNCHECKED: u32 = 25;

const TABLE: [u64; LAST_U64 as usize + 1] = {
    let mut numbers = [0_u64; LAST_U64 as usize + 1];
    numbers[1] = 1;
    let mut n = 2;
    while n < numbers.len() {
        numbers[n] = numbers[n - 1] + numbers[n - 2];
        n += 1;
    }
    numbers
};

/// F(n) if it fits 64 bits.
pub fn small(n: u64) -> Option<u64> {
    TABLE.get(usize::try_from(n).ok()?).copied()
}

/// F(n) by doubling: F(2k) = F(k)(2F(k+1) - F(k)) and F(2k+1) = F(k)² + F(k+1)². Asks `check` before each step.
pub fn big<E>(n: u64, check: impl Fn() -> Result<(), E>) -> Result<BigUint, E> {
    let (mut a, mut b) = (BigUint::ZERO, BigUint::from(1_u32));
    for bit in (1..u64::BITS - n.leading_zeros()).rev() {
        check()?;
        let even = &a * ((&b << 1) - &a);
        let odd = &a * &a + &b * &b;
        (a, b) = match n >> bit & 1 {
            0 => (even, odd),
            _ => {
                let next = &even + &odd;
                (odd, next)
            }
        };
    }
    check()?;
    // The last step needs only one of the two.
    Ok(match n & 1 {
        0 => &a * ((&b << 1) - &a),
        _ => &a * &a + &b * &b,
    })
}

/// The decimal digits of F(n). Asks `check` every few milliseconds.
pub fn digits<E>(n: u64, check: impl Fn() -> Result<(), E>) -> Result<String, E> {
    if n < DECIMAL_FROM {
        return Ok(big(n, check)?.to_string());
    }
    // Begins with the bits whose number the table has.
    let known = u64::BITS - n.leading_zeros() - 6;
    let from = n >> known;
    let (mut a, mut b) = (TABLE[from as usize].into(), Decimal::from(TABLE[from as usize + 1]));
    let mut roots = Roots::default();
    let even = |a, b| multiply(a, subtract(add(b, b), a));
    let odd = |a, b| add(multiply(a, a), multiply(b, b));
    for bit in (1..known).rev() {
        let pair = Pair::new(&a, &b, &mut roots, &check)?;
        (a, b) = (pair.combine(&roots, &check, even)?, pair.combine(&roots, &check, odd)?);
        if n >> bit & 1 == 1 {
            let next = a.add(&b);
            (a, b) = (b, next);
        }
    }
    // The last step needs only one of the two.
    let pair = Pair::new(&a, &b, &mut roots, &check)?;
    let last = if n & 1 == 0 { pair.combine(&roots, &check, even)? } else { pair.combine(&roots, &check, odd)? };
    check()?;
    Ok(last.digits())
}

/// F(n) by the textbook's double recursion: a load for the CPU. Asks `check` often enough to stop within milliseconds.
pub fn recursive<E>(n: u32, check: &impl Fn() -> Result<(), E>) -> Result<u64, E> {
    if n < UNCHECKED {
        return Ok(plain(n));
    }
    check()?;
    Ok(recursive(n - 1, check)? + recursive(n - 2, check)?)
}

fn plain(n: u32) -> u64 {
    if n < 2 { n.into() } else { plain(n - 1) + plain(n - 2) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn never() -> Result<(), ()> {
        Ok(())
    }

    #[test]
    fn the_table_ends_where_64_bits_end() {
        assert_eq!(small(0), Some(0));
        assert_eq!(small(40), Some(102_334_155));
        assert_eq!(small(93), Some(12_200_160_415_121_876_738));
        assert_eq!(small(94), None);
    }

    #[test]
    fn doubling_agrees_with_the_table() {
        for n in 0..=LAST_U64 {
            assert_eq!(big(n, never), Ok(BigUint::from(small(n).unwrap())), "n = {n}");
        }
    }

    #[test]
    fn doubling_agrees_with_addition_far_beyond_the_table() {
        let (mut a, mut b) = (BigUint::ZERO, BigUint::from(1_u32));
        for n in 0..500 {
            assert_eq!(big(n, never), Ok(a.clone()), "n = {n}");
            let next = &a + &b;
            a = std::mem::replace(&mut b, next);
        }
    }

    #[test]
    fn digits_agree_with_doubling() {
        for n in [0, 94, 19_999, 20_000, 20_001, 32_767, 32_768, 50_003, 100_000] {
            assert_eq!(digits(n, never).unwrap(), big(n, never).unwrap().to_string(), "n = {n}");
        }
    }

    #[test]
    fn recursion_agrees_with_the_table() {
        for n in [0, 1, 2, 24, 25, 26, 30] {
            assert_eq!(recursive(n, &never), Ok(small(n.into()).unwrap()));
        }
    }

    #[test]
    fn a_cancelled_call_stops_at_the_next_step() {
        assert_eq!(big(1_000_000, || Err("stop")), Err("stop"));
        assert_eq!(digits(1_000_000, || Err("stop")), Err("stop"));
        assert_eq!(recursive(80, &|| Err("stop")), Err("stop"));
    }
}
