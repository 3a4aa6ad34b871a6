//! What the reader does not answer itself: the contract of those who do.

use std::sync::Arc;

use serde_json::Value;

use crate::fault::Fault;
use crate::peer::announcements::Announced;
use crate::peer::batch::Batch;
use crate::wire::message::{Outcome, Sent};
use crate::wire::params::Params;

/// Serves the methods of this side, and hears the answers to what it asked.
pub(crate) trait Serve {
    /// Whether this side was started to serve: then it ends when it is told so, and answers also what it cannot tell whose
    /// it is.
    const SERVES: bool;

    /// Answers a request on `pending`, or takes it on to be answered later. For a known method asks first whether the
    /// request is admitted.
    fn request(
        &mut self,
        arrived: &Arrived<'_>,
        admit: impl FnOnce() -> Result<(), Fault>,
        pending: &mut Vec<u8>,
    ) -> Result<(), Refused>;

    /// Hears a notification; false if nobody listens for it.
    fn notification(&mut self, method: &str, params: &Params<'_>) -> bool;

    /// The methods as `rpc.discover` lists them.
    fn methods(&self) -> Vec<&Value>;

    /// Whether an id and nothing else is the answer to a request of ours.
    fn awaits(&self, id: &[u8]) -> bool;

    /// Takes the answer to a request of ours; `whole` is the frame it lies in, if that is a large one.
    fn answered(&mut self, id: &[u8], outcome: Outcome<'_>, whole: Option<&Arc<Vec<u8>>>);

    /// The answer to a request of ours has come, and is none. False if nobody waits for it.
    fn failed(&mut self, id: &[u8], fault: &Fault) -> bool;

    /// Hears of what is not quite a message.
    fn complain(&mut self, _fault: &Fault) {}

    /// A message was skipped that may have been the answer to any request.
    fn lost_one(&mut self, _fault: &Fault) {}

    /// The other side asks and does not read: so many bytes of answers wait.
    fn is_unheard(&mut self, _bytes: usize) {}

    /// Whether what is no message may have been printed by somebody.
    fn takes_prints(&self) -> bool {
        false
    }

    /// Hears such a print.
    fn printed(&mut self, _text: &[u8]) {}
}

/// A request as it came.
pub(crate) struct Arrived<'a> {
    pub id: &'a [u8],
    pub method: &'a str,
    pub params: Option<Sent<'a>>,
    /// The batch it belongs to.
    pub batch: Option<&'a Arc<Batch>>,
    pub announced: Announced,
    /// The frame it lies in, if that is a large one.
    pub whole: Option<&'a Arc<Vec<u8>>>,
}

/// Why a request is not served.
pub(crate) enum Refused {
    /// Nobody has such a method.
    Unknown,
    Fault(Fault),
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        Refused::Fault(fault)
    }
}
