//! Panics of handlers, turned into errors.

use std::any::Any;
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
    // A handler may serve a worker of its own.
    let outer = IN_HANDLER.replace(true);
    let result = panic::catch_unwind(AssertUnwindSafe(handler)).unwrap_or_else(|payload| {
        // A hook that was set after ours tells nothing of the place.
        let (message, place) = LAST.take().unwrap_or_else(|| (text_of(&*payload), String::new()));
        // The payload's own destructor may panic as well; what that throws is leaked, so it cannot go on.
        if let Err(second) = panic::catch_unwind(AssertUnwindSafe(|| drop(payload))) {
            std::mem::forget(second);
        }
        Err(Fault::internal(format!("the handler panicked: {message}"))
            .with_data(json!({ "panic": message, "at": place })))
    });
    IN_HANDLER.set(outer);
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
            let place = info.location().map(ToString::to_string).unwrap_or_default();
            LAST.set(Some((text_of(info.payload()), place)));
        }));
    });
}

fn text_of(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a payload that is not text").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn panic_message(result: Result<(), Fault>) -> String {
        result.unwrap_err().data.unwrap()["panic"].as_str().unwrap().to_owned()
    }

    #[test]
    fn a_handler_that_serves_a_worker_of_its_own_and_panics_after_it_is_still_a_handler() {
        let result = caught(|| {
            assert_eq!(panic_message(caught(|| panic!("inner"))), "inner");
            assert!(IN_HANDLER.get());
            panic!("outer {}", 1)
        });
        assert_eq!(panic_message(result), "outer 1");
        assert!(!IN_HANDLER.get());
    }

    #[test]
    fn the_message_of_a_panic_is_known_without_our_hook() {
        for (payload, text) in [
            (Box::new("text") as Box<dyn Any + Send>, "text"),
            (Box::new("text".to_owned()), "text"),
            (Box::new(1), "a payload that is not text"),
        ] {
            let result = caught(|| panic::resume_unwind(payload));
            assert_eq!(panic_message(result), text);
        }
    }
}
