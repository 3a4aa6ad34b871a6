//! The README of the library, taken at its word: a new project with its lines compiles, and answers.
#![cfg(unix)]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::{Process, request};
use serde_json::json;

/// The first block of this kind in the README.
fn block(kind: &str) -> String {
    let readme = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/procwire/README.md")).unwrap();
    let start = readme.find(&format!("```{kind}\n")).unwrap_or_else(|| panic!("no block of {kind}"));
    let inner = &readme[start + kind.len() + 4..];
    inner[..inner.find("```").unwrap()].to_owned()
}

/// A project of its own, beside those of this workspace; its path.
fn project(name: &str, options: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(folder.join("src")).unwrap();
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let library = format!("path = {:?}{options}", here.join("procwire"));
    let lines = block("toml").replace(r#"path = "../procwire/rust-worker/procwire""#, &library);
    assert!(lines.contains(&library), "the README says where the library is: {lines}");
    let manifest =
        format!("[package]\nname = {name:?}\nversion = \"0.1.0\"\nedition = \"2024\"\n\n{lines}\n[workspace]\n");
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    // The versions that are here already: nothing is downloaded.
    fs::copy(here.join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    fs::write(folder.join("src/main.rs"), block("rust,no_run")).unwrap();
    folder
}

/// Builds it as its user would, and asks it.
fn builds_and_answers(name: &str, options: &str) {
    let folder = project(name, options);
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("new-projects");
    let output = Command::new(env!("CARGO"))
        .args(["build", "--offline", "--quiet", "--target-dir"])
        .arg(&target)
        .current_dir(&folder)
        .env_remove("CARGO_TARGET_DIR")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut worker = Process::run(&target.join("debug").join(name), &[]);
    worker.send(&request(1, "add", json!({ "a": 2, "b": 40 })));
    assert_eq!(worker.answer(1)["result"], 42);
    worker.send(&request(2, "add", json!([2])));
    assert_eq!(worker.answer(2)["error"]["message"], "add: missing parameter `b`");
}

#[test]
fn a_new_project_with_the_lines_of_the_readme_compiles_and_answers() {
    builds_and_answers("new-project", "");
}

#[test]
fn a_new_project_without_default_features_compiles_and_answers() {
    builds_and_answers("new-project-json", ", default-features = false");
}
