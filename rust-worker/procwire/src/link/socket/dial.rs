//! A connection to a service, from the wish for it to the answer to its greeting.

use std::io;
use std::net::{TcpStream, ToSocketAddrs};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::address::{Address, Place};
use super::failure::Failure;
use super::greeting::{Speech, hello, mismatch, read_answer};
use super::tls::{Client, Secured};
use super::{Connection, FirstLine, Socket, descriptor, registry};
use crate::link::sys;

/// Another attempt when the queue of those who want to connect is full.
const QUEUE: Duration = Duration::from_millis(10);

/// How to come to a service. What is looked up is looked up for each connection.
pub(crate) struct Route {
    address: Address,
    tls: Option<Client>,
    pub greets: bool,
    pub time: Duration,
    pub speech: Speech,
}

/// A connection on which messages can begin.
pub(crate) struct Dialed {
    pub connection: Connection,
    /// The service's process, where it is on this machine and says so.
    pub pid: Option<u32>,
}

impl Route {
    pub fn new(address: Address, greets: bool, time: Duration, speech: Speech) -> Result<Route, Failure> {
        let address = address.checked()?;
        let tls = match (&address.tls, &address.place) {
            (Some(tls), Place::Port { host, .. }) => Some(Client::new(tls, host)?),
            _ => None,
        };
        Ok(Route { address, tls, greets, time, speech })
    }

    /// In words.
    pub fn who(&self) -> String {
        self.address.to_string()
    }

    /// Connects and greets.
    pub fn dial(&self) -> Result<Dialed, Failure> {
        let until =
            Instant::now().checked_add(self.time).unwrap_or_else(|| Instant::now() + Duration::from_secs(86_400));
        let connection = match &self.address.place {
            Place::Name(name) => local(&path_of(name)?, until)?,
            Place::Path(path) => local(path, until)?,
            Place::Port { host, port } => self.port(host, *port, until)?,
        };
        if !self.greets {
            return Ok(Dialed { connection, pid: None });
        }
        self.greet(connection, until)
    }

    fn port(&self, host: &str, port: u16, until: Instant) -> Result<Connection, Failure> {
        let socket = Arc::new(Socket::tcp(connect_tcp(host, port, until)?)?);
        let secured = match &self.tls {
            None => None,
            Some(tls) => Some(Arc::new(Secured::client(tls, &socket, until)?)),
        };
        Ok(Connection::new(socket, secured))
    }

    fn greet(&self, mut connection: Connection, until: Instant) -> Result<Dialed, Failure> {
        let mut line = hello(self.address.token.as_deref());
        line.push(b'\n');
        connection.say(&line, until).map_err(|error| self.hung_up(Some(error)))?;
        let answer = match connection.first_line(until, |_| true) {
            FirstLine::Line(line) => read_answer(&line),
            FirstLine::TooLate => {
                let time = self.time;
                let text =
                    format!("it did not answer the greeting within {time:?}. Is it busy, or no service of this kind?");
                return Err(Failure::new(text));
            }
            FirstLine::Ended(error) => return Err(self.hung_up(error)),
            FirstLine::TooLong | FirstLine::Message => None,
        };
        let Some(answer) = answer else {
            return Err(Failure::lasting(
                "it did not answer the greeting as services do. Is it a service of this kind? If not, say greeting(false)",
            ));
        };
        let theirs = answer.verdict.map_err(|error| self.refusal(&error))?;
        if let Some(difference) = mismatch(&self.speech, &theirs) {
            return Err(Failure::lasting(format!("{difference}. Give both sides the same framing and codec")));
        }
        let pid = answer.pid.filter(|_| self.address.is_local());
        Ok(Dialed { connection, pid })
    }

    fn hung_up(&self, error: Option<io::Error>) -> Failure {
        let advice = match self.tls {
            None => "Is it a service of this kind? Or does it want TLS?",
            Some(_) => "Does it want a certificate of this side, Tls::identity, or another one?",
        };
        let said = error.as_ref().map(|error| format!(" ({error})")).unwrap_or_default();
        let reason = format!("it closed the connection before it answered the greeting{said}. {advice}");
        Failure { source: error.map(Arc::new), ..Failure::new(reason) }
    }

    fn refusal(&self, error: &str) -> Failure {
        match error {
            "token" if self.address.token.is_none() => {
                Failure::lasting("it wants a token. Add it to the address: Address::token")
            }
            "token" => Failure::lasting("it has another token"),
            "version" => Failure::lasting("it greets by another version of the rules"),
            "full" => Failure::new("it has as many connections as it may have. Try again later"),
            "closing" => Failure::new("it is ending"),
            "greeting" => Failure::new("it did not get the greeting whole, or in time"),
            other => Failure::new(format!("it refused with {other:?}")),
        }
    }
}

fn path_of(name: &str) -> Result<PathBuf, Failure> {
    let folder = registry::folder();
    let is_there = registry::check(&folder)?;
    let known = is_there.then(|| descriptor::read(&registry::descriptor_in(&folder, name))).flatten();
    let Some(known) = known else {
        let text = format!("none of this name is registered in {}. Start it, or see list_services", folder.display());
        return Err(Failure::new(text));
    };
    descriptor::check_socket(&known.path)?;
    Ok(known.path)
}

fn local(path: &std::path::Path, until: Instant) -> Result<Connection, Failure> {
    loop {
        match sys::connect_local(path) {
            Ok(fd) => return Ok(Connection::new(Arc::new(Socket::local(fd)?), None)),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock && Instant::now() < until => thread::sleep(QUEUE),
            Err(error) => return Err(error.into()),
        }
    }
}

fn connect_tcp(host: &str, port: u16, until: Instant) -> Result<TcpStream, Failure> {
    let mut last = None;
    for address in (host, port).to_socket_addrs()? {
        let left = until.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
        match TcpStream::connect_timeout(&address, left) {
            Ok(stream) => return Ok(stream),
            Err(error) => last = Some(error),
        }
    }
    Err(last.unwrap_or_else(|| io::ErrorKind::NotFound.into()).into())
}
