//! JSON messages in the shape that nearly every peer writes: version, id, method and params in this order, and no white
//! space between them. They are read in one pass, which also finds out whether the params are valid, how deep they are
//! nested, and whether anything is beyond ASCII. Whatever is different or wrong is left to the general reader, which
//! would read the same where this one reads anything.

use std::borrow::Cow;

use super::long::LongValues;
use super::text::Text;
use crate::wire::message::{Envelope, Sent};

/// A request or a notification, if it has this shape and is nested at most `depth` levels deep.
pub(super) fn read(frame: &[u8], depth: usize) -> Option<Envelope<'_>> {
    let mut text = Text::new(frame);
    text.eat(br#"{"jsonrpc":"2.0""#)?;
    let id = match text.eat(br#","id":"#) {
        Some(()) => Some(text.span(Text::plain_scalar)?),
        None => None,
    };
    text.eat(br#","method":""#)?;
    let method = text.span(Text::end_of_plain_string)?;
    let params = match text.eat(br#","params":"#) {
        Some(()) => Some(params(&mut text, depth.checked_sub(1)?)?),
        None => None,
    };
    if text.rest() != b"}" {
        return None;
    }
    let method = std::str::from_utf8(&method[..method.len() - 1]).ok()?;
    Some(Envelope { version: true, id, method: Some(Cow::Borrowed(method)), params, ..Envelope::default() })
}

#[inline]
fn params<'a>(text: &mut Text<'a>, depth: usize) -> Option<Sent<'a>> {
    let mut long = LongValues::default();
    let bytes = text.span(|text| {
        long = text.container(depth)?;
        Some(())
    })?;
    Some(Sent { bytes, long })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::codec::{Bounds, Decoded, json};

    /// Reads a frame both ways, and tells whether it has the shape. What is read here, the general reader reads the same.
    fn has_shape(frame: &[u8], depth: usize) -> bool {
        let found = read(frame, depth).map(|envelope| format!("{envelope:?}"));
        match (&found, json::decode_any(frame, Bounds { depth, batch: 1 })) {
            (None, _) => {}
            (Some(found), Decoded::One(envelope)) => assert_eq!(*found, format!("{envelope:?}")),
            (Some(_), other) => panic!("{other:?}: {}", frame.escape_ascii()),
        }
        found.is_some()
    }

    fn with_params(params: &str) -> Vec<u8> {
        format!(r#"{{"jsonrpc":"2.0","id":1,"method":"m","params":{params}}}"#).into_bytes()
    }

    #[test]
    fn what_peers_write_has_the_shape() {
        for message in [
            r#"{"jsonrpc":"2.0","id":1,"method":"add","params":{"a":1,"b":2}}"#,
            r#"{"jsonrpc":"2.0","id":"x-1","method":"añadir","params":[]}"#,
            r#"{"jsonrpc":"2.0","id":-1.5e3,"method":"","params":{}}"#,
            r#"{"jsonrpc":"2.0","id":0,"method":"m"}"#,
            r#"{"jsonrpc":"2.0","method":"m","params":[true,false,null,-0,0.5,1E-9,"\"\\\/\b\f\n\r\t\uD800","é"]}"#,
            r#"{"jsonrpc":"2.0","method":"m","params":{ "a" : [ ] , "b" : { } , "" : [ 1 , [ 2 ] , { "c" : { "d" : 3 } } ] }}"#,
        ] {
            assert!(has_shape(message.as_bytes(), 128), "{message}");
        }
    }

    #[test]
    fn what_is_no_json_is_left_to_the_general_reader() {
        for params in [
            "[01]",
            "[1.]",
            "[.5]",
            "[1e]",
            "[+1]",
            "[-]",
            "[1,]",
            "[,1]",
            "[1 2]",
            "[1}",
            "{\"a\":1]",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1,}",
            "{1:2}",
            "{,}",
            "[tru]",
            "[nul]",
            "[\"\\x\"]",
            "[\"\\u12g4\"]",
            "[\"\u{1}\"]",
            "[\"\t\"]",
            "[1",
            "[\"a]",
            "1",
            "null",
            "\"a\"",
            "",
            "[]]",
            "[]}",
            "[1]1",
            "[NaN]",
            "['a']",
            "[\u{a0}]",
        ] {
            assert!(!has_shape(&with_params(params), 128), "{params}");
        }
        let mut torn = with_params("[\"é\"]");
        torn.retain(|byte| *byte != 0xa9);
        assert!(!has_shape(&torn, 128));
    }

    #[test]
    fn what_is_cut_or_changed_anywhere_is_never_read_in_another_way() {
        let frame = with_params(r#"{"a":[1,-2.5e+3,"\n\u00e9é",{"b":null}],"c":"0123456789012345"}"#);
        for at in 0..frame.len() {
            has_shape(&frame[..at], 128);
            for byte in 0..=255 {
                let mut changed = frame.clone();
                changed[at] = byte;
                has_shape(&changed, 128);
                changed.insert(at, byte);
                has_shape(&changed, 128);
            }
        }
    }

    #[test]
    fn long_strings_end_at_their_quote_and_hold_no_control_characters() {
        for length in (0..300).chain([1000, 4096]) {
            let text = "x".repeat(length);
            assert!(has_shape(&with_params(&format!("[\"{text}\"]")), 128));
            assert!(has_shape(&with_params(&format!("[\"{text}\\\"{text}é{text}\"]")), 128));
            assert!(!has_shape(&with_params(&format!("[\"{text}\n{text}\"]")), 128));
        }
    }

    #[test]
    fn numbers_of_every_length_end_where_they_end() {
        for length in 1..=20 {
            let digits = "9876543210123456789"[..length.min(19)].to_owned();
            assert!(has_shape(&with_params(&format!("[{digits},-{digits}.{digits}e+{digits},{digits}]")), 128));
            for byte in 0..=255 {
                let mut frame = with_params(&format!("[{digits}?,{digits}]"));
                let at = frame.iter().position(|byte| *byte == b'?').unwrap();
                frame[at] = byte;
                assert_eq!(has_shape(&frame, 128), b"0123456789 \t\n\r".contains(&byte), "{byte}");
            }
        }
    }

    #[test]
    fn nesting_is_counted_with_the_message_itself() {
        let nested = |levels: usize| with_params(&format!("{}{}", "[".repeat(levels), "]".repeat(levels)));
        assert!(has_shape(&nested(9), 10));
        assert!(!has_shape(&nested(10), 10));
        assert!(has_shape(&nested(64), 128));
        assert!(!has_shape(&nested(65), 128));
    }
}
