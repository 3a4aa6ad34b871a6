//! What a worker's words are read with.

use std::io;

use crate::client::hearing::Hearing;
use crate::error::Error;
use crate::link::child::Words;
use crate::locks;
use crate::peer::reader::Reader;
use crate::wire::framing::Splitter;

/// What is read with, by whoever does.
pub(crate) struct Reading {
    pub reader: Reader<Hearing>,
    pub splitter: Splitter,
    pub words: Words,
    /// Nothing more will come.
    pub is_over: bool,
}

pub(crate) enum Turn {
    /// So many frames came.
    Read(usize),
    Nothing,
}

impl Reading {
    /// Reads once, and handles what came.
    pub fn turn(&mut self, fatal: &locks::First<Error>) -> Turn {
        let Reading { reader, splitter, words, is_over } = self;
        if *is_over {
            return Turn::Nothing;
        }
        let would_wait = || io::Error::from(io::ErrorKind::WouldBlock);
        let read = splitter.buffer.fill(|bytes| words.read_now(bytes).and_then(|count| count.ok_or_else(would_wait)));
        let frames = match read {
            Ok(0) => {
                *is_over = true;
                reader.feed_last(splitter)
            }
            Ok(_) => reader.feed(splitter),
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {
                return Turn::Nothing;
            }
            // The exit, or that there is none, says more than a broken pipe.
            Err(_) => {
                *is_over = true;
                return Turn::Nothing;
            }
        };
        match frames {
            Ok(frames) => Turn::Read(frames),
            // The last words of one that was ended are torn.
            Err(_) if *is_over => Turn::Nothing,
            Err(lost) => {
                fatal.set(Error::closed(format!("The boundary between messages is lost: {lost}.")));
                Turn::Nothing
            }
        }
    }
}
