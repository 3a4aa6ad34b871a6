//! Giving back the memory of large values takes tens of milliseconds, in which a thread hears nothing: it is done by a
//! thread of its own.

use std::ops::{Deref, DerefMut};
use std::thread;

use serde::{Serialize, Serializer};

/// Bytes from which it is worth a thread.
const MUCH: usize = 16 << 20;

/// What can be large.
pub trait Large: Send + 'static {
    /// Bytes it holds, or about as many.
    fn bytes(&self) -> usize;
}

impl<T: Send + 'static> Large for Vec<T> {
    fn bytes(&self) -> usize {
        self.capacity() * size_of::<T>()
    }
}

/// Drops a value, here or elsewhere.
pub fn discard<T: Large>(value: T) {
    if value.bytes() < MUCH {
        return drop(value);
    }
    // Refused a thread, the system drops the closure with the value in it, here.
    let _ = thread::Builder::new().name("discard".into()).spawn(move || drop(value));
}

/// A value that is discarded where it goes out of use.
pub struct DropInBackground<T: Large>(Option<T>);

impl<T: Large> DropInBackground<T> {
    pub fn new(value: T) -> Self {
        DropInBackground(Some(value))
    }

    pub fn take(mut self) -> T {
        self.0.take().expect("it is there until it is taken")
    }
}

impl<T: Large> Drop for DropInBackground<T> {
    fn drop(&mut self) {
        self.0.take().into_iter().for_each(discard);
    }
}

impl<T: Large> Deref for DropInBackground<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0.as_ref().expect("it is there until it is taken")
    }
}

impl<T: Large> DerefMut for DropInBackground<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.0.as_mut().expect("it is there until it is taken")
    }
}

impl<T: Large + Serialize> Serialize for DropInBackground<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        T::serialize(self, serializer)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Sender, channel};
    use std::thread::ThreadId;

    use super::*;

    /// Says who dropped it.
    struct Witness(usize, Sender<ThreadId>);

    impl Large for Witness {
        fn bytes(&self) -> usize {
            self.0
        }
    }

    impl Drop for Witness {
        fn drop(&mut self) {
            self.1.send(thread::current().id()).unwrap();
        }
    }

    #[test]
    fn what_is_large_is_dropped_by_another_thread_and_what_is_small_by_its_owner() {
        let (sender, droppers) = channel();
        drop(DropInBackground::new(Witness(MUCH - 1, sender.clone())));
        assert_eq!(droppers.recv().unwrap(), thread::current().id());
        drop(DropInBackground::new(Witness(MUCH, sender.clone())));
        assert_ne!(droppers.recv().unwrap(), thread::current().id());
        drop(DropInBackground::new(Witness(MUCH, sender)).take());
        assert_eq!(droppers.recv().unwrap(), thread::current().id());
    }
}
