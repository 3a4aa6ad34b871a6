//! Text between the messages: a few prints are a nuisance, a flood means that the other side is no worker.

use std::time::{Duration, Instant};

const WINDOW: Duration = Duration::from_secs(60);
/// A stray line counts as at least so many bytes: a flood of short ones costs more than its length.
const LEAST: usize = 64;

pub(crate) struct Noise {
    limit: usize,
    window: Option<Instant>,
    spent: usize,
}

impl Noise {
    pub fn new(limit: usize) -> Self {
        Noise { limit, window: None, spent: 0 }
    }

    /// Whether so many bytes more are still borne.
    pub fn spend(&mut self, bytes: usize) -> bool {
        let now = Instant::now();
        if self.window.is_none_or(|start| now - start >= WINDOW) {
            self.window = Some(now);
            self.spent = 0;
        }
        self.spent = self.spent.saturating_add(bytes.max(LEAST));
        self.spent <= self.limit
    }
}
