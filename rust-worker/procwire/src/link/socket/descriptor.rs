//! What is written of a service; see docs/connect.md.

use std::collections::hash_map::RandomState;
use std::fs::{self, File, OpenOptions};
use std::hash::BuildHasher;
use std::io::{self, Read, Write};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::failure::Failure;
use super::registry::is_ours;

const VERSION: u64 = 1;
const MOST: u64 = 1024 * 1024;
const MODE: u32 = 0o600;

#[derive(Debug, PartialEq)]
pub(super) struct Descriptor {
    pub name: String,
    pub pid: u32,
    /// In milliseconds since 1970.
    pub started_at: u64,
    pub methods: Vec<String>,
    pub path: PathBuf,
    /// Whose it is.
    pub id: String,
}

/// So many random hex digits, which nobody else has.
pub(super) fn random_hex(digits: usize) -> String {
    // Two hashers never have the same keys.
    let mut hex = String::new();
    while hex.len() < digits {
        hex += &format!("{:016x}", RandomState::new().hash_one(std::process::id()));
    }
    hex.truncate(digits);
    hex
}

/// In one step: whoever reads sees all of it, or what was there before. Only the owner of the name may write.
pub(super) fn write(file: &Path, about: &Descriptor) -> io::Result<()> {
    let fresh = file.with_extension("json.new");
    match fs::remove_file(&fresh) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let Descriptor { name, pid, started_at, methods, path, id } = about;
    let path = path.to_str().ok_or_else(|| io::Error::other("the path of the socket is no UTF-8"))?;
    let text = json!({
        "version": VERSION, "name": name, "pid": pid, "startedAt": started_at, "methods": methods,
        "address": { "path": path }, "id": id,
    });
    // Nothing is followed, and nothing is overwritten.
    let mut opened = OpenOptions::new().write(true).create_new(true).mode(MODE).open(&fresh)?;
    opened.write_all(format!("{text}\n").as_bytes())?;
    fs::rename(fresh, file)
}

/// If it is still the one with this id.
pub(super) fn remove(file: &Path, id: &str) {
    if read(file).is_some_and(|found| found.id == id) {
        // Gone, it needn't be removed.
        let _ = fs::remove_file(file);
    }
}

/// `None` where there is none, and for what is none.
pub(super) fn read(file: &Path) -> Option<Descriptor> {
    let opened = OpenOptions::new().read(true).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK).open(file).ok()?;
    let metadata = opened.metadata().ok()?;
    if !metadata.is_file() || metadata.len() > MOST {
        return None;
    }
    parsed(&contents(opened)?)
}

fn contents(file: File) -> Option<Value> {
    let mut text = String::new();
    file.take(MOST).read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

fn parsed(about: &Value) -> Option<Descriptor> {
    if about["version"].as_u64() != Some(VERSION) {
        return None;
    }
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let methods: Option<Vec<String>> = about["methods"].as_array()?.iter().map(text).collect();
    let started_at = &about["startedAt"];
    Some(Descriptor {
        name: text(&about["name"])?,
        pid: u32::try_from(about["pid"].as_u64()?).ok()?,
        started_at: started_at.as_u64().or_else(|| started_at.as_f64().map(|time| time as u64))?,
        methods: methods?,
        path: text(&about["address"]["path"]).map(PathBuf::from).filter(|path| path.is_absolute())?,
        id: text(&about["id"])?,
    })
}

/// Refuses what is no socket of this user's.
pub(super) fn check_socket(path: &Path) -> Result<(), Failure> {
    let metadata = fs::symlink_metadata(path)?;
    if metadata.file_type().is_socket() && is_ours(&metadata) {
        return Ok(());
    }
    Err(Failure::new(format!("refused, because {} is no socket of this user's. Remove it", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again_and_what_is_none_is_not_there() {
        let file = std::env::temp_dir().join(format!("procwire-descriptor-{}.json", random_hex(16)));
        let about = Descriptor {
            name: "math".into(),
            pid: 7,
            started_at: 1_790_000_000_000,
            methods: vec!["add".into()],
            path: "/run/math.sock".into(),
            id: random_hex(32),
        };
        write(&file, &about).unwrap();
        assert_eq!(read(&file), Some(about));
        remove(&file, "another");
        let mut value = contents(File::open(&file).unwrap()).unwrap();
        for (member, wrong) in [
            ("version", json!(2)),
            ("pid", json!("7")),
            ("methods", json!([1])),
            ("address", json!({ "path": "relative" })),
            ("address", json!(null)),
        ] {
            let right = std::mem::replace(&mut value[member], wrong);
            fs::write(&file, value.to_string()).unwrap();
            assert_eq!(read(&file), None, "{value}");
            value[member] = right;
        }
        fs::write(&file, vec![b' '; MOST as usize + 1]).unwrap();
        assert_eq!(read(&file), None);
        fs::remove_file(&file).unwrap();
        assert_eq!(read(&file), None);
    }
}
