//! Bytes, and numbers of one kind: in MessagePack as they lie in memory, in JSON as text.

mod base64;
mod bytes;
mod cast;
mod element;
mod extension;
mod numbers;

pub use bytes::Bytes;
pub use element::Element;
#[cfg(feature = "msgpack")]
pub(crate) use element::read as numbers_of_bytes;
pub(crate) use extension::{Elements, Extension};
pub use numbers::Numbers;
