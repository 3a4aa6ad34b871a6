//! Sums that lose nothing: integers exactly, floats rounded once, at the end.

mod block;
mod exact;
mod total;
mod typed;

pub use total::{SumSeed, Total};
pub use typed::add_elements;
#[allow(unused_imports)] // by the worker; the bench sums bytes.
pub use typed::add_typed;
