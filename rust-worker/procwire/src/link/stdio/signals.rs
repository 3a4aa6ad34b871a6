//! SIGTERM and SIGINT.

use std::io;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use super::Group;
use crate::threads;

/// From now on SIGINT means nothing, since the parent hears it too and decides, and SIGTERM ends the process in order:
/// `end` runs, then exit code 0.
pub(crate) fn on_terminate(group: Group, end: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let mut signals = Signals::new([SIGTERM, SIGINT])?;
    threads::start("signals", threads::SMALL, move || {
        if signals.forever().any(|signal| signal == SIGTERM) {
            end();
            group.sweep_if_orphan();
            std::process::exit(0);
        }
    })
    .map(drop)
}
