//! Locks that a panic does not poison for the others. Handlers run outside of every lock, and what is changed under one is
//! whole at each step, so the state behind a lock whose holder panicked is as good as any.

use std::sync::{
    Condvar, LockResult, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, TryLockError,
};
use std::time::Duration;

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    whole(mutex.lock())
}

/// `None` while somebody else has it.
pub(crate) fn try_lock<T>(mutex: &Mutex<T>) -> Option<MutexGuard<'_, T>> {
    match mutex.try_lock() {
        Ok(guard) => Some(guard),
        Err(TryLockError::Poisoned(guard)) => Some(guard.into_inner()),
        Err(TryLockError::WouldBlock) => None,
    }
}

pub(crate) fn get_mut<T>(mutex: &mut Mutex<T>) -> &mut T {
    whole(mutex.get_mut())
}

pub(crate) fn wait<'a, T>(changed: &Condvar, guard: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
    whole(changed.wait(guard))
}

/// Waits for a change, so long at most.
pub(crate) fn wait_timeout<'a, T>(changed: &Condvar, guard: MutexGuard<'a, T>, time: Duration) -> MutexGuard<'a, T> {
    whole(changed.wait_timeout(guard, time)).0
}

pub(crate) fn read<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    whole(lock.read())
}

pub(crate) fn write<T>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    whole(lock.write())
}

/// Keeps the first of what it is given.
pub(crate) struct First<T>(Mutex<Option<T>>);

impl<T> Default for First<T> {
    fn default() -> Self {
        First(Mutex::new(None))
    }
}

impl<T: Clone> First<T> {
    pub fn set(&self, value: T) {
        lock(&self.0).get_or_insert(value);
    }

    pub fn get(&self) -> Option<T> {
        lock(&self.0).clone()
    }
}

fn whole<T>(result: LockResult<T>) -> T {
    result.unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_whose_holder_panicked_is_a_lock_like_any_other() {
        let mut mutex = Mutex::new(1);
        let panicked = std::thread::scope(|scope| {
            let holder = scope.spawn(|| {
                let _held = lock(&mutex);
                panic!("on purpose");
            });
            holder.join().is_err()
        });
        assert!(panicked && mutex.is_poisoned());
        *lock(&mutex) += 1;
        *try_lock(&mutex).unwrap() += 1;
        assert_eq!(*wait_timeout(&Condvar::new(), lock(&mutex), Duration::ZERO), 3);
        assert_eq!(*get_mut(&mut mutex), 3);
    }
}
