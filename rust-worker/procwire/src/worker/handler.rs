//! What can serve a method, and where it runs.

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::fault::Fault;
use crate::peer::answer::Answer;
use crate::peer::panics::{self, Panic};
use crate::wire::params::{Params, Raw};
use crate::worker::context::Context;
use crate::worker::stream::Stream;

/// What serves a method: `Fn(P) -> Result<T, Fault>`, or `Fn(P, &Context) -> Result<T, Fault>` for a handler that can be
/// cancelled or speaks while it runs. `P` can be deserialized, `T` serialized. Implemented for closures and functions of
/// these shapes, and for those that fail with an error of their own in [`failing`]; `Kind` tells them apart.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot serve a method",
    label = "not a handler",
    note = "a handler is `Fn(P) -> Result<T, Fault>` or `Fn(P, &Context) -> Result<T, Fault>`, `Send + Sync + 'static`",
    note = "with `P: DeserializeOwned`, `T: Serialize`; an error of your own goes into a fault by `?` or `failing(handler)`",
    note = "annotate the closure's parameters, `|p: Pair, cx: &Context| ...`, and return `Ok(...)`"
)]
pub trait Handler<Kind>: Send + Sync + 'static {
    /// What it takes.
    type Params: DeserializeOwned;
    /// What it answers.
    type Output: Serialize;

    /// Serves one call.
    ///
    /// # Errors
    ///
    /// Whatever the caller is to receive instead of a result.
    fn serve(&self, params: Self::Params, cx: &Context) -> Result<Self::Output, Fault>;
}

impl<F, P, T> Handler<fn(P) -> T> for F
where
    F: Fn(P) -> Result<T, Fault> + Send + Sync + 'static,
    P: DeserializeOwned,
    T: Serialize,
{
    type Params = P;
    type Output = T;

    fn serve(&self, params: P, _: &Context) -> Result<T, Fault> {
        self(params)
    }
}

impl<F, P, T> Handler<fn(P, &Context) -> T> for F
where
    F: Fn(P, &Context) -> Result<T, Fault> + Send + Sync + 'static,
    P: DeserializeOwned,
    T: Serialize,
{
    type Params = P;
    type Output = T;

    fn serve(&self, params: P, cx: &Context) -> Result<T, Fault> {
        self(params, cx)
    }
}

/// A handler that fails with an error of its own: see [`failing`].
#[derive(Debug, Clone, Copy)]
pub struct Failing<F>(F);

/// Makes a handler of a function whose error is one of yours, `E: Into<Fault>`.
///
/// ```
/// use procwire::{Fault, Worker, failing};
///
/// struct Overdrawn { missing: u32 }
///
/// impl From<Overdrawn> for Fault {
///     fn from(error: Overdrawn) -> Fault {
///         Fault::new(7, format!("{} are missing", error.missing))
///     }
/// }
///
/// fn withdraw((amount,): (u32,)) -> Result<u32, Overdrawn> {
///     100_u32.checked_sub(amount).ok_or_else(|| Overdrawn { missing: amount - 100 })
/// }
///
/// Worker::new()
///     .method("withdraw", failing(withdraw))
///     // In a closure that returns faults, `?` does the same.
///     .method("withdraw_twice", |(amount,): (u32,)| Ok(withdraw((2 * amount,))?));
/// ```
pub fn failing<F>(handler: F) -> Failing<F> {
    Failing(handler)
}

impl<F, P, T, E> Handler<fn(P) -> Result<T, E>> for Failing<F>
where
    F: Fn(P) -> Result<T, E> + Send + Sync + 'static,
    P: DeserializeOwned,
    T: Serialize,
    E: Into<Fault>,
{
    type Params = P;
    type Output = T;

    fn serve(&self, params: P, _: &Context) -> Result<T, Fault> {
        (self.0)(params).map_err(Into::into)
    }
}

impl<F, P, T, E> Handler<fn(P, &Context) -> Result<T, E>> for Failing<F>
where
    F: Fn(P, &Context) -> Result<T, E> + Send + Sync + 'static,
    P: DeserializeOwned,
    T: Serialize,
    E: Into<Fault>,
{
    type Params = P;
    type Output = T;

    fn serve(&self, params: P, cx: &Context) -> Result<T, Fault> {
        (self.0)(params, cx).map_err(Into::into)
    }
}

/// A handler without its types: reads its parameters, and appends its result to the answer.
pub(crate) type Erased = Box<dyn Fn(&Params<'_>, &Context, &mut Answer<'_>) -> Result<(), Fault> + Send + Sync>;
/// A notification handler without its types.
pub(crate) type Listener = Box<dyn Fn(&Params<'_>, &Context) -> Result<(), Fault> + Send + Sync>;
/// Decides whether a call is cheap enough for the reader.
pub(crate) type Cheap = Box<dyn Fn(&Params<'_>) -> bool + Send + Sync>;

/// The user's rule, whose panic must not reach the reader: such a call goes to the pool.
pub(crate) fn cheap<C: Fn(&Params<'_>) -> bool + Send + Sync + 'static>(name: &str, rule: C) -> Cheap {
    let name = name.to_owned();
    Box::new(move |params| {
        let on_panic = |panic: &Panic| panic.report(format_args!("the rule whether {name} is cheap"));
        panics::caught(|| Ok(rule(params)), on_panic).unwrap_or(false)
    })
}

/// Where a handler runs.
pub(crate) enum Lane {
    /// On a thread of the pool.
    Pool,
    /// On the reader, if the rule says that this call is cheap.
    Inline(Cheap),
    /// On the pool, after all earlier calls with the same key.
    Serial(Arc<str>),
}

pub(crate) fn decoded<K>(handler: impl Handler<K>) -> Erased {
    Box::new(move |params, cx, answer| answer.result(&handler.serve(params.decode()?, cx)?, &cx.request))
}

pub(crate) fn stream<P, T, F>(handler: F) -> Erased
where
    P: DeserializeOwned,
    T: Serialize,
    F: Fn(P, &mut Stream<'_>) -> Result<T, Fault> + Send + Sync + 'static,
{
    Box::new(move |params, cx, answer| {
        let params = params.decode()?;
        let result = handler(params, &mut Stream::new(cx))?;
        answer.result(&result, &cx.request)
    })
}

/// A handler that reads its parameters itself.
pub(crate) fn unread<T, F>(handler: F) -> Erased
where
    T: Serialize,
    F: Fn(&Params<'_>, &Context) -> Result<T, Fault> + Send + Sync + 'static,
{
    Box::new(move |params, cx, answer| answer.result(&handler(params, cx)?, &cx.request))
}

pub(crate) fn raw<F>(handler: F) -> Erased
where
    F: for<'a> Fn(&Params<'a>) -> Result<Raw<'a>, Fault> + Send + Sync + 'static,
{
    Box::new(move |params, cx, answer| answer.raw(handler(params)?, &cx.request))
}
