//! Sums that lose nothing: integers exactly, floats rounded once, at the end.

mod block;
mod exact;
mod total;
mod typed;

pub use total::{Adding, Check, Total};
pub use typed::{add_elements, add_typed};
