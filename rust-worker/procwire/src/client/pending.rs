//! One request of this side, from the call to its one outcome.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use crate::error::Error;
use crate::locks;
use crate::peer::credit::Input;
use crate::wire::slice::Slice;

/// A result in the codec's own bytes, or why there is none.
pub(crate) type Outcome = Result<Slice, Error>;
/// Hears the outcome, in place of somebody who waits for it.
pub(crate) type OnSettled = Box<dyn FnOnce(&Outcome) + Send>;
/// Hears the value of a progress notification, in the codec's own bytes.
pub(crate) type OnProgress = Box<dyn Fn(&[u8]) + Send + Sync>;

/// What only some requests have.
#[derive(Default)]
pub(crate) struct Extra {
    /// It may be sent again when a worker dies over it.
    pub is_idempotent: bool,
    pub on_progress: Option<OnProgress>,
    /// It is answered with items.
    pub streams: bool,
}

pub(crate) struct Pending {
    pub id: u64,
    pub method: Box<str>,
    pub started: Instant,
    pub extra: Option<Box<Extra>>,
    is_own: bool,
    is_settled: AtomicBool,
    state: Mutex<State>,
}

#[derive(Default)]
pub(crate) struct State {
    outcome: Option<Outcome>,
    waker: Option<Waker>,
    on_settled: Option<OnSettled>,
    /// Items that have come and those that were asked for.
    pub items: Option<Box<Input>>,
    /// Inputs that the other side takes.
    pub wanted: u64,
    /// Of the one that sends them.
    pump: Option<Waker>,
    /// Workers that died while they had it.
    pub deaths: u32,
}

impl Pending {
    pub fn new(id: u64, method: &str, extra: Option<Box<Extra>>) -> Self {
        let items = extra.as_ref().filter(|extra| extra.streams).map(|_| Box::default());
        let state = State { items, ..State::default() };
        Pending {
            id,
            method: method.into(),
            started: Instant::now(),
            extra,
            is_own: false,
            is_settled: AtomicBool::new(false),
            state: Mutex::new(state),
        }
    }

    /// The same request, whose outcome is told to `on_settled`.
    pub fn telling(mut self, on_settled: OnSettled) -> Self {
        locks::get_mut(&mut self.state).on_settled = Some(on_settled);
        self.is_own = true;
        self
    }

    pub fn lock(&self) -> MutexGuard<'_, State> {
        locks::lock(&self.state)
    }

    pub fn is_settled(&self) -> bool {
        self.is_settled.load(Ordering::Acquire)
    }

    /// It is one of the channel's own, and is not counted.
    pub fn tells(&self) -> bool {
        self.is_own
    }

    pub fn is_idempotent(&self) -> bool {
        self.extra.as_ref().is_some_and(|extra| extra.is_idempotent)
    }

    /// Gives it its outcome, and wakes whoever waits. False if it has one.
    pub fn settle(&self, outcome: Outcome) -> bool {
        let mut state = self.lock();
        if self.is_settled() {
            return false;
        }
        self.is_settled.store(true, Ordering::Release);
        let (waker, pump, on_settled) = (state.waker.take(), state.pump.take(), state.on_settled.take());
        match on_settled {
            None => state.outcome = Some(outcome),
            Some(on_settled) => {
                drop(state);
                on_settled(&outcome);
                return true;
            }
        }
        drop(state);
        wake(waker);
        wake(pump);
        true
    }

    /// Wakes whoever waits, since something has changed.
    pub fn changed(&self, mut state: MutexGuard<'_, State>) {
        let (waker, pump) = (state.waker.take(), state.pump.take());
        drop(state);
        wake(waker);
        wake(pump);
    }

    /// The outcome, once; whoever asks before is woken when it is there.
    pub fn poll(&self, cx: &Context<'_>) -> Poll<Outcome> {
        self.lock().poll(cx)
    }
}

impl State {
    pub fn poll(&mut self, cx: &Context<'_>) -> Poll<Outcome> {
        if let Some(outcome) = self.outcome.take() {
            return Poll::Ready(outcome);
        }
        self.wait(cx);
        Poll::Pending
    }

    /// As [`State::wait`], for the one that sends inputs.
    pub fn wait_for_pull(&mut self, cx: &Context<'_>) {
        self.pump = Some(cx.waker().clone());
    }

    /// The waker is woken by the next change.
    pub fn wait(&mut self, cx: &Context<'_>) {
        match &mut self.waker {
            Some(waker) => waker.clone_from(cx.waker()),
            None => self.waker = Some(cx.waker().clone()),
        }
    }
}

/// A waker is made by whoever runs the future: where it panics the reader lives on.
fn wake(waker: Option<Waker>) {
    if let Some(waker) = waker {
        let _ = catch_unwind(AssertUnwindSafe(|| waker.wake()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_outcome_counts() {
        let pending = Pending::new(1, "m", None);
        assert!(pending.poll(&Context::from_waker(Waker::noop())).is_pending());
        assert!(pending.settle(Ok(Slice::Copy(vec![1]))));
        assert!(!pending.settle(Err(Error::closed("late"))));
        let Poll::Ready(Ok(slice)) = pending.poll(&Context::from_waker(Waker::noop())) else { panic!("no outcome") };
        assert_eq!(slice[..], [1]);
    }
}
