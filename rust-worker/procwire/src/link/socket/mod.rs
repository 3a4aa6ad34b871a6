//! Sockets, and where the services of this user are registered: docs/connect.md says it for every language.

pub(crate) mod address;
mod advice;
mod claim;
pub(crate) mod connection;
mod descriptor;
#[cfg(feature = "client")]
pub(crate) mod dial;
pub(crate) mod failure;
mod first_line;
pub(crate) mod greeting;
#[cfg(feature = "client")]
pub(crate) mod listing;
pub(crate) mod place;
mod probe;
mod registry;
mod stream;
pub(crate) mod tls;

pub(crate) use connection::{Connection, Ear};
pub(crate) use first_line::FirstLine;
pub(crate) use stream::Socket;
