//! Sums that lose nothing: integers exactly, floats rounded once, at the end.

mod exact;
mod text;
mod total;

pub use total::{Sum, Total};
