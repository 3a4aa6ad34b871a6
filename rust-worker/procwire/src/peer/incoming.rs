//! Incoming requests in flight: one state each, so that each is answered exactly once.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use crate::fault::Fault;
use crate::locks;
use crate::peer::announcements::Announced;
use crate::peer::batch::Batch;
use crate::peer::credit::Input;
use crate::peer::flow::Flow;

/// One request that has been accepted.
///
/// States: open (queued or running) -> answered. Whoever moves it to answered answers; the others are silent.
#[derive(Default)]
pub(crate) struct Request {
    pub id: Vec<u8>,
    pub batch: Option<Arc<Batch>>,
    answered: AtomicBool,
    pub cancelled: AtomicBool,
    /// It was cancelled because its time was up.
    expired: AtomicBool,
    /// When its time is up.
    pub deadline: Option<Instant>,
    pub flow: Flow,
}

impl Request {
    pub fn new(id: &[u8], batch: Option<Arc<Batch>>) -> Self {
        Request { id: id.to_vec(), batch, ..Request::default() }
    }

    /// The same request, with what its caller said before.
    pub fn announced(mut self, announced: Announced) -> Self {
        let state = self.flow.get_mut();
        state.credit = announced.credit;
        state.input = announced.input.then(|| Input::new(announced.input_ended));
        self
    }

    /// The same request, with a deadline.
    pub fn due(mut self, deadline: Option<Instant>) -> Self {
        self.deadline = deadline;
        self
    }

    /// Its time is up: says so before the request is cancelled.
    pub fn expire(&self) {
        self.expired.store(true, Ordering::Relaxed);
    }

    fn is_expired(&self) -> bool {
        self.expired.load(Ordering::Relaxed)
    }

    /// True for the one caller that may answer.
    pub fn claim(&self) -> bool {
        self.answered.compare_exchange(false, true, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    pub fn is_answered(&self) -> bool {
        self.answered.load(Ordering::Acquire)
    }

    pub fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    /// Fails once the request is not wanted any more.
    pub fn check(&self) -> Result<(), Fault> {
        if self.is_cancelled() { Err(self.reason()) } else { Ok(()) }
    }

    /// Why the request is cancelled.
    #[cold]
    fn reason(&self) -> Fault {
        if self.is_expired() { Fault::deadline_exceeded() } else { Fault::cancelled() }
    }

    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
        self.flow.wake();
    }

    /// Makes a request that nobody else holds ready for the next inline request.
    pub fn reuse(&mut self, id: &[u8], batch: Option<Arc<Batch>>) {
        self.batch = batch;
        self.id.clear();
        self.id.extend_from_slice(id);
        self.flow.reset();
    }
}

/// The requests that have been accepted and not answered, by the bytes of their id.
#[derive(Default)]
pub(crate) struct Incoming {
    table: Mutex<HashMap<Vec<u8>, Arc<Request>>>,
    /// Size of the table, to look without the lock.
    open: AtomicUsize,
    /// Requests whose answer is not yet in the outbox.
    unsettled: Mutex<Unsettled>,
    settled: Condvar,
}

#[derive(Default)]
struct Unsettled {
    requests: usize,
    /// Threads that wait for there to be none. Waking nobody would still be a system call.
    waiters: usize,
}

impl Incoming {
    fn table(&self) -> MutexGuard<'_, HashMap<Vec<u8>, Arc<Request>>> {
        locks::lock(&self.table)
    }

    /// False if a request with this id is open.
    pub fn is_free(&self, id: &[u8]) -> bool {
        self.open.load(Ordering::Acquire) == 0 || !self.table().contains_key(id)
    }

    pub fn insert(&self, request: &Arc<Request>) {
        let mut table = self.table();
        table.insert(request.id.clone(), Arc::clone(request));
        self.open.store(table.len(), Ordering::Release);
        drop(table);
        self.unsettled().requests += 1;
    }

    /// Frees the id, before the answer leaves, so that the peer may use it again at once.
    pub fn remove(&self, id: &[u8]) {
        let mut table = self.table();
        table.remove(id);
        self.open.store(table.len(), Ordering::Release);
    }

    pub fn get(&self, id: &[u8]) -> Option<Arc<Request>> {
        if self.open.load(Ordering::Acquire) == 0 {
            return None;
        }
        self.table().get(id).cloned()
    }

    pub fn all(&self) -> Vec<Arc<Request>> {
        self.table().values().cloned().collect()
    }

    /// Something of one request is on its way to the outbox: to be settled like another request.
    pub fn hold(&self) {
        self.unsettled().requests += 1;
    }

    /// The answer of one request is in the outbox.
    pub fn settle(&self) {
        let mut unsettled = self.unsettled();
        unsettled.requests -= 1;
        if unsettled.requests == 0 && unsettled.waiters > 0 {
            self.settled.notify_all();
        }
    }

    /// Waits until every answer is in the outbox; false if the deadline came first.
    pub fn wait_settled(&self, deadline: Instant) -> bool {
        let mut unsettled = self.unsettled();
        while unsettled.requests > 0 {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            let tick = left.min(Duration::from_millis(50));
            unsettled.waiters += 1;
            unsettled = locks::wait_timeout(&self.settled, unsettled, tick);
            unsettled.waiters -= 1;
        }
        true
    }

    fn unsettled(&self) -> MutexGuard<'_, Unsettled> {
        locks::lock(&self.unsettled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_of_many_threads_may_answer() {
        let request = Request::new(b"1", None);
        let winners: usize = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| usize::from(request.claim()))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!(winners, 1);
    }

    #[test]
    fn an_id_is_free_again_once_its_request_is_removed() {
        let requests = Incoming::default();
        assert!(requests.is_free(b"1"));
        requests.insert(&Arc::new(Request::new(b"1", None)));
        assert!(!requests.is_free(b"1"));
        assert!(requests.is_free(b"\"1\""));
        requests.remove(b"1");
        assert!(requests.is_free(b"1"));
    }
}
