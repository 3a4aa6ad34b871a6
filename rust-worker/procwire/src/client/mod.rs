//! The side that starts a worker, or connects to a service, and calls it.

pub(crate) mod breaker;
pub(crate) mod builder;
pub(crate) mod call;
pub(crate) mod channel;
mod encode;
mod ends;
pub(crate) mod events;
mod far;
mod hearing;
pub(crate) mod heartbeat;
mod inputs;
pub(crate) mod items;
mod life;
mod line;
pub(crate) mod metrics;
mod noise;
mod notices;
mod pending;
mod reading;
mod repeats;
pub(crate) mod request;
pub(crate) mod restart;
#[cfg(unix)]
pub(crate) mod services;
mod shared;
mod start;
mod supervisor;
mod table;
mod timer;
