//! Times the algorithms of the compute worker against what they must keep to, and says which they do not.
//!
//! `cargo run --release --example bench`, or with names of rows to time only those.

use std::hint::black_box;
use std::time::{Duration, Instant};

use compute::{factor, fibonacci, number, prime, scan, sieve, sort, sum};

/// Megabytes of the arrays that are added up.
const ARRAY: usize = 100_000_000;

fn never() -> Result<(), String> {
    Ok(())
}

/// Uses a result, so that making it is not left out.
fn keep<T>(value: T) {
    black_box(value);
}

/// The best of several runs.
fn best(runs: usize, mut work: impl FnMut()) -> Duration {
    let time = |work: &mut dyn FnMut()| {
        let started = Instant::now();
        work();
        started.elapsed()
    };
    (0..runs).map(|_| time(&mut work)).min().unwrap_or_default()
}

struct Bench {
    wanted: Vec<String>,
    missed: usize,
}

impl Bench {
    /// One row; `least` is the time it may take at most.
    fn row(&mut self, name: &str, least: Option<Duration>, note: &str, run: impl FnOnce() -> Duration) {
        if !self.wanted.is_empty() && !self.wanted.iter().any(|wanted| name.contains(wanted.as_str())) {
            return;
        }
        let time = run();
        let verdict = match least {
            None => String::new(),
            Some(least) if time <= least => format!("within {least:?}"),
            Some(least) => {
                self.missed += 1;
                format!("MISSES {least:?}")
            }
        };
        println!("{name:<44} {:>12} {verdict:<20} {note}", format!("{time:.3?}"));
    }
}

fn main() {
    let mut bench = Bench { wanted: std::env::args().skip(1).collect(), missed: 0 };
    numbers(&mut bench);
    arrays(&mut bench);
    if bench.missed > 0 {
        println!("{} missed", bench.missed);
        std::process::exit(1);
    }
}

fn numbers(bench: &mut Bench) {
    for n in [18_446_744_073_709_551_557, 9_007_199_254_740_881, 1_000_000_007] {
        let limit = Some(Duration::from_micros(2));
        bench.row(&format!("is_prime({n})"), limit, "", || {
            best(50, || (0..1000).for_each(|_| keep(prime::is_prime(black_box(n))))) / 1000
        });
    }
    bench.row("is_prime of a million random odd numbers", None, "per number", || {
        let numbers: Vec<u64> = random().take(1_000_000).map(|x| x | 1).collect();
        best(3, || keep(numbers.iter().filter(|n| prime::is_prime(**n)).count())) / 1_000_000
    });
    for (name, n) in [
        ("two primes of 32 bits", 4_294_967_279 * 4_294_967_291_u64),
        ("a prime", 18_446_744_073_709_551_557),
        ("three primes of 20 bits", 1_000_003 * 1_000_033 * 1_000_037),
    ] {
        bench
            .row(&format!("factorize {name}"), None, "", || best(20, || keep(factor::factorize(black_box(n), &never))));
    }
    bench.row("primes up to 100,000,000", None, "5,761,455 of them", || {
        best(3, || {
            let mut count = 0;
            sieve::primes(0, 100_000_000, never, |_| {
                count += 1;
                Ok(())
            })
            .unwrap();
            assert_eq!(count, 5_761_455);
        })
    });
    for (n, limit) in [(1_000_000, 50), (10_000_000, 2000)] {
        bench.row(&format!("fibonacci({n})"), Some(Duration::from_millis(limit)), "with its digits", || {
            best(5, || keep(fibonacci::digits(n, never)))
        });
    }
    bench.row("fibonacci_recursive(40)", None, "", || best(3, || keep(fibonacci::recursive(40, &never))));
}

fn arrays(bench: &mut Bench) {
    let bytes: Vec<u8> = random().take(ARRAY / 8).flat_map(|x| (x as f64 / 1e19 - 0.7).to_le_bytes()).collect();
    let gigabytes = |time: Duration| ARRAY as f64 / time.as_secs_f64() / 1e9;
    let plain = best(10, || keep(plain_sum(black_box(&bytes))));
    bench.row("plain loop over 100 MB of Float64Array", None, &format!("{:.1} GB/s", gigabytes(plain)), || plain);
    for (name, code, limit) in [
        ("sum of 100 MB, Float64Array", 24, Some(plain * 2)),
        ("sum of 100 MB, BigInt64Array", 25, Some(plain * 2)),
        ("sum of 100 MB, Int32Array", 21, Some(plain * 2)),
        ("sum of 100 MB, Uint8Array", 18, Some(plain * 2)),
    ] {
        let run = || best(10, || keep(typed_sum(code, black_box(&bytes))));
        let time = if bench.wanted.is_empty() { run() } else { Duration::ZERO };
        let note = if time.is_zero() { String::new() } else { format!("{:.1} GB/s", gigabytes(time)) };
        bench.row(name, limit, &note, || if time.is_zero() { run() } else { time });
    }
    let floats: Vec<f64> = random().take(1_000_000).map(|x| x as f64 / 1e19 - 0.7).collect();
    bench.row("sort a million floats", None, "", || {
        best(5, || sort::elements(&mut floats.clone(), false, &never).unwrap())
    });
    bench.row("sort a million floats, std", None, "sort_unstable_by(total_cmp)", || {
        best(5, || floats.clone().sort_unstable_by(f64::total_cmp))
    });
    let text = format!("[{}]", (0..1_000_000).map(|n| n.to_string()).collect::<Vec<_>>().join(","));
    bench.row("read a million integers of JSON", None, &format!("{} bytes", text.len()), || {
        best(5, || {
            let mut total = Adding(sum::Total::new());
            scan::array(text.as_bytes(), false, &mut total).unwrap();
            black_box(total.0.finish());
        })
    });
}

fn random() -> impl Iterator<Item = u64> {
    let mut x = 88_172_645_463_325_252_u64;
    std::iter::repeat_with(move || {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        x
    })
}

/// What a plain loop reaches: eight sums side by side, none of them exact.
fn plain_sum(bytes: &[u8]) -> f64 {
    let mut sums = [0.0; 8];
    for block in bytes.chunks_exact(64) {
        for (sum, value) in sums.iter_mut().zip(block.chunks_exact(8)) {
            *sum += f64::from_le_bytes(value.try_into().unwrap());
        }
    }
    sums.iter().sum()
}

fn typed_sum(code: i8, bytes: &[u8]) -> number::Number {
    let mut total = sum::Total::new();
    sum::add_typed(code, bytes, &mut total, &never).unwrap();
    total.finish()
}

struct Adding(sum::Total);

impl scan::Numbers for Adding {
    fn integer(&mut self, value: i64) -> Result<(), String> {
        self.0.add_i64(value);
        Ok(())
    }

    fn number(&mut self, number: number::Number) -> Result<(), String> {
        self.0.add(&number);
        Ok(())
    }
}
