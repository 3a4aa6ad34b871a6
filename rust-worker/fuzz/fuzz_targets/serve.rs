//! Any bytes as the input of a worker, in each framing and codec, cut anywhere: it never panics, never hangs, and what it
//! answers can be read.
//!
//! `cargo +nightly fuzz run serve` in `rust-worker/`.
#![no_main]

use support::hostile;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let [choice, chunk, input @ ..] = data {
        hostile::serve(*choice, usize::from(*chunk), input);
    }
});
