//! Where a service listens, and what is secret about it.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::failure::Failure;
use super::registry::{LONGEST_PATH, is_name};
use super::tls::Tls;

const LONGEST_TOKEN: usize = 4_000;

/// Where a service listens: under a name, at a path, on a port. A text is a name, a [`Path`] a path.
///
/// ```
/// use procwire::Address;
///
/// let by_name = Address::from("math");
/// let port = Address::tcp("127.0.0.1", 4711).token("32 random bytes, in base64url");
/// assert_eq!(port.port(), Some(4711));
/// assert!(!format!("{by_name:?} {port:?}").contains("random"), "no secret is shown");
/// ```
#[derive(Clone)]
pub struct Address {
    pub(crate) place: Place,
    pub(crate) token: Option<String>,
    pub(crate) tls: Option<Tls>,
    pub(crate) is_insecure: bool,
}

#[derive(Debug, Clone)]
pub(crate) enum Place {
    Name(String),
    Path(PathBuf),
    Port { host: String, port: u16 },
}

impl Address {
    fn new(place: Place) -> Self {
        Address { place, token: None, tls: None, is_insecure: false }
    }

    /// A service of this user's by its name: a-z, 0-9, and behind the first of them also `.`, `_` and `-`, 63 at most.
    #[must_use]
    pub fn name(name: &str) -> Self {
        Address::new(Place::Name(name.to_owned()))
    }

    /// A local socket, which only this user can connect to.
    #[must_use]
    pub fn path(path: impl AsRef<Path>) -> Self {
        Address::new(Place::Path(path.as_ref().to_owned()))
    }

    /// A port of TCP. Whoever listens may give 0, for any that is free.
    #[must_use]
    pub fn tcp(host: &str, port: u16) -> Self {
        Address::new(Place::Port { host: host.to_owned(), port })
    }

    /// What clients must know: 1 to 4,000 bytes without control characters; 32 random bytes are a good one.
    #[must_use]
    pub fn token(mut self, token: &str) -> Self {
        self.token = Some(token.to_owned());
        self
    }

    /// TLS, for a port.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn tls(mut self, tls: Tls) -> Self {
        self.tls = Some(tls);
        self
    }

    /// Every program on this machine may use the port that is listened on. Never beyond loopback.
    #[must_use]
    pub fn insecure(mut self) -> Self {
        self.is_insecure = true;
        self
    }

    /// The port, of one that has it.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        match self.place {
            Place::Port { port, .. } => Some(port),
            Place::Name(_) | Place::Path(_) => None,
        }
    }

    /// The path of the socket, where it was given or is known.
    #[must_use]
    pub fn socket_path(&self) -> Option<&Path> {
        match &self.place {
            Place::Path(path) => Some(path),
            Place::Name(_) | Place::Port { .. } => None,
        }
    }

    pub(crate) fn is_local(&self) -> bool {
        !matches!(self.place, Place::Port { .. })
    }

    /// What is wrong with it on either side. A path is made whole.
    pub(crate) fn checked(mut self) -> Result<Address, Failure> {
        if self.tls.is_some() && self.is_local() {
            return Err(Failure::lasting("TLS is for a port. Leave it out"));
        }
        if self.token.as_deref().is_some_and(|token| !is_token(token)) {
            let reason = format!("a token has 1 to {LONGEST_TOKEN} bytes, and no control characters");
            return Err(Failure::lasting(reason));
        }
        match &mut self.place {
            Place::Name(name) if !is_name(name) => Err(Failure::lasting(
                "a name has at most 63 characters: a-z, 0-9, and behind the first of them also . _ -. \
                 For a path write Address::path",
            )),
            Place::Path(path) => {
                *path = std::path::absolute(&*path)?;
                let bytes = path.as_os_str().as_bytes().len();
                if bytes <= LONGEST_PATH {
                    return Ok(self);
                }
                let reason = format!("a socket has a path of at most {LONGEST_PATH} bytes, and this one has {bytes}");
                Err(Failure::lasting(reason))
            }
            Place::Name(_) | Place::Port { .. } => Ok(self),
        }
    }

    /// Refuses a port that strangers could use: on this machine everybody can reach it, also web pages.
    pub(crate) fn check_safe(&self) -> Result<(), Failure> {
        let Place::Port { host, .. } = &self.place else { return Ok(()) };
        let (has_token, tls) = (self.token.is_some(), self.tls.as_ref());
        if tls.is_some_and(Tls::verifies_clients) {
            return Ok(());
        }
        if !is_loopback(host) {
            let text = format!(
                "on {host}, which others can reach, a service needs a token and TLS, or TLS with client certificates: \
                 Address::token and Address::tls"
            );
            return if has_token && tls.is_some() { Ok(()) } else { Err(Failure::lasting(text)) };
        }
        if has_token || self.is_insecure {
            return Ok(());
        }
        Err(Failure::lasting(
            "every program on this machine can reach a port. Give a token (Address::token), or TLS with client \
             certificates, or say Address::insecure",
        ))
    }
}

fn is_token(token: &str) -> bool {
    (1..=LONGEST_TOKEN).contains(&token.len()) && !token.bytes().any(|byte| byte.is_ascii_control())
}

/// Whether what listens there can be reached from this machine only.
fn is_loopback(host: &str) -> bool {
    host.parse::<IpAddr>().map_or_else(|_| host.eq_ignore_ascii_case("localhost"), |address| address.is_loopback())
}

impl From<&str> for Address {
    fn from(name: &str) -> Self {
        Address::name(name)
    }
}

impl From<&Path> for Address {
    fn from(path: &Path) -> Self {
        Address::path(path)
    }
}

impl From<PathBuf> for Address {
    fn from(path: PathBuf) -> Self {
        Address::path(path)
    }
}

impl From<SocketAddr> for Address {
    fn from(address: SocketAddr) -> Self {
        Address::tcp(&address.ip().to_string(), address.port())
    }
}

impl From<&Address> for Address {
    fn from(address: &Address) -> Self {
        address.clone()
    }
}

/// As messages have it.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::Name(name) => write!(f, "the service \"{name}\""),
            Place::Path(path) => write!(f, "{}", path.display()),
            Place::Port { host, port } => write!(f, "{host}:{port}"),
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Address").field("place", &self.place).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_strangers_could_use_is_refused_before_it_is_opened() {
        for (address, is_safe) in [
            (Address::tcp("127.0.0.1", 0), false),
            (Address::tcp("127.0.0.1", 0).insecure(), true),
            (Address::tcp("localhost", 0).token("t"), true),
            (Address::tcp("::1", 0).token("t"), true),
            (Address::tcp("0.0.0.0", 0).token("t").insecure(), false),
            (Address::tcp("example.org", 0).token("t"), false),
            (Address::tcp("::ffff:127.0.0.1", 0).token("t"), false),
            (Address::path("/x"), true),
        ] {
            assert_eq!(address.check_safe().is_ok(), is_safe, "{address}");
        }
    }

    #[test]
    fn what_is_no_address_is_told_before_anything_is_opened() {
        let long = "x".repeat(LONGEST_PATH);
        for none in [
            Address::name("Not a name"),
            Address::path(format!("/{long}")),
            Address::tcp("127.0.0.1", 1).token(""),
            Address::tcp("127.0.0.1", 1).token("a\nb"),
            Address::tcp("127.0.0.1", 1).token(&"t".repeat(4_001)),
        ] {
            assert!(none.clone().checked().unwrap_err().is_lasting, "{none}");
        }
        assert!(Address::path("relative").checked().unwrap().socket_path().unwrap().is_absolute());
    }
}
