//! The inputs of one request: what has come and waits for the handler, and how many more the caller may send.

use std::collections::VecDeque;
use std::mem;
use std::ops::Range;

/// Inputs of a request that may be under way or waiting for the handler, while they are small.
const MOST: usize = 1024;
/// With each message that comes, so many times as many inputs may be under way. At first it is one, as nobody knows how
/// large they are.
const GROWTH: usize = 32;
/// What is asked for may take this part of the bytes that may wait, if it is of the size of the largest yet.
const SHARE: usize = 16;

#[derive(Default)]
pub(crate) struct Input {
    /// The handler reads them.
    pub opened: bool,
    /// No more will come.
    pub ended: bool,
    /// Items asked for that have not come.
    granted: usize,
    arrived: VecDeque<Items>,
    /// Items in them.
    waiting: usize,
    /// Bytes of memory they take.
    bytes: usize,
    /// Bytes of the largest item yet.
    largest: usize,
    /// Messages that have come, as far as it matters.
    messages: u32,
}

/// Why inputs that have come are not taken.
#[derive(Debug, PartialEq)]
pub(crate) enum Refused {
    NotAskedFor,
    /// More bytes would wait than may.
    TooMuch,
}

impl Input {
    pub fn new(ended: bool) -> Self {
        Input { ended, ..Input::default() }
    }

    /// Items asked for that have not come: a message of more is wrong.
    pub fn expected(&self) -> usize {
        if self.ended { 0 } else { self.granted }
    }

    /// Takes items that have come. `limit` bytes may wait, and one message always.
    pub fn push(&mut self, items: Items, limit: usize) -> Result<(), Refused> {
        let count = items.len();
        if count > self.expected() {
            return Err(Refused::NotAskedFor);
        }
        if self.bytes > 0 && self.bytes + items.cost() > limit {
            return Err(Refused::TooMuch);
        }
        if count > 0 {
            self.granted -= count;
            self.waiting += count;
            self.bytes += items.cost();
            self.largest = self.largest.max(items.largest());
            self.messages = self.messages.saturating_add(1);
            self.arrived.push_back(items);
        }
        Ok(())
    }

    /// The items of the next message.
    pub fn next(&mut self) -> Option<Items> {
        let items = self.arrived.pop_front()?;
        self.waiting -= items.len();
        self.bytes -= items.cost();
        Some(items)
    }

    /// How many more to ask for, with `held` items in the handler's hands: few large requests instead of many small
    /// ones, and no standstill. Zero for not yet.
    pub fn ask(&mut self, held: usize, limit: usize) -> usize {
        let window = self.window(limit);
        let wanted = window.saturating_sub(self.granted + self.waiting + held);
        if self.ended || wanted * 2 < window {
            return 0;
        }
        self.granted += wanted;
        wanted
    }

    /// Items that may be under way or waiting.
    fn window(&self, limit: usize) -> usize {
        let grown = GROWTH.checked_pow(self.messages).unwrap_or(MOST);
        let fitting = limit / SHARE / self.largest.max(1);
        grown.min(fitting).clamp(1, MOST)
    }

    /// Nobody reads what waits any more.
    pub fn clear(&mut self) {
        drop(mem::take(&mut self.arrived));
        (self.waiting, self.bytes) = (0, 0);
    }
}

/// The items of one message, each in the codec's own bytes.
#[derive(Default)]
pub(crate) struct Items {
    bytes: Vec<u8>,
    items: VecDeque<Range<usize>>,
    cost: usize,
}

impl Items {
    /// Copies an encoded array and notes where its items lie in it.
    pub fn new(array: &[u8], items: &[&[u8]]) -> Self {
        let base = array.as_ptr() as usize;
        let place = |item: &&[u8]| {
            let start = item.as_ptr() as usize - base;
            start..start + item.len()
        };
        let items: VecDeque<_> = items.iter().map(place).collect();
        Items { bytes: array.to_vec(), cost: array.len() + items.len() * size_of::<Range<usize>>(), items }
    }

    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Bytes of memory it takes.
    fn cost(&self) -> usize {
        self.cost
    }

    fn largest(&self) -> usize {
        let items = self.items.iter().map(|item| item.len() + size_of::<Range<usize>>());
        items.max().unwrap_or_default()
    }

    pub fn next(&mut self) -> Option<&[u8]> {
        let range = self.items.pop_front()?;
        Some(&self.bytes[range])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: usize = 1 << 20;

    fn items(count: usize, size: usize) -> Items {
        let bytes = vec![b'1'; count * size];
        Items::new(&bytes, &bytes.chunks(size).collect::<Vec<_>>())
    }

    /// Takes what was asked for and reads all of it, in one message.
    fn round(input: &mut Input, asked: usize, size: usize) -> usize {
        input.push(items(asked, size), LIMIT).unwrap();
        input.next().unwrap();
        input.ask(0, LIMIT)
    }

    #[test]
    fn one_is_asked_for_at_first_and_a_window_while_they_are_small() {
        let mut input = Input::default();
        assert_eq!(input.ask(0, LIMIT), 1);
        assert_eq!(input.ask(0, LIMIT), 0);
        assert_eq!(round(&mut input, 1, 8), 32);
        assert_eq!(round(&mut input, 32, 8), 1024);
        for _ in 0..200 {
            assert_eq!(round(&mut input, 1024, 8), 1024);
        }
    }

    #[test]
    fn a_window_is_filled_again_when_half_of_it_is_used() {
        let mut input = Input { messages: 9, granted: MOST, ..Input::default() };
        input.push(items(MOST / 2 - 1, 1), LIMIT).unwrap();
        input.next();
        assert_eq!(input.ask(0, LIMIT), 0);
        input.push(items(1, 1), LIMIT).unwrap();
        input.next();
        assert_eq!(input.ask(1, LIMIT), 0);
        assert_eq!(input.ask(0, LIMIT), MOST / 2);
    }

    #[test]
    fn few_are_asked_for_while_they_are_large_and_never_none() {
        let mut input = Input::default();
        input.ask(0, LIMIT);
        assert_eq!(round(&mut input, 1, 16_000), 4);
        assert_eq!(round(&mut input, 4, 8), 4);
        assert_eq!(round(&mut input, 4, LIMIT), 1);
        assert_eq!(round(&mut input, 1, 2 * LIMIT), 1);
        input.push(items(1, 8), LIMIT).unwrap();
        assert_eq!(input.ask(0, LIMIT), 0);
        let held = input.next().unwrap();
        assert_eq!(input.ask(held.len(), LIMIT), 0);
        assert_eq!(input.ask(0, LIMIT), 1);
    }

    #[test]
    fn what_was_not_asked_for_is_refused() {
        let mut input = Input::default();
        assert_eq!(input.push(items(1, 1), LIMIT), Err(Refused::NotAskedFor));
        input.ask(0, LIMIT);
        assert_eq!(input.push(items(2, 1), LIMIT), Err(Refused::NotAskedFor));
        input.push(items(1, 1), LIMIT).unwrap();
        assert_eq!(input.push(items(1, 1), LIMIT), Err(Refused::NotAskedFor));
        input.next();
        input.ask(0, LIMIT);
        input.ended = true;
        assert_eq!(input.push(items(1, 1), LIMIT), Err(Refused::NotAskedFor));
    }

    #[test]
    fn bytes_that_wait_are_bounded_and_one_message_always_fits() {
        let mut input = Input { granted: 100, ..Input::default() };
        input.push(items(1, 2 * LIMIT), LIMIT).unwrap();
        assert_eq!(input.push(items(1, 1), LIMIT), Err(Refused::TooMuch));
        input.next();
        for _ in 0..2 {
            input.push(items(1, LIMIT / 2 - 100), LIMIT).unwrap();
        }
        assert_eq!(input.push(items(1, 1000), LIMIT), Err(Refused::TooMuch));
        input.next();
        input.push(items(1, 1000), LIMIT).unwrap();
        input.clear();
        assert_eq!((input.waiting, input.bytes), (0, 0));
    }

    #[test]
    fn items_come_out_of_a_message_as_they_lie_in_it() {
        let array = b"[1, \"x\"]";
        let mut items = Items::new(array, &[&array[1..2], &array[4..7]]);
        assert_eq!(items.next(), Some(&b"1"[..]));
        assert_eq!(items.next(), Some(&b"\"x\""[..]));
        assert_eq!(items.next(), None);
    }
}
