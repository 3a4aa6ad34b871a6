//! Parameters found by name and by position, however they are written.

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
    let long =
        ["\"{}\"", "[ \"{}\" , 1 ]", "{\"a\" : [{\"b\":\"{}\"}]}"].map(|value| value.replace("{}", &"]".repeat(40)));
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
