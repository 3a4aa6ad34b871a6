//! The methods: what they are called, where they run, what they refuse.

use rust_worker::{Context, Fault, Params, Worker};
use serde::Deserialize;

use crate::fibonacci;
use crate::number::{Integer, Number};
use crate::prime;
use crate::sum::Sum;

/// Bytes of parameters up to which arithmetic is done on the reader; longer integers take their time.
const SHORT: usize = 1024;
/// Fibonacci numbers up to this one take microseconds.
const QUICK_FIBONACCI: u64 = 2_000;

#[derive(Deserialize)]
struct Pair {
    a: Number,
    b: Number,
}

#[derive(Deserialize)]
struct One {
    n: Number,
}

#[derive(Deserialize)]
struct Array {
    numbers: Sum,
}

/// Adds all methods to a worker.
pub fn register(worker: Worker) -> Worker {
    worker
        .inline_if("add", is_short, |p: Pair, _: &Context| arithmetic("add", &p, Integer::add, |a, b| a + b))
        .inline_if("multiply", is_short, |p: Pair, _: &Context| {
            arithmetic("multiply", &p, Integer::multiply, |a, b| a * b)
        })
        .inline_if("fibonacci", is_quick_fibonacci, fibonacci)
        .method_with("fibonacci_recursive", fibonacci_recursive)
        .inline_if("is_prime", is_short, |p: One, _: &Context| is_prime(&p.n))
        .inline("sum_array", |p: Array| finite("sum_array", p.numbers.0))
        .raw("echo", |params: &Params<'_>| {
            params.get("message", 0)?.ok_or_else(|| params.fault("missing parameter `message`"))
        })
}

fn is_short(params: &Params<'_>) -> bool {
    params.len() <= SHORT
}

fn is_quick_fibonacci(params: &Params<'_>) -> bool {
    is_short(params) && !params.decode().is_ok_and(|p: One| index(&p.n).is_some_and(|n| n > QUICK_FIBONACCI))
}

fn arithmetic(
    name: &str,
    p: &Pair,
    exact: fn(&Integer, &Integer) -> Integer,
    float: fn(f64, f64) -> f64,
) -> Result<Number, Fault> {
    match (&p.a, &p.b) {
        (Number::Integer(a), Number::Integer(b)) => Ok(Number::Integer(exact(a, b))),
        (a, b) => finite(name, Number::Float(float(a.to_f64(), b.to_f64()))),
    }
}

/// JSON has no infinities, and none is answered in their place.
fn finite(name: &str, number: Number) -> Result<Number, Fault> {
    match number {
        Number::Float(value) if !value.is_finite() => {
            Err(Fault::invalid_params(format!("{name}: the result is beyond the range of floats")))
        }
        number => Ok(number),
    }
}

/// A whole number from zero up.
fn index(n: &Number) -> Option<u64> {
    match n.as_integer()? {
        Integer::Small(value) => u64::try_from(value).ok(),
        Integer::Big(_) => None,
    }
}

fn index_up_to(name: &str, n: &Number, cap: u64) -> Result<u64, Fault> {
    let wrong = || Fault::invalid_params(format!("{name}: parameter `n` must be a whole number from 0 to {cap}"));
    index(n).filter(|n| *n <= cap).ok_or_else(wrong)
}

fn fibonacci(p: One, cx: &Context) -> Result<Integer, Fault> {
    let n = index_up_to("fibonacci", &p.n, fibonacci::CAP)?;
    match fibonacci::small(n) {
        Some(value) => Ok(Integer::Small(value.into())),
        None => Ok(Integer::Big(fibonacci::big(n, || cx.check())?.into())),
    }
}

fn fibonacci_recursive(p: One, cx: &Context) -> Result<Integer, Fault> {
    let n = index_up_to("fibonacci_recursive", &p.n, fibonacci::LAST_U64)?;
    let value = fibonacci::recursive(n as u32, &|| cx.check())?;
    Ok(Integer::Small(value.into()))
}

fn is_prime(n: &Number) -> Result<bool, Fault> {
    let range = || Fault::invalid_params("is_prime: parameter `n` must be a whole number below 2^64");
    match n.as_integer().ok_or_else(range)? {
        Integer::Small(value) if value < 0 => Ok(false),
        Integer::Small(value) => u64::try_from(value).map(prime::is_prime).map_err(|_| range()),
        Integer::Big(value) if value.sign() == num_bigint::Sign::Minus => Ok(false),
        Integer::Big(_) => Err(range()),
    }
}
