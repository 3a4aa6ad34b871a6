//! Sinks that have no room, that fail, and whose helper is refused.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use super::*;
use crate::link::sink::Writing;
use crate::threads::refusing;

/// Has no room for those who may not wait; reports what the others wrote.
struct Full(Sender<Vec<u8>>);

impl Sink for Full {
    fn try_write(&mut self, _: &[u8]) -> io::Result<Option<usize>> {
        Ok(None)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.send(bytes.to_vec()).map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))?;
        Ok(bytes.len())
    }
}

fn full() -> (Arc<Outbox>, Receiver<Vec<u8>>) {
    let (sender, written) = channel();
    let outbox = Arc::new(Outbox::new(Box::new(Full(sender)), 1000, Box::new(|_| {})));
    outbox.start_helper().unwrap();
    (outbox, written)
}

#[test]
fn a_helper_that_the_system_refuses_is_an_error_with_a_name() {
    let outbox = Arc::new(Outbox::new(Box::new(Writing(Vec::new())), 1000, Box::new(|_| {})));
    refusing::after(0);
    let refused = outbox.start_helper().unwrap_err().to_string();
    refusing::no_more();
    assert!(refused.contains("the system refuses a thread (writer)"), "{refused}");
}

#[test]
fn what_the_reader_may_not_wait_for_is_written_by_another_thread_in_order() {
    let (outbox, written) = full();
    let expected: Vec<u8> = (0..200).collect();
    for byte in &expected {
        outbox.send_now(&mut vec![*byte]);
    }
    assert!(outbox.wait_below(0, Some(Instant::now() + Duration::from_secs(10))));
    outbox.close();
    assert_eq!(written.try_iter().flatten().collect::<Vec<_>>(), expected);
}

#[test]
fn bytes_of_many_threads_are_never_interleaved() {
    let (outbox, written) = full();
    thread::scope(|scope| {
        for name in 0..4_u8 {
            let outbox = &outbox;
            scope.spawn(move || (0..500).for_each(|_| outbox.send(&mut vec![name; 7])));
        }
    });
    let bytes: Vec<u8> = written.try_iter().flatten().collect();
    assert_eq!(bytes.len(), 4 * 500 * 7);
    assert!(bytes.chunks(7).all(|chunk| chunk.iter().all(|byte| *byte == chunk[0])));
}

#[test]
fn a_peer_that_has_gone_is_no_failure_and_a_full_disk_is_one() {
    struct Fails(io::ErrorKind);
    impl io::Write for Fails {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let serve = |kind| {
        let input = br#"{"jsonrpc":"2.0","id":1,"method":"$/ping"}"#;
        crate::Worker::new().serve(&input[..], Fails(kind)).map_err(|error| error.kind())
    };
    assert_eq!(serve(io::ErrorKind::BrokenPipe), Ok(()));
    assert_eq!(serve(io::ErrorKind::ConnectionReset), Ok(()));
    assert_eq!(serve(io::ErrorKind::StorageFull), Err(io::ErrorKind::StorageFull));
}

#[test]
fn after_a_failed_write_nothing_is_kept_and_nobody_waits() {
    let (outbox, written) = full();
    drop(written);
    outbox.send(&mut vec![0; 5000]);
    outbox.send(&mut vec![0; 5000]);
    assert!(outbox.is_broken());
    assert_eq!(outbox.pending(), 0);
}
