//! Values to bytes.

use std::sync::atomic::AtomicBool;

use serde::Serialize;

#[cfg(feature = "msgpack")]
use super::msgpack;
use super::{Codec, Room, Unwritten, json, limited};
use crate::fault::Fault;

impl Codec {
    /// Appends a value, as far as there is room. On error `out` holds a torn value: truncate it.
    pub(crate) fn append<T: Serialize + ?Sized>(self, out: &mut Vec<u8>, value: &T, room: Room) -> Result<(), Fault> {
        self.append_unless(None, out, value, room)
    }

    /// As [`Codec::append`], and fails soon after `unwanted` is set.
    pub(crate) fn append_unless<T: Serialize + ?Sized>(
        self,
        unwanted: Option<&AtomicBool>,
        out: &mut Vec<u8>,
        value: &T,
        room: Room,
    ) -> Result<(), Fault> {
        self.write(unwanted, out, value, room).map_err(|unwritten| match unwritten {
            Unwritten::Exceeded => Fault::result_too_large(room.limit),
            Unwritten::Unwanted => Fault::cancelled(),
            Unwritten::Unfit(text) => Fault::internal(format!("the result cannot be encoded: {text}")),
        })
    }

    pub(super) fn write<T: Serialize + ?Sized>(
        self,
        unwanted: Option<&AtomicBool>,
        out: &mut Vec<u8>,
        value: &T,
        room: Room,
    ) -> Result<(), Unwritten> {
        let mut writer = limited::Limited::new(out, room.end, unwanted);
        let result = match self {
            Codec::Json => json::write(&mut writer, value),
            #[cfg(feature = "msgpack")]
            Codec::MessagePack => msgpack::write(&mut writer, value),
        };
        writer.verdict(result)
    }
}
