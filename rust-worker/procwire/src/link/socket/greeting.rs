//! What the two sides of a connection say before the first message; see docs/connect.md.

use std::hint::black_box;

use serde_json::{Value, json};

use crate::wire::codec::Codec;
use crate::wire::framing::Framing;

/// The longest line, its end included.
pub(crate) const MOST: usize = 4096;
/// Within which a line must be there.
pub(crate) const TIME: std::time::Duration = std::time::Duration::from_secs(5);
const NAME: &[u8] = b"procwire/";
const HELLO: &[u8] = b"procwire/1";
pub(super) const QUESTION: &[u8] = b"procwire/1?";
/// Names that mean the same everywhere: of two different ones, the sides don't understand each other.
const FRAMINGS: [&str; 3] = ["line-delimited", "length-prefixed", "content-length"];
const CODECS: [&str; 3] = ["json", "msgpack", "raw"];

/// In what the messages are written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Speech {
    pub framing: String,
    pub codec: String,
}

impl Speech {
    /// Those that are somebody's own have a name of their own, which is not judged.
    pub fn of(framing: Framing, has_own_framing: bool, codec: Codec, has_own_codec: bool) -> Speech {
        let framing = match framing {
            _ if has_own_framing => "custom",
            Framing::Line => "line-delimited",
            Framing::Length => "length-prefixed",
            Framing::ContentLength => "content-length",
        };
        let codec = match codec {
            _ if has_own_codec => "custom",
            Codec::Json => "json",
            #[cfg(feature = "msgpack")]
            Codec::MessagePack => "msgpack",
        };
        Speech { framing: framing.to_owned(), codec: codec.to_owned() }
    }
}

/// How a service takes a line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Verdict {
    Welcome,
    Question,
    Refused(&'static str),
}

/// What a service says to a greeting.
#[derive(Debug, PartialEq)]
pub(crate) struct Answer {
    pub verdict: Result<Speech, String>,
    pub pid: Option<u32>,
}

pub(crate) fn hello(token: Option<&str>) -> Vec<u8> {
    token.map_or_else(|| HELLO.to_vec(), |token| [HELLO, b" ", token.as_bytes()].concat())
}

/// No message begins with the first byte of a greeting, in any framing.
pub(crate) fn may_greet(first: u8) -> bool {
    first == NAME[0]
}

/// The line of a client, without its end.
pub(crate) fn judge(line: &[u8], token: Option<&str>) -> Verdict {
    if token.is_some_and(|token| is_same(line, &hello(Some(token)))) {
        return Verdict::Welcome;
    }
    match line.strip_prefix(HELLO) {
        Some(b"?") => Verdict::Question,
        Some(b"" | [b' ', ..]) if token.is_none() => Verdict::Welcome,
        Some(b"" | [b' ', ..]) => Verdict::Refused("token"),
        _ if line.strip_prefix(NAME).is_some_and(|rest| rest.first().is_some_and(u8::is_ascii_digit)) => {
            Verdict::Refused("version")
        }
        _ => Verdict::Refused("greeting"),
    }
}

/// Takes as long for every line: the time tells nothing of the token, not even how long it is.
fn is_same(line: &[u8], expected: &[u8]) -> bool {
    let at = |bytes: &[u8], place: usize| bytes.get(place).copied().unwrap_or(0);
    let differences = (0..MOST).fold(0, |all: u8, place| black_box(all | (at(line, place) ^ at(expected, place))));
    black_box(differences) == 0 && line.len() == expected.len()
}

pub(crate) fn welcome(speech: &Speech, pid: Option<u32>) -> Vec<u8> {
    let Speech { framing, codec } = speech;
    line(json!({ "procwire": 1, "ok": true, "framing": framing, "codec": codec }), pid)
}

pub(crate) fn refusal(error: &str, pid: Option<u32>) -> Vec<u8> {
    line(json!({ "procwire": 1, "ok": false, "error": error }), pid)
}

fn line(mut answer: Value, pid: Option<u32>) -> Vec<u8> {
    if let Some(pid) = pid {
        answer["pid"] = pid.into();
    }
    format!("{answer}\n").into_bytes()
}

/// `None` for a line that is no answer to a greeting.
pub(crate) fn read_answer(line: &[u8]) -> Option<Answer> {
    let answer: Value = serde_json::from_slice(line).ok()?;
    if answer["procwire"] != 1 {
        return None;
    }
    let text = |name: &str| answer[name].as_str().unwrap_or_default().chars().take(60).collect::<String>();
    let verdict = match answer["ok"].as_bool()? {
        true => Ok(Speech { framing: text("framing"), codec: text("codec") }),
        false => Err(text("error")),
    };
    let pid = answer["pid"].as_u64().and_then(|pid| u32::try_from(pid).ok()).filter(|pid| *pid > 0);
    Some(Answer { verdict, pid })
}

/// What two sides that can't understand each other say; `None` where they can, as far as their names tell.
pub(crate) fn mismatch(own: &Speech, theirs: &Speech) -> Option<String> {
    let differ = |a: &str, b: &str, known: [&str; 3]| a != b && known.contains(&a) && known.contains(&b);
    let differs = differ(&own.framing, &theirs.framing, FRAMINGS) || differ(&own.codec, &theirs.codec, CODECS);
    differs
        .then(|| format!("it speaks {} {}, and this side {} {}", theirs.framing, theirs.codec, own.framing, own.codec))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_judged_by_the_token_first() {
        for (line, open, closed) in [
            ("procwire/1", Verdict::Welcome, Verdict::Refused("token")),
            ("procwire/1 secret", Verdict::Welcome, Verdict::Welcome),
            ("procwire/1 secret ", Verdict::Welcome, Verdict::Refused("token")),
            ("procwire/1 secret\0", Verdict::Welcome, Verdict::Refused("token")),
            ("procwire/1?", Verdict::Question, Verdict::Question),
            ("procwire/2 secret", Verdict::Refused("version"), Verdict::Refused("version")),
            ("procwire/x", Verdict::Refused("greeting"), Verdict::Refused("greeting")),
            ("", Verdict::Refused("greeting"), Verdict::Refused("greeting")),
            ("POST / HTTP/1.1\r", Verdict::Refused("greeting"), Verdict::Refused("greeting")),
        ] {
            assert_eq!(judge(line.as_bytes(), None), open, "{line:?}");
            assert_eq!(judge(line.as_bytes(), Some("secret")), closed, "{line:?}");
        }
    }

    #[test]
    fn what_is_said_is_read_again_and_only_known_names_differ() {
        let speech = |framing: &str, codec: &str| Speech { framing: framing.into(), codec: codec.into() };
        let lines = speech("line-delimited", "json");
        let said = read_answer(&welcome(&lines, Some(7)));
        assert_eq!(said, Some(Answer { verdict: Ok(lines.clone()), pid: Some(7) }));
        assert_eq!(read_answer(&refusal("full", None)), Some(Answer { verdict: Err("full".into()), pid: None }));
        assert_eq!(read_answer(b"HTTP/1.1 400 Bad Request"), None);
        assert_eq!(mismatch(&lines, &lines), None);
        assert_eq!(mismatch(&lines, &speech("of my own", "json")), None);
        assert!(mismatch(&lines, &speech("length-prefixed", "json")).is_some());
        assert!(mismatch(&lines, &speech("line-delimited", "msgpack")).is_some());
    }
}
