//! A place to listen at, taken and given back.

use std::io;
use std::net::TcpListener;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use super::Socket;
use super::address::{Address, Place};
use super::claim::{Release, claim};
use super::descriptor::{self, Descriptor, random_hex};
use super::failure::Failure;
use super::registry::prepare;

pub(crate) enum Listener {
    Local(UnixListener),
    Tcp(TcpListener),
}

/// Somebody listens there.
pub(crate) struct Opened {
    pub listener: Listener,
    /// As those who connect have it, but for what is secret.
    pub address: Address,
    pub held: Held,
}

/// What keeps the next one from listening there.
#[derive(Debug, Default)]
pub(crate) struct Held {
    descriptor: Option<(PathBuf, String)>,
    socket: Option<Release>,
}

impl Held {
    /// Takes it away, as far as it is still this one's.
    pub fn release(&self) {
        if let Some((file, id)) = &self.descriptor {
            descriptor::remove(file, id);
        }
        if let Some(socket) = &self.socket {
            socket.release();
        }
    }
}

/// The methods are told those who ask for a name.
pub(crate) fn open(place: &Place, methods: Vec<String>) -> Result<Opened, Failure> {
    match place {
        Place::Name(name) => open_name(name, methods),
        Place::Path(path) => open_path(path, &|| None),
        Place::Port { host, port } => {
            let listener = TcpListener::bind((host.as_str(), *port))?;
            listener.set_nonblocking(true)?;
            let address = Address::tcp(host, listener.local_addr()?.port());
            Ok(Opened { listener: Listener::Tcp(listener), address, held: Held::default() })
        }
    }
}

fn open_name(name: &str, methods: Vec<String>) -> Result<Opened, Failure> {
    let files = prepare(name)?;
    let last_known = || descriptor::read(&files.descriptor).map(|known| known.pid);
    let mut opened = open_path(&files.socket, &last_known)?;
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let about = Descriptor {
        name: name.to_owned(),
        pid: std::process::id(),
        started_at: u64::try_from(since_1970.as_millis()).unwrap_or(u64::MAX),
        methods,
        path: files.socket,
        id: random_hex(32),
    };
    if let Err(error) = descriptor::write(&files.descriptor, &about) {
        opened.held.release();
        return Err(Failure::because(&format!("{} can't be written: ", files.descriptor.display()), error));
    }
    opened.held.descriptor = Some((files.descriptor, about.id));
    Ok(opened)
}

fn open_path(path: &Path, last_known: &dyn Fn() -> Option<u32>) -> Result<Opened, Failure> {
    let held = claim(path, last_known)?;
    Ok(Opened {
        listener: Listener::Local(held.listener),
        address: Address::path(path),
        held: Held { descriptor: None, socket: Some(held.claim) },
    })
}

impl Listener {
    /// The next connection; `None` if nobody waits for one.
    pub fn accept(&self) -> io::Result<Option<Socket>> {
        let accepted = match self {
            Listener::Local(listener) => listener.accept().and_then(|(stream, _)| Socket::local(stream)),
            Listener::Tcp(listener) => listener.accept().and_then(|(stream, _)| Socket::tcp(stream)),
        };
        match accepted {
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => Ok(None),
            // It has gone already.
            Err(error) if crate::link::sink::is_departure(&error) => Ok(None),
            other => other.map(Some),
        }
    }
}

impl AsFd for Listener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Listener::Local(listener) => listener.as_fd(),
            Listener::Tcp(listener) => listener.as_fd(),
        }
    }
}
