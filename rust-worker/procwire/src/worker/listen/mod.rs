//! A worker that others connect to: docs/connect.md says what they can rely on.

mod guests;
mod hall;

use std::io;
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::Worker;
use crate::dialect;
use crate::link::socket::address::Address;
use crate::link::socket::failure::Failure;
use crate::link::socket::greeting::Speech;
use crate::link::socket::place::{self, Held, Listener, Opened};
use crate::link::socket::tls;
use crate::link::stdio::report;
use crate::link::wait_for_either;
use crate::locks;
use crate::threads;
use hall::Hall;

/// After a connection could not be accepted, for lack of descriptors perhaps.
const PAUSE: Duration = Duration::from_millis(100);

/// Serves any number of connections, until it is closed or dropped. Unlike [`Worker::serve_stdio`] it has nothing to do
/// with signals, stdin and stdout.
#[derive(Debug)]
pub struct Service {
    hall: Arc<Hall>,
    address: Address,
    held: Held,
    /// Held by the one that closes.
    closing: Mutex<()>,
    /// Ends the wait for connections.
    waker: UnixStream,
}

impl Worker {
    /// Serves whoever connects: by a name, which registers the service for this user; at a path; on a port. Each
    /// connection has [`Limits`](crate::Limits) and threads of its own, one that reads and those of a pool, so that a client
    /// that is slow or busy costs the others nothing. [`Method::serial`](crate::Method::serial) holds among all of them.
    /// `shutdown` means nothing here: a connection ends with its stream.
    ///
    /// ```
    /// use procwire::{Address, Worker};
    ///
    /// let worker = Worker::new().method("add", |(a, b): (i64, i64)| Ok(a + b));
    /// let service = worker.listen(Address::tcp("127.0.0.1", 0).token("of 32 random bytes"))?;
    /// println!("listens at {}", service.address());
    /// service.close();
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `AddrInUse` when the name or the path is taken, with the pid of who has it where it is known; `PermissionDenied`
    /// for a folder of names that others could have been in; `InvalidInput` for an address that is none, a port that
    /// strangers could use, and MessagePack over lines; what the system says; a thread that it refuses.
    pub fn listen(self, address: impl Into<Address>) -> io::Result<Service> {
        let address: Address = address.into();
        let who = address.to_string();
        self.open(address).map_err(|failed| match failed {
            Failed::Before(error) => error,
            Failed::Listening(failure) if failure.is_lasting => {
                io::Error::new(io::ErrorKind::InvalidInput, failure.listening(&who).to_string())
            }
            Failed::Listening(failure) => failure.listening(&who),
        })
    }

    fn open(self, address: Address) -> Result<Service, Failed> {
        let address = address.checked()?;
        address.check_safe()?;
        let tls = address.tls.as_ref().map(tls::Service::new).transpose()?;
        let spin = self.spin.unwrap_or(Duration::from_micros(50));
        let mut serving = self.into_serving(true).map_err(Failed::Before)?;
        // A connection that has ended has nobody to wait for.
        let grace = std::mem::take(&mut serving.limits.grace);
        let mut methods: Vec<String> = serving.methods.entries.keys().cloned().collect();
        methods.retain(|name| !dialect::is_reserved(name));
        methods.sort();
        let speech = Speech::of(
            serving.framing,
            serving.custom_framing.is_some(),
            serving.codec,
            serving.custom_codec.is_some(),
        );
        let is_local = address.is_local();
        let hall =
            Arc::new(Hall::new(serving, hall::Manner { token: address.token, tls, speech, is_local, grace, spin }));
        let Opened { listener, address, held } = place::open(&address.place, methods)?;
        let (waker, woken) = UnixStream::pair().map_err(Failed::Before)?;
        let accepting = Arc::clone(&hall);
        let service = Service { hall, address, held, closing: Mutex::new(()), waker };
        threads::start("accept", threads::SMALL, move || accept_all(&accepting, &listener, &woken))
            .map_err(Failed::Before)?;
        Ok(service)
    }
}

enum Failed {
    /// It has nothing to do with the address.
    Before(io::Error),
    Listening(Failure),
}

impl From<Failure> for Failed {
    fn from(failure: Failure) -> Self {
        Failed::Listening(failure)
    }
}

fn accept_all(hall: &Arc<Hall>, listener: &Listener, woken: &UnixStream) {
    let mut is_told = false;
    loop {
        wait_for_either(listener, woken, None);
        loop {
            if hall.is_closed() {
                return;
            }
            match listener.accept() {
                Ok(Some(socket)) => hall.admit(socket),
                Ok(None) => break,
                Err(error) => {
                    if !std::mem::replace(&mut is_told, true) {
                        report(&format!("a connection can't be accepted: {error}"));
                    }
                    wait_for_either(woken, woken, Some(PAUSE));
                    continue;
                }
            }
            is_told = false;
        }
    }
}

impl Service {
    /// Where it listens, for those who connect. What is secret is to be added.
    #[must_use]
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// Connections that have greeted and are open.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.hall.connections()
    }

    /// Frees the name and accepts no more; refuses new requests with -32000, gives those that run
    /// [`Limits::grace`](crate::Limits::grace) to finish, and ends the connections when their answers have left. Returns
    /// when all of that is done; so do further calls.
    pub fn close(&self) {
        let _one_after_the_other = locks::lock(&self.closing);
        self.stop_accepting();
        self.hall.close();
    }

    /// Waits until it is closed, from another thread.
    pub fn wait(&self) {
        self.hall.wait();
    }

    fn stop_accepting(&self) {
        self.held.release();
        self.hall.lock_doors();
        // Refused, it is closed.
        let _ = self.waker.shutdown(Shutdown::Both);
    }
}

/// Ends all connections at once.
impl Drop for Service {
    fn drop(&mut self) {
        self.stop_accepting();
        self.hall.cut_all();
    }
}
