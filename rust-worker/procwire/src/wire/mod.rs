//! Bytes, frames, values and messages. Handed values, returns values: no threads, no I/O.

pub(crate) mod alone;
pub(crate) mod binary;
pub(crate) mod codec;
pub(crate) mod format;
pub(crate) mod framing;
pub(crate) mod long_values;
pub(crate) mod message;
pub(crate) mod params;
pub(crate) mod slice;
