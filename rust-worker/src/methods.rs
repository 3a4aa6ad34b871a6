//! The methods: what they are called, where they run, what they refuse.

mod about;

#[cfg(feature = "hash")]
use std::fmt::Display;
use std::time::{Duration, Instant};

use compute::discard::DropInBackground;
#[cfg(feature = "hash")]
use compute::hash::Digest;
use compute::number::{Integer, Number};
use compute::stats::{self, Problem, Stats};
use compute::{array::Sent, factor, fibonacci, primality, sieve, sort};
#[cfg(feature = "hash")]
use procwire::{Content, DecodeError, Raw};
use procwire::{Context, Fault, Method, Params, Stream, Worker};
use serde::{Serialize, Serializer};
use serde_json::json;

use crate::named::numbers;
use crate::reading;

/// Bytes of parameters up to which arithmetic is done on the reader; longer integers take their time.
const SHORT: usize = 1024;
/// Fibonacci numbers up to this one take microseconds.
const QUICK_FIBONACCI: u64 = 2_000;
/// Bytes of an array up to which it is sorted or looked through on the reader.
const FEW_NUMBERS: usize = 4 * 1024;
/// Bytes of a word that may be one of few, however it is escaped.
#[cfg(feature = "hash")]
const LONG_WORD: usize = 64;
/// Work that takes less than this does not tell how far it is.
const QUIET_TIME: Duration = Duration::from_millis(100);

numbers!(Pair { a, b });
numbers!(One { n });
numbers!(Range { from, to });

/// Adds all methods to a worker.
pub fn register(worker: Worker) -> Worker {
    let worker = worker
        .register(
            Method::new("add", |p: Pair| arithmetic("add", &p, |a, b| Ok(a.add(b)), |a, b| a + b))
                .inline_if(is_short)
                .describe(about::add()),
        )
        .register(
            Method::new("multiply", |p: Pair, cx: &Context| {
                arithmetic("multiply", &p, |a, b| a.multiply(b, &|| cx.check()), |a, b| a * b)
            })
            .inline_if(is_short)
            .describe(about::multiply()),
        )
        .register(Method::new("fibonacci", fibonacci).inline_if(is_quick_fibonacci).describe(about::fibonacci()))
        .register(Method::new("fibonacci_recursive", fibonacci_recursive).describe(about::fibonacci_recursive()))
        .register(Method::new("is_prime", |p: One| is_prime(&p.n)).inline_if(is_short).describe(about::is_prime()))
        .register(Method::unread("is_prime_many", is_prime_many).describe(about::is_prime_many()))
        .register(Method::new("factorize", factorize).describe(about::factorize()))
        .register(Method::stream("primes", primes).describe(about::primes()))
        .register(Method::unread("sum_array", sum_array).inline().describe(about::sum_array()))
        .register(Method::unread("sort", sort_array).inline_if(has_few_numbers).describe(about::sort()))
        .register(Method::unread("stats", stats_of).inline_if(has_few_numbers).describe(about::stats()))
        .register(
            Method::raw("echo", |params: &Params<'_>| {
                params.get("message", 0)?.ok_or_else(|| params.fault("missing parameter `message`"))
            })
            .inline()
            .describe(about::echo()),
        );
    #[cfg(feature = "hash")]
    let worker = worker.register(Method::unread("hash", hash).describe(about::hash()));
    worker
}

fn is_short(params: &Params<'_>) -> bool {
    params.len() <= SHORT
}

fn has_few_numbers(params: &Params<'_>) -> bool {
    params.len() <= FEW_NUMBERS
}

fn is_quick_fibonacci(params: &Params<'_>) -> bool {
    is_short(params) && !params.decode().is_ok_and(|p: One| index(&p.n).is_some_and(|n| n > QUICK_FIBONACCI))
}

fn arithmetic(
    name: &str,
    p: &Pair,
    exact: impl Fn(&Integer, &Integer) -> Result<Integer, Fault>,
    float: fn(f64, f64) -> f64,
) -> Result<Number, Fault> {
    match (&p.a, &p.b) {
        (Number::Integer(a), Number::Integer(b)) => exact(a, b).map(Number::Integer),
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

fn unsigned(value: u64) -> Integer {
    Integer::Small(value.into())
}

/// An integer, small, or so large that it travels by its digits in any codec.
enum Large {
    Small(Integer),
    Digits(String),
}

impl Serialize for Large {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Large::Small(value) => value.serialize(serializer),
            Large::Digits(digits) => digits.serialize(serializer),
        }
    }
}

fn fibonacci(p: One, cx: &Context) -> Result<Large, Fault> {
    let n = index_up_to("fibonacci", &p.n, fibonacci::CAP)?;
    match fibonacci::small(n) {
        Some(value) => Ok(Large::Small(unsigned(value))),
        None => Ok(Large::Digits(fibonacci::digits(n, || cx.check())?)),
    }
}

fn fibonacci_recursive(p: One, cx: &Context) -> Result<Integer, Fault> {
    let n = index_up_to("fibonacci_recursive", &p.n, fibonacci::LAST_U64)?;
    Ok(unsigned(fibonacci::recursive(n as u32, &|| cx.check())?))
}

fn is_prime(n: &Number) -> Result<bool, Fault> {
    primality::decide(n)
        .ok_or_else(|| Fault::invalid_params("is_prime: parameter `n` must be a whole number below 2^64"))
}

fn is_prime_many(params: &Params<'_>, cx: &Context) -> Result<Vec<bool>, Fault> {
    let array = reading::array(params, true, cx)?.array;
    let progress = Progress::new(cx, array.count());
    let begin = |count| cx.check().and_then(|()| progress.add(count));
    primality::decide_all(&array, begin, |index| {
        params.fault(format!("parameter `numbers`: numbers[{index}]: must be a whole number below 2^64"))
    })
}

fn factorize(p: One, cx: &Context) -> Result<Vec<Integer>, Fault> {
    let wrong = || Fault::invalid_params("factorize: parameter `n` must be a whole number from 1 to 2^64 - 1");
    let n = index(&p.n).filter(|n| *n > 0).ok_or_else(wrong)?;
    let factors = factor::factorize(n, &|| cx.check())?;
    Ok(factors.into_iter().map(unsigned).collect())
}

fn primes(p: Range, out: &mut Stream<'_>) -> Result<u64, Fault> {
    let bound = |name: &str, n: &Number| {
        let wrong = || format!("primes: parameter `{name}` must be a whole number from 0 to 2^64 - 1");
        index(n).ok_or_else(|| Fault::invalid_params(wrong()))
    };
    let (from, to) = (bound("from", &p.from)?, bound("to", &p.to)?);
    let cx = out.context();
    let mut count = 0;
    sieve::primes(
        from,
        to,
        || cx.check(),
        |prime| {
            count += 1;
            out.send(&unsigned(prime))
        },
    )?;
    Ok(count)
}

fn sum_array(params: &Params<'_>, cx: &Context) -> Result<Number, Fault> {
    finite("sum_array", reading::sum(params, cx)?)
}

fn sort_array(params: &Params<'_>, cx: &Context) -> Result<DropInBackground<Sent>, Fault> {
    let reading::Found { mut array, alone } = reading::array(params, false, cx)?;
    let descending = !alone && is_descending(params)?;
    sort::array(&mut array, descending, &|| cx.check())?;
    array.sent(&|| cx.check())
}

fn is_descending(params: &Params<'_>) -> Result<bool, Fault> {
    match params.get("descending", 1)? {
        Some(raw) => raw.decode().map_err(|text| params.fault(format!("parameter `descending`: {text}"))),
        None => Ok(false),
    }
}

fn stats_of(params: &Params<'_>, cx: &Context) -> Result<Stats, Fault> {
    let mut array = reading::array(params, false, cx)?.array;
    stats::stats(&mut array, &|| cx.check()).map_err(|problem| match problem {
        Problem::Stopped(fault) => fault,
        Problem::Refused(text) => params.fault(&text),
    })
}

#[cfg(feature = "hash")]
fn hash(params: &Params<'_>, cx: &Context) -> Result<String, Fault> {
    let algorithm = word(params, "algorithm", 1)?.ok_or_else(|| params.fault("missing parameter `algorithm`"))?;
    let mut digest = Digest::new(algorithm, word(params, "encoding", 2)?.unwrap_or_default());
    let check = || cx.check();
    match params.get("data", 0)?.filter(|raw| !raw.is_null()) {
        Some(raw) => add(&mut digest, &raw, &check, |text| params.fault(format!("parameter `data`: {text}")))?,
        None if !cx.has_input() => return Err(params.fault("missing parameter `data`, or inputs in its place")),
        None => {
            let (mut inputs, mut number) = (cx.input::<()>()?, 0);
            while let Some(raw) = inputs.next_unread() {
                number += 1;
                add(&mut digest, &raw?, &check, |text| params.fault(format!("input {number}: {text}")))?;
            }
        }
    }
    Ok(digest.finish())
}

/// Adds bytes, or a text, to a digest.
#[cfg(feature = "hash")]
fn add(
    digest: &mut Digest,
    raw: &Raw<'_>,
    check: &impl Fn() -> Result<(), Fault>,
    wrong: impl Fn(String) -> Fault,
) -> Result<(), Fault> {
    match raw.content() {
        Some(Content::Bytes(pieces)) => digest.add(false, pieces.map(in_words), check, wrong),
        Some(Content::Text(pieces)) => digest.add(true, pieces.map(in_words), check, wrong),
        _ => Err(wrong("expected bytes or a string".into())),
    }
}

#[cfg(feature = "hash")]
fn in_words<T>(piece: Result<T, DecodeError>) -> Result<T, String> {
    piece.map_err(|error| error.to_string())
}

/// A parameter that is one of few words: nothing long is read to find out that it is none of them.
#[cfg(feature = "hash")]
fn word<T: serde::de::DeserializeOwned>(params: &Params<'_>, name: &str, position: usize) -> Result<Option<T>, Fault> {
    let Some(raw) = params.get(name, position)? else { return Ok(None) };
    let wrong = |text: &dyn Display| params.fault(format!("parameter `{name}`: {text}"));
    if raw.bytes().len() > LONG_WORD {
        return Err(wrong(&"none of the words it can be"));
    }
    raw.decode().map(Some).map_err(|error| wrong(&error))
}

/// How far a call is, told when it takes its time.
struct Progress<'c> {
    cx: &'c Context,
    started: Instant,
    done: std::sync::atomic::AtomicUsize,
    total: usize,
}

impl<'c> Progress<'c> {
    fn new(cx: &'c Context, total: usize) -> Self {
        Progress { cx, started: Instant::now(), done: 0.into(), total }
    }

    fn add(&self, count: usize) -> Result<(), Fault> {
        let done = count + self.done.fetch_add(count, std::sync::atomic::Ordering::Relaxed);
        match self.started.elapsed() > QUIET_TIME {
            true => self.cx.progress(&json!({ "done": done, "total": self.total })),
            false => Ok(()),
        }
    }
}
