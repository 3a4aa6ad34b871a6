//! Requests whose time is limited. One thread for all of them, started with the first; it sleeps until the earliest deadline,
//! so that a handler need not read the clock to learn that its time is up.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, Weak};
use std::time::Instant;

use crate::locks;
use crate::peer::incoming::Request;
use crate::threads;

/// Who answers a request whose time is up.
pub(crate) trait Expire: Send + Sync + 'static {
    fn expire(&self, request: &Arc<Request>);
}

#[derive(Default)]
pub(crate) struct Deadlines {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// By time; the address tells requests of one moment apart.
    waiting: BTreeMap<(Instant, usize), Arc<Request>>,
    started: bool,
    closed: bool,
}

impl Deadlines {
    fn lock(&self) -> MutexGuard<'_, State> {
        locks::lock(&self.state)
    }

    /// Ends a request when its time is up, if it has a deadline; false when the system refuses the thread for that.
    pub fn watch<S: Expire>(self: &Arc<Self>, session: &Arc<S>, request: &Arc<Request>) -> bool {
        let Some(key) = key(request) else { return true };
        let mut state = self.lock();
        state.waiting.insert(key, Arc::clone(request));
        if !state.started && !state.closed {
            let (deadlines, session) = (Arc::clone(self), Arc::downgrade(session));
            state.started = threads::start("deadlines", threads::SMALL, move || deadlines.run(&session)).is_ok();
        } else if state.waiting.first_key_value().is_some_and(|(first, _)| *first == key) {
            self.changed.notify_one();
        }
        state.started || state.closed
    }

    /// The request has been answered.
    pub fn forget(&self, request: &Arc<Request>) {
        if let Some(key) = key(request) {
            self.lock().waiting.remove(&key);
        }
    }

    pub fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        state.waiting.clear();
        self.changed.notify_one();
    }

    fn run<S: Expire>(&self, link: &Weak<S>) {
        while let Some(request) = self.next() {
            let Some(session) = link.upgrade() else { return };
            session.expire(&request);
        }
    }

    /// The next request whose time is up, when it is; `None` at the end.
    fn next(&self) -> Option<Arc<Request>> {
        let mut state = self.lock();
        while !state.closed {
            let now = Instant::now();
            state = match state.waiting.first_entry() {
                Some(first) if first.key().0 <= now => return Some(first.remove()),
                Some(first) => {
                    let left = first.key().0 - now;
                    locks::wait_timeout(&self.changed, state, left)
                }
                None => locks::wait(&self.changed, state),
            };
        }
        None
    }
}

fn key(request: &Arc<Request>) -> Option<(Instant, usize)> {
    request.deadline.map(|deadline| (deadline, Arc::as_ptr(request) as usize))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::link::sink::Shared;
    use crate::threads::refusing;
    use crate::{Method, Worker};

    #[test]
    fn a_request_whose_time_nobody_would_watch_is_refused_and_others_are_served() {
        let worker = Worker::new()
            .threads(1)
            .method("free", |(): ()| Ok(1))
            .register(Method::new("limited", |(): ()| Ok(2)).deadline(Duration::from_secs(3600)));
        let input = br#"{"jsonrpc":"2.0","id":1,"method":"free"}
            {"jsonrpc":"2.0","id":2,"method":"limited"}
            {"jsonrpc":"2.0","id":3,"method":"free"}"#;
        let output = Shared::default();
        // For the writer and the pool.
        refusing::after(2);
        worker.serve(&input[..], output.clone()).unwrap();
        refusing::no_more();
        let text = output.text();
        assert!(text.contains(r#"{"jsonrpc":"2.0","id":2,"error":{"code":-32000,"message":"busy""#), "{text}");
        assert!(text.contains(r#""id":1,"result":1"#) && text.contains(r#""id":3,"result":1"#), "{text}");
    }

    #[test]
    fn requests_come_in_the_order_of_their_deadlines_and_answered_ones_never() {
        let deadlines = Deadlines::default();
        let start = Instant::now();
        let put = |microseconds| {
            let request = Arc::new(Request::default().due(Some(start + Duration::from_micros(microseconds))));
            deadlines.lock().waiting.insert(key(&request).unwrap(), Arc::clone(&request));
            request
        };
        let (late, early, answered, same) = (put(300), put(100), put(200), put(300));
        deadlines.forget(&answered);
        assert!(Arc::ptr_eq(&deadlines.next().unwrap(), &early));
        let rest = [deadlines.next().unwrap(), deadlines.next().unwrap()];
        assert!(
            rest.iter().any(|request| Arc::ptr_eq(request, &late))
                && rest.iter().any(|request| Arc::ptr_eq(request, &same))
        );
        assert!(Instant::now() >= start + Duration::from_micros(300));
        deadlines.close();
        assert!(deadlines.next().is_none());
    }
}
