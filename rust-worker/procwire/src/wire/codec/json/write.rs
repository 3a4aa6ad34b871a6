//! Messages and their parts in JSON.

use std::io::{self, Write};

use serde::Serialize;

use crate::wire::codec::Shape;
use crate::wire::codec::exact::{self, Exact};

pub(in crate::wire::codec) fn write<T: Serialize + ?Sized>(out: &mut impl io::Write, value: &T) -> Result<(), String> {
    let mut serializer = serde_json::Serializer::new(out);
    value.serialize(Exact::<_, exact::Json>::new(&mut serializer)).map_err(|error| error.to_string())
}

pub(in crate::wire::codec) fn append_head(out: &mut Vec<u8>, id: Option<&[u8]>, member: &[u8]) {
    out.extend_from_slice(b"{\"jsonrpc\":\"2.0\",\"id\":");
    out.extend_from_slice(id.unwrap_or(b"null"));
    out.extend_from_slice(member);
}

pub(in crate::wire::codec) fn append_notification_head(out: &mut Vec<u8>, method: &str) {
    out.extend_from_slice(b"{\"jsonrpc\":\"2.0\",\"method\":");
    serde_json::to_writer(&mut *out, method).expect("a string always encodes");
    out.extend_from_slice(b",\"params\":");
}

pub(in crate::wire::codec) fn shape(value: &[u8]) -> Shape {
    match value.first() {
        Some(b'{' | b'[') => Shape::Structure,
        Some(b'n') => Shape::Nothing,
        _ => Shape::Other,
    }
}

pub(in crate::wire::codec) fn append_call(out: &mut Vec<u8>, id: Option<u64>, method: &str, params: Option<&[u8]>) {
    append_call_head(out, id, method);
    if let Some(params) = params {
        out.extend_from_slice(b",\"params\":");
        out.extend_from_slice(params);
    }
    out.push(b'}');
}

/// All of a call before its params.
pub(in crate::wire::codec) fn append_call_head(out: &mut Vec<u8>, id: Option<u64>, method: &str) {
    out.extend_from_slice(b"{\"jsonrpc\":\"2.0\",");
    if let Some(id) = id {
        write!(out, "\"id\":{id},").expect("a vector takes everything");
    }
    out.extend_from_slice(b"\"method\":");
    serde_json::to_writer(&mut *out, method).expect("a string always encodes");
}

pub(in crate::wire::codec) fn append_items(out: &mut Vec<u8>, id: &[u8], items: &[u8]) {
    out.extend_from_slice(b"{\"id\":");
    out.extend_from_slice(id);
    out.extend_from_slice(b",\"items\":[");
    out.extend_from_slice(items);
    out.extend_from_slice(b"]}");
}

pub(in crate::wire::codec) fn append_input_pull(out: &mut Vec<u8>, id: &[u8], count: usize) {
    out.extend_from_slice(b"{\"id\":");
    out.extend_from_slice(id);
    out.extend_from_slice(format!(",\"count\":{count}}}").as_bytes());
}

pub(in crate::wire::codec) fn append_progress_head(out: &mut Vec<u8>, token: &[u8]) {
    out.extend_from_slice(b"{\"token\":");
    out.extend_from_slice(token);
    out.extend_from_slice(b",\"value\":");
}

pub(in crate::wire::codec) fn append_batch(out: &mut Vec<u8>, messages: &[u8]) {
    out.push(b'[');
    out.extend_from_slice(messages.strip_suffix(b",").unwrap_or(messages));
    out.push(b']');
}
