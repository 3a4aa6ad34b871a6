//! The requests of a channel that have no outcome yet, and what waits for a worker to be sent to.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

use crate::client::line::Line;
use crate::client::pending::Pending;
use crate::error::Error;

/// Ids are ours and count up, so any spread will do.
#[derive(Default)]
pub(crate) struct IdHasher(u64);

impl Hasher for IdHasher {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64(u64::from(*byte)));
    }

    fn write_u64(&mut self, id: u64) {
        self.0 = (self.0.rotate_left(5) ^ id).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// A framed message that waits for a worker.
pub(crate) struct Parked {
    /// The request it is; `None` for what is no request.
    pub id: Option<u64>,
    pub frame: Vec<u8>,
}

#[derive(Default)]
pub(crate) struct Table {
    open: HashMap<u64, Entry, BuildHasherDefault<IdHasher>>,
    /// The worker that is spoken to.
    pub line: Option<Arc<dyn Line>>,
    /// The one that was spoken to last.
    pub last: Option<Arc<dyn Line>>,
    parked: VecDeque<Parked>,
    parked_bytes: usize,
    /// Why there will be no worker any more.
    pub end: Option<Error>,
}

struct Entry {
    pending: Arc<Pending>,
    /// Its bytes, as long as it may have to be sent again.
    frame: Option<Vec<u8>>,
    is_sent: bool,
}

impl Table {
    pub fn len(&self) -> usize {
        self.open.len()
    }

    /// Notes a request that is about to be sent.
    pub fn insert(&mut self, pending: Arc<Pending>, frame: &[u8]) {
        let frame = pending.is_idempotent().then(|| frame.to_vec());
        let is_sent = self.line.is_some();
        self.open.insert(pending.id, Entry { pending, frame, is_sent });
    }

    pub fn get(&self, id: u64) -> Option<&Arc<Pending>> {
        self.open.get(&id).map(|entry| &entry.pending)
    }

    /// Takes a request out: whoever does so settles it. Tells whether it was sent.
    pub fn take(&mut self, id: u64) -> Option<(Arc<Pending>, bool)> {
        let Entry { pending, is_sent, .. } = self.open.remove(&id)?;
        if !is_sent {
            self.parked.retain(|parked| parked.id != Some(id));
            self.parked_bytes = self.parked.iter().map(|parked| parked.frame.len()).sum();
        }
        Some((pending, is_sent))
    }

    /// Keeps a message until there is a worker. False when too many bytes wait.
    pub fn park(&mut self, parked: Parked, limit: usize) -> bool {
        if self.parked_bytes > 0 && self.parked_bytes + parked.frame.len() > limit {
            return false;
        }
        self.parked_bytes += parked.frame.len();
        self.parked.push_back(parked);
        true
    }

    /// There is a worker: what waited is sent to it.
    pub fn unpark(&mut self, line: &Arc<dyn Line>) -> Vec<u8> {
        self.line = Some(Arc::clone(line));
        self.last = Some(Arc::clone(line));
        self.parked_bytes = 0;
        let mut frames = Vec::new();
        for Parked { id, frame } in self.parked.drain(..) {
            frames.extend_from_slice(&frame);
            if let Some(entry) = id.and_then(|id| self.open.get_mut(&id)) {
                entry.is_sent = true;
            }
        }
        frames
    }

    /// The worker is gone. Takes out what was sent to it, but for what `again` wants to have sent once more, which waits
    /// for the next one, first of all.
    pub fn disconnect(&mut self, mut again: impl FnMut(&Pending) -> bool) -> Vec<Arc<Pending>> {
        self.line = None;
        let mut sent: Vec<u64> = self.open.iter().filter(|(_, entry)| entry.is_sent).map(|(id, _)| *id).collect();
        sent.sort_unstable();
        let mut lost = Vec::new();
        for id in sent.into_iter().rev() {
            let entry = self.open.get_mut(&id).expect("it is there");
            match entry.frame.clone() {
                Some(frame) if again(&entry.pending) => {
                    entry.is_sent = false;
                    self.parked_bytes += frame.len();
                    self.parked.push_front(Parked { id: Some(id), frame });
                }
                _ => lost.extend(self.open.remove(&id).map(|entry| entry.pending)),
            }
        }
        lost.reverse();
        lost
    }

    /// Takes out everything, with whether it was sent.
    pub fn clear(&mut self) -> Vec<(Arc<Pending>, bool)> {
        self.parked.clear();
        self.parked_bytes = 0;
        let mut all: Vec<_> = self.open.drain().map(|(_, entry)| (entry.pending, entry.is_sent)).collect();
        all.sort_unstable_by_key(|(pending, _)| pending.id);
        all
    }
}
