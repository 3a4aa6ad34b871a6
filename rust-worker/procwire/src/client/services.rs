//! Services that others have started.

use std::time::Duration;

use crate::client::builder::ChannelBuilder;
use crate::client::channel::Channel;
use crate::client::start::{Origin, connect_error};
use crate::error::Error;
use crate::link::socket::address::Address;
use crate::link::socket::dial::Route;
use crate::link::socket::greeting::Speech;
use crate::link::socket::listing::{ServiceInfo, list};

/// The services of this user that are registered by name and alive, which is seen by connecting to each; sorted by name.
///
/// # Errors
///
/// [`Error::Connect`] when the folder of names is one that others could have been in.
pub fn list_services() -> Result<Vec<ServiceInfo>, Error> {
    list().map_err(|failure| connect_error("the services of this user".to_owned(), failure))
}

impl Channel {
    /// Opens a channel to a service, with the default options. A text is a name.
    ///
    /// # Errors
    ///
    /// As [`ChannelBuilder::connect`].
    pub fn connect(target: impl Into<Address>) -> Result<Channel, Error> {
        Channel::builder().connect(target)
    }
}

impl ChannelBuilder {
    /// Opens a channel to a service: by its name, at a path, on a port. With [`ChannelBuilder::restart`] it outlives its
    /// connections, looks a name up again for each, and tries the first one again, too.
    ///
    /// # Errors
    ///
    /// [`Error::Connect`] when there is no such service, when it refuses the greeting or the certificate, when it does not
    /// answer in time, for an address that is none, and for MessagePack over lines.
    pub fn connect(mut self, target: impl Into<Address>) -> Result<Channel, Error> {
        let target: Address = target.into();
        let who = target.to_string();
        // It is not ours to be ended.
        self.manner.ends.shutdown = None;
        let manner = &self.manner;
        let (has_framing, has_codec) = (manner.custom_framing.is_some(), manner.custom_codec.is_some());
        let speech = Speech::of(manner.framing, has_framing, manner.codec, has_codec);
        let route = Route::new(target, self.greets, self.connect_timeout, speech);
        let route = route.map_err(|failure| connect_error(who, failure))?;
        self.open(Origin::Service(route))
    }

    /// Within which a connection must be there, its greeting answered. 5 s by default.
    pub fn connect_timeout(mut self, time: Duration) -> Self {
        self.connect_timeout = time;
        self
    }

    /// Whether to greet: not a program that is no service of this kind. Yes by default.
    pub fn greeting(mut self, greets: bool) -> Self {
        self.greets = greets;
        self
    }
}
