//! Memory for large messages. With `unsafe`, because advice about memory is given by its address.
#![allow(unsafe_code)]

/// Buffers below this size gain little.
const LEAST: usize = 4 * 1024 * 1024;
/// No page is smaller.
const PAGE: usize = 4096;

/// Asks for large pages under the room of a buffer that nothing was written to yet. Without them each 4 KiB of it costs
/// an exception when it is first touched, which takes longer than reading the bytes.
#[cfg(target_os = "linux")]
pub(crate) fn prefer_large_pages(buffer: &mut Vec<u8>) {
    let room = buffer.spare_capacity_mut();
    if room.len() < LEAST {
        return;
    }
    let start = room.as_ptr().addr();
    let pages = &mut room[start.next_multiple_of(PAGE) - start..];
    // SAFETY: the pages lie inside of the buffer's own allocation, and this advice changes nothing that is in them. That
    // it is refused, or unknown, does not matter.
    unsafe {
        libc::madvise(pages.as_mut_ptr().cast(), pages.len() / PAGE * PAGE, libc::MADV_HUGEPAGE);
    }
}

/// Other systems choose for themselves.
#[cfg(not(target_os = "linux"))]
pub(crate) fn prefer_large_pages(_: &mut Vec<u8>) {}
