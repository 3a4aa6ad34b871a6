//! Sends the items of handlers that compute on without saying more. One thread for all streams, started with the first
//! item that has to wait; it looks twice a millisecond while streams have something to say, and sleeps when they have not.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::{self, Thread};
use std::time::Duration;

use crate::calls::Call;
use crate::session::Session;

const TICK: Duration = Duration::from_micros(500);
/// Looks in vain after which it sleeps until it is woken.
const PATIENCE: u32 = 20;

#[derive(Default)]
pub(crate) struct Flusher {
    watched: Mutex<Watched>,
    asleep: AtomicBool,
}

#[derive(Default)]
struct Watched {
    calls: Vec<Arc<Call>>,
    thread: Option<Thread>,
    closed: bool,
}

impl Flusher {
    fn lock(&self) -> MutexGuard<'_, Watched> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks after a stream from now on.
    pub fn watch(&self, session: &Arc<Session>, call: &Arc<Call>) {
        let mut watched = self.lock();
        watched.calls.push(Arc::clone(call));
        if watched.thread.is_none() && !watched.closed {
            let session = Arc::downgrade(session);
            let thread = thread::Builder::new().name("flusher".into()).spawn(move || run(&session));
            watched.thread = Some(thread.expect("the system refuses a thread for streams").thread().clone());
        }
    }

    pub fn forget(&self, call: &Arc<Call>) {
        self.lock().calls.retain(|watched| !Arc::ptr_eq(watched, call));
    }

    /// Called after an item was put where there was none.
    pub fn wake(&self) {
        if self.asleep.load(Ordering::Acquire) {
            if let Some(thread) = &self.lock().thread {
                thread.unpark();
            }
        }
    }

    pub fn close(&self) {
        let mut watched = self.lock();
        watched.closed = true;
        if let Some(thread) = &watched.thread {
            thread.unpark();
        }
    }

    /// True if any stream had something to say.
    fn look(&self, session: &Arc<Session>) -> bool {
        let (mut found, mut put) = (false, false);
        for call in &self.lock().calls {
            // A handler that holds the lock is about to say something itself.
            let Some(mut state) = call.talk.try_lock() else {
                found = true;
                continue;
            };
            if state.count > 0 {
                found = true;
                if session.outbox.pending() <= session.outbox.limit() {
                    session.put_items(call, &mut state);
                    put = true;
                }
            }
        }
        if put {
            session.outbox.pump_now();
        }
        found
    }
}

fn run(link: &Weak<Session>) {
    let mut in_vain = 0;
    while let Some(session) = link.upgrade() {
        let flusher = &session.flusher;
        if flusher.lock().closed {
            return;
        }
        in_vain = if flusher.look(&session) { 0 } else { in_vain + 1 };
        if in_vain < PATIENCE {
            drop(session);
            thread::park_timeout(TICK);
            continue;
        }
        in_vain = 0;
        // An item put before this is found by the second look; one put after it sees that we sleep.
        flusher.asleep.store(true, Ordering::SeqCst);
        let stays_awake = flusher.look(&session) || flusher.lock().closed;
        drop(session);
        if !stays_awake {
            thread::park();
        }
        if let Some(session) = link.upgrade() {
            session.flusher.asleep.store(false, Ordering::SeqCst);
        }
    }
}
