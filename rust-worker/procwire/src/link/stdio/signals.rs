//! SIGTERM and SIGINT. With `unsafe`, because nothing safe blocks a signal for all threads and waits for it.
#![allow(unsafe_code)]

use std::io;
use std::mem::MaybeUninit;
use std::ptr;

use super::Group;
use crate::threads;

/// SIGINT is ignored from now on, and SIGTERM ends the process in order: `end` runs, then exit code 0. Call before other
/// threads start, so that they inherit the blocked signal.
pub(crate) fn on_terminate(group: Group, end: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let set = block_terminate()?;
    threads::start("signals", threads::SMALL, move || {
        while wait_for(&set).is_err() {}
        end();
        group.sweep_if_orphan();
        std::process::exit(0);
    })
    .map(drop)
}

fn block_terminate() -> io::Result<libc::sigset_t> {
    let mut set = MaybeUninit::uninit();
    // SAFETY: `sigemptyset` initialises the set, which the other calls only read or change; all pointers are to locals.
    unsafe {
        libc::signal(libc::SIGINT, libc::SIG_IGN);
        libc::sigemptyset(set.as_mut_ptr());
        libc::sigaddset(set.as_mut_ptr(), libc::SIGTERM);
        match libc::pthread_sigmask(libc::SIG_BLOCK, set.as_ptr(), ptr::null_mut()) {
            0 => Ok(set.assume_init()),
            code => Err(io::Error::from_raw_os_error(code)),
        }
    }
}

fn wait_for(set: &libc::sigset_t) -> io::Result<()> {
    let mut signal = 0;
    // SAFETY: both pointers are to live values of the right type.
    match unsafe { libc::sigwait(set, &raw mut signal) } {
        0 => Ok(()),
        code => Err(io::Error::from_raw_os_error(code)),
    }
}
