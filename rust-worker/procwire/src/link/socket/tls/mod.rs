//! TLS, by the feature `tls`; without it nobody can ask for it.

#[cfg(feature = "tls")]
mod options;
#[cfg(feature = "tls")]
mod secured;
#[cfg(not(feature = "tls"))]
mod without;

#[cfg(all(feature = "tls", feature = "client"))]
pub(crate) use options::Client;
#[cfg(feature = "tls")]
pub(crate) use options::Service;
#[cfg(feature = "tls")]
pub use options::Tls;
#[cfg(feature = "tls")]
pub(crate) use secured::Secured;
#[cfg(all(not(feature = "tls"), feature = "client"))]
pub(crate) use without::Client;
#[cfg(not(feature = "tls"))]
pub(crate) use without::{Secured, Service, Tls};
