//! What both sides of a link must agree on, `test/vectors/protocol.json`: the tests of the other languages hold
//! themselves to the same table.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use procwire::{Fault, Limits};
use serde_json::Value;

fn table() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../test/vectors/protocol.json");
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_str(&text).unwrap()
}

/// The fields of the limits and their values, as `Debug` shows them: it forgets none.
fn limits() -> BTreeMap<String, String> {
    let shown = format!("{:?}", Limits::default());
    let fields = shown.strip_prefix("Limits { ").and_then(|rest| rest.strip_suffix(" }")).unwrap();
    fields.split(", ").map(|field| field.split_once(": ").unwrap()).map(|(a, b)| (a.into(), b.into())).collect()
}

#[test]
fn the_limits_are_those_of_the_table_all_of_them() {
    let mut expected = BTreeMap::new();
    for row in table()["limits"].as_array().unwrap() {
        let Some(name) = row["rust"].as_str() else { continue };
        let value = row["default"].as_u64().unwrap();
        let shown = match row["unit"].as_str().unwrap() {
            "ms" => format!("{:?}", Duration::from_millis(value)),
            _ => value.to_string(),
        };
        assert_eq!(expected.insert(name.to_owned(), shown), None, "{name} is there twice");
    }
    assert_eq!(limits(), expected);
}

#[test]
fn the_error_codes_are_those_of_the_table_all_of_them() {
    let codes = [
        ("parse error", Fault::parse_error("").code),
        ("invalid request", Fault::invalid_request("").code),
        ("method not found", Fault::method_not_found("").code),
        ("invalid params", Fault::invalid_params("").code),
        ("internal error", Fault::internal("").code),
        ("busy", Fault::busy("", 0).code),
        ("deadline exceeded", Fault::deadline_exceeded().code),
        ("request cancelled", Fault::cancelled().code),
    ];
    let codes: BTreeMap<_, _> = codes.into_iter().map(|(name, code)| (name.to_owned(), Value::from(code))).collect();
    let expected: BTreeMap<_, _> = table()["errorCodes"].as_object().unwrap().clone().into_iter().collect();
    assert_eq!(codes, expected);
}

#[test]
fn the_reserved_names_are_those_of_the_table_all_of_them() {
    let table = table();
    let texts = |name: &str| -> Vec<String> {
        table[name].as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
    };
    let prefixes = texts("reservedPrefixes");
    let mut found = BTreeSet::new();
    collect_names(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")), &prefixes, &mut found);
    assert_eq!(found.into_iter().collect::<Vec<_>>(), texts("reservedNames"));
}

/// Names in quotes that begin with a reserved prefix and go on.
fn collect_names(path: &Path, prefixes: &[String], found: &mut BTreeSet<String>) {
    if path.is_dir() {
        for entry in std::fs::read_dir(path).unwrap() {
            collect_names(&entry.unwrap().path(), prefixes, found);
        }
        return;
    }
    let text = std::fs::read_to_string(path).unwrap();
    for quoted in text.split('"') {
        let is_name = quoted.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"$/.".contains(&byte));
        let is_reserved = prefixes.iter().any(|prefix| quoted.len() > prefix.len() && quoted.starts_with(prefix));
        if is_name && is_reserved {
            found.insert(quoted.to_owned());
        }
    }
}
