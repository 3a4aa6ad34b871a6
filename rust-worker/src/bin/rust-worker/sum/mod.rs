//! Sums that lose nothing: integers exactly, floats rounded once, at the end.

mod exact;
mod text;
mod total;
mod typed;

pub use total::Sum;
