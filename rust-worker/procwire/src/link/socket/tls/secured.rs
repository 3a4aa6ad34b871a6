//! A connection that is secured: one state for both directions, so that whoever waits, waits without its lock.

use std::io::{self, ErrorKind, Read, Write};
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

#[cfg(feature = "client")]
use rustls::ClientConnection;
use rustls::{Connection, ServerConnection};

#[cfg(feature = "client")]
use super::Client;
use super::Service;
use crate::link::socket::Socket;
#[cfg(feature = "client")]
use crate::link::socket::failure::Failure;
use crate::locks;

/// For those who wait as long as it takes.
const LONG: Duration = Duration::from_secs(3600);

pub(crate) struct Secured {
    state: Mutex<Connection>,
}

impl Secured {
    #[cfg(feature = "client")]
    pub fn client(tls: &Client, socket: &Socket, until: Instant) -> Result<Secured, Failure> {
        let begun = ClientConnection::new(std::sync::Arc::clone(&tls.config), tls.name.clone());
        let begun = begun.map_err(|error| Failure::lasting(format!("TLS: {error}")))?;
        let advice = "Does the service speak TLS, and has it a certificate of this authority and this name";
        Secured::shaken(Connection::from(begun), socket, until)
            .map_err(|error| Failure::because(&format!("TLS failed. {advice}: "), error))
    }

    pub fn service(tls: &Service, socket: &Socket, until: Instant) -> io::Result<Secured> {
        let begun = ServerConnection::new(std::sync::Arc::clone(&tls.0)).map_err(io::Error::other)?;
        Secured::shaken(Connection::from(begun), socket, until)
    }

    /// Shakes hands.
    fn shaken(mut state: Connection, socket: &Socket, until: Instant) -> io::Result<Secured> {
        loop {
            let events = match flush(&mut state, socket)? {
                false => libc::POLLOUT,
                true if !state.is_handshaking() => break,
                true => match receive(&mut state, socket)? {
                    Some(0) => return Err(ErrorKind::UnexpectedEof.into()),
                    Some(_) => continue,
                    None => libc::POLLIN,
                },
            };
            if !socket.wait(events, until)? {
                return Err(ErrorKind::TimedOut.into());
            }
        }
        Ok(Secured { state: Mutex::new(state) })
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        locks::lock(&self.state)
    }

    /// `None` where it would have to wait, 0 at the end.
    pub fn read_now(&self, socket: &Socket, into: &mut [u8]) -> io::Result<Option<usize>> {
        let mut state = self.lock();
        loop {
            match state.reader().read(into) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                // Not a word of farewell: that messages are whole is seen by their framing.
                Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(Some(0)),
                read => return read.map(Some),
            }
            let Some(_) = receive(&mut state, socket)? else { return Ok(None) };
            // Such as an answer to a new key.
            flush(&mut state, socket)?;
        }
    }

    /// Writes some bytes; waits for room, so long at most.
    pub fn write(&self, socket: &Socket, bytes: &[u8], until: Option<Instant>) -> io::Result<usize> {
        let until = until.unwrap_or_else(|| Instant::now() + LONG);
        let mut written = None;
        loop {
            let mut state = self.lock();
            let is_flushed = flush(&mut state, socket)?;
            if is_flushed {
                match written {
                    Some(count) => return Ok(count),
                    None => written = Some(state.writer().write(bytes)?),
                }
                continue;
            }
            drop(state);
            if !socket.wait(libc::POLLOUT, until)? {
                return Err(ErrorKind::TimedOut.into());
            }
        }
    }

    /// Nothing more is said.
    pub fn say_goodbye(&self, socket: &Socket) {
        let mut state = self.lock();
        state.send_close_notify();
        // Refused, nobody hears it.
        let _ = flush(&mut state, socket);
    }
}

/// Writes what is to be written, without waiting; false if there is more.
fn flush(state: &mut Connection, socket: &Socket) -> io::Result<bool> {
    while state.wants_write() {
        match state.write_tls(&mut Now(socket)) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            other => drop(other?),
        }
    }
    Ok(true)
}

/// Reads what there is, without waiting; `None` if there is nothing.
fn receive(state: &mut Connection, socket: &Socket) -> io::Result<Option<usize>> {
    let count = match state.read_tls(&mut Now(socket)) {
        Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
        other => other?,
    };
    if let Err(error) = state.process_new_packets() {
        // The other side is told why, if it still listens.
        let _ = flush(state, socket);
        return Err(io::Error::new(ErrorKind::InvalidData, error));
    }
    Ok(Some(count))
}

/// Says so where it would have to wait.
struct Now<'a>(&'a Socket);

impl Read for Now<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.0.read_now(into)?.ok_or_else(|| ErrorKind::WouldBlock.into())
    }
}

impl Write for Now<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write_now(bytes)?.ok_or_else(|| ErrorKind::WouldBlock.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
