//! What is at the other end: a process of ours, or a service that others have started.

use std::sync::Arc;
#[cfg(unix)]
use std::sync::{Condvar, Mutex};
use std::time::Duration;
#[cfg(unix)]
use std::time::Instant;

use crate::client::ends::exit_error;
use crate::error::Error;
use crate::link::child::stderr::Tail;
use crate::link::child::{Exit, Process, Stop};
#[cfg(unix)]
use crate::link::socket::Socket;
use crate::link::spin::Spin;
#[cfg(unix)]
use crate::locks;

pub(crate) enum Far {
    Child {
        process: Arc<Process>,
        tail: Arc<Tail>,
    },
    #[cfg(unix)]
    Service(Peer),
}

#[cfg(unix)]
pub(crate) struct Peer {
    /// In words.
    pub who: String,
    pub socket: Arc<Socket>,
    pub pid: Option<u32>,
    has_ended: Mutex<bool>,
    ended: Condvar,
}

#[cfg(unix)]
impl Peer {
    pub fn new(who: String, socket: Arc<Socket>, pid: Option<u32>) -> Self {
        Peer { who, socket, pid, has_ended: Mutex::new(false), ended: Condvar::new() }
    }

    /// The connection is over: nobody reads from it any more.
    fn end(&self) {
        self.socket.shutdown(std::net::Shutdown::Both);
        *locks::lock(&self.has_ended) = true;
        self.ended.notify_all();
    }

    fn wait(&self, at_most: Option<Duration>) -> bool {
        // A time beyond what the clock can tell is no limit.
        let until = at_most.and_then(|time| Instant::now().checked_add(time));
        let mut has_ended = locks::lock(&self.has_ended);
        while !*has_ended {
            has_ended = match until.map(|until| until.saturating_duration_since(Instant::now())) {
                None => locks::wait(&self.ended, has_ended),
                Some(left) if left.is_zero() => return false,
                Some(left) => locks::wait_timeout(&self.ended, has_ended, left),
            };
        }
        true
    }
}

impl Far {
    pub fn pid(&self) -> Option<u32> {
        match self {
            Far::Child { process, .. } => Some(process.pid()),
            #[cfg(unix)]
            Far::Service(peer) => peer.pid,
        }
    }

    /// How a process has ended. A service is not seen to.
    pub fn exit(&self) -> Option<Exit> {
        match self {
            Far::Child { process, .. } => process.exit(),
            #[cfg(unix)]
            Far::Service(_) => None,
        }
    }

    /// What that is called. Its last words may take so long to come.
    pub fn exit_error(&self, exit: Exit, at_most: Duration) -> Error {
        match self {
            Far::Child { tail, .. } => exit_error(exit, tail.text(at_most)),
            #[cfg(unix)]
            Far::Service(peer) => peer.hung_up(),
        }
    }

    /// The end of what it says explains itself, where there is nothing else to be known.
    pub fn hung_up(&self) -> Option<Error> {
        match self {
            Far::Child { .. } => None,
            #[cfg(unix)]
            Far::Service(peer) => Some(peer.hung_up()),
        }
    }

    /// One of its directions has ended, and nothing else for so long.
    pub fn half_gone(&self, says_nothing: bool, time: Duration) -> Error {
        Error::closed(match (self, says_nothing) {
            (Far::Child { .. }, true) => {
                format!("The worker closed its stdout, and did not exit within {time:?}.")
            }
            (Far::Child { .. }, false) => {
                format!("The worker does not read its stdin any more, and did not exit within {time:?}.")
            }
            #[cfg(unix)]
            (Far::Service(peer), _) => format!("The connection to {} can't be written to any more.", peer.who),
        })
    }

    /// Why it is cut off, where that says more than what follows.
    pub fn cut_error(&self) -> Option<Error> {
        match self {
            Far::Child { .. } => None,
            #[cfg(unix)]
            Far::Service(peer) => {
                Some(Error::closed(format!("This side has cut the connection to {}: it said nothing.", peer.who)))
            }
        }
    }

    /// Waits for its end, so long at most; `None` for as long as it takes. Tells whether it has come.
    pub fn wait(&self, at_most: Option<Duration>) -> bool {
        match self {
            Far::Child { process, .. } => process.wait(at_most),
            #[cfg(unix)]
            Far::Service(peer) => peer.wait(at_most),
        }
    }

    /// Ends a process as it is told, and a connection at once.
    pub fn stop(&self, how: Stop) {
        match self {
            Far::Child { process, .. } => process.stop(how),
            #[cfg(unix)]
            Far::Service(peer) => peer.socket.shutdown(std::net::Shutdown::Both),
        }
    }

    /// Nobody listens any more. False for a process, which may take its time.
    pub fn hang_up(&self) -> bool {
        match self {
            Far::Child { .. } => false,
            #[cfg(unix)]
            Far::Service(peer) => {
                peer.end();
                true
            }
        }
    }

    /// Polls for so long, where it may run beside us.
    pub fn spin(&self, time: Duration) -> Spin {
        self.pid().map_or_else(|| Spin::new(time), |pid| Spin::beside(time, pid))
    }
}

#[cfg(unix)]
impl Peer {
    fn hung_up(&self) -> Error {
        Error::closed(format!("The connection was closed by {}.", self.who))
    }
}
