//! The compute worker as a process. What all tests share is in `support`.
#![allow(dead_code, unused_imports)]

use std::io::Write;

use serde_json::Value;
pub use support::*;

/// The compute worker, JSON over lines.
pub fn start(args: &[&str]) -> Process {
    Process::run(env!("CARGO_BIN_EXE_rust-worker").as_ref(), args)
}

/// The frame the compute worker answers in MessagePack to a request with one parameter in its own bytes, behind others
/// that are encoded, names and values, in `more`.
pub fn msgpack_frame(method: &str, count: usize, more: &[u8], name: &str, raw: &[u8]) -> Vec<u8> {
    let mut payload = vec![0x84];
    for (key, value) in [("jsonrpc", "2.0"), ("method", method)] {
        rmp::encode::write_str(&mut payload, key).unwrap();
        rmp::encode::write_str(&mut payload, value).unwrap();
    }
    rmp::encode::write_str(&mut payload, "id").unwrap();
    payload.push(1);
    rmp::encode::write_str(&mut payload, "params").unwrap();
    payload.push(0x81 + count as u8);
    payload.extend_from_slice(more);
    rmp::encode::write_str(&mut payload, name).unwrap();
    payload.extend_from_slice(raw);

    let args = ["--quiet", "--framing", "length", "--codec", "msgpack"];
    let mut child = command(env!("CARGO_BIN_EXE_rust-worker").as_ref(), &args).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(&(payload.len() as u32).to_be_bytes()).unwrap();
    input.write_all(&payload).unwrap();
    drop(input);
    child.wait_with_output().unwrap().stdout[4..].to_vec()
}

/// As [`msgpack_frame`], read.
pub fn msgpack_answer(method: &str, count: usize, more: &[u8], name: &str, raw: &[u8]) -> Value {
    rmp_serde::from_slice(&msgpack_frame(method, count, more, name, raw)).unwrap()
}
