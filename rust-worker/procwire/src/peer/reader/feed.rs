//! Reading that others drive: they read into the splitter, and say so.

use std::io;

use super::{Reader, Serve};
use crate::link::source::Source;
use crate::wire::framing::Splitter;

/// Nobody waits for the other side here.
struct Driven;

impl Source for Driven {
    fn read(&mut self, _: &mut Vec<u8>) -> io::Result<usize> {
        Ok(0)
    }
}

impl<S: Serve> Reader<S> {
    /// Handles the whole frames among what was read, and tells how many there were.
    pub fn feed(&mut self, splitter: &mut Splitter) -> io::Result<usize> {
        self.drain(splitter, Splitter::next, &Driven)
    }

    /// As [`Reader::feed`], when nothing more will be read.
    pub fn feed_last(&mut self, splitter: &mut Splitter) -> io::Result<usize> {
        self.drain(splitter, Splitter::finish, &Driven)
    }
}
