//! Where the services of this user are registered; see docs/connect.md.

use std::env;
use std::fs::{self, DirBuilder, Metadata};
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use super::failure::Failure;
use crate::link::sys;

const PRIVATE: u32 = 0o700;
const MODE: u32 = 0o7777;
const STICKY: u32 = 0o1000;
const OTHERS_WRITE: u32 = 0o022;
const ROOT: u32 = 0;
/// What the system has room for in the address of a local socket, without the NUL at its end.
pub(crate) const LONGEST_PATH: usize = if cfg!(target_os = "linux") { 107 } else { 103 };
/// A dot and eight digits: see `claim`.
const CLAIM: usize = 9;
const LONGEST_NAME: usize = 63;

/// Whether a service can have this name, which becomes a part of file names.
pub(crate) fn is_name(text: &str) -> bool {
    let is_first = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = text.as_bytes();
    bytes.len() <= LONGEST_NAME
        && bytes.first().is_some_and(|first| is_first(*first))
        && bytes.iter().all(|byte| is_first(*byte) || b"._-".contains(byte))
}

/// The folder, by the environment of this moment. It may not be there.
pub(crate) fn folder() -> PathBuf {
    match whole("XDG_RUNTIME_DIR") {
        Some(runtime) => runtime.join("procwire"),
        None => fallback(&whole("TMPDIR").unwrap_or_else(|| "/tmp".into())),
    }
}

/// Relative ones would be others in another folder.
fn whole(variable: &str) -> Option<PathBuf> {
    env::var_os(variable).map(PathBuf::from).filter(|path| path.is_absolute())
}

fn fallback(parent: &Path) -> PathBuf {
    parent.join(format!("procwire-{}", sys::user()))
}

/// Where a name has its files in a folder that has been checked.
pub(super) struct Files {
    pub socket: PathBuf,
    pub descriptor: PathBuf,
}

/// Makes the folder where there is none, and checks it.
pub(super) fn prepare(name: &str) -> Result<Files, Failure> {
    let folder = folder();
    ensure(&folder)?;
    let socket = socket_in(&folder, name);
    if let Some(other) = socket.parent().filter(|other| *other != folder) {
        ensure(other)?;
    }
    Ok(Files { socket, descriptor: descriptor_in(&folder, name) })
}

pub(super) fn descriptor_in(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.json"))
}

fn socket_in(folder: &Path, name: &str) -> PathBuf {
    let path = folder.join(format!("{name}.sock"));
    let bytes = path.as_os_str().as_bytes();
    if bytes.len() + CLAIM <= LONGEST_PATH {
        return path;
    }
    fallback(Path::new("/tmp")).join(format!("{:016x}.sock", fnv1a(bytes)))
}

/// No secret depends on it.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3))
}

fn ensure(folder: &Path) -> Result<(), Failure> {
    match DirBuilder::new().mode(PRIVATE).create(folder) {
        // What is there already is looked at like one that was made a moment ago.
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
            let words = format!("the folder of this user's services, {}, can't be made: ", folder.display());
            if error.kind() == ErrorKind::NotFound {
                let reason = "the folder that it should be in does not exist. Check XDG_RUNTIME_DIR and TMPDIR";
                return Err(Failure { reason: words + reason, ..Failure::because("", error) });
            }
            Err(Failure::because(&words, error))
        }
        _ => check(folder).map(drop),
    }
}

/// Refuses a folder that somebody else could look into, or could put another one in the place of. Tells whether it is there.
pub(crate) fn check(folder: &Path) -> Result<bool, Failure> {
    let around = folder.parent().unwrap_or(folder);
    let looked = fs::symlink_metadata(folder).and_then(|itself| Ok((itself, fs::metadata(around)?)));
    let (itself, around) = match looked {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
        Err(error) => {
            let words = format!("the folder of this user's services, {}: ", folder.display());
            return Err(Failure::because(&words, error));
        }
        Ok(looked) => looked,
    };
    match problem(&itself, &around, folder) {
        None => Ok(true),
        Some(problem) => {
            let words = format!("refused the folder of this user's services, {}: {problem}", folder.display());
            Err(Failure {
                source: Some(std::sync::Arc::new(ErrorKind::PermissionDenied.into())),
                ..Failure::new(words)
            })
        }
    }
}

fn problem(itself: &Metadata, around: &Metadata, folder: &Path) -> Option<String> {
    if itself.is_symlink() {
        return Some("it is a symbolic link. Remove it".to_owned());
    }
    if !itself.is_dir() {
        return Some("it is no folder. Remove it".to_owned());
    }
    if !is_ours(itself) {
        let text =
            format!("it belongs to another user (uid {}). Set XDG_RUNTIME_DIR to a folder of yours", itself.uid());
        return Some(text);
    }
    let mode = itself.mode() & MODE;
    if mode != PRIVATE {
        return Some(format!(
            "its mode is {mode:o}, and others may have been in it. See what it holds, and remove it or set its mode to 700"
        ));
    }
    let is_safe = (is_ours(around) || around.uid() == ROOT) && around.mode() & OTHERS_WRITE == 0;
    if is_safe || around.mode() & STICKY != 0 {
        return None;
    }
    let around = folder.parent().unwrap_or(folder).display();
    Some(format!("others can replace it, because {around} is theirs or they may write to it"))
}

/// Whether it belongs to the user whom this process acts for.
pub(super) fn is_ours(metadata: &Metadata) -> bool {
    metadata.uid() == sys::user()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_can_be_a_part_of_file_names() {
        for name in ["a", "0", "math-service", "a.b_c-1", &"n".repeat(63)] {
            assert!(is_name(name), "{name}");
        }
        for none in ["", "-a", ".a", "A", "a/b", "a b", "é", "..", &"n".repeat(64)] {
            assert!(!is_name(none), "{none}");
        }
    }

    #[test]
    fn a_long_path_has_its_socket_elsewhere_by_the_hash_that_every_language_knows() {
        assert_eq!(fnv1a(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a(b"foobar"), 0x8594_4171_f739_67e8);
        let short = Path::new("/run/user/1000/procwire");
        assert_eq!(socket_in(short, "math"), short.join("math.sock"));
        let long = PathBuf::from(format!("/{}", "x".repeat(LONGEST_PATH - CLAIM - "//math.sock".len())));
        assert_eq!(socket_in(&long, "math"), long.join("math.sock"));
        assert!(socket_in(&long, "maths").starts_with(fallback(Path::new("/tmp"))));
    }
}
