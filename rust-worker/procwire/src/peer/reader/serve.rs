//! What the reader does not answer itself: the contract of those who do.

use std::sync::Arc;

use serde_json::Value;

use crate::fault::Fault;
use crate::peer::announcements::Announced;
use crate::peer::batch::Batch;
use crate::wire::message::Sent;
use crate::wire::params::Params;

/// Serves the methods of this side.
pub(crate) trait Serve {
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
