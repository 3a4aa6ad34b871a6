//! Notifications of the other side: handed to their handlers in order, on a thread of their own, so that a handler may
//! call and wait.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Condvar, Mutex};

use crate::client::metrics::{Counters, add};
use crate::fault::Fault;
use crate::limits::Limits;
use crate::link::stdio::report;
use crate::locks;
use crate::peer::panics;
use crate::threads;
use crate::wire::codec::Codec;
use crate::wire::message::Sent;
use crate::wire::params::Params;

/// A handler without its types.
pub(crate) type Listener = Arc<dyn Fn(&str, &Params<'_>) -> Result<(), Fault> + Send + Sync>;

/// Something to be done in order with the others.
enum Notice {
    Notification { method: Box<str>, params: Option<Vec<u8>> },
    Job(Box<dyn FnOnce() + Send>, usize),
}

impl Notice {
    fn bytes(&self) -> usize {
        match self {
            Notice::Notification { method, params } => method.len() + params.as_ref().map_or(0, Vec::len),
            Notice::Job(_, bytes) => *bytes,
        }
    }
}

#[derive(Default)]
struct State {
    by_method: HashMap<String, Vec<Listener>>,
    for_all: Vec<Listener>,
    waiting: VecDeque<Notice>,
    bytes: usize,
    /// Those that nobody listens for yet.
    early: VecDeque<(Box<str>, Option<Vec<u8>>)>,
    early_bytes: usize,
    is_started: bool,
    is_closed: bool,
}

pub(crate) struct Notices {
    codec: Codec,
    limits: Limits,
    counters: Arc<Counters>,
    state: Mutex<State>,
    changed: Condvar,
}

impl Notices {
    pub fn new(codec: Codec, limits: Limits, counters: Arc<Counters>) -> Self {
        Notices { codec, limits, counters, state: Mutex::default(), changed: Condvar::new() }
    }

    /// Adds a handler, for all notifications if no method is named. It gets what has come before, if that was kept.
    pub fn listen(self: &Arc<Self>, method: Option<&str>, listener: Listener) {
        let mut state = locks::lock(&self.state);
        if state.is_closed {
            return;
        }
        let listeners = match method {
            Some(method) => state.by_method.entry(method.to_owned()).or_default(),
            None => &mut state.for_all,
        };
        listeners.push(listener);
        let early = std::mem::take(&mut state.early);
        state.early_bytes = 0;
        for (name, params) in early {
            self.sort(&mut state, name, params);
        }
        self.start(&mut state);
    }

    /// Hands on a notification; called by the reader.
    pub fn deliver(self: &Arc<Self>, method: &str, params: Option<&[u8]>) {
        let mut state = locks::lock(&self.state);
        if !state.is_closed {
            self.sort(&mut state, method.into(), params.map(<[u8]>::to_vec));
            self.start(&mut state);
        }
    }

    /// Has something done after what came before.
    pub fn run(self: &Arc<Self>, bytes: usize, job: impl FnOnce() + Send + 'static) {
        let mut state = locks::lock(&self.state);
        if !state.is_closed {
            self.queue(&mut state, Notice::Job(Box::new(job), bytes));
            self.start(&mut state);
        }
    }

    fn sort(&self, state: &mut State, method: Box<str>, params: Option<Vec<u8>>) {
        if state.by_method.contains_key(&*method) || !state.for_all.is_empty() {
            return self.queue(state, Notice::Notification { method, params });
        }
        let cost = |method: &str, params: &Option<Vec<u8>>| method.len() + params.as_ref().map_or(0, Vec::len);
        state.early_bytes += cost(&method, &params);
        state.early.push_back((method, params));
        while state.early.len() > self.limits.early_notifications
            || (state.early_bytes > self.limits.held_bytes && state.early.len() > 1)
        {
            let Some((method, params)) = state.early.pop_front() else { break };
            state.early_bytes -= cost(&method, &params);
            add(&self.counters.dropped, 1);
        }
    }

    fn queue(&self, state: &mut State, notice: Notice) {
        state.bytes += notice.bytes();
        state.waiting.push_back(notice);
        while state.waiting.len() > self.limits.queued_notifications.max(1)
            || (state.bytes > self.limits.held_bytes && state.waiting.len() > 1)
        {
            let Some(dropped) = state.waiting.pop_front() else { break };
            state.bytes -= dropped.bytes();
            add(&self.counters.dropped, 1);
        }
    }

    fn start(self: &Arc<Self>, state: &mut State) {
        if state.waiting.is_empty() {
            return;
        }
        if state.is_started {
            return self.changed.notify_one();
        }
        let notices = Arc::clone(self);
        match threads::start("notifications", threads::SMALL * 4, move || notices.serve()) {
            Ok(_) => state.is_started = true,
            // They wait for the next one, which tries again.
            Err(error) => report(&error.to_string()),
        }
    }

    fn serve(&self) {
        while let Some((notice, listeners)) = self.next() {
            match notice {
                Notice::Job(job, _) => guarded("progress, or of text that is no message", || {
                    job();
                    Ok(())
                }),
                Notice::Notification { method, params } => {
                    let params = Params::new(&method, self.codec, params.as_deref().map(Sent::new));
                    for listener in listeners {
                        guarded(&format!("notification {method}"), || listener(&method, &params));
                    }
                }
            }
        }
    }

    fn next(&self) -> Option<(Notice, Vec<Listener>)> {
        let mut state = locks::lock(&self.state);
        loop {
            if let Some(notice) = state.waiting.pop_front() {
                state.bytes -= notice.bytes();
                let Notice::Notification { method, .. } = &notice else { return Some((notice, Vec::new())) };
                let by_method = state.by_method.get(&**method).into_iter().flatten();
                let listeners = by_method.chain(&state.for_all).cloned().collect();
                return Some((notice, listeners));
            }
            if state.is_closed {
                return None;
            }
            state = locks::wait(&self.changed, state);
        }
    }

    /// Ends the thread once what has come is handed over, and lets go of the handlers.
    pub fn close(&self) {
        let mut state = locks::lock(&self.state);
        state.is_closed = true;
        state.early.clear();
        let handlers = if state.waiting.is_empty() {
            (std::mem::take(&mut state.by_method), std::mem::take(&mut state.for_all))
        } else {
            Default::default()
        };
        self.changed.notify_all();
        drop(state);
        // Without the lock: they may hold the last of a channel.
        drop(handlers);
    }
}

/// Runs a handler of the user's: what goes wrong in it has nobody to go to but stderr.
fn guarded(what: &str, handler: impl FnOnce() -> Result<(), Fault>) {
    if let Err(fault) = panics::caught(handler, |panic| panic.report(format_args!("the handler of {what}"))) {
        report(&format!("{what}: {fault}"));
    }
}
