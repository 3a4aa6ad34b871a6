//! The algorithms of the compute worker: integers of any size, primes, arrays of numbers, digests. They know
//! nothing of requests: whoever calls them passes a `check` that tells whether to go on.
#![forbid(unsafe_code)]

pub mod array;
pub mod big;
pub mod decimal;
pub mod discard;
pub mod element;
pub mod factor;
pub mod fibonacci;
#[cfg(feature = "hash")]
pub mod hash;
pub mod montgomery;
pub mod number;
pub mod parallel;
pub mod primality;
pub mod prime;
pub mod scan;
pub mod sieve;
pub mod sort;
pub mod stats;
pub mod sum;
