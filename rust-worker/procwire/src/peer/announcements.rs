//! What the peer says about a request before it sends the request itself.

use std::collections::HashMap;

/// Announcements of requests that never come must not fill the memory; the oldest go first.
const MOST: usize = 1024;
/// Ids longer than this are not kept.
const LONGEST_ID: usize = 1024;

/// What was said about one request.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
pub(crate) struct Announced {
    /// How many items of a streamed answer the caller takes; 0 when it wants none.
    pub credit: u64,
    /// A stream of inputs goes with the request.
    pub input: bool,
    /// And that stream has ended already.
    pub input_ended: bool,
}

/// Announcements of requests that have not arrived yet, by the bytes of their id.
#[derive(Default)]
pub(crate) struct Announcements {
    /// With the time each was made, as a running number.
    by_id: HashMap<Vec<u8>, (u64, Announced)>,
    made: u64,
}

impl Announcements {
    /// Notes something about the request `id`.
    pub fn note(&mut self, id: &[u8], change: impl FnOnce(&mut Announced)) {
        if id.len() > LONGEST_ID {
            return;
        }
        if let Some((_, announced)) = self.by_id.get_mut(id) {
            return change(announced);
        }
        if self.by_id.len() >= MOST {
            self.drop_oldest();
        }
        let mut announced = Announced::default();
        change(&mut announced);
        self.made += 1;
        self.by_id.insert(id.to_vec(), (self.made, announced));
    }

    /// Notes something about a request that was announced already.
    pub fn amend(&mut self, id: &[u8], change: impl FnOnce(&mut Announced)) {
        if let Some((_, announced)) = self.by_id.get_mut(id) {
            change(announced);
        }
    }

    /// What was said about the request, which has come, or never will.
    pub fn take(&mut self, id: &[u8]) -> Announced {
        if self.by_id.is_empty() {
            return Announced::default();
        }
        self.by_id.remove(id).unwrap_or_default().1
    }

    fn drop_oldest(&mut self) {
        let oldest = self.by_id.iter().min_by_key(|(_, (made, _))| *made).map(|(id, _)| id.clone());
        if let Some(id) = oldest {
            self.by_id.remove(&id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_announcement_is_kept_until_it_is_taken() {
        let mut announcements = Announcements::default();
        announcements.note(b"1", |announced| announced.credit += 5);
        announcements.note(b"1", |announced| announced.credit += 2);
        assert_eq!(announcements.take(b"2"), Announced::default());
        assert_eq!(announcements.take(b"1").credit, 7);
        assert_eq!(announcements.take(b"1").credit, 0);
    }

    #[test]
    fn the_oldest_go_when_there_are_too_many() {
        let mut announcements = Announcements::default();
        for id in 0..=MOST {
            announcements.note(id.to_string().as_bytes(), |announced| announced.input = true);
        }
        assert!(!announcements.take(b"0").input);
        assert!(announcements.take(b"1").input);
        assert!(announcements.take(MOST.to_string().as_bytes()).input);
        announcements.note(&[b'9'; LONGEST_ID + 1], |announced| announced.input = true);
        assert!(!announcements.take(&[b'9'; LONGEST_ID + 1]).input);
    }
}
