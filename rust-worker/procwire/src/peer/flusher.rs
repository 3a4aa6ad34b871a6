//! Sends the items of handlers that compute on without saying more. One thread for all streams, started with the first
//! item that has to wait; it looks twice a millisecond while streams have something to say, and sleeps when they have not.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Weak};
use std::thread::{self, Thread};
use std::time::Duration;

use crate::locks;
use crate::peer::flow::State;
use crate::peer::incoming::Request;
use crate::threads;

const TICK: Duration = Duration::from_micros(500);
/// Looks in vain after which it sleeps until it is woken.
const PATIENCE: u32 = 20;

/// Whose items are sent.
pub(crate) trait Flush: Send + Sync + 'static {
    fn flusher(&self) -> &Flusher;
    /// Puts the items of a request that wait into the outbox, if it has room.
    fn flush(&self, request: &Request, state: &mut State) -> bool;
    /// Writes what can be written without waiting.
    fn pump(&self);
}

#[derive(Default)]
pub(crate) struct Flusher {
    watched: Mutex<Watched>,
    asleep: AtomicBool,
}

#[derive(Default)]
struct Watched {
    requests: Vec<Arc<Request>>,
    thread: Option<Thread>,
    closed: bool,
}

impl Flusher {
    fn lock(&self) -> MutexGuard<'_, Watched> {
        locks::lock(&self.watched)
    }

    /// Looks after a stream from now on; false when the system refuses the thread for it.
    pub fn watch<S: Flush>(&self, session: &Arc<S>, request: &Arc<Request>) -> bool {
        let mut watched = self.lock();
        if watched.thread.is_none() && !watched.closed {
            let session = Arc::downgrade(session);
            watched.thread = threads::start("flusher", threads::SMALL, move || run(&session)).ok();
        }
        let watches = watched.thread.is_some();
        if watches {
            watched.requests.push(Arc::clone(request));
        }
        watches
    }

    pub fn forget(&self, request: &Arc<Request>) {
        self.lock().requests.retain(|watched| !Arc::ptr_eq(watched, request));
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
    fn look(&self, session: &impl Flush) -> bool {
        let (mut found, mut put) = (false, false);
        for request in &self.lock().requests {
            // A handler that holds the lock is about to say something itself.
            let Some(mut state) = request.flow.try_lock() else {
                found = true;
                continue;
            };
            if state.count > 0 {
                found = true;
                put |= session.flush(request, &mut state);
            }
        }
        if put {
            session.pump();
        }
        found
    }
}

fn run<S: Flush>(link: &Weak<S>) {
    let mut in_vain = 0;
    while let Some(session) = link.upgrade() {
        let flusher = session.flusher();
        if flusher.lock().closed {
            return;
        }
        in_vain = if flusher.look(&*session) { 0 } else { in_vain + 1 };
        if in_vain < PATIENCE {
            drop(session);
            thread::park_timeout(TICK);
            continue;
        }
        in_vain = 0;
        // An item put before this is found by the second look; one put after it sees that we sleep.
        flusher.asleep.store(true, Ordering::SeqCst);
        let stays_awake = flusher.look(&*session) || flusher.lock().closed;
        drop(session);
        if !stays_awake {
            thread::park();
        }
        if let Some(session) = link.upgrade() {
            session.flusher().asleep.store(false, Ordering::SeqCst);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::link::sink::Shared;
    use crate::threads::refusing;
    use crate::{Method, Stream, Worker};

    #[test]
    fn without_a_thread_to_flush_them_items_leave_one_by_one() {
        let output = Shared::default();
        let seen = output.clone();
        let worker = Worker::new().register(Method::stream("slow", move |(): (), out: &mut Stream<'_>| {
            refusing::after(0);
            for item in 0..3 {
                out.send(&item)?;
                // The handler says nothing more until the item has left.
                let expected = format!(r#""items":[{item}]"#);
                let deadline = Instant::now() + Duration::from_secs(20);
                while !seen.text().contains(&expected) && Instant::now() < deadline {
                    thread::yield_now();
                }
            }
            Ok(())
        }));
        let input = br#"{"jsonrpc":"2.0","method":"$/stream/pull","params":{"id":1,"count":100}}
            {"jsonrpc":"2.0","id":1,"method":"slow"}"#;
        worker.serve(&input[..], output.clone()).unwrap();
        let text = output.text();
        assert!((0..3).all(|item| text.contains(&format!(r#""items":[{item}]"#))), "{text}");
    }
}
