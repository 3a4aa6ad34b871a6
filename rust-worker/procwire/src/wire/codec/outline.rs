//! Finding one parameter in JSON text that is known to be valid: nothing is read but quotes and brackets, nothing is
//! built, and a cancel is heard in between.

use std::ops::ControlFlow;

use crate::wire::long_values::LongValues;
use crate::wire::message::Sent;

/// Bytes between two looks whether the call is still wanted.
const LOOK_EVERY: usize = 64 * 1024;
/// Bytes that are looked at together for anything but plain values.
const STRIDE: usize = 32;

/// The parameter of this name, or in an array at this position; of several with one name the last. `None` if there is
/// none. Breaks when `wanted` says no.
pub(super) fn find<'a>(
    params: Sent<'a>,
    name: &str,
    position: usize,
    wanted: impl Fn() -> bool,
) -> ControlFlow<(), Option<&'a [u8]>> {
    let mut outline = Outline { text: params.bytes, long: params.long, at: 1, look_at: LOOK_EVERY, wanted };
    match params.bytes.first() {
        Some(b'{') => outline.member(name),
        Some(b'[') => outline.element(position),
        _ => ControlFlow::Continue(None),
    }
}

struct Outline<'a, W> {
    text: &'a [u8],
    long: LongValues,
    at: usize,
    look_at: usize,
    wanted: W,
}

impl<'a, W: Fn() -> bool> Outline<'a, W> {
    fn byte(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    /// The first byte after white space, commas and colons.
    fn next(&mut self) -> ControlFlow<(), Option<u8>> {
        while matches!(self.byte(), Some(b' ' | b'\t' | b'\n' | b'\r' | b',' | b':')) {
            self.at += 1;
            self.look()?;
        }
        ControlFlow::Continue(self.byte())
    }

    fn element(&mut self, position: usize) -> ControlFlow<(), Option<&'a [u8]>> {
        for _ in 0..position {
            if matches!(self.next()?, None | Some(b']')) {
                return ControlFlow::Continue(None);
            }
            self.value()?;
        }
        match self.next()? {
            None | Some(b']') => ControlFlow::Continue(None),
            Some(_) => ControlFlow::Continue(Some(self.value()?)),
        }
    }

    fn member(&mut self, name: &str) -> ControlFlow<(), Option<&'a [u8]>> {
        let mut found = None;
        while self.next()? == Some(b'"') {
            let key = self.value()?;
            self.next()?;
            let value = self.value()?;
            if is(key, name) {
                found = Some(value);
            }
        }
        ControlFlow::Continue(found)
    }

    /// Goes over one value and returns its text.
    fn value(&mut self) -> ControlFlow<(), &'a [u8]> {
        let start = self.at;
        if let Some(end) = self.long.end(start) {
            self.at = end;
            return ControlFlow::Continue(&self.text[start..end]);
        }
        match self.byte() {
            Some(b'"') => self.string()?,
            Some(b'{' | b'[') => self.container()?,
            _ => self.plain()?,
        }
        ControlFlow::Continue(&self.text[start..self.at.min(self.text.len())])
    }

    /// A number or a word; a number may be long.
    fn plain(&mut self) -> ControlFlow<()> {
        while !matches!(self.byte(), None | Some(b' ' | b'\t' | b'\n' | b'\r' | b',' | b']' | b'}')) {
            self.at += 1;
            self.look()?;
        }
        ControlFlow::Continue(())
    }

    /// A string, from its first quote to behind its last.
    fn string(&mut self) -> ControlFlow<()> {
        self.at += 1;
        while self.at < self.text.len() {
            let window = &self.text[self.at..self.text.len().min(self.at + LOOK_EVERY)];
            match memchr::memchr2(b'"', b'\\', window) {
                Some(found) if window[found] == b'"' => {
                    self.at += found + 1;
                    return self.look();
                }
                Some(found) => self.at += found + 2,
                None => self.at += window.len(),
            }
            self.look()?;
        }
        ControlFlow::Continue(())
    }

    fn container(&mut self) -> ControlFlow<()> {
        let mut depth = 0_usize;
        while let Some(byte) = self.byte() {
            match byte {
                b'"' => {
                    self.string()?;
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => self.skip_plain(),
            }
            self.at += 1;
            self.look()?;
            if depth == 0 {
                break;
            }
        }
        ControlFlow::Continue(())
    }

    /// Most of a large container is plain: goes over as much of that as can be seen at once.
    fn skip_plain(&mut self) {
        let end = self.text.len().min(self.at + LOOK_EVERY);
        let strides = self.text[self.at..end].chunks_exact(STRIDE);
        self.at +=
            STRIDE * strides.take_while(|stride| stride.iter().fold(true, |all, byte| all & is_plain(*byte))).count();
        // The caller steps over the byte it has seen, or over one that is plain because it ends a stride.
        self.at -= usize::from(!self.byte().is_some_and(is_plain));
    }

    fn look(&mut self) -> ControlFlow<()> {
        if self.at < self.look_at {
            return ControlFlow::Continue(());
        }
        self.look_at = self.at + LOOK_EVERY;
        if (self.wanted)() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }
}

/// Neither a bracket nor a quote; the two kinds of brackets differ in one bit.
fn is_plain(byte: u8) -> bool {
    let bracket = byte | 0x20;
    (bracket != b'{') & (bracket != b'}') & (byte != b'"')
}

/// Whether the text of a string says `name`.
fn is(key: &[u8], name: &str) -> bool {
    match memchr::memchr(b'\\', key) {
        None => key.get(1..key.len() - 1) == Some(name.as_bytes()),
        Some(_) => serde_json::from_slice::<String>(key).is_ok_and(|key| key == name),
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::wire::codec::text::Text;

    fn found(params: &str, name: &str, position: usize) -> Option<String> {
        let ControlFlow::Continue(found) = find(Sent::new(params.as_bytes()), name, position, || true) else {
            panic!("nobody has cancelled");
        };
        found.map(|value| String::from_utf8(value.to_vec()).unwrap())
    }

    #[test]
    fn a_parameter_is_found_by_its_name_wherever_it_stands() {
        let params = r#"{ "a" : 1 , "b":{"c":[2,"]}\""]},"c":"\\", "d" :null,"\u0065":-1.5e3 ,"f":[]}"#;
        for (name, value) in
            [("a", "1"), ("b", r#"{"c":[2,"]}\""]}"#), ("c", r#""\\""#), ("d", "null"), ("e", "-1.5e3"), ("f", "[]")]
        {
            assert_eq!(found(params, name, 9).as_deref(), Some(value));
        }
        assert_eq!(found(params, "g", 0), None);
        assert_eq!(found("{}", "a", 0), None);
    }

    #[test]
    fn the_last_of_several_with_one_name_counts() {
        assert_eq!(found(r#"{"a":1,"\u0061":2,"b":3}"#, "a", 0).as_deref(), Some("2"));
    }

    #[test]
    fn a_parameter_is_found_by_its_position() {
        let params = "[ 1 ,\n[[],{}], \"x\",true]";
        for (position, value) in ["1", "[[],{}]", "\"x\"", "true"].into_iter().enumerate() {
            assert_eq!(found(params, "", position).as_deref(), Some(value));
        }
        assert_eq!(found(params, "", 4), None);
        assert_eq!(found("[]", "", 0), None);
    }

    #[test]
    fn long_values_of_every_shape_end_where_they_end() {
        for length in (0..70).chain([LOOK_EVERY - 1, LOOK_EVERY]) {
            for value in [
                format!("[{}]", "1,".repeat(length) + "2"),
                format!("\"{}\"", "x".repeat(length)),
                format!("\"{}\"", "\\\"".repeat(length)),
                format!("[{},\"{}\",{{}}]", " ".repeat(length) + "1", "]".repeat(length)),
                "1".repeat(length + 1),
            ] {
                assert_eq!(found(&format!("[0,{value},3]"), "", 1), Some(value.clone()));
                assert_eq!(found(&format!("{{\"a\":{value}}}"), "a", 1), Some(value));
            }
        }
    }

    /// Params, and what is noted of them when they are read for the first time.
    fn read(params: &str) -> Sent<'_> {
        let mut sent = Sent::new(params.as_bytes());
        Text::new(sent.bytes).value(64, &mut sent.long).expect("JSON");
        sent
    }

    #[test]
    fn a_long_parameter_is_found_without_going_over_it_again() {
        let long = ["x", "[1],"].map(|unit| unit.repeat(LOOK_EVERY));
        let params = format!(r#"{{"a":"{}","b":1,"c":[{}0]}}"#, long[0], long[1]);
        for name in ["a", "b", "c", "d"] {
            let looks = Cell::new(0);
            let look = || {
                looks.set(looks.get() + 1);
                true
            };
            assert_eq!(find(read(&params), name, 0, look), find(Sent::new(params.as_bytes()), name, 0, || true));
            assert!(looks.get() <= long.len(), "{name}");
        }
    }

    #[test]
    fn what_was_noted_changes_nothing_that_is_found() {
        let values = ["1", "\"\"", "{ }", "[ [ ] ]", "null", "-1.5e300", "true"].map(str::to_owned);
        let long = ["\"{}\"", "[ \"{}\" , 1 ]", "{\"a\" : [{\"b\":\"{}\"}]}"]
            .map(|value| value.replace("{}", &"]".repeat(40)));
        let values: Vec<_> = values.iter().chain(&long).collect();
        for start in 0..values.len() {
            let turned: Vec<_> = values.iter().cycle().skip(start).take(values.len()).collect();
            let items: String = turned.iter().map(|value| format!(" {value} ,")).collect();
            let array = format!("[{items} {items} 0]");
            let members = |from: usize| -> String {
                turned.iter().enumerate().map(|(at, value)| format!(" \"{}\" : {value} ,", from + at)).collect()
            };
            // The second half repeats some names of the first: the last one counts.
            let object = format!("{{{}{} \"x\":0}}", members(0), members(5));
            for position in 0..22 {
                let name = position.to_string();
                for params in [&array, &object] {
                    let unnoted = Sent::new(params.as_bytes());
                    let expected = find(unnoted, &name, position, || true);
                    assert_eq!(find(read(params), &name, position, || true), expected, "{name} of {params}");
                }
            }
        }
    }

    #[test]
    fn a_cancel_is_heard_within_64_kib_of_any_value() {
        for unit in ["1,", "\"x\",", "\\n", "x", "[],", "{\"a\":{}},", "1", " "] {
            let body = unit.repeat(20 * LOOK_EVERY / unit.len());
            let value = match unit {
                "\\n" | "x" => format!("\"{body}\""),
                "1" => body,
                " " => body + "0",
                _ => format!("[{body}0]"),
            };
            let looks = Cell::new(0);
            let stops = || {
                looks.set(looks.get() + 1);
                looks.get() < 3
            };
            let params = format!("[{value},1]");
            assert_eq!(find(Sent::new(params.as_bytes()), "", 1, stops), ControlFlow::Break(()), "{unit}");
            looks.set(isize::MIN);
            assert_eq!(find(Sent::new(params.as_bytes()), "", 1, stops), ControlFlow::Continue(Some(&b"1"[..])));
            assert!(looks.get() - isize::MIN >= 9, "{unit}: looked too rarely");
        }
    }
}
