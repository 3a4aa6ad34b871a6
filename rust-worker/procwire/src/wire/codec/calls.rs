//! Calls that are written in one go.

use serde::Serialize;

#[cfg(feature = "msgpack")]
use super::msgpack;
use super::{Codec, Room, Shape, Unwritten, json};

impl Codec {
    /// Appends a request, or without an id a notification, whose params are `value`. Tells what those are: what is
    /// neither a structure nor nothing is no message.
    pub(crate) fn append_call_of<T: Serialize + ?Sized>(
        self,
        out: &mut Vec<u8>,
        id: Option<u64>,
        method: &str,
        value: &T,
        room: Room,
    ) -> Result<Shape, Unwritten> {
        let room = Room { end: room.end.saturating_add(out.len()), ..room };
        match self {
            Codec::Json => {
                json::append_call_head(out, id, method);
                let start = out.len();
                out.extend_from_slice(b",\"params\":");
                let params = out.len();
                self.write(None, out, value, room)?;
                let shape = self.shape(&out[params..]);
                if shape == Shape::Nothing {
                    out.truncate(start);
                }
                self.append_tail(out);
                Ok(shape)
            }
            #[cfg(feature = "msgpack")]
            Codec::MessagePack => {
                let mut encoded = Vec::new();
                let end = room.end.saturating_sub(out.len() + method.len() + 32);
                self.write(None, &mut encoded, value, Room { end, ..room })?;
                let shape = self.shape(&encoded);
                msgpack::append_call(out, id, method, (shape == Shape::Structure).then_some(&encoded));
                Ok(shape)
            }
        }
    }
}
