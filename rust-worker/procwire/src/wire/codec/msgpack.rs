//! The MessagePack codec. As with JSON the envelope borrows from the frame, and `params` is skipped over once; a length
//! that lies is found out before anything is allocated for it.

mod cursor;
mod write;

use std::borrow::Cow;
use std::ops::ControlFlow;

use serde::de::DeserializeSeed;

use super::{Bounds, Decoded, Parts};
use crate::fault::Fault;
use crate::wire::message::{Envelope, Peeked, Sent, TOO_DEEP};
use cursor::{Cursor, Head, Kind, LOOK_EVERY, Problem, UNWANTED};
pub(super) use write::*;

pub(super) fn decode(frame: &[u8], bounds: Bounds) -> Decoded<'_> {
    let mut cursor = Cursor { rest: frame, depth: bounds.depth };
    match frame.first() {
        Some(0x90..=0x9f | 0xdc | 0xdd) => batch(cursor, bounds.batch),
        Some(0x80..=0x8f | 0xde | 0xdf) => match envelope(&mut cursor) {
            Ok(envelope) if envelope.too_deep || cursor.rest.is_empty() => Decoded::One(envelope),
            Ok(_) => bad("bytes follow the message"),
            Err(problem) => bad(problem.text()),
        },
        _ => match cursor.skip() {
            Ok(_) if cursor.rest.is_empty() => {
                Decoded::Bad(Fault::invalid_request("a message must be a map or a batch"))
            }
            Ok(_) => bad("bytes follow the message"),
            Err(problem) => bad(problem.text()),
        },
    }
}

/// See [`super::Codec::peek`].
pub(super) fn peek(head: &[u8]) -> Peeked<'_> {
    let mut envelope = Envelope::default();
    // The head ends in the middle of a value, so this fails after the members it could read.
    let _ = members(&mut Cursor { rest: head, depth: usize::MAX }, &mut envelope);
    envelope.peeked()
}

pub(super) fn value<'de, S: DeserializeSeed<'de>>(seed: S, bytes: &'de [u8]) -> Result<S::Value, String> {
    let mut reader = rmp_serde::Deserializer::from_read_ref(bytes);
    seed.deserialize(&mut reader).map_err(|error| error.to_string())
}

pub(super) fn parts(bytes: &[u8]) -> Result<Parts<'_>, String> {
    let mut cursor = Cursor { rest: bytes, depth: usize::MAX };
    let text = |problem: Problem| problem.text().to_owned();
    match cursor.head().map_err(text)? {
        Head::Array(count) => {
            let items = (0..count).map(|_| cursor.skip());
            items.collect::<Result<_, _>>().map(Parts::Positional).map_err(text)
        }
        Head::Map(count) => {
            let members = (0..count).map(|_| Ok((Cow::Borrowed(cursor.string()?), cursor.skip()?)));
            members.collect::<Result<_, _>>().map(Parts::Named).map_err(text)
        }
        _ => Ok(Parts::Absent),
    }
}

pub(super) fn elements(array: &[u8], most: usize) -> Result<Option<Vec<&[u8]>>, String> {
    let mut cursor = Cursor { rest: array, depth: usize::MAX };
    let text = |problem: Problem| problem.text().to_owned();
    match cursor.head().map_err(text)? {
        Head::Array(count) if count > most => Ok(None),
        Head::Array(count) => (0..count).map(|_| cursor.skip()).collect::<Result<_, _>>().map(Some).map_err(text),
        _ => Err("no array".to_owned()),
    }
}

/// See [`super::Codec::find`].
pub(super) fn find<'a>(
    params: &'a [u8],
    name: &str,
    position: usize,
    wanted: impl Fn() -> bool,
) -> ControlFlow<(), Option<&'a [u8]>> {
    let mut cursor = Cursor { rest: params, depth: usize::MAX };
    match found(&mut cursor, name, position, &wanted) {
        Ok(found) => ControlFlow::Continue(found),
        Err(_) if !wanted() => ControlFlow::Break(()),
        // Not in bytes that have been decoded.
        Err(_) => ControlFlow::Continue(None),
    }
}

fn found<'a>(
    cursor: &mut Cursor<'a>,
    name: &str,
    position: usize,
    wanted: &impl Fn() -> bool,
) -> Result<Option<&'a [u8]>, Problem> {
    let mut found = None;
    match cursor.head()? {
        Head::Array(count) if position < count => {
            for _ in 0..=position {
                found = Some(cursor.walk::<false>(wanted)?);
            }
        }
        Head::Map(count) => {
            for at in 0..count {
                if at % LOOK_EVERY == 0 && !wanted() {
                    return Err(UNWANTED);
                }
                let key = cursor.string()?;
                let value = cursor.walk::<false>(wanted)?;
                found = if key == name { Some(value) } else { found };
            }
        }
        _ => {}
    }
    Ok(found)
}

/// The bytes of a text (true) or of bytes (false).
pub(crate) fn content(value: &[u8]) -> Option<(bool, &[u8])> {
    let mut cursor = Cursor { rest: value, depth: usize::MAX };
    match (value.first()?, cursor.head().ok()?) {
        (_, Head::Text(_)) => Some((true, cursor.rest)),
        (0xc4..=0xc6, Head::Bytes(_)) => Some((false, cursor.rest)),
        _ => None,
    }
}

/// The type and the bytes of an extension.
pub(crate) fn extension(value: &[u8]) -> Option<(i8, &[u8])> {
    let mut cursor = Cursor { rest: value, depth: usize::MAX };
    match (value.first()?, cursor.head().ok()?) {
        (0xc7..=0xc9 | 0xd4..=0xd8, Head::Bytes(_)) => {
            cursor.rest.split_first().map(|(code, bytes)| (*code as i8, bytes))
        }
        _ => None,
    }
}

fn bad<'a>(text: &str) -> Decoded<'a> {
    Decoded::Bad(Fault::parse_error(format!("Parse error: {text}")))
}

fn batch(mut cursor: Cursor<'_>, limit: usize) -> Decoded<'_> {
    let count = match cursor.head() {
        Ok(Head::Array(0)) => return Decoded::Bad(Fault::invalid_request("a batch cannot be empty")),
        Ok(Head::Array(count)) => count,
        Ok(_) => return bad("not a batch"),
        Err(problem) => return bad(problem.text()),
    };
    let mut envelopes = Vec::new();
    for _ in 0..count {
        let item = match cursor.skip() {
            Ok(item) => item,
            Err(Problem::TooDeep) => return Decoded::Bad(Fault::parse_error(TOO_DEEP)),
            Err(problem) => return bad(problem.text()),
        };
        if count <= limit {
            let mut inner = Cursor { rest: item, depth: cursor.depth };
            envelopes.push(envelope(&mut inner).unwrap_or_default());
        }
    }
    match cursor.rest {
        [] if count > limit => Decoded::Bad(Fault::batch_too_large(limit)),
        [] => Decoded::Many(envelopes),
        _ => bad("bytes follow the batch"),
    }
}

fn envelope<'a>(cursor: &mut Cursor<'a>) -> Result<Envelope<'a>, Problem> {
    let mut envelope = Envelope::default();
    members(cursor, &mut envelope)?;
    Ok(envelope)
}

/// Reads members into an envelope as they come, so that they are there even if a later one is torn.
fn members<'a>(cursor: &mut Cursor<'a>, envelope: &mut Envelope<'a>) -> Result<(), Problem> {
    let Head::Map(count) = cursor.head()? else {
        return Err(Problem::Invalid("not a map"));
    };
    for _ in 0..count {
        let name = cursor.string()?;
        envelope.has_outcome |= matches!(name, "result" | "error");
        // Until its value has been read.
        envelope.bad_method |= name == "method";
        let raw = match cursor.skip() {
            Err(Problem::TooDeep) => {
                envelope.too_deep = true;
                return Ok(());
            }
            other => other?,
        };
        set(envelope, name, raw);
    }
    Ok(())
}

fn set<'a>(envelope: &mut Envelope<'a>, name: &str, raw: &'a [u8]) {
    let kind = Kind::of(raw);
    match name {
        "jsonrpc" => envelope.version = string(raw) == Some("2.0"),
        "id" => {
            envelope.bad_id = !matches!(kind, Kind::Number | Kind::String | Kind::Nil);
            envelope.id = (!envelope.bad_id).then_some(raw);
        }
        "method" => {
            envelope.method = string(raw).map(Cow::Borrowed);
            envelope.bad_method = envelope.method.is_none();
        }
        "params" => {
            envelope.bad_params = !matches!(kind, Kind::Map | Kind::Array);
            envelope.params = (!envelope.bad_params).then_some(Sent::new(raw));
        }
        "result" => envelope.result = Some(raw),
        "error" => envelope.error = Some(raw),
        _ => {}
    }
}

fn string(raw: &[u8]) -> Option<&str> {
    Cursor { rest: raw, depth: 1 }.string().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Bounds = Bounds { depth: 128, batch: 10 };

    fn encode(value: &serde_json::Value) -> Vec<u8> {
        rmp_serde::to_vec_named(value).unwrap()
    }

    fn fault(frame: &[u8]) -> i64 {
        match decode(frame, BOUNDS) {
            Decoded::Bad(fault) => fault.code,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn members_come_out_in_their_own_bytes() {
        let frame = encode(&serde_json::json!({ "id": 300, "method": "add", "jsonrpc": "2.0", "params": [1, "x"] }));
        let Decoded::One(envelope) = decode(&frame, BOUNDS) else {
            panic!("not a message");
        };
        assert_eq!(envelope.id, Some(&[0xcd, 1, 44][..]));
        assert_eq!(envelope.params.unwrap().bytes, [0x92, 1, 0xa1, b'x']);
        assert!(envelope.version);
    }

    #[test]
    fn lengths_that_lie_are_refused() {
        for lie in
            [&[0xdd, 0xff, 0xff, 0xff, 0xff][..], &[0xdf, 0xff, 0xff, 0xff, 0xff], &[0xc6, 0xff, 0xff, 0xff, 0xff]]
        {
            assert_eq!(fault(lie), crate::PARSE_ERROR);
        }
    }

    #[test]
    fn every_torn_frame_is_a_parse_error() {
        let frame =
            encode(&serde_json::json!({ "jsonrpc": "2.0", "id": 1, "method": "m", "params": { "a": [1.5, null] } }));
        for end in 1..frame.len() {
            assert_eq!(fault(&frame[..end]), crate::PARSE_ERROR, "cut at {end}");
        }
    }

    #[test]
    fn what_is_nested_too_deeply_keeps_its_id() {
        let mut frame = vec![0x82, 0xa2, b'i', b'd', 7, 0xa6];
        frame.extend_from_slice(b"params");
        frame.extend_from_slice(&[0x91; 200]);
        frame.push(0xc0);
        let Decoded::One(envelope) = decode(&frame, BOUNDS) else {
            panic!("not a message");
        };
        assert!(envelope.too_deep);
        assert_eq!(envelope.id, Some(&[7][..]));
    }
}
