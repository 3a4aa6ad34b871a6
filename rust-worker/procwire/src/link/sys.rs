//! The few system calls that std does not have. With `unsafe`, because C is given addresses.
#![allow(unsafe_code)]

use std::ffi::{c_int, c_short, c_void};
use std::io;
use std::mem::{self, MaybeUninit};
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::Duration;

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

/// A stopped process hears of nothing: it is woken when its parent dies, to see that. The signal also comes when only the
/// thread of the parent ends that has started this process, and does nothing then.
pub(super) fn wake_with_the_parents_death() {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    // SAFETY: nothing but two numbers. Where it is refused, a stopped worker has to be ended by others.
    unsafe {
        libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGCONT)
    };
}

/// Whether there is a process with this id. No id of a process is above what the system's own type holds.
pub(super) fn is_running(pid: u32) -> bool {
    let Ok(pid) = libc::pid_t::try_from(pid) else { return false };
    // SAFETY: nothing but two numbers; signal 0 only asks.
    let refused = unsafe { libc::kill(pid, 0) } == -1;
    !refused || io::Error::last_os_error().raw_os_error() != Some(libc::ESRCH)
}

/// Kills all processes of the group, this one included, so it returns only when the system refuses.
pub(super) fn kill_group() {
    // SAFETY: nothing but two numbers.
    unsafe { libc::kill(0, libc::SIGKILL) };
}

/// What two descriptors show of these events; waits until one of them shows something, `at_most` so long.
pub(super) fn poll_both(entries: [(&dyn AsRawFd, c_short); 2], at_most: Option<Duration>) -> io::Result<[c_short; 2]> {
    // Rounded up, or the last part of a millisecond would be spent asking again and again.
    let time = at_most.map_or(-1, |time| c_int::try_from(time.as_nanos().div_ceil(1_000_000)).unwrap_or(c_int::MAX));
    let mut polled = entries.map(|(fd, events)| libc::pollfd { fd: fd.as_raw_fd(), events, revents: 0 });
    // SAFETY: both entries are alive and of the right type.
    match unsafe { libc::poll(polled.as_mut_ptr(), 2, time) } {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(polled.map(|entry| entry.revents)),
    }
}

/// Makes a descriptor that nobody shares say so when it would have to wait.
pub(super) fn never_wait(fd: impl AsFd) -> io::Result<()> {
    let fd = fd.as_fd().as_raw_fd();
    // SAFETY: nothing but numbers.
    let flags = counted(unsafe { libc::fcntl(fd, libc::F_GETFL) } as isize)? as c_int;
    // SAFETY: nothing but numbers.
    counted(unsafe { libc::fcntl(fd, libc::F_SETFL, flags | libc::O_NONBLOCK) } as isize).map(drop)
}

/// Waits until a child of this process has exited, and leaves it to be reaped: until then its number, and that of the
/// group it leads, are nobody else's.
pub(super) fn wait_for_exit(child: u32) -> io::Result<()> {
    loop {
        let mut told = MaybeUninit::<libc::siginfo_t>::uninit();
        // SAFETY: the system writes what it tells to memory that is ours and large enough.
        let result = unsafe { libc::waitid(libc::P_PID, child, told.as_mut_ptr(), libc::WEXITED | libc::WNOWAIT) };
        match counted(result as isize) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other.map(drop),
        }
    }
}

/// Sends a signal to all processes of the group that a child leads. The child must not have been reaped.
pub(super) fn signal_group(leader: u32, signal: c_int) {
    let Ok(group) = c_int::try_from(leader) else { return };
    // SAFETY: nothing but numbers. Refused, there is nobody left, or nobody whom this process may signal.
    unsafe { libc::kill(-group, signal) };
}

/// Has a function called when this process exits by itself.
pub(super) fn at_exit(function: extern "C" fn()) {
    // SAFETY: the function lives as long as the program.
    unsafe { libc::atexit(function) };
}

/// The user for whom this process acts.
pub(super) fn user() -> u32 {
    // SAFETY: takes nothing and cannot fail.
    unsafe { libc::geteuid() }
}

/// What a descriptor shows of these events, within so much time; zero for none.
pub(super) fn poll_within(fd: impl AsFd, events: c_short, at_most: Duration) -> io::Result<c_short> {
    let time = c_int::try_from(at_most.as_nanos().div_ceil(1_000_000)).unwrap_or(c_int::MAX);
    let mut entry = libc::pollfd { fd: fd.as_fd().as_raw_fd(), events, revents: 0 };
    // SAFETY: the one entry is alive and of the right type.
    match unsafe { libc::poll(&raw mut entry, 1, time) } {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(entry.revents),
    }
}

/// Connects to a local socket without waiting: `WouldBlock` where too many wait already.
pub(super) fn connect_local(path: &Path) -> io::Result<OwnedFd> {
    // SAFETY: nothing but numbers.
    let fd = counted(unsafe { libc::socket(libc::AF_UNIX, libc::SOCK_STREAM, 0) } as isize)? as c_int;
    // SAFETY: it was opened a moment ago, and is nobody else's.
    let socket = unsafe { OwnedFd::from_raw_fd(fd) };
    // SAFETY: nothing but numbers.
    counted(unsafe { libc::fcntl(fd, libc::F_SETFD, libc::FD_CLOEXEC) } as isize)?;
    never_wait(&socket)?;
    let bytes = path.as_os_str().as_bytes();
    // SAFETY: all of it is numbers, for which zero is a value.
    let mut address: libc::sockaddr_un = unsafe { mem::zeroed() };
    if bytes.len() >= address.sun_path.len() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    address.sun_family = libc::AF_UNIX as libc::sa_family_t;
    address.sun_path.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from as libc::c_char);
    let length = mem::size_of_val(&address) as libc::socklen_t;
    // SAFETY: the address is alive, of the right type, and as long as is said.
    counted(unsafe { libc::connect(fd, (&raw const address).cast(), length) } as isize).map(|_| socket)
}

/// Has the system notice, after a minute of silence, that the other machine is gone.
pub(super) fn keep_alive(socket: impl AsFd) -> io::Result<()> {
    const IDLE: c_int = 60;
    #[cfg(target_vendor = "apple")]
    const OPTION: c_int = libc::TCP_KEEPALIVE;
    #[cfg(not(target_vendor = "apple"))]
    const OPTION: c_int = libc::TCP_KEEPIDLE;
    set_option(&socket, libc::SOL_SOCKET, libc::SO_KEEPALIVE, 1)?;
    set_option(&socket, libc::IPPROTO_TCP, OPTION, IDLE)
}

fn set_option(socket: impl AsFd, level: c_int, option: c_int, value: c_int) -> io::Result<()> {
    let (fd, length) = (socket.as_fd().as_raw_fd(), mem::size_of_val(&value) as libc::socklen_t);
    // SAFETY: the value is alive, and as long as is said.
    counted(unsafe { libc::setsockopt(fd, level, option, (&raw const value).cast(), length) } as isize).map(drop)
}

fn counted(result: isize) -> io::Result<usize> {
    usize::try_from(result).map_err(|_| io::Error::last_os_error())
}
