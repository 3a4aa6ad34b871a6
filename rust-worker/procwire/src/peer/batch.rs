//! The answers of one batch, gathered until the last has come.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use crate::locks;
use crate::wire::codec::Codec;

pub(crate) struct Batch {
    codec: Codec,
    limit: usize,
    /// Bytes that wait in all batches.
    waiting: Arc<AtomicUsize>,
    gathered: Mutex<Gathered>,
}

/// Bytes of the array itself, at most.
const AROUND: usize = 8;
/// Bytes of an error that says why an answer is not in the batch, besides its id.
const EXCUSE: usize = 192;

#[derive(Default)]
pub(crate) struct Gathered {
    /// Answers, each followed by the codec's separator.
    pub messages: Vec<u8>,
    pub count: usize,
    /// Whole frames that leave right after the array.
    pub logs: Vec<u8>,
    open: usize,
    /// Bytes kept free, so that there is room for an error in the place of every answer to come.
    reserved: usize,
}

impl Batch {
    /// For answers to these ids, at least one. Together they may have `limit` bytes, and are counted in `waiting`.
    pub fn new<'a>(
        codec: Codec,
        limit: usize,
        waiting: &Arc<AtomicUsize>,
        ids: impl Iterator<Item = Option<&'a [u8]>>,
    ) -> Self {
        let mut gathered = Gathered::default();
        for id in ids {
            gathered.open += 1;
            gathered.reserved += excuse(id);
        }
        // Where there is room for little else, results go first.
        gathered.reserved = gathered.reserved.min(limit / 2);
        Batch { codec, limit, waiting: Arc::clone(waiting), gathered: Mutex::new(gathered) }
    }

    /// Adds the answer to one id, and the frames that go after the array; `instead` writes a short error where there is
    /// no room for it. The last one takes everything.
    pub fn add(
        &self,
        id: Option<&[u8]>,
        message: &mut Vec<u8>,
        logs: &[u8],
        instead: impl FnOnce(&mut Vec<u8>),
    ) -> Option<Gathered> {
        let mut gathered = locks::lock(&self.gathered);
        gathered.reserved = gathered.reserved.saturating_sub(excuse(id));
        if gathered.messages.len() + message.len() + AROUND + gathered.reserved > self.limit {
            message.clear();
            instead(message);
        }
        let before = gathered.len();
        gathered.messages.extend_from_slice(message);
        gathered.messages.extend_from_slice(self.codec.separator());
        gathered.logs.extend_from_slice(logs);
        gathered.count += 1;
        gathered.open -= 1;
        if gathered.open > 0 {
            self.waiting.fetch_add(gathered.len() - before, Ordering::Relaxed);
            return None;
        }
        self.waiting.fetch_sub(before, Ordering::Relaxed);
        Some(std::mem::take(&mut *gathered))
    }
}

impl Gathered {
    fn len(&self) -> usize {
        self.messages.len() + self.logs.len()
    }
}

fn excuse(id: Option<&[u8]>) -> usize {
    EXCUSE + id.map_or(4, <[u8]>::len)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(count: u8) -> Vec<[u8; 1]> {
        (0..count).map(|id| [b'0' + id]).collect()
    }

    /// Answers of these sizes in one batch of JSON; what is in place of those that did not fit is as long as an excuse.
    fn lengths(limit: usize, sizes: &[usize]) -> (usize, Vec<usize>) {
        let ids = ids(sizes.len() as u8);
        let waiting = Arc::default();
        let batch = Batch::new(Codec::Json, limit, &waiting, ids.iter().map(|id| Some(&id[..])));
        let mut written = Vec::new();
        for (id, size) in ids.iter().zip(sizes) {
            let mut message = vec![b'x'; *size];
            let last = batch.add(Some(id), &mut message, b"", |out| out.resize(excuse(Some(id)) - 1, b'e'));
            written.push(message.len());
            let sum = written.iter().sum::<usize>() + written.len();
            match last {
                None => assert_eq!(waiting.load(Ordering::Relaxed), sum),
                Some(gathered) => {
                    assert_eq!(waiting.load(Ordering::Relaxed), 0);
                    return (gathered.messages.len() + AROUND, written);
                }
            }
        }
        unreachable!("the last answer takes everything");
    }

    #[test]
    fn a_batch_whose_answers_are_too_large_together_stays_below_the_limit() {
        let short = excuse(Some(b"0")) - 1;
        for sizes in [[4000, 4000, 4000, 4000], [10, 9000, 9000, 9000], [9700, 10, 10, 10], [20_000; 4]] {
            let (length, written) = lengths(10_000, &sizes);
            assert!(length <= 10_000, "{sizes:?}: {length}");
            assert!(written.iter().zip(sizes).all(|(written, size)| *written == size || *written == short));
        }
        assert_eq!(lengths(10_000, &[4000, 4000, 4000, 4000]).1, [4000, 4000, short, short]);
    }

    #[test]
    fn where_there_is_room_for_little_else_results_go_first() {
        assert_eq!(lengths(1000, &[50; 9]).1, [50; 9]);
    }
}
