//! A path to listen at, which may have been left behind by a process that has gone. Of two that want it at once exactly one
//! gets it; docs/connect.md says how, and why that holds.

use std::fs::{self, Metadata, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use super::descriptor::random_hex;
use super::failure::Failure;
use super::probe::{Life, ask_who, life_at};
use super::registry::is_ours;

/// A start takes milliseconds.
const TIME: Duration = Duration::from_secs(5);
const MODE: u32 = 0o600;
/// Hex digits of a claim, behind a dot.
const DIGITS: usize = 8;

/// A socket that listens at a path that is its own.
pub(super) struct Held {
    pub listener: UnixListener,
    pub claim: Release,
}

/// Removes a socket, if it is still the same one, so that the next one can have the path.
#[derive(Debug)]
pub(crate) struct Release {
    path: PathBuf,
    own: Option<(u64, u64)>,
}

impl Release {
    pub fn release(&self) {
        if self.own.is_some() && self.own == identity(&self.path) {
            // Gone, it needn't be removed.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// `last_known` is who had the path last, for a holder that does not say.
pub(super) fn claim(path: &Path, last_known: &dyn Fn() -> Option<u32>) -> Result<Held, Failure> {
    let until = Instant::now() + TIME;
    while Instant::now() < until {
        assert_free(path, last_known)?;
        let mut text = path.as_os_str().to_owned();
        text.push(format!(".{}", random_hex(DIGITS)));
        let claim = PathBuf::from(text);
        let Some(listener) = bind(&claim)? else { continue };
        match contend(path, &claim, &listener, until, last_known) {
            Ok(true) => {
                return Ok(Held { listener, claim: Release { path: path.to_owned(), own: identity(path) } });
            }
            lost => {
                // Gone, it needn't be removed.
                let _ = fs::remove_file(&claim);
                lost?;
            }
        }
        let spread = u64::from_str_radix(&random_hex(4), 16).unwrap_or(0) % 20;
        thread::sleep(Duration::from_millis(10 + spread));
    }
    Err(Failure::new("another start of it does not come to an end. See who it is, and end it"))
}

fn assert_free(path: &Path, last_known: &dyn Fn() -> Option<u32>) -> Result<(), Failure> {
    let Some(metadata) = look(path)? else { return Ok(()) };
    if !metadata.file_type().is_socket() {
        return Err(Failure::new("there is a file, and no socket. Choose another path"));
    }
    match life_at(path) {
        Life::Alive => {
            let said = ask_who(path);
            // It may have ended since.
            if said.is_none() && life_at(path) != Life::Alive {
                return Ok(());
            }
            let by = match said.or_else(last_known) {
                Some(pid) => format!("the process with the pid {pid}"),
                None => "another process".to_owned(),
            };
            Err(Failure::new(format!("it is taken by {by}. End that, or choose another")))
        }
        Life::Dead if !is_ours(&metadata) => {
            Err(Failure::new(format!("a socket of another user's (uid {}) was left there", metadata.uid())))
        }
        Life::Dead | Life::Absent => Ok(()),
    }
}

/// The mask of new files is the whole process's, so the mode is changed when the socket is there. Whoever was quicker is
/// sent away. `None` when it is gone: before it listened it looked dead, and whoever has won removes what is dead.
fn bind(claim: &Path) -> Result<Option<UnixListener>, Failure> {
    let listener = UnixListener::bind(claim)?;
    let bound = || -> io::Result<()> {
        fs::set_permissions(claim, Permissions::from_mode(MODE))?;
        listener.set_nonblocking(true)?;
        send_away(&listener);
        Ok(())
    };
    match bound() {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        other => Ok(other.map(|()| Some(listener))?),
    }
}

fn send_away(listener: &UnixListener) {
    while let Ok((connection, _)) = listener.accept() {
        drop(connection);
    }
}

/// Whether the path is the claim's now. False: somebody else goes first, or has taken the claim away.
fn contend(
    path: &Path,
    claim: &Path,
    listener: &UnixListener,
    until: Instant,
    last_known: &dyn Fn() -> Option<u32>,
) -> Result<bool, Failure> {
    let own = identity(claim);
    let dead = loop {
        let others: Vec<_> = beside(path)?.into_iter().filter(|other| other != claim).collect();
        let lives: Vec<_> = others.into_iter().map(|other| (life_at(&other), other)).collect();
        let mut alive = lives.iter().filter(|(life, _)| *life == Life::Alive).peekable();
        if alive.peek().is_none() {
            break lives.into_iter().filter(|(life, _)| *life == Life::Dead).map(|(_, other)| other);
        }
        // The smallest goes first, and the others give way.
        let first = |other: &Path| other.as_os_str().as_bytes() < claim.as_os_str().as_bytes();
        if alive.any(|(_, other)| first(other)) || Instant::now() > until {
            return Ok(false);
        }
        thread::sleep(Duration::from_millis(5));
    };
    // After the claims: one that has been renamed in the meantime is seen here.
    assert_free(path, last_known)?;
    send_away(listener);
    match fs::rename(claim, path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
        other => other?,
    }
    if own.is_none() || own != identity(path) {
        return Ok(false);
    }
    for other in dead {
        // Gone, it needn't be removed.
        let _ = fs::remove_file(other);
    }
    Ok(true)
}

fn beside(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    let (Some(folder), Some(file)) = (path.parent(), path.file_name()) else { return Ok(Vec::new()) };
    let words = format!("the folder {} can't be read: ", folder.display());
    let failed = |error: io::Error| Failure::because(&words, error);
    let is_claim = |name: &[u8]| {
        let rest = name.strip_prefix(file.as_bytes()).and_then(|rest| rest.strip_prefix(b"."));
        let is_digit = |byte: &u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(byte);
        rest.is_some_and(|rest| rest.len() == DIGITS && rest.iter().all(is_digit))
    };
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name();
        if is_claim(name.as_bytes()) {
            found.push(folder.join(name));
        }
    }
    Ok(found)
}

fn look(path: &Path) -> Result<Option<Metadata>, Failure> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        other => Ok(other.map(Some)?),
    }
}

/// Which file it is.
fn identity(path: &Path) -> Option<(u64, u64)> {
    fs::symlink_metadata(path).ok().map(|metadata| (metadata.dev(), metadata.ino()))
}
