//! What the compute worker must show, each as a benchmark: `cargo bench --manifest-path rust-worker/bench/Cargo.toml`.

use compute::{fibonacci, prime, sum};
use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use procwire::{Context, Fault, Worker};

/// Bytes of the arrays that are added up.
const ARRAY: usize = 100_000_000;
/// Requests that are served side by side.
const CALLS: usize = 16;

fn main() {
    divan::main();
}

fn never() -> Result<(), String> {
    Ok(())
}

/// The largest primes of 64, 53 and 32 bits: all tests are made. At most 2 µs each.
#[divan::bench(args = [18_446_744_073_709_551_557, 9_007_199_254_740_881, 4_294_967_291])]
fn is_prime(n: u64) -> bool {
    prime::is_prime(black_box(n))
}

/// With its digits. At most 50 ms and 2 s.
#[divan::bench(args = [1_000_000, 10_000_000], sample_count = 10)]
fn fibonacci_digits(n: u64) -> String {
    fibonacci::digits(n, never).unwrap()
}

fn floats() -> Vec<u8> {
    let mut x = 88_172_645_463_325_252_u64;
    let mut next = || {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        x as f64 / 1e19 - 0.7
    };
    (0..ARRAY / 8).flat_map(|_| next().to_le_bytes()).collect()
}

/// The bandwidth to compare with: eight sums side by side, none of them exact.
#[divan::bench(sample_count = 10)]
fn sum_of_100_mb_by_a_plain_loop(bencher: Bencher<'_, '_>) {
    let bytes = floats();
    bencher.counter(BytesCount::new(ARRAY)).bench_local(|| {
        let mut sums = [0.0; 8];
        for block in black_box(&bytes).chunks_exact(64) {
            for (sum, value) in sums.iter_mut().zip(block.chunks_exact(8)) {
                *sum += f64::from_le_bytes(value.try_into().unwrap());
            }
        }
        sums.iter().sum::<f64>()
    });
}

/// At least half of the plain loop's.
#[divan::bench(sample_count = 10)]
fn sum_of_100_mb_exactly(bencher: Bencher<'_, '_>) {
    let bytes = floats();
    bencher.counter(BytesCount::new(ARRAY)).bench_local(|| {
        let mut total = sum::Total::new();
        sum::add_typed(24, black_box(&bytes), &mut total, &never).unwrap();
        total.finish()
    });
}

/// Two threads are to take at most 1 / 1.8 of the time of one.
#[divan::bench(args = [1, 2], sample_count = 10)]
fn requests_on_threads(bencher: Bencher<'_, '_>, threads: usize) {
    let request = |id| format!("{{\"jsonrpc\":\"2.0\",\"id\":{id},\"method\":\"load\",\"params\":[28]}}\n");
    let input: String = (0..CALLS).map(request).collect();
    bencher.bench_local(|| {
        let load = |(n,): (u32,), cx: &Context| fibonacci::recursive(n, &|| cx.check());
        let worker = Worker::new().threads(threads).method("load", load);
        worker.serve(input.as_bytes(), std::io::sink()).map_err(Fault::from)
    });
}
