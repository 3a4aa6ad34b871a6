//! What moves bytes between two sides: any reader and writer, this process's own stdin and stdout, a child's, a socket.

#[cfg(feature = "client")]
pub(crate) mod child;
#[cfg(unix)]
mod descriptor;
pub(crate) mod sink;
#[cfg(unix)]
pub(crate) mod socket;
pub(crate) mod source;
#[cfg(any(unix, feature = "client"))]
pub(crate) mod spin;
pub(crate) mod stdio;
#[cfg(unix)]
mod sys;

/// Sleeps until one of them has something to be read, so long at most.
#[cfg(unix)]
pub(crate) fn wait_for_either(
    one: &impl std::os::fd::AsFd,
    other: &impl std::os::fd::AsFd,
    at_most: Option<std::time::Duration>,
) {
    let (one, other) = (one.as_fd(), other.as_fd());
    // Whatever it was, whoever looks again finds out.
    let _ = sys::poll_both([(&one, libc::POLLIN), (&other, libc::POLLIN)], at_most);
}
