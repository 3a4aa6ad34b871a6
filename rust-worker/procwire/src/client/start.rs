//! The start of a worker.

use std::io;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use crate::client::ends::Ends;
use crate::client::hearing::{Hearing, OnNoise};
use crate::client::life::Life;
use crate::client::noise::Noise;
use crate::client::reading::Reading;
use crate::client::shared::Shared;
use crate::error::Error;
use crate::link::child::stderr::{self, Forward, Tail};
use crate::link::child::{Pipes, Process, Sleeper, Waker, Words};
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
use crate::worker::custom;
use crate::worker::pool::Pool;

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

/// Starts a worker. Its threads are there, but for the reader.
pub(crate) fn start(
    shared: &Arc<Shared>,
    command: &mut Command,
    manner: &Manner,
) -> Result<(Arc<Life>, Sleeper), Error> {
    let failed = |command: &Command, error: io::Error| spawn_error(command, error);
    let (process, pipes) = Process::start(command).map_err(|error| failed(command, error))?;
    open(shared, manner, &process, pipes).map_err(|error| {
        process.give_up();
        failed(command, error)
    })
}

fn open(
    shared: &Arc<Shared>,
    manner: &Manner,
    process: &Arc<Process>,
    pipes: Pipes,
) -> io::Result<(Arc<Life>, Sleeper)> {
    let Pipes { stdin, stdout, stderr } = pipes;
    let (words, stderr, waker) = Words::open(stdout, stderr)?;
    let sleeper = words.sleeper()?;
    let waker = Arc::new(waker);
    let is_deaf = Arc::new(AtomicBool::new(false));
    let outbox = outbox(shared, stdin, &is_deaf, &waker);
    outbox.start_helper()?;
    let tail = Arc::new(Tail::new(shared.limits.stderr_bytes));
    stderr::drain(stderr, Arc::clone(&tail), manner.stderr.clone())?;
    let woken = Arc::clone(&waker);
    process.watch(move || woken.wake())?;

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
        process: Arc::clone(process),
        reading: Mutex::new(reading),
        waker,
        tail,
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

fn outbox(
    shared: &Shared,
    stdin: Box<dyn crate::link::sink::Sink>,
    is_deaf: &Arc<AtomicBool>,
    waker: &Arc<Waker>,
) -> Arc<Outbox> {
    let (deaf, waker) = (Arc::clone(is_deaf), Arc::clone(waker));
    let on_broken = move |_: Option<&str>| {
        deaf.store(true, Ordering::Release);
        waker.wake();
    };
    Arc::new(Outbox::new(stdin, shared.limits.outbox_bytes, Box::new(on_broken)))
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
    }
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
