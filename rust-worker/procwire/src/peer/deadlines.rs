//! Calls whose time is limited. One thread for all of them, started with the first; it sleeps until the earliest deadline,
//! so that a handler need not read the clock to learn that its time is up.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, Weak};
use std::time::Instant;

use crate::locks;
use crate::peer::incoming::Call;
use crate::threads;

/// Who answers a call whose time is up.
pub(crate) trait Expire: Send + Sync + 'static {
    fn expire(&self, call: &Arc<Call>);
}

#[derive(Default)]
pub(crate) struct Deadlines {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// By time; the address tells calls of one moment apart.
    waiting: BTreeMap<(Instant, usize), Arc<Call>>,
    started: bool,
    closed: bool,
}

impl Deadlines {
    fn lock(&self) -> MutexGuard<'_, State> {
        locks::lock(&self.state)
    }

    /// Ends a call when its time is up, if it has a deadline; false when the system refuses the thread for that.
    pub fn watch<S: Expire>(self: &Arc<Self>, session: &Arc<S>, call: &Arc<Call>) -> bool {
        let Some(key) = key(call) else { return true };
        let mut state = self.lock();
        state.waiting.insert(key, Arc::clone(call));
        if !state.started && !state.closed {
            let (deadlines, session) = (Arc::clone(self), Arc::downgrade(session));
            state.started = threads::start("deadlines", threads::SMALL, move || deadlines.run(&session)).is_ok();
        } else if state.waiting.first_key_value().is_some_and(|(first, _)| *first == key) {
            self.changed.notify_one();
        }
        state.started || state.closed
    }

    /// The call has been answered.
    pub fn forget(&self, call: &Arc<Call>) {
        if let Some(key) = key(call) {
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
        while let Some(call) = self.next() {
            let Some(session) = link.upgrade() else { return };
            session.expire(&call);
        }
    }

    /// The next call whose time is up, when it is; `None` at the end.
    fn next(&self) -> Option<Arc<Call>> {
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

fn key(call: &Arc<Call>) -> Option<(Instant, usize)> {
    call.deadline.map(|deadline| (deadline, Arc::as_ptr(call) as usize))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::link::sink::Shared;
    use crate::threads::refusing;
    use crate::{Method, Worker};

    #[test]
    fn a_call_whose_time_nobody_would_watch_is_refused_and_others_are_served() {
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
    fn calls_come_in_the_order_of_their_deadlines_and_answered_ones_never() {
        let deadlines = Deadlines::default();
        let start = Instant::now();
        let put = |microseconds| {
            let call = Arc::new(Call::default().due(Some(start + Duration::from_micros(microseconds))));
            deadlines.lock().waiting.insert(key(&call).unwrap(), Arc::clone(&call));
            call
        };
        let (late, early, answered, same) = (put(300), put(100), put(200), put(300));
        deadlines.forget(&answered);
        assert!(Arc::ptr_eq(&deadlines.next().unwrap(), &early));
        let rest = [deadlines.next().unwrap(), deadlines.next().unwrap()];
        assert!(rest.iter().any(|call| Arc::ptr_eq(call, &late)) && rest.iter().any(|call| Arc::ptr_eq(call, &same)));
        assert!(Instant::now() >= start + Duration::from_micros(300));
        deadlines.close();
        assert!(deadlines.next().is_none());
    }
}
