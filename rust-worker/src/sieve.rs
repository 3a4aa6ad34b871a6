//! The primes of a range, in order, by a sieve over one segment after the other.

use crate::prime::is_prime;

/// Odd numbers in one segment: what the nearest cache holds.
const SEGMENT: usize = 32 * 1024;
/// Primes up to this sieve. What remains above its square is tested one by one.
const LARGEST: u64 = 1 << 20;

/// Hands the primes from `from` to `to`, both included, to `found`, and asks `check` for each segment.
pub fn primes<E>(
    from: u64,
    to: u64,
    check: impl Fn() -> Result<(), E>,
    mut found: impl FnMut(u64) -> Result<(), E>,
) -> Result<(), E> {
    if from <= 2 && 2 <= to {
        found(2)?;
    }
    let Some(mut low) = (if from <= 3 { Some(3) } else { from.checked_add(1 - from % 2) }) else {
        return Ok(());
    };
    if low > to {
        return Ok(());
    }
    // Few numbers do not repay a long list of primes.
    let limit = to.isqrt().min(LARGEST).min((to - low).max(1024));
    let proven = limit >= to.isqrt();
    let mut marks = vec![0_u8; SEGMENT];
    let mut sieving: Vec<(u64, u64)> = small_primes(limit).into_iter().map(|p| (p, first_multiple(p, low))).collect();
    loop {
        check()?;
        let length = ((to - low) / 2 + 1).min(SEGMENT as u64);
        let marks = &mut marks[..length as usize];
        marks.fill(0);
        for (prime, next) in &mut sieving {
            let mut at = *next;
            while at < length {
                marks[at as usize] = 1;
                at += *prime;
            }
            *next = at - length;
        }
        for at in memchr::memchr_iter(0, marks) {
            let candidate = low + 2 * at as u64;
            if proven || is_prime(candidate) {
                found(candidate)?;
            }
        }
        match low.checked_add(2 * length) {
            Some(next) if next <= to => low = next,
            _ => return Ok(()),
        }
    }
}

/// The odd primes up to `limit`.
fn small_primes(limit: u64) -> Vec<u64> {
    let mut composite = vec![false; limit as usize + 1];
    let mut primes = Vec::new();
    for n in (3..composite.len()).step_by(2) {
        if !composite[n] {
            primes.push(n as u64);
            (n * n..composite.len()).step_by(2 * n).for_each(|multiple| composite[multiple] = true);
        }
    }
    primes
}

/// Where, counted in odd numbers from `low`, the first multiple of `prime` lies that has no smaller prime factor.
fn first_multiple(prime: u64, low: u64) -> u64 {
    if low < prime * prime {
        return (prime * prime - low) / 2;
    }
    match low % prime {
        0 => 0,
        rest if (prime - rest) % 2 == 0 => (prime - rest) / 2,
        rest => (2 * prime - rest) / 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(from: u64, to: u64) -> Vec<u64> {
        let mut primes_found = Vec::new();
        primes(
            from,
            to,
            || Ok::<(), ()>(()),
            |prime| {
                primes_found.push(prime);
                Ok(())
            },
        )
        .unwrap();
        primes_found
    }

    #[test]
    fn every_range_of_small_numbers_is_complete() {
        for from in 0..60 {
            for to in 0..60 {
                let expected: Vec<_> = (from..=to).filter(|n| is_prime(*n)).collect();
                assert_eq!(all(from, to), expected, "{from} to {to}");
            }
        }
    }

    #[test]
    fn ranges_over_many_segments_agree_with_the_test() {
        for (from, to) in [(0, 300_000), (999_000, 1_300_001), (1 << 32, (1 << 32) + 200_000)] {
            let expected: Vec<_> = (from..=to).filter(|n| is_prime(*n)).collect();
            assert_eq!(all(from, to), expected, "{from} to {to}");
        }
    }

    #[test]
    fn the_last_primes_of_64_bits_are_found() {
        let expected: Vec<_> = (u64::MAX - 1000..=u64::MAX).filter(|n| is_prime(*n)).collect();
        assert_eq!(all(u64::MAX - 1000, u64::MAX), expected);
        assert!(all(u64::MAX, u64::MAX).is_empty());
        let (from, to) = (u64::MAX - 70_000, u64::MAX);
        assert_eq!(all(from, to).len(), (from..=to).filter(|n| is_prime(*n)).count());
    }

    #[test]
    fn a_million_has_78498() {
        assert_eq!(all(1, 1_000_000).len(), 78_498);
    }
}
