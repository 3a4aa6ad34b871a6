//! Who is there: those who have not greeted, and the open connections.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::net::Shutdown;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use super::guests::Guest;
use crate::link::socket::greeting::{Speech, refusal};
use crate::link::socket::{Connection, Socket, tls};
use crate::link::stdio::report;
use crate::locks;
use crate::peer::session::Session;
use crate::threads;
use crate::worker::serving::Serving;

/// How long answers may take to leave when the grace is over, and how long a connection that was cut.
const LAST_WRITE: Duration = Duration::from_millis(500);
/// How long the other side may take to close.
const CLOSE: Duration = Duration::from_secs(2);
/// Clients can make errors as they like: so many are told.
const MOST_COMPLAINTS: usize = 100;

/// What greetings are judged by, and how connections are served.
pub(super) struct Manner {
    pub token: Option<String>,
    pub tls: Option<tls::Service>,
    pub speech: Speech,
    pub is_local: bool,
    pub grace: Duration,
    pub spin: Duration,
}

pub(super) struct Hall {
    serving: Serving,
    pub manner: Manner,
    rooms: Mutex<Rooms>,
    changed: Condvar,
    complaints: AtomicUsize,
}

#[derive(Default)]
struct Rooms {
    /// In the order of their arrival.
    guests: BTreeMap<u64, Arc<Guest>>,
    open: HashMap<u64, Open>,
    arrivals: u64,
    is_closed: bool,
}

struct Open {
    socket: Arc<Socket>,
    session: Arc<Session>,
}

impl Hall {
    pub fn new(serving: Serving, manner: Manner) -> Self {
        Hall { serving, manner, rooms: Mutex::default(), changed: Condvar::new(), complaints: AtomicUsize::new(0) }
    }

    fn lock(&self) -> MutexGuard<'_, Rooms> {
        locks::lock(&self.rooms)
    }

    pub fn is_closed(&self) -> bool {
        self.lock().is_closed
    }

    pub fn connections(&self) -> usize {
        self.lock().open.len()
    }

    /// Of our process, where those at the other end may know it.
    pub fn pid(&self) -> Option<u32> {
        self.manner.is_local.then(std::process::id)
    }

    /// Takes in whoever was accepted. When it is full, the guest that has waited longest has to go.
    pub fn admit(self: &Arc<Self>, socket: Socket) {
        let guest = Arc::new(Guest { socket: Arc::new(socket), is_sent_away: AtomicBool::new(false) });
        let mut rooms = self.lock();
        if rooms.guests.len() + rooms.open.len() >= self.serving.limits.connections.max(1) {
            match rooms.guests.pop_first() {
                Some((_, longest)) => longest.send_away(),
                None => {
                    drop(rooms);
                    return self.turn_away(&guest.socket);
                }
            }
        }
        rooms.arrivals += 1;
        let number = rooms.arrivals;
        rooms.guests.insert(number, Arc::clone(&guest));
        drop(rooms);
        let here = Presence { hall: Arc::clone(self), number, socket: Arc::clone(&guest.socket) };
        let receive = move || here.receive(&guest);
        if let Err(error) = threads::start("connection", threads::LARGE, receive) {
            // What was to run there is dropped, and with it the guest is gone.
            self.complain(&error);
        }
    }

    /// Nobody waits for it: it gets a word, if it takes that now.
    fn turn_away(&self, socket: &Socket) {
        if self.manner.tls.is_none() {
            // Refused, it has gone already.
            let _ = socket.write_now(&refusal("full", self.pid()));
        }
        socket.shutdown(Shutdown::Both);
    }

    pub fn complain(&self, error: &io::Error) {
        let told = self.complaints.fetch_add(1, Ordering::Relaxed);
        if told < MOST_COMPLAINTS {
            report(&format!("a connection of the service: {error}"));
        }
    }

    /// Nobody else comes in, and whoever has not greeted has to go.
    pub fn lock_doors(&self) {
        let mut rooms = self.lock();
        rooms.is_closed = true;
        rooms.guests.values().for_each(|guest| guest.send_away());
        drop(rooms);
        self.changed.notify_all();
    }

    fn all(&self) -> Vec<(Arc<Socket>, Arc<Session>)> {
        let rooms = self.lock();
        rooms.open.values().map(|open| (Arc::clone(&open.socket), Arc::clone(&open.session))).collect()
    }

    /// Lets what runs finish within the grace, and ends all connections.
    pub fn close(&self) {
        let all = self.all();
        let now = Instant::now();
        let until = now.checked_add(self.manner.grace).unwrap_or(now + Duration::from_secs(10 * 365 * 24 * 3600));
        all.iter().for_each(|(_, session)| session.refuse_all());
        for (socket, session) in &all {
            session.incoming.wait_settled(until);
            session.outbox.wait_below(0, Some(until.min(Instant::now() + CLOSE).max(Instant::now() + LAST_WRITE)));
            socket.shutdown(Shutdown::Write);
        }
        if !self.wait_empty(CLOSE) {
            self.cut_all();
            self.wait_empty(LAST_WRITE);
        }
    }

    pub fn cut_all(&self) {
        self.all().iter().for_each(|(socket, _)| socket.shutdown(Shutdown::Both));
    }

    fn wait_empty(&self, at_most: Duration) -> bool {
        let until = Instant::now() + at_most;
        let mut rooms = self.lock();
        while !(rooms.open.is_empty() && rooms.guests.is_empty()) {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            rooms = locks::wait_timeout(&self.changed, rooms, left);
        }
        true
    }

    /// Waits until it is closed and empty.
    pub fn wait(&self) {
        let mut rooms = self.lock();
        while !rooms.is_closed || !rooms.open.is_empty() {
            rooms = locks::wait(&self.changed, rooms);
        }
    }
}

/// One connection, as long as it is there, whatever becomes of its thread.
pub(super) struct Presence {
    pub hall: Arc<Hall>,
    number: u64,
    socket: Arc<Socket>,
}

impl Presence {
    /// Serves a connection that has greeted. Its first line of ours is the answer to that.
    pub fn serve(&self, connection: Connection, mut welcome: Vec<u8>) -> io::Result<()> {
        let (mut ear, sink) = connection.split(self.hall.manner.spin)?;
        let socket = Arc::clone(&self.socket);
        // Whoever does not hear us is not listened to.
        let served = self.hall.serving.open(sink, Box::new(move |_| socket.shutdown(Shutdown::Both)));
        served.session.outbox.start_helper()?;
        if !self.open(&served.session) {
            served.session.end("", Duration::ZERO);
            return Ok(());
        }
        served.session.outbox.send_now(&mut welcome);
        served.run(&mut ear).map(drop)
    }

    /// False when it was sent away meanwhile.
    fn open(&self, session: &Arc<Session>) -> bool {
        let mut rooms = self.hall.lock();
        if rooms.is_closed || rooms.guests.remove(&self.number).is_none() {
            return false;
        }
        let open = Open { socket: Arc::clone(&self.socket), session: Arc::clone(session) };
        rooms.open.insert(self.number, open);
        true
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        // Somebody may have duplicates of it, for as long as a handler runs.
        self.socket.shutdown(Shutdown::Both);
        let mut rooms = self.hall.lock();
        let guest = rooms.guests.remove(&self.number);
        let open = rooms.open.remove(&self.number);
        drop(rooms);
        self.hall.changed.notify_all();
        drop((guest, open));
    }
}

impl std::fmt::Debug for Hall {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hall").field("connections", &self.connections()).finish_non_exhaustive()
    }
}
