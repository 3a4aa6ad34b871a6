//! What a channel speaks into, while there is a worker: the contract.

use std::sync::Arc;

use crate::link::spin::Polling;
use crate::peer::session::Session;

/// The life of one worker, seen by those who speak to it.
pub(crate) trait Line: Send + Sync {
    fn session(&self) -> &Arc<Session>;

    /// The process, if it is one.
    fn pid(&self) -> Option<u32>;

    /// Reads in the reader's stead, for a short while at most, until it `is_settled`: an answer that comes soon need not
    /// go from one thread to another.
    fn lead(&self, is_settled: &dyn Fn() -> bool) -> Option<Polling>;

    /// Whoever has read in vain has slept, and was woken.
    fn slept(&self, polling: &Polling);

    /// Ends the other side at once, and does not wait for that.
    fn strike(&self);

    /// Ends the other side at once, without asking.
    fn kill(&self);

    /// Asks the other side to end, and waits for that; then ends it.
    fn close(&self);
}
