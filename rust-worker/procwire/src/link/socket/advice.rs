//! What the system says of a socket, with a word on what to do.

use std::io;

pub(super) fn explain(error: &io::Error) -> String {
    advice(error).map_or_else(|| error.to_string(), |advice| format!("{advice} ({error})"))
}

fn advice(error: &io::Error) -> Option<&'static str> {
    use io::ErrorKind::{
        AddrInUse, AddrNotAvailable, BrokenPipe, ConnectionRefused, ConnectionReset, HostUnreachable,
        NetworkUnreachable, NotFound, PermissionDenied, TimedOut,
    };
    Some(match error.kind() {
        NotFound => "there is no such socket. Is the service running, and is this its path",
        ConnectionRefused => "nobody listens there. Start the service",
        PermissionDenied => "this user may not do that",
        AddrInUse => "the address is in use. Choose another one, or end whoever uses it",
        AddrNotAvailable => "this machine has no such address",
        TimedOut => "the host does not answer",
        HostUnreachable | NetworkUnreachable => "the host can't be reached",
        ConnectionReset | BrokenPipe => "the other side closed the connection",
        _ => match error.raw_os_error() {
            Some(libc::EMFILE) => "too many files are open. Close some, or raise the limit (ulimit -n)",
            Some(libc::ENOTSOCK) => "there is a file, and no socket",
            _ => return None,
        },
    })
}
