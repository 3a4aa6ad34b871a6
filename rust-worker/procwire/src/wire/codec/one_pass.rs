//! JSON messages as nearly every peer writes them: one object, each member once, no escapes in its name, its id and its
//! method. They are read in one pass, which also finds out whether they are valid, how deep they are nested, and where
//! the long ones of their params lie. Whatever is different or wrong is left to the general reader, which would read the
//! same where this one reads anything.

use std::borrow::Cow;

use super::text::Text;
use crate::wire::long_values::LongValues;
use crate::wire::message::{Envelope, Sent};

/// A message, if it has this shape and is nested at most `depth` levels deep.
pub(super) fn read(frame: &[u8], depth: usize) -> Option<Envelope<'_>> {
    let mut text = Text::new(frame);
    let mut envelope = Envelope::default();
    let inside = depth.checked_sub(1)?;
    if text.eat(br#"{"jsonrpc":"2.0""#).is_some() {
        envelope.version = true;
        usual(&mut text, &mut envelope, inside)?;
    } else {
        text.eat_visible(b'{')?;
        member(&mut text, &mut envelope, inside)?;
    }
    while !text.is_end(b"}") {
        match text.visible()? {
            b',' => member(&mut text, &mut envelope, inside)?,
            b'}' => return text.visible().is_none().then_some(envelope),
            _ => return None,
        }
    }
    Some(envelope)
}

/// What follows in the order and without the space of JSON.stringify, which most messages are written by.
#[inline]
fn usual<'a>(text: &mut Text<'a>, envelope: &mut Envelope<'a>, depth: usize) -> Option<()> {
    if text.eat(br#","id":"#).is_some() {
        envelope.id = Some(text.span(Text::plain_scalar)?);
    }
    if text.eat(br#","method":"#).is_some() {
        envelope.method = Some(method(text)?);
    }
    if text.eat(br#","params":"#).is_some() {
        envelope.params = Some(params(text, depth)?);
    }
    Some(())
}

/// One member of the message, which has none of its name yet.
#[inline(never)]
fn member<'a>(text: &mut Text<'a>, envelope: &mut Envelope<'a>, depth: usize) -> Option<()> {
    let name = text.name()?;
    text.skip_space();
    match name {
        b"jsonrpc" if !envelope.version => {
            text.eat(br#""2.0""#)?;
            envelope.version = true;
        }
        b"id" if envelope.id.is_none() => envelope.id = Some(text.span(Text::plain_scalar)?),
        b"method" if envelope.method.is_none() => envelope.method = Some(method(text)?),
        b"params" if envelope.params.is_none() => envelope.params = Some(params(text, depth)?),
        b"result" if envelope.result.is_none() => envelope.result = Some(any(text, depth)?),
        b"error" if envelope.error.is_none() => envelope.error = Some(any(text, depth)?),
        _ => return None,
    }
    envelope.has_outcome = envelope.result.is_some() || envelope.error.is_some();
    Some(())
}

#[inline]
fn method<'a>(text: &mut Text<'a>) -> Option<Cow<'a, str>> {
    std::str::from_utf8(text.plain_string()?).ok().map(Cow::Borrowed)
}

fn any<'a>(text: &mut Text<'a>, depth: usize) -> Option<&'a [u8]> {
    text.span(|text| text.value(depth, &mut LongValues::default()))
}

#[inline]
fn params<'a>(text: &mut Text<'a>, depth: usize) -> Option<Sent<'a>> {
    let mut long = LongValues::default();
    let bytes = text.span(|text| text.value(depth, &mut long))?;
    matches!(bytes[0], b'{' | b'[').then_some(Sent { bytes, long })
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
            r#"{"params":[1],"method":"m","id":7,"jsonrpc":"2.0"}"#,
            "\t{ \"jsonrpc\" : \"2.0\" ,\r\n \"id\" : 1 , \"method\" : \"m\" , \"params\" : { \"a\" : [ 1 , 2 ] } } \r",
            r#"{"jsonrpc":"2.0","id":1,"result":{"a":[1,"é"]}}"#,
            r#"{"jsonrpc": "2.0", "result": null, "id": "x"}"#,
            r#"{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"no"}}"#,
            r#"{"jsonrpc":"2.0","id":1,"result":1,"error":"both"}"#,
            r#"{"id":1,"method":"no version"}"#,
            "{\"id\":1}",
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
    fn what_is_given_twice_or_in_another_way_is_left_to_the_general_reader() {
        for message in [
            r#"{"jsonrpc":"2.0","jsonrpc":"2.0","id":1,"method":"m"}"#,
            r#"{"jsonrpc":"2.0","id":1,"id":2,"method":"m"}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"m","method":"n"}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"m","params":[1],"params":[2]}"#,
            r#"{"jsonrpc":"2.0","id":1,"result":1,"result":2}"#,
            r#"{"jsonrpc":"2.0","id":1,"error":1,"error":2}"#,
            r#"{"jsonrpc":"2.0","i\u0064":1,"method":"m"}"#,
            r#"{"jsonrpc":"2.0","id":"\n","method":"m"}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"\u006d"}"#,
            r#"{"jsonrpc":"1.0","id":1,"method":"m"}"#,
            r#"{"id":1,"jsonrpc":"\u0032.0","method":"m"}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"m","extra":1}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"m","params":1}"#,
            r#"{"jsonrpc":"2.0","id":[1],"method":"m"}"#,
            r#"{"jsonrpc":"2.0","id":null,"method":"m"}"#,
            "{}",
            "{\"id\":1,}",
            "{\"id\":1}}",
            "{\"id\":1}{",
            "[]",
            "",
        ] {
            assert!(!has_shape(message.as_bytes(), 128), "{message}");
        }
    }

    #[test]
    fn what_is_cut_or_changed_anywhere_is_never_read_in_another_way() {
        let params = r#"{"a":[1,-2.5e+3,"\n\u00e9é",{"b":null}],"c":"0123456789012345"}"#;
        changed_anywhere(&with_params(params));
        changed_anywhere(format!("{{ \"params\" : {params} , \"method\":\"é\" , \"id\" : -1 }}").as_bytes());
        changed_anywhere(br#"{"id":"x","result":"0123456789012345","jsonrpc":"2.0"}"#);
    }

    fn changed_anywhere(frame: &[u8]) {
        for at in 0..frame.len() {
            has_shape(&frame[..at], 128);
            for byte in 0..=255 {
                let mut changed = frame.to_vec();
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
