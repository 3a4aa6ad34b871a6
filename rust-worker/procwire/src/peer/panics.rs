//! Panics of handlers, turned into errors.

use std::any::Any;
use std::backtrace::{Backtrace, BacktraceStatus};
use std::cell::{Cell, RefCell};
use std::fmt;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

use serde_json::json;

use crate::fault::Fault;
use crate::link::stdio::report;

thread_local! {
    static IN_HANDLER: Cell<bool> = const { Cell::new(false) };
    static LAST: RefCell<Option<Panic>> = const { RefCell::new(None) };
}

/// What is known of a panic.
pub(crate) struct Panic {
    message: String,
    /// Empty if a hook that was set after ours keeps it to itself.
    place: String,
    /// Where the environment asks for one (`RUST_BACKTRACE`).
    backtrace: Option<String>,
}

impl Panic {
    /// Says on stderr what has panicked, and where.
    pub fn report(&self, what: fmt::Arguments<'_>) {
        let Panic { message, place, backtrace } = self;
        let at = if place.is_empty() { "" } else { " at " };
        report(&format!("{what} panicked{at}{place}: {message}"));
        // Line by line: all of it would be cut.
        backtrace.iter().flat_map(|text| text.lines()).for_each(report);
    }
}

/// Runs a handler; its panic becomes -32603 with the message and the place in `data`, once `on_panic` has heard of it.
pub(crate) fn caught<T>(handler: impl FnOnce() -> Result<T, Fault>, on_panic: impl FnOnce(&Panic)) -> Result<T, Fault> {
    install_hook();
    // A handler may serve a worker of its own.
    let outer = IN_HANDLER.replace(true);
    let result = panic::catch_unwind(AssertUnwindSafe(handler)).unwrap_or_else(|payload| {
        let unknown = || Panic { message: text_of(&*payload), place: String::new(), backtrace: None };
        let panic = LAST.take().unwrap_or_else(unknown);
        // The payload's own destructor may panic as well; what that throws is leaked, so it cannot go on.
        if let Err(second) = panic::catch_unwind(AssertUnwindSafe(|| drop(payload))) {
            std::mem::forget(second);
        }
        on_panic(&panic);
        let Panic { message, place, .. } = panic;
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
            let backtrace = Backtrace::capture();
            let backtrace = (backtrace.status() == BacktraceStatus::Captured).then(|| backtrace.to_string());
            LAST.set(Some(Panic { message: text_of(info.payload()), place, backtrace }));
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
        let handler = || {
            assert_eq!(panic_message(caught(|| panic!("inner"), |_| {})), "inner");
            assert!(IN_HANDLER.get());
            panic!("outer {}", 1)
        };
        let result = caught(handler, |panic| assert!(panic.place.contains("panics.rs")));
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
            let result = caught(|| panic::resume_unwind(payload), |panic| assert_eq!(panic.place, ""));
            assert_eq!(panic_message(result), text);
        }
    }
}
