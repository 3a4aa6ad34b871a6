//! What `rpc.discover` tells about the methods. The README's table is made from it.

use procwire::About;
use serde_json::{Value, json};

/// A schema with words for people.
fn is(kind: Value, words: &str) -> Value {
    json!({ "type": kind, "description": words })
}

/// An integer as it travels: a number, or beyond ±(2^53 - 1) its decimal digits.
fn integer(words: &str) -> Value {
    is(json!(["integer", "string"]), words)
}

fn number(words: &str) -> Value {
    is(json!(["number", "string"]), words)
}

fn array(of: Value, words: &str) -> Value {
    json!({ "type": "array", "items": { "type": of }, "description": words })
}

fn numbers() -> Value {
    array(json!("number"), "an array of numbers, or a typed array")
}

pub fn add() -> About {
    let operand = || number("a number");
    About::new("Adds two numbers: exact for integers, of up to a million digits each, IEEE 754 with a float.")
        .param("a", operand())
        .param("b", operand())
        .result(number("the sum"))
}

pub fn multiply() -> About {
    let operand = || number("a number");
    About::new("Multiplies two numbers: exact for integers, of up to a million digits each, IEEE 754 with a float.")
        .param("a", operand())
        .param("b", operand())
        .result(number("the product"))
}

pub fn fibonacci() -> About {
    About::new("A Fibonacci number, exact, by doubling.")
        .param("n", integer("0 to 10,000,000"))
        .result(integer("the n-th Fibonacci number"))
}

pub fn fibonacci_recursive() -> About {
    About::new("A Fibonacci number by the textbook's double recursion: a load for the CPU.")
        .param("n", integer("0 to 93"))
        .result(integer("the n-th Fibonacci number"))
}

pub fn is_prime() -> About {
    About::new("Whether a number is prime: exact; negative numbers are not.")
        .param("n", integer("a whole number below 2^64"))
        .result(is(json!("boolean"), "true or false"))
}

pub fn is_prime_many() -> About {
    About::new("Whether each of many numbers is prime, on all CPUs, with progress.")
        .param("numbers", array(json!(["integer", "string"]), "whole numbers below 2^64, or a typed array"))
        .result(array(json!("boolean"), "true or false for each"))
}

pub fn factorize() -> About {
    About::new("The prime factors of a number, ascending, each as often as it divides.")
        .param("n", integer("1 to 2^64 - 1"))
        .result(array(json!(["integer", "string"]), "the factors; none for 1"))
}

pub fn primes() -> About {
    About::new("The primes of a range, in order.")
        .param("from", integer("0 to 2^64 - 1"))
        .param("to", integer("0 to 2^64 - 1, included"))
        .items(integer("a prime"))
        .result(is(json!("integer"), "how many there were"))
}

pub fn sum_array() -> About {
    About::new(
        "Adds up an array: exact for integers; with any float, the exact sum of all rounded once, in any order the same.",
    )
    .param("numbers", numbers())
    .result(number("the sum"))
}

pub fn sort() -> About {
    About::new("Sorts an array, and answers with one of the same kind. -0 is before 0, NaN last in either direction.")
        .param("numbers", numbers())
        .optional("descending", is(json!("boolean"), "false if left out"))
        .result(array(json!("number"), "the same numbers, sorted"))
}

pub fn stats() -> About {
    let figures = json!({
        "type": "object",
        "description": "`count`, `min`, `max`, `sum` (exact, as of `sum_array`), `mean`, `variance` (of the population), `stddev`, `median`",
    });
    About::new(
        "An array in a few figures. NaN and infinities are refused; of no numbers all but count and sum are null.",
    )
    .param("numbers", numbers())
    .result(figures)
}

pub fn echo() -> About {
    About::new("The message, byte for byte, of any type.")
        .param("message", json!({ "description": "any value" }))
        .result(json!({ "description": "the same" }))
}

#[cfg(feature = "hash")]
pub fn hash() -> About {
    let data = |words: &str| is(json!("string"), words);
    About::new("The digest of bytes: of `data`, or of the inputs that come with the request.")
        .optional("data", data("bytes, or a text, by its UTF-8 bytes"))
        .param("algorithm", json!({ "enum": ["sha256", "blake3"], "description": "`sha256` or `blake3`" }))
        .optional(
            "encoding",
            json!({ "enum": ["utf8", "base64"], "description": "of texts: `utf8` if left out, or `base64`" }),
        )
        .input(data("bytes or a text"))
        .result(data("hexadecimal digits"))
}
