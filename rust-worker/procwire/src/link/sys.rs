//! The few system calls that std does not have. With `unsafe`, because C is given addresses.
#![allow(unsafe_code)]

use std::ffi::{c_int, c_short, c_void};
use std::io;
use std::os::fd::{AsFd, AsRawFd};

/// Says that a socket whose other end is gone is an error, not a signal. std ignores that signal where there is no flag.
#[cfg(not(target_vendor = "apple"))]
const NO_SIGNAL: c_int = libc::MSG_NOSIGNAL;
#[cfg(target_vendor = "apple")]
const NO_SIGNAL: c_int = 0;

/// Reads what fits into the room of `into`, and appends it.
pub(super) fn read(fd: impl AsFd, into: &mut Vec<u8>) -> io::Result<usize> {
    let fd = fd.as_fd().as_raw_fd();
    // SAFETY: `append` gives the address and the length of memory that is ours.
    append(into, |room, length| unsafe { libc::read(fd, room, length) })
}

/// As [`read`], from a socket and without waiting.
pub(super) fn receive_now(socket: impl AsFd, into: &mut Vec<u8>) -> io::Result<usize> {
    let fd = socket.as_fd().as_raw_fd();
    // SAFETY: as in `read`.
    append(into, |room, length| unsafe { libc::recv(fd, room, length, libc::MSG_DONTWAIT) })
}

fn append(into: &mut Vec<u8>, read: impl FnOnce(*mut c_void, usize) -> isize) -> io::Result<usize> {
    let room = into.spare_capacity_mut();
    let count = counted(read(room.as_mut_ptr().cast(), room.len()))?;
    // SAFETY: the system has written so many bytes into the room, and never more than fit.
    unsafe { into.set_len(into.len() + count) };
    Ok(count)
}

/// Writes to a socket without waiting.
pub(super) fn send_now(socket: impl AsFd, bytes: &[u8]) -> io::Result<usize> {
    let fd = socket.as_fd().as_raw_fd();
    // SAFETY: address and length are those of a slice, which is only read.
    counted(unsafe { libc::send(fd, bytes.as_ptr().cast(), bytes.len(), libc::MSG_DONTWAIT | NO_SIGNAL) })
}

/// What a descriptor shows of these events; zero for none. With `waits` not before there is one, or a signal.
pub(super) fn poll(fd: impl AsFd, events: c_short, waits: bool) -> io::Result<c_short> {
    let mut entry = libc::pollfd { fd: fd.as_fd().as_raw_fd(), events, revents: 0 };
    // SAFETY: the one entry is alive and of the right type.
    match unsafe { libc::poll(&raw mut entry, 1, if waits { -1 } else { 0 }) } {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(entry.revents),
    }
}

/// Leads descriptor 1 to where `fd` does.
pub(super) fn redirect_stdout(fd: impl AsFd) -> io::Result<()> {
    // SAFETY: nothing but two numbers; whoever writes to descriptor 1 means stdout, wherever that leads.
    counted(unsafe { libc::dup2(fd.as_fd().as_raw_fd(), libc::STDOUT_FILENO) } as isize).map(drop)
}

/// Whether this process leads its process group.
pub(super) fn leads_its_group() -> bool {
    // SAFETY: takes nothing and cannot fail.
    unsafe { libc::getpgrp() == libc::getpid() }
}

/// Kills all processes of the group, this one included, so it returns only when the system refuses.
pub(super) fn kill_group() {
    // SAFETY: nothing but two numbers.
    unsafe { libc::kill(0, libc::SIGKILL) };
}

fn counted(result: isize) -> io::Result<usize> {
    usize::try_from(result).map_err(|_| io::Error::last_os_error())
}
