//! The first line of a connection: never more of it is held than may be.

use std::io;
use std::time::Instant;

use super::Connection;
use super::greeting::MOST;

/// What became of it.
#[derive(Debug)]
pub(crate) enum FirstLine {
    /// Without its end.
    Line(Vec<u8>),
    /// The first byte says that no line comes, but a message.
    Message,
    TooLong,
    TooLate,
    Ended(Option<io::Error>),
}

impl Connection {
    /// Reads it. What has come behind it is what the connection has next.
    pub fn first_line(&mut self, until: Instant, may_begin: impl Fn(u8) -> bool) -> FirstLine {
        let mut line = Vec::new();
        loop {
            let mut bytes = [0; MOST];
            let count = match self.read_now(&mut bytes) {
                Ok(Some(0)) => return FirstLine::Ended(None),
                Ok(Some(count)) => count,
                Ok(None) => match self.socket.wait(libc::POLLIN, until) {
                    Ok(true) => continue,
                    Ok(false) => return FirstLine::TooLate,
                    Err(error) => return FirstLine::Ended(Some(error)),
                },
                Err(error) => return FirstLine::Ended(Some(error)),
            };
            let said = &bytes[..count];
            if line.is_empty() && !may_begin(said[0]) {
                self.early = said.to_vec();
                return FirstLine::Message;
            }
            let end = memchr::memchr(b'\n', said);
            line.extend_from_slice(&said[..end.unwrap_or(count)]);
            if line.len() >= MOST {
                return FirstLine::TooLong;
            }
            if let Some(end) = end {
                self.early = said[end + 1..].to_vec();
                return FirstLine::Line(line);
            }
            if Instant::now() >= until {
                return FirstLine::TooLate;
            }
        }
    }
}
