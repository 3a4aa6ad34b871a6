//! What nobody can have.

use std::io;
use std::time::Instant;

use crate::link::socket::Socket;
use crate::link::socket::failure::Failure;

#[derive(Debug, Clone)]
pub(crate) enum Tls {}

#[derive(Clone)]
pub(crate) enum Service {}

#[cfg(feature = "client")]
pub(crate) enum Client {}

pub(crate) enum Secured {}

impl Tls {
    pub fn verifies_clients(&self) -> bool {
        match *self {}
    }
}

impl Service {
    pub fn new(tls: &Tls) -> Result<Self, Failure> {
        match *tls {}
    }
}

#[cfg(feature = "client")]
impl Client {
    pub fn new(tls: &Tls, _: &str) -> Result<Self, Failure> {
        match *tls {}
    }
}

impl Secured {
    #[cfg(feature = "client")]
    pub fn client(tls: &Client, _: &Socket, _: Instant) -> Result<Self, Failure> {
        match *tls {}
    }

    pub fn service(tls: &Service, _: &Socket, _: Instant) -> io::Result<Self> {
        match *tls {}
    }

    pub fn read_now(&self, _: &Socket, _: &mut [u8]) -> io::Result<Option<usize>> {
        match *self {}
    }

    pub fn write(&self, _: &Socket, _: &[u8], _: Option<Instant>) -> io::Result<usize> {
        match *self {}
    }

    pub fn say_goodbye(&self, _: &Socket) {
        match *self {}
    }
}
