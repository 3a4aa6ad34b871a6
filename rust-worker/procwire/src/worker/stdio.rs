//! A worker that is a process.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use super::Worker;
use crate::link::stdio::{self, Group, report};
use crate::peer::reader::Ended;

/// How long what is queued for output may take to leave after SIGTERM.
const LAST_WRITE: Duration = Duration::from_secs(1);

impl Worker {
    /// Serves stdin and stdout; ends on end of input, `shutdown`, SIGTERM, or when the parent has gone.
    ///
    /// While it serves, file descriptor 1 leads to stderr, so that a stray `println!` cannot break the stream, and
    /// SIGINT is ignored: the parent decides. On SIGTERM, and when the parent has gone, it exits the process with 0; when
    /// stdout cannot be written for another reason, with 1 and a line on stderr. When the parent has gone and had made the
    /// worker leader of a process group (`PROCWIRE_GROUP=1` in the environment), it kills the group, itself included.
    ///
    /// # Errors
    ///
    /// As [`Worker::serve`], errors of setting up the descriptors, and a system that refuses the threads it starts with.
    pub fn serve_stdio(self) -> io::Result<()> {
        let spin = self.spin.unwrap_or(Duration::from_micros(50));
        let group = Group::given();
        let (mut source, sink) = stdio::open_stdio(spin)?;
        let service = self.into_service(sink, Box::new(move |failure| exit_broken(failure, group)))?;
        let ending = Arc::clone(&service.session);
        stdio::on_terminate(group, move || ending.end("", LAST_WRITE))?;
        service.session.outbox.start_helper()?;
        group.watch_parent()?;
        let ended = service.run(&mut source);
        match ended {
            Ok(Ended::Left) => group.sweep_once_orphan(),
            Ok(Ended::Shutdown) | Err(_) => group.sweep_if_orphan(),
        }
        ended.map(drop)
    }
}

/// The end of a process that can say nothing more: because nobody reads it, or for a reason that somebody should know.
fn exit_broken(failure: Option<&str>, group: Group) {
    let Some(failure) = failure else {
        group.sweep_once_orphan();
        std::process::exit(0);
    };
    report(&format!("stdout cannot be written, the worker ends: {failure}"));
    group.sweep_if_orphan();
    std::process::exit(1);
}
