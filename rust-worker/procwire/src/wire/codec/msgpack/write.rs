//! Messages and their parts in MessagePack.

use std::io;

use serde::Serialize;

use super::cursor::Kind;
use crate::wire::codec::Shape;
use crate::wire::codec::exact::{self, Exact};

pub(in crate::wire::codec) fn write<T: Serialize + ?Sized>(out: &mut impl io::Write, value: &T) -> Result<(), String> {
    let mut serializer = rmp_serde::Serializer::new(out).with_struct_map();
    value.serialize(Exact::<_, exact::MessagePack>::new(&mut serializer)).map_err(|error| error.to_string())
}

pub(in crate::wire::codec) fn append_head(out: &mut Vec<u8>, id: Option<&[u8]>, member: &str) {
    out.push(0x83);
    append_string(out, "jsonrpc");
    append_string(out, "2.0");
    append_string(out, "id");
    out.extend_from_slice(id.unwrap_or(&[0xc0]));
    append_string(out, member);
}

pub(in crate::wire::codec) fn append_notification_head(out: &mut Vec<u8>, method: &str) {
    out.push(0x83);
    append_string(out, "jsonrpc");
    append_string(out, "2.0");
    append_string(out, "method");
    append_string(out, method);
    append_string(out, "params");
}

pub(in crate::wire::codec) fn shape(value: &[u8]) -> Shape {
    match Kind::of(value) {
        Kind::Map | Kind::Array => Shape::Structure,
        Kind::Nil => Shape::Nothing,
        _ => Shape::Other,
    }
}

pub(in crate::wire::codec) fn append_call(out: &mut Vec<u8>, id: Option<u64>, method: &str, params: Option<&[u8]>) {
    out.push(0x82 + u8::from(id.is_some()) + u8::from(params.is_some()));
    append_string(out, "jsonrpc");
    append_string(out, "2.0");
    if let Some(id) = id {
        append_string(out, "id");
        append_number(out, id);
    }
    append_string(out, "method");
    append_string(out, method);
    if let Some(params) = params {
        append_string(out, "params");
        out.extend_from_slice(params);
    }
}

pub(in crate::wire::codec) fn append_items(out: &mut Vec<u8>, id: &[u8], items: &[u8], count: usize) {
    out.push(0x82);
    append_string(out, "id");
    out.extend_from_slice(id);
    append_string(out, "items");
    append_batch(out, items, count);
}

pub(in crate::wire::codec) fn append_input_pull(out: &mut Vec<u8>, id: &[u8], count: usize) {
    out.push(0x82);
    append_string(out, "id");
    out.extend_from_slice(id);
    append_string(out, "count");
    append_number(out, count as u64);
}

pub(in crate::wire::codec) fn append_progress_head(out: &mut Vec<u8>, token: &[u8]) {
    out.push(0x82);
    append_string(out, "token");
    out.extend_from_slice(token);
    append_string(out, "value");
}

pub(in crate::wire::codec) fn append_batch(out: &mut Vec<u8>, messages: &[u8], count: usize) {
    let count = u32::try_from(count).expect("a batch is limited far below 2^32 messages");
    rmp::encode::write_array_len(out, count).expect("a Vec takes all bytes");
    out.extend_from_slice(messages);
}

fn append_string(out: &mut Vec<u8>, text: &str) {
    rmp::encode::write_str(out, text).expect("a Vec takes all bytes");
}

fn append_number(out: &mut Vec<u8>, number: u64) {
    rmp::encode::write_uint(out, number).expect("a Vec takes all bytes");
}
