//! The README's table of methods says what `rpc.discover` says. `UPDATE_README=1 cargo test --test readme` writes it anew.
#![cfg(all(unix, feature = "hash"))]

mod common;

use common::request;
use serde_json::{Value, json};

const BEGIN: &str = "<!-- made from rpc.discover: UPDATE_README=1 cargo test --test readme -->\n";
const END: &str = "<!-- end -->\n";

fn words(schema: &Value) -> &str {
    schema["description"].as_str().unwrap_or("")
}

fn row(method: &Value) -> String {
    let params: Vec<String> = method["params"]
        .as_array()
        .unwrap()
        .iter()
        .map(|param| {
            let optional = if param["required"] == true { "" } else { "?" };
            format!("`{}`{optional}: {}", param["name"].as_str().unwrap(), words(&param["schema"]))
        })
        .chain(method.get("input").map(|input| format!("inputs: {}", words(input))))
        .collect();
    let result = words(&method["result"]["schema"]);
    let answer = match method.get("items") {
        Some(item) => format!("a stream; each item: {}; at the end: {result}", words(item)),
        None => result.to_owned(),
    };
    let (name, summary) = (method["name"].as_str().unwrap(), method["summary"].as_str().unwrap());
    format!("| `{name}` | {} | {answer} | {summary} |\n", params.join("; "))
}

#[test]
fn the_table_of_methods_is_the_workers_own() {
    let mut worker = common::start(&["--quiet"]);
    worker.send(&request(1, "rpc.discover", json!({})));
    let methods = worker.answer(1)["result"]["methods"].clone();
    let rows: String = methods.as_array().unwrap().iter().map(row).collect();
    let table = format!("{BEGIN}| method | parameters | answer | |\n| --- | --- | --- | --- |\n{rows}{END}");

    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let readme = std::fs::read_to_string(path).unwrap();
    let start = readme.find(BEGIN).expect("the table's first line");
    let end = start + readme[start..].find(END).expect("the table's last line") + END.len();
    if std::env::var_os("UPDATE_README").is_some() {
        std::fs::write(path, [&readme[..start], &table, &readme[end..]].concat()).unwrap();
    } else {
        assert_eq!(&readme[start..end], table, "run UPDATE_README=1 cargo test --test readme");
    }
}

#[test]
fn every_method_is_described() {
    let mut worker = common::start(&["--quiet"]);
    worker.send(&request(1, "rpc.discover", json!({})));
    for method in worker.answer(1)["result"]["methods"].as_array().unwrap() {
        assert!(method["summary"].as_str().is_some_and(|summary| summary.ends_with('.')), "{method}");
        assert!(method["result"]["schema"].is_object(), "{method}");
        assert!(method["stream"].is_boolean(), "{method}");
        assert_eq!(method["stream"] == true, method.get("items").is_some(), "{method}");
    }
}
