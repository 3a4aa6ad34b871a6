//! What the beginning of a JSON message that cannot be read says of it. As in the TypeScript packages: only the order of
//! members that nearly every sender uses is understood, since guessing beyond it could blame the wrong request.

use crate::wire::message::Peeked;

/// Bytes that are looked at.
const LOOKED_AT: usize = 1024;
/// Digits of an id that any reader takes for the same number.
const MOST_DIGITS: usize = 15;

/// See [`super::Codec::peek`].
pub(super) fn peek(head: &[u8]) -> Peeked<'_> {
    let head = &head[..head.len().min(LOOKED_AT)];
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or_default(),
    };
    match read(text) {
        Some((None, true)) | None => Peeked::default(),
        Some((id, is_answer)) => Peeked { id: id.map(str::as_bytes), is_answer: Some(is_answer) },
    }
}

/// The id, if there is one, and whether the message is an answer.
fn read(text: &str) -> Option<(Option<&str>, bool)> {
    let mut rest = text;
    for token in ["{", "\"jsonrpc\"", ":", "\"2.0\"", ","] {
        rest = skip_space(rest).strip_prefix(token)?;
    }
    let (id, rest) = match skip_space(rest).strip_prefix("\"id\"") {
        Some(behind) => {
            let behind = skip_space(skip_space(behind).strip_prefix(':')?);
            let (id, behind) = behind.split_at(id_length(behind)?);
            (Some(id), skip_space(behind).strip_prefix(',')?)
        }
        None => (None, rest),
    };
    let member = |name: &str| skip_space(rest).starts_with(name);
    if member("\"method\"") {
        return Some((id, false));
    }
    (member("\"result\"") || member("\"error\"")).then_some((id, true))
}

fn id_length(text: &str) -> Option<usize> {
    if let Some(inner) = text.strip_prefix('"') {
        let end = inner.find(['"', '\\', char::REPLACEMENT_CHARACTER]).filter(|end| inner[*end..].starts_with('"'))?;
        return (!inner[..end].contains(char::is_control)).then_some(end + 2);
    }
    if text.starts_with("null") {
        return Some(4);
    }
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    match text.bytes().next()? {
        b'0' => Some(1),
        b'1'..=b'9' if digits <= MOST_DIGITS => Some(digits),
        _ => None,
    }
}

/// White space as regular expressions of JavaScript know it.
fn skip_space(text: &str) -> &str {
    text.trim_start_matches(|character: char| {
        matches!(character, '\t'..='\r' | ' ' | '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}')
            || matches!(character, '\u{2028}' | '\u{2029}' | '\u{202f}' | '\u{205f}' | '\u{3000}' | '\u{feff}')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_beginnings_say_whose_a_message_is() {
        for (head, id) in [
            (r#"{"jsonrpc":"2.0","id":1,"method":"add","par"#, Some("1")),
            (r#" { "jsonrpc" : "2.0" , "id" : "x" , "method" "#, Some("\"x\"")),
            (r#"{"jsonrpc":"2.0","id":null,"method":"#, Some("null")),
            (r#"{"jsonrpc":"2.0","method":"#, None),
        ] {
            let call = Peeked { id: id.map(str::as_bytes), is_answer: Some(false) };
            assert_eq!(peek(head.as_bytes()), call, "{head}");
        }
        let answer = |id| Peeked { id: Some(id), is_answer: Some(true) };
        assert_eq!(peek(br#"{"jsonrpc":"2.0","id":0,"result":[1"#), answer(b"0"));
        assert_eq!(peek(b"{\"jsonrpc\":\"2.0\",\"id\":7,\"error\":{\xff"), answer(b"7"));
    }

    #[test]
    fn others_say_nothing() {
        for head in [
            "",
            "{",
            "[",
            r#"{"id":1,"jsonrpc":"2.0","method":"add""#,
            r#"{"jsonrpc":"2.0","id":1.5,"method":"#,
            r#"{"jsonrpc":"2.0","id":-1,"method":"#,
            r#"{"jsonrpc":"2.0","id":01,"method":"#,
            r#"{"jsonrpc":"2.0","id":1234567890123456,"method":"#,
            r#"{"jsonrpc":"2.0","id":"\u0031","method":"#,
            r#"{"jsonrpc":"2.0","id":1,"params":"#,
            r#"{"jsonrpc":"2.0","result":1"#,
        ] {
            assert_eq!(peek(head.as_bytes()), Peeked::default(), "{head}");
        }
    }
}
