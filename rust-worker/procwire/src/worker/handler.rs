//! What can serve a method, and where it runs.

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::fault::Fault;
use crate::link::stdio::report;
use crate::peer::answer::Answer;
use crate::peer::panics;
use crate::wire::params::{Params, Raw};
use crate::worker::context::Context;
use crate::worker::stream::Stream;

/// A function from decoded parameters to a result: `Fn(P) -> Result<T, Fault>`, where `P` can be deserialized and `T`
/// serialized. Implemented for closures and functions of that shape; [`Worker::method_with`](crate::Worker::method_with)
/// takes those that want a [`Context`] too.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot serve a method",
    label = "not a handler",
    note = "a handler is `Fn(P) -> Result<T, Fault>`, with `P: DeserializeOwned`, `T: Serialize`, `Send + Sync + 'static`",
    note = "annotate the closure's parameter, `|p: Pair| ...`, and return `Ok(...)`; for a context use `method_with`"
)]
pub trait Handler<P, T>: Send + Sync + 'static {
    /// Serves one call.
    ///
    /// # Errors
    ///
    /// Whatever the caller is to receive instead of a result.
    fn serve(&self, params: P) -> Result<T, Fault>;
}

impl<F, P, T> Handler<P, T> for F
where
    F: Fn(P) -> Result<T, Fault> + Send + Sync + 'static,
    P: DeserializeOwned,
    T: Serialize,
{
    fn serve(&self, params: P) -> Result<T, Fault> {
        self(params)
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
        panics::caught(|| Ok(rule(params))).unwrap_or_else(|fault| {
            report(&format!("the rule whether {name} is cheap: {fault}"));
            false
        })
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

pub(crate) fn plain<P, T, H>(handler: H) -> Erased
where
    P: DeserializeOwned,
    T: Serialize,
    H: Handler<P, T>,
{
    Box::new(move |params, cx, answer| answer.result(&handler.serve(params.decode()?)?, &cx.call))
}

pub(crate) fn with_context<P, T, F>(handler: F) -> Erased
where
    P: DeserializeOwned,
    T: Serialize,
    F: Fn(P, &Context) -> Result<T, Fault> + Send + Sync + 'static,
{
    Box::new(move |params, cx, answer| answer.result(&handler(params.decode()?, cx)?, &cx.call))
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
        answer.result(&result, &cx.call)
    })
}

/// A handler that reads its parameters itself.
pub(crate) fn unread<T, F>(handler: F) -> Erased
where
    T: Serialize,
    F: Fn(&Params<'_>, &Context) -> Result<T, Fault> + Send + Sync + 'static,
{
    Box::new(move |params, cx, answer| answer.result(&handler(params, cx)?, &cx.call))
}

pub(crate) fn raw<F>(handler: F) -> Erased
where
    F: for<'a> Fn(&Params<'a>) -> Result<Raw<'a>, Fault> + Send + Sync + 'static,
{
    Box::new(move |params, cx, answer| answer.raw(handler(params)?, &cx.call))
}
