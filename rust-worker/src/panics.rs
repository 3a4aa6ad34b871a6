//! Panics of handlers, turned into errors.

use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

use serde_json::json;

use crate::fault::Fault;

thread_local! {
    static IN_HANDLER: Cell<bool> = const { Cell::new(false) };
    static LAST: RefCell<Option<(String, String)>> = const { RefCell::new(None) };
}

/// Runs a handler; its panic becomes -32603 with the message and the place in `data`.
pub(crate) fn caught<T>(handler: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
    install_hook();
    IN_HANDLER.set(true);
    let result = panic::catch_unwind(AssertUnwindSafe(handler)).unwrap_or_else(|payload| {
        let (message, place) = LAST.take().unwrap_or_default();
        // The payload's own destructor may panic as well; what that throws is leaked, so it cannot go on.
        if let Err(second) = panic::catch_unwind(AssertUnwindSafe(|| drop(payload))) {
            std::mem::forget(second);
        }
        Err(Fault::internal(format!("the handler panicked: {message}"))
            .with_data(json!({ "panic": message, "at": place })))
    });
    IN_HANDLER.set(false);
    result
}

/// Keeps message and place of a handler's panic; all other panics go to the hook that was there before.
fn install_hook() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let previous = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !IN_HANDLER.get() {
                return previous(info);
            }
            let payload = info.payload();
            let text = payload.downcast_ref::<&str>().copied();
            let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
            let message = text.unwrap_or("a payload that is not text").to_owned();
            let place = info.location().map(ToString::to_string).unwrap_or_default();
            LAST.set(Some((message, place)));
        }));
    });
}
