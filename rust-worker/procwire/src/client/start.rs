//! The start of a worker, or of a connection to a service.

use std::io;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
#[cfg(unix)]
use std::time::Duration;

use crate::client::ends::Ends;
use crate::client::far::Far;
#[cfg(unix)]
use crate::client::far::Peer;
use crate::client::hearing::{Hearing, OnNoise};
use crate::client::life::Life;
use crate::client::noise::Noise;
use crate::client::reading::Reading;
use crate::client::shared::Shared;
use crate::error::Error;
use crate::link::child::stderr::{self, Forward, Tail};
use crate::link::child::{Pipes, Process, Sleeper, Waker, Words};
use crate::link::sink::Sink;
#[cfg(unix)]
use crate::link::socket::Connection;
#[cfg(unix)]
use crate::link::socket::dial::{Dialed, Route};
#[cfg(unix)]
use crate::link::socket::failure::Failure;
use crate::locks;
use crate::peer::flusher::Flusher;
use crate::peer::incoming::Incoming;
use crate::peer::outbox::Outbox;
use crate::peer::outgoing::Outgoing;
use crate::peer::reader::Reader;
use crate::peer::session::Session;
use crate::wire::codec::Codec;
use crate::wire::format::{CustomCodec, Format};
use crate::wire::framing::{CustomFraming, Framing};
use crate::worker::pool::Pool;
use crate::worker::serving::custom;

/// Requests of handlers are numbered from here on, those of the channel from 1.
const HANDLERS_FIRST: u64 = 1 << 52;

/// How the messages of a channel are written, and what becomes of what is none.
pub(crate) struct Manner {
    pub framing: Framing,
    pub custom_framing: Option<Arc<dyn CustomFraming>>,
    pub codec: Codec,
    pub custom_codec: Option<Arc<dyn CustomCodec>>,
    pub ends: Ends,
    pub stderr: Forward,
    pub on_noise: Option<OnNoise>,
    /// For handlers of the worker's requests.
    pub threads: usize,
}

impl Manner {
    /// Only between lines of JSON can text be told from messages.
    fn has_prints(&self) -> bool {
        let is_own = self.custom_framing.is_some() || self.custom_codec.is_some();
        self.framing == Framing::Line && self.codec == Codec::Json && !is_own
    }
}

/// Where the other side comes from.
pub(crate) enum Origin {
    Command(Command),
    #[cfg(unix)]
    Service(Route),
}

/// There is no other side.
pub(crate) struct Refused {
    pub error: Error,
    /// Another attempt may do better.
    pub may_pass: bool,
}

/// Both directions, and who is at the other end.
struct Link {
    sink: Box<dyn Sink>,
    words: Words,
    waker: Waker,
    far: Far,
}

impl Origin {
    /// What it is called when the system refuses something else than itself.
    pub fn refusal(&self) -> Box<dyn FnOnce(io::Error) -> Error> {
        match self {
            Origin::Command(command) => {
                let program = command.get_program().to_string_lossy().into_owned();
                Box::new(|error| Error::Spawn { program, reason: error.to_string(), source: Arc::new(error) })
            }
            #[cfg(unix)]
            Origin::Service(route) => {
                let who = route.who();
                Box::new(|error| connect_error(who, error.into()))
            }
        }
    }

    pub fn refused(&self, reason: String, source: io::Error) -> Error {
        match self.refusal()(source) {
            Error::Spawn { program, source, .. } => Error::Spawn { program, reason, source },
            Error::Connect { target, source, .. } => Error::Connect { target, reason, source },
            other => other,
        }
    }
}

/// Starts a worker, or connects to a service. Its threads are there, but for the reader.
pub(crate) fn start(
    shared: &Arc<Shared>,
    origin: &mut Origin,
    manner: &Manner,
) -> Result<(Arc<Life>, Sleeper), Refused> {
    match origin {
        Origin::Command(command) => {
            let failed = |command: &Command, error| Refused { error: spawn_error(command, error), may_pass: false };
            let (process, pipes) = Process::start(command).map_err(|error| failed(command, error))?;
            let opened = child(shared, manner, &process, pipes).and_then(|link| open(shared, manner, link));
            opened.map_err(|error| {
                process.give_up();
                failed(command, error)
            })
        }
        #[cfg(unix)]
        Origin::Service(route) => {
            let failed = |failure: Failure| Refused {
                may_pass: !failure.is_lasting,
                error: connect_error(route.who(), failure),
            };
            let Dialed { connection, pid } = route.dial().map_err(failed)?;
            service(connection, pid, route.who())
                .and_then(|link| open(shared, manner, link))
                .map_err(|error| failed(error.into()))
        }
    }
}

fn child(shared: &Shared, manner: &Manner, process: &Arc<Process>, pipes: Pipes) -> io::Result<Link> {
    let Pipes { stdin, stdout, stderr } = pipes;
    let (words, stderr, waker) = Words::open(stdout, stderr)?;
    let tail = Arc::new(Tail::new(shared.limits.stderr_bytes));
    stderr::drain(stderr, Arc::clone(&tail), manner.stderr.clone())?;
    Ok(Link { sink: stdin, words, waker, far: Far::Child { process: Arc::clone(process), tail } })
}

#[cfg(unix)]
fn service(connection: Connection, pid: Option<u32>, who: String) -> io::Result<Link> {
    let socket = Arc::clone(&connection.socket);
    // Whoever reads polls as they do for a child.
    let (ear, sink) = connection.split(Duration::ZERO)?;
    let (words, waker) = Words::of(ear)?;
    Ok(Link { sink, words, waker, far: Far::Service(Peer::new(who, socket, pid)) })
}

fn open(shared: &Arc<Shared>, manner: &Manner, link: Link) -> io::Result<(Arc<Life>, Sleeper)> {
    let Link { sink, words, waker, far } = link;
    let sleeper = words.sleeper()?;
    let waker = Arc::new(waker);
    let is_deaf = Arc::new(AtomicBool::new(false));
    let outbox = outbox(shared, sink, &is_deaf, &waker);
    outbox.start_helper()?;
    if let Far::Child { process, .. } = &far {
        let woken = Arc::clone(&waker);
        process.watch(move || woken.wake())?;
    }

    let pool = Arc::new(Pool::new(manner.threads, shared.limits.queued, shared.limits.queued_bytes));
    let session = Arc::new(session(shared, manner, outbox, Arc::clone(&pool) as _));
    let (fatal, heard) = (Arc::new(locks::First::default()), Arc::new(AtomicU64::new(0)));
    let hearing = Hearing {
        shared: Arc::clone(shared),
        session: Arc::clone(&session),
        pool,
        noise: Noise::new(shared.limits.noise_bytes),
        on_noise: manner.on_noise.clone(),
        has_prints: manner.has_prints(),
        fatal: Arc::clone(&fatal),
        heard: Arc::clone(&heard),
    };
    let splitter = session.format.splitter(session.limits.message_bytes);
    let reading = Reading { reader: Reader::new(&session, hearing), splitter, words, is_over: false };
    let life = Life {
        shared: Arc::clone(shared),
        session,
        far,
        reading: Mutex::new(reading),
        waker,
        ends: manner.ends.clone(),
        fatal,
        is_deaf,
        heard,
        thread: OnceLock::new(),
        is_led: AtomicBool::new(false),
        led: AtomicU64::new(0),
        spin: Mutex::new(None),
    };
    Ok((Arc::new(life), sleeper))
}

fn outbox(shared: &Shared, sink: Box<dyn Sink>, is_deaf: &Arc<AtomicBool>, waker: &Arc<Waker>) -> Arc<Outbox> {
    let (deaf, waker) = (Arc::clone(is_deaf), Arc::clone(waker));
    let on_broken = move |_: Option<&str>| {
        deaf.store(true, Ordering::Release);
        waker.wake();
    };
    Arc::new(Outbox::new(sink, shared.limits.outbox_bytes, Box::new(on_broken)))
}

fn session(
    shared: &Shared,
    manner: &Manner,
    outbox: Arc<Outbox>,
    queue: Arc<dyn crate::peer::session::Queue>,
) -> Session {
    let own = custom(manner.custom_framing.clone(), manner.custom_codec.clone(), &outbox);
    Session {
        format: Format::new(manner.framing, own),
        codec: manner.codec,
        limits: shared.limits.clone(),
        announces: false,
        quiet: true,
        logs_panics: true,
        incoming: Incoming::default(),
        queue,
        outbox,
        in_batches: Arc::default(),
        flusher: Flusher::default(),
        deadlines: Arc::default(),
        outgoing: Outgoing::numbered_from(HANDLERS_FIRST),
        reading_ended: AtomicBool::new(false),
        is_connection: false,
        is_closing: AtomicBool::new(false),
    }
}

#[cfg(unix)]
pub(crate) fn connect_error(target: String, Failure { reason, source, .. }: Failure) -> Error {
    Error::Connect { target, reason, source }
}

/// What is wrong, and what to do about it.
fn spawn_error(command: &Command, error: io::Error) -> Error {
    let program = command.get_program().to_string_lossy().into_owned();
    let folder = command.get_current_dir().filter(|folder| !folder.is_dir());
    let reason = match (error.kind(), folder) {
        (_, Some(folder)) => format!("the folder {} is none. Give current_dir one that exists", folder.display()),
        (io::ErrorKind::NotFound, None) if program.contains(' ') => {
            format!("there is no such program ({error}). Put its arguments into Command::arg, one by one")
        }
        (io::ErrorKind::NotFound, None) => {
            format!(
                "there is no such program, or no interpreter for it ({error}). Build or install it, or give its whole path"
            )
        }
        (io::ErrorKind::PermissionDenied, None) => {
            format!("it is not executable ({error}). Check its permissions, or start it through its interpreter")
        }
        _ => error.to_string(),
    };
    Error::Spawn { program, reason, source: Arc::new(error) }
}
