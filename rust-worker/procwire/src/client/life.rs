//! The life of one worker, from its start until it is reaped, or of one connection to a service: who reads what it says, and how it is ended.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::client::ends::Ends;
use crate::client::far::Far;
use crate::client::line::Line;
use crate::client::reading::{Reading, Turn};
use crate::client::shared::Shared;
use crate::error::Error;
use crate::link::child::{Sleeper, Stop, Waker, Words};
use crate::link::spin::{Polling, Spin};
use crate::locks;
use crate::peer::session::Session;

/// After the exit, output that is still in the pipe is read until nothing arrives for this long.
const DRAIN_QUIET: Duration = Duration::from_millis(40);
/// And at most for this long.
const DRAIN: Duration = Duration::from_millis(400);
/// A worker that closed one of its pipes is about to exit, or broken: this long it may take to show which.
const BROKEN_PIPE: Duration = Duration::from_secs(1);
/// What follows a SIGKILL takes the kernel this long at the very most.
const KILLED: Duration = Duration::from_millis(500);
/// While callers read by themselves, the reader looks this often whether they still do.
const TICK: Duration = Duration::from_micros(500);
/// From so many frames in one read on, the wake-up for the next read costs each of them little.
const MANY: usize = 64;

pub(crate) struct Life {
    pub(super) shared: Arc<Shared>,
    pub(super) session: Arc<Session>,
    pub(super) far: Far,
    pub(super) reading: Mutex<Reading>,
    pub(super) waker: Arc<Waker>,
    pub(super) ends: Ends,
    /// What can't be read any more, and why.
    pub(super) fatal: Arc<locks::First<Error>>,
    /// The worker does not read any more.
    pub(super) is_deaf: Arc<AtomicBool>,
    /// Messages that have come.
    pub(super) heard: Arc<AtomicU64>,
    pub(super) thread: OnceLock<Thread>,
    /// A caller reads in the reader's stead.
    pub(super) is_led: AtomicBool,
    /// How often a caller has.
    pub(super) led: AtomicU64,
    /// How long a caller polls. Made when it is known on which CPUs the worker may run.
    pub(super) spin: Mutex<Option<Spin>>,
}

impl Life {
    /// Reads until there is nothing more to be read, and tells why.
    pub fn run(&self, sleeper: &Sleeper) -> Error {
        let _ = self.thread.set(thread::current());
        let (mut led, mut frames) = (0, 0);
        let mut spin = self.far.spin(self.ends.spin);
        let mut watch = Watch::default();
        loop {
            let led_now = self.led.load(Ordering::Acquire);
            if self.is_led.load(Ordering::Acquire) || led != led_now {
                led = led_now;
                thread::park_timeout(TICK);
                continue;
            }
            let mut polling = spin.begin(frames < MANY && watch.is_calm());
            let mut read = None;
            while read.is_none() && polling.goes_on() && !self.is_led.load(Ordering::Acquire) {
                read = self.turn();
            }
            if read.is_some() {
                spin.found(&polling);
            } else {
                read = self.turn();
            }
            if let Some(error) = self.fatal.get() {
                return error;
            }
            if let Some(count) = read {
                frames = count;
                watch.heard();
                continue;
            }
            match self.verdict(&mut watch) {
                Ok(at_most) => self.sleep(sleeper, at_most),
                Err(error) => return *error,
            }
            spin.slept(&polling);
        }
    }

    fn turn(&self) -> Option<usize> {
        match locks::lock(&self.reading).turn(&self.fatal) {
            Turn::Read(frames) => Some(frames),
            Turn::Nothing => None,
        }
    }

    fn is_over(&self) -> bool {
        locks::lock(&self.reading).is_over
    }

    /// How long to wait for more, or why there is none.
    fn verdict(&self, watch: &mut Watch) -> Result<Option<Duration>, Box<Error>> {
        let now = Instant::now();
        let is_over = self.is_over();
        if let Some(exit) = self.far.exit() {
            let until = *watch.drained_by.get_or_insert(now + DRAIN);
            let is_quiet = watch.last_heard.get_or_insert(now).elapsed() >= DRAIN_QUIET;
            if is_over || is_quiet || now >= until {
                return Err(Box::new(self.far.exit_error(exit, DRAIN_QUIET)));
            }
            return Ok(Some(DRAIN_QUIET));
        }
        if !is_over && !self.is_deaf.load(Ordering::Acquire) {
            return Ok(None);
        }
        if let Some(error) = self.far.hung_up().filter(|_| is_over) {
            return Err(Box::new(error));
        }
        let time = self.ends.grace.min(BROKEN_PIPE);
        let until = *watch.explained_by.get_or_insert(now + time);
        if now >= until {
            return Err(Box::new(self.far.half_gone(is_over, time)));
        }
        Ok(Some(until - now))
    }

    fn sleep(&self, sleeper: &Sleeper, at_most: Option<Duration>) {
        if self.is_over() {
            self.far.wait(at_most);
        } else {
            sleeper.sleep(at_most);
        }
    }

    /// The reader looks again.
    fn rouse(&self) {
        if let Some(thread) = self.thread.get() {
            thread.unpark();
        }
    }

    /// Ends a worker that nobody listens to any more, and lets go of everything.
    pub fn dispose(&self, sleeper: &Sleeper) {
        self.session.outbox.end();
        for (time, then) in [(self.ends.grace, Stop::Ask), (self.ends.term, Stop::Kill), (KILLED, Stop::Kill)] {
            if self.far.hang_up() || self.discard(sleeper, time) {
                break;
            }
            self.far.stop(then);
        }
        self.session.end("", Duration::ZERO);
        self.waker.close();
    }

    /// Reads on, so that it can finish writing and exit; tells whether it has, within so much time.
    fn discard(&self, sleeper: &Sleeper, time: Duration) -> bool {
        let until = Instant::now().checked_add(time);
        let mut bytes = Vec::with_capacity(64 * 1024);
        while self.far.exit().is_none() {
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            if left.is_some_and(|left| left.is_zero()) {
                return false;
            }
            bytes.clear();
            let mut reading = locks::lock(&self.reading);
            let is_empty = reading.is_over || !matches!(reading.words.read_now(&mut bytes), Ok(Some(1..)));
            drop(reading);
            // A pipe that has ended would not let it sleep.
            if is_empty && bytes.is_empty() {
                self.far.wait(Some(left.unwrap_or(TICK).min(Duration::from_millis(5))));
            }
        }
        let _ = sleeper;
        true
    }
}

/// What the reader knows of an end that begins to show.
#[derive(Default)]
struct Watch {
    /// By when what the worker wrote before its exit is read.
    drained_by: Option<Instant>,
    last_heard: Option<Instant>,
    /// By when its exit explains a pipe that has closed.
    explained_by: Option<Instant>,
}

impl Watch {
    fn is_calm(&self) -> bool {
        self.drained_by.is_none() && self.explained_by.is_none()
    }

    fn heard(&mut self) {
        if self.drained_by.is_some() {
            self.last_heard = Some(Instant::now());
        }
    }
}

impl Line for Life {
    fn session(&self) -> &Arc<Session> {
        &self.session
    }

    fn pid(&self) -> Option<u32> {
        self.far.pid()
    }

    fn lead(&self, is_settled: &dyn Fn() -> bool) -> Option<Polling> {
        let may = Words::can_be_tried() && self.heard.load(Ordering::Relaxed) > 0;
        if !may || self.is_led.swap(true, Ordering::AcqRel) {
            return None;
        }
        let mut spin = locks::lock(&self.spin);
        let spin = spin.get_or_insert_with(|| self.far.spin(self.ends.spin));
        let mut polling = spin.begin(true);
        while !is_settled() && polling.goes_on() {
            match locks::try_lock(&self.reading) {
                Some(mut reading) => drop(reading.turn(&self.fatal)),
                None => std::hint::spin_loop(),
            }
        }
        let is_settled = is_settled();
        if is_settled {
            spin.found(&polling);
        }
        self.led.fetch_add(1, Ordering::Release);
        self.is_led.store(false, Ordering::Release);
        if !is_settled || self.shared.lock().len() > 0 {
            self.rouse();
        }
        Some(polling)
    }

    fn slept(&self, polling: &Polling) {
        if let Some(spin) = locks::lock(&self.spin).as_mut() {
            spin.slept(polling);
        }
    }

    fn strike(&self) {
        if let Some(error) = self.far.cut_error() {
            self.fatal.set(error);
        }
        self.far.stop(Stop::Kill);
    }

    fn kill(&self) {
        self.far.stop(Stop::Kill);
        self.far.wait(Some(KILLED));
    }

    fn close(&self) {
        if let Some(name) = &self.ends.shutdown {
            if let Ok(mut frame) = self.shared.encoder.message(None, name, &json!(null)) {
                self.session.outbox.send_now(&mut frame);
            }
        }
        self.session.outbox.end();
        for (time, then) in [(self.ends.grace, Stop::Ask), (self.ends.term, Stop::Kill)] {
            if self.far.wait(Some(time)) {
                return;
            }
            self.far.stop(then);
        }
        self.far.wait(Some(KILLED));
    }
}
