//! What a channel is opened with.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crate::client::breaker::Breaker;
use crate::client::encode::Encoder;
use crate::client::ends::Ends;
use crate::client::heartbeat::Heartbeat;
use crate::client::restart::Restart;
use crate::client::shared::Shared;
use crate::client::start::{Manner, Origin};
use crate::client::supervisor::Supervisor;
use crate::dialect;
use crate::error::Error;
use crate::limits::Limits;
use crate::link::child::stderr::Forward;
use crate::wire::codec::Codec;
use crate::wire::format::CustomCodec;
use crate::wire::framing::{CustomFraming, Framing};

/// Options of a channel. Each has a default; [`ChannelBuilder::spawn`] opens it, or `ChannelBuilder::connect`.
///
/// ```no_run
/// use procwire::{Channel, Codec, Framing, Restart};
/// use std::process::Command;
/// use std::time::Duration;
///
/// let channel = Channel::builder()
///     .framing(Framing::Length)
///     .codec(Codec::MessagePack)
///     .timeout(Duration::from_secs(10))
///     .restart(Restart::default())
///     .spawn(Command::new("./worker"))?;
/// # Ok::<(), procwire::Error>(())
/// ```
#[must_use = "options do nothing before `spawn` or `connect`"]
pub struct ChannelBuilder {
    limits: Limits,
    timeout: Option<Duration>,
    restart: Option<Restart>,
    heartbeat: Option<Heartbeat>,
    breaker: Option<Breaker>,
    pub(super) manner: Manner,
    #[cfg(unix)]
    pub(super) connect_timeout: Duration,
    #[cfg(unix)]
    pub(super) greets: bool,
}

impl Default for ChannelBuilder {
    fn default() -> Self {
        let ends = Ends {
            shutdown: Some(dialect::SHUTDOWN.to_owned()),
            grace: Duration::from_secs(2),
            term: Duration::from_secs(2),
            spin: Duration::from_micros(50),
        };
        let manner = Manner {
            framing: Framing::default(),
            custom_framing: None,
            codec: Codec::default(),
            custom_codec: None,
            ends,
            stderr: Forward::Inherit,
            on_noise: None,
            threads: thread::available_parallelism().map_or(1, usize::from),
        };
        ChannelBuilder {
            limits: Limits::default(),
            timeout: None,
            restart: None,
            heartbeat: None,
            breaker: None,
            manner,
            #[cfg(unix)]
            connect_timeout: Duration::from_secs(5),
            #[cfg(unix)]
            greets: true,
        }
    }
}

impl ChannelBuilder {
    /// How frames are told apart, as the worker was told; [`Framing::Line`] by default.
    pub fn framing(mut self, framing: Framing) -> Self {
        self.manner.framing = framing;
        self.manner.custom_framing = None;
        self
    }

    /// As [`ChannelBuilder::framing`], for one of your own.
    pub fn custom_framing(mut self, framing: impl CustomFraming) -> Self {
        self.manner.custom_framing = Some(Arc::new(framing));
        self
    }

    /// How values are written, as the worker was told; [`Codec::Json`] by default.
    pub fn codec(mut self, codec: Codec) -> Self {
        self.manner.codec = codec;
        self.manner.custom_codec = None;
        self
    }

    /// As [`ChannelBuilder::codec`], for one of your own.
    pub fn custom_codec(mut self, codec: impl CustomCodec) -> Self {
        self.manner.codec = Codec::Json;
        self.manner.custom_codec = Some(Arc::new(codec));
        self
    }

    /// Replaces all limits.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The time of every call that is given none of its own. None by default: a computation may be long, and the end of
    /// the worker settles what is in flight.
    pub fn timeout(mut self, time: Duration) -> Self {
        self.timeout = Some(time);
        self
    }

    /// How long a worker that is asked to end may take before it is sent SIGTERM (2 s), and after that before SIGKILL
    /// (2 s). [`Duration::MAX`] waits for as long as it takes.
    pub fn graces(mut self, grace: Duration, term: Duration) -> Self {
        (self.manner.ends.grace, self.manner.ends.term) = (grace, term);
        self
    }

    /// The notification that asks the worker to end, `shutdown` by default; `None` for none: then only its stdin ends.
    pub fn shutdown(mut self, method: Option<&str>) -> Self {
        self.manner.ends.shutdown = method.map(str::to_owned);
        self
    }

    /// How long to poll for an answer before a thread sleeps: 50 µs by default, zero for never. It stops by itself where
    /// polling does not pay.
    pub fn spin(mut self, time: Duration) -> Self {
        self.manner.ends.spin = time;
        self
    }

    /// The worker's stderr goes nowhere but into errors. By default it goes to the stderr of this process.
    pub fn ignore_stderr(mut self) -> Self {
        self.manner.stderr = Forward::Ignore;
        self
    }

    /// Each line of the worker's stderr, without its end, goes to a function; one that is longer than 64 KiB in parts.
    pub fn on_stderr(mut self, on_line: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.manner.stderr = Forward::Lines(Arc::new(on_line));
        self
    }

    /// Text on the worker's stdout that is no message goes to a function, on the thread of the notifications; by default
    /// to the stderr of this process. Only between lines of JSON can it be told from messages.
    pub fn on_noise(mut self, on_noise: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.manner.on_noise = Some(Arc::new(on_noise));
        self
    }

    /// Threads for handlers of the worker's own requests; one for each CPU by default. Started when they are needed.
    pub fn threads(mut self, count: usize) -> Self {
        self.manner.threads = count.max(1);
        self
    }

    /// The channel outlives its worker: one that has ended is started again. Never by default.
    pub fn restart(mut self, restart: Restart) -> Self {
        self.restart = Some(restart);
        self
    }

    /// The worker is asked again and again whether it lives, and killed when it says nothing at all. Never by default.
    /// [`Metrics::round_trip`](crate::Metrics::round_trip) is how long the last answer took.
    pub fn heartbeat(mut self, heartbeat: Heartbeat) -> Self {
        self.heartbeat = Some(heartbeat);
        self
    }

    /// Calls are refused for a while, with [`Error::CircuitOpen`](crate::Error::CircuitOpen), when too many in a row have
    /// found nobody to answer. Never by default.
    pub fn breaker(mut self, breaker: Breaker) -> Self {
        self.breaker = Some(breaker);
        self
    }

    /// Opens a link; the time is that of calls without one of their own.
    pub(crate) fn start(self, origin: Origin) -> Result<(Arc<Shared>, Option<Duration>), Error> {
        let ChannelBuilder { mut limits, timeout, restart, heartbeat, breaker, manner, .. } = self;
        limits.message_bytes = limits.message_bytes.clamp(1024, u32::MAX as usize);
        check(&manner, &origin)?;
        let own = (manner.custom_framing.clone(), manner.custom_codec.clone());
        let encoder = Encoder::new(manner.framing, manner.codec, own, limits.message_bytes);
        let shared = Arc::new(Shared::new(limits, encoder, breaker));
        Supervisor::new(&shared, origin, manner, (restart, heartbeat)).run()?;
        Ok((shared, timeout))
    }
}

#[cfg(feature = "msgpack")]
fn check(manner: &Manner, origin: &Origin) -> Result<(), Error> {
    if manner.codec == Codec::MessagePack && manner.framing == Framing::Line && manner.custom_framing.is_none() {
        let reason = "MessagePack cannot travel over lines, since its bytes contain newlines: choose Framing::Length";
        return Err(origin.refused(reason.to_owned(), std::io::ErrorKind::InvalidInput.into()));
    }
    Ok(())
}

#[cfg(not(feature = "msgpack"))]
fn check(_: &Manner, _: &Origin) -> Result<(), Error> {
    Ok(())
}
