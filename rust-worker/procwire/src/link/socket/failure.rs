//! What keeps a service from listening, or a connection from being made.

use std::io;
use std::sync::Arc;

use super::advice::explain;

/// Said without its beginning, "cannot connect to ..." or "cannot listen at ...".
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub reason: String,
    pub source: Option<Arc<io::Error>>,
    /// Another attempt would only repeat it.
    pub is_lasting: bool,
}

impl Failure {
    pub fn new(reason: impl Into<String>) -> Self {
        Failure { reason: reason.into(), source: None, is_lasting: false }
    }

    pub fn lasting(reason: impl Into<String>) -> Self {
        Failure { is_lasting: true, ..Failure::new(reason) }
    }

    /// What the system says, behind some words.
    pub fn because(words: &str, error: io::Error) -> Self {
        Failure { reason: format!("{words}{}", explain(&error)), source: Some(Arc::new(error)), is_lasting: false }
    }

    /// For those who listen: `what` is the name or the path.
    pub fn listening(self, what: &str) -> io::Error {
        let kind = self.source.as_ref().map_or(io::ErrorKind::AddrInUse, |source| source.kind());
        io::Error::new(kind, format!("cannot listen at {what}: {}", self.reason))
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Failure::because("", error)
    }
}
