//! One side of a conversation: what is under way in both directions, and the one way out.

pub(crate) mod announcements;
pub(crate) mod answer;
pub(crate) mod batch;
pub(crate) mod credit;
pub(crate) mod deadlines;
pub(crate) mod flow;
pub(crate) mod flusher;
pub(crate) mod incoming;
pub(crate) mod outbox;
pub(crate) mod outgoing;
pub(crate) mod panics;
pub(crate) mod reader;
pub(crate) mod session;
