//! A worker as one engineer writes it for speed alone: one thread, a few methods, one write per read; no checks, no
//! limits, no errors, no cancelling. What a library with all of these has to come close to.
#![forbid(unsafe_code)]

use std::hint::black_box;
use std::io::{self, Write};

use memchr::memchr;
use procwire_bench::{Input, output, polling_time};
use serde::Deserialize;
use serde_json::value::RawValue;

#[derive(Deserialize)]
struct Request<'a> {
    /// None of a notification.
    id: Option<u64>,
    method: &'a str,
    #[serde(borrow)]
    params: &'a RawValue,
}

#[derive(Deserialize)]
struct Add {
    a: i64,
    b: i64,
}

#[derive(Deserialize)]
struct Echo<'a> {
    #[serde(borrow)]
    message: &'a RawValue,
}

#[derive(Deserialize)]
struct Sum<T> {
    numbers: Vec<T>,
}

#[derive(Deserialize)]
struct One {
    n: u64,
}

fn main() -> io::Result<()> {
    let mut input = Input::open(polling_time())?;
    let mut output = output()?;
    let mut buffer = vec![0; 256 * 1024];
    let mut filled = 0;
    let mut answers = Vec::with_capacity(256 * 1024);
    loop {
        if filled == buffer.len() {
            buffer.resize(2 * filled, 0);
        }
        let count = input.read(&mut buffer[filled..])?;
        if count == 0 {
            return Ok(());
        }
        // What was there before holds no line feed.
        let mut searched = filled;
        let mut line = 0;
        filled += count;
        while let Some(distance) = memchr(b'\n', &buffer[searched..filled]) {
            let end = searched + distance;
            answer(&buffer[line..end], &mut answers)?;
            line = end + 1;
            searched = line;
        }
        buffer.copy_within(line..filled, 0);
        filled -= line;
        output.write_all(&answers)?;
        answers.clear();
    }
}

fn answer(line: &[u8], answers: &mut Vec<u8>) -> io::Result<()> {
    let request: Request = serde_json::from_slice(line)?;
    let Some(id) = request.id else { return Ok(()) };
    let params = request.params.get();
    answers.extend_from_slice(br#"{"jsonrpc":"2.0","id":"#);
    serde_json::to_writer(&mut *answers, &id)?;
    answers.extend_from_slice(br#","result":"#);
    match request.method {
        "add" => {
            let Add { a, b } = serde_json::from_str(params)?;
            serde_json::to_writer(&mut *answers, &(a + b))?;
        }
        "echo" => {
            let Echo { message } = serde_json::from_str(params)?;
            answers.extend_from_slice(message.get().as_bytes());
        }
        "sum_array" => {
            let Sum { numbers } = serde_json::from_str::<Sum<i64>>(params)?;
            serde_json::to_writer(&mut *answers, &numbers.iter().sum::<i64>())?;
        }
        "sum_floats" => {
            let Sum { numbers } = serde_json::from_str::<Sum<f64>>(params)?;
            serde_json::to_writer(&mut *answers, &numbers.iter().sum::<f64>())?;
        }
        "fibonacci_recursive" => {
            let One { n } = serde_json::from_str(params)?;
            serde_json::to_writer(&mut *answers, &fibonacci(black_box(n)))?;
        }
        "is_prime" => {
            let One { n } = serde_json::from_str(params)?;
            serde_json::to_writer(&mut *answers, &is_prime(black_box(n)))?;
        }
        unknown => panic!("unknown method {unknown}"),
    }
    answers.extend_from_slice(b"}\n");
    Ok(())
}

fn fibonacci(n: u64) -> u64 {
    if n < 2 { n } else { fibonacci(n - 1) + fibonacci(n - 2) }
}

/// By trial division.
fn is_prime(n: u64) -> bool {
    if n < 4 {
        return n > 1;
    }
    if n % 2 == 0 {
        return false;
    }
    let mut divisor = 3;
    while divisor * divisor <= n {
        if n % divisor == 0 {
            return false;
        }
        divisor += 2;
    }
    true
}
