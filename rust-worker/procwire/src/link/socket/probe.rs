//! Whether somebody listens at a path. That is seen by connecting, and by nothing else: a process id may be another
//! process's by now.

use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::greeting::{QUESTION, read_answer};
use super::{Connection, FirstLine, Socket};
use crate::link::sys;

/// A service that is busy answers late: nobody waits for it longer than this to learn its process id.
const ASK: Duration = Duration::from_secs(1);

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Life {
    Alive,
    Dead,
    Absent,
}

/// Whatever else keeps us out, a full queue or a permission, there is somebody to keep out of.
pub(super) fn life_at(path: &Path) -> Life {
    match sys::connect_local(path) {
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => Life::Dead,
        Err(error) if error.kind() == ErrorKind::NotFound => Life::Absent,
        _ => Life::Alive,
    }
}

/// The process that listens at a path; `None` where it does not say.
pub(super) fn ask_who(path: &Path) -> Option<u32> {
    let until = Instant::now() + ASK;
    let socket = Socket::local(sys::connect_local(path).ok()?).ok()?;
    let mut connection = Connection::new(Arc::new(socket), None);
    connection.say(&[QUESTION, b"\n"].concat(), until).ok()?;
    match connection.first_line(until, |_| true) {
        FirstLine::Line(line) => read_answer(&line)?.pid,
        _ => None,
    }
}
