//! A table by name that is filled before anything is served. A peer can look names up in it and not put any in, so its
//! hash need not resist names that were chosen to collide, and is a short one.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

pub(crate) type Names<T> = HashMap<String, T, BuildHasherDefault<NameHasher>>;

#[derive(Default)]
pub(crate) struct NameHasher(u64);

impl NameHasher {
    #[inline]
    fn mix(&mut self, word: u64) {
        // An odd number without a pattern, from the golden ratio.
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

impl Hasher for NameHasher {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        let mut words = bytes.chunks_exact(8);
        for word in &mut words {
            self.mix(word.iter().fold(0, |all, byte| all << 8 | u64::from(*byte)));
        }
        self.mix(words.remainder().iter().fold(bytes.len() as u64, |all, byte| all << 8 | u64::from(*byte)));
    }

    #[inline]
    fn write_u8(&mut self, _: u8) {
        // What the standard library puts behind a text, to tell ("a", "bc") from ("ab", "c").
    }

    #[inline]
    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_names_alike_are_told_apart() {
        let names: Vec<String> = (0..1000).map(|n| format!("a.long.method/{n}")).collect();
        let table: Names<usize> = names.iter().cloned().enumerate().map(|(n, name)| (name, n)).collect();
        assert!(names.iter().enumerate().all(|(n, name)| table.get(name) == Some(&n)));
        let hashes: std::collections::HashSet<u64> = names.iter().map(|name| hash(name) >> 50).collect();
        assert!(hashes.len() > 900, "only {} of 1000 names differ in the high bits", hashes.len());
    }

    fn hash(name: &str) -> u64 {
        std::hash::BuildHasher::hash_one(&BuildHasherDefault::<NameHasher>::default(), name)
    }
}
