//! The answers of one batch, gathered until the last has come.

use std::sync::{Mutex, PoisonError};

use crate::codec::Codec;

pub(crate) struct Batch {
    codec: Codec,
    gathered: Mutex<Gathered>,
}

#[derive(Default)]
pub(crate) struct Gathered {
    /// Answers, each followed by the codec's separator.
    pub messages: Vec<u8>,
    pub count: usize,
    /// Whole frames that leave right after the array.
    pub logs: Vec<u8>,
    open: usize,
}

impl Batch {
    /// For `open` answers, at least one.
    pub fn new(codec: Codec, open: usize) -> Self {
        Batch { codec, gathered: Mutex::new(Gathered { open, ..Gathered::default() }) }
    }

    /// Bytes gathered so far.
    pub fn len(&self) -> usize {
        self.gathered.lock().unwrap_or_else(PoisonError::into_inner).messages.len()
    }

    /// Adds one answer, and the frames that go after the array. The last one takes everything.
    pub fn add(&self, message: &[u8], logs: &[u8]) -> Option<Gathered> {
        let mut gathered = self.gathered.lock().unwrap_or_else(PoisonError::into_inner);
        gathered.messages.extend_from_slice(message);
        gathered.messages.extend_from_slice(self.codec.separator());
        gathered.logs.extend_from_slice(logs);
        gathered.count += 1;
        gathered.open -= 1;
        (gathered.open == 0).then(|| std::mem::take(&mut *gathered))
    }
}
