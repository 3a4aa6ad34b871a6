//! The process group that a parent makes of its worker and all the worker starts, so that nothing of it outlives them.

use std::io;
use std::os::unix::process::parent_id;
use std::thread;
use std::time::{Duration, Instant};

use crate::link::sys;
use crate::threads;

/// Set to 1 by a parent that starts its worker as the leader of a group of its own.
pub(crate) const VARIABLE: &str = "PROCWIRE_GROUP";
/// The process id of that parent, which may be gone before the worker can look.
pub(crate) const PARENT_VARIABLE: &str = "PROCWIRE_PARENT";
/// A parent that dies closes its files shortly before its children get another parent.
const ADOPTION: Duration = Duration::from_millis(250);
/// Between two looks whether the parent lives.
const TICK: Duration = Duration::from_millis(200);

/// The group this process leads, if its parent gave it one.
#[derive(Clone, Copy)]
pub(crate) struct Group {
    /// `None` for a worker that owns no group: one in a shell's pipeline shares it with programs that are none of its
    /// business, or leads it.
    parent: Option<u32>,
    /// The process that was the parent, if that is another one than now: it may have died before this one could look.
    /// But who leads a group and has inherited the variable has another parent as well, and then it lives.
    former: Option<u32>,
}

impl Group {
    /// To be asked while the parent lives. Processes that only inherit the variable do not lead a group.
    pub fn given() -> Group {
        let owned = std::env::var_os(VARIABLE).is_some_and(|value| value == "1") && sys::leads_its_group();
        if owned {
            sys::wake_with_the_parents_death();
        }
        let parent = owned.then(parent_id);
        let maker = std::env::var(PARENT_VARIABLE).ok().and_then(|id| id.parse::<u32>().ok());
        Group { parent, former: maker.filter(|_| owned && maker != parent) }
    }

    fn is_orphan(self) -> bool {
        self.parent.is_some_and(|parent| parent_id() != parent) || self.former.is_some_and(|pid| !sys::is_running(pid))
    }

    /// The last act of a worker whose parent is gone: kills its group, and with it itself. A parent that lives does so
    /// after the worker's exit, which it wants to see.
    pub fn sweep_if_orphan(self) {
        if self.is_orphan() {
            // Refused, there is nothing left to do.
            sys::kill_group();
        }
    }

    /// As [`Group::sweep_if_orphan`], after an end of input that may be the first sign of the parent's death.
    pub fn sweep_once_orphan(self) {
        let deadline = Instant::now() + ADOPTION;
        while self.parent.is_some() && !self.is_orphan() && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(1));
        }
        self.sweep_if_orphan();
    }

    /// Sees the parent's death also where the end of the input does not tell: the reader is busy with a handler of its
    /// own, or another process holds the other end.
    pub fn watch_parent(self) -> io::Result<()> {
        if self.parent.is_none() {
            return Ok(());
        }
        threads::start("parent", threads::SMALL, move || {
            loop {
                thread::sleep(TICK);
                if self.is_orphan() {
                    // The reader, if it is free, has more to do before the end than we: it gets its time.
                    thread::sleep(TICK);
                    self.sweep_if_orphan();
                }
            }
        })
        .map(drop)
    }
}
