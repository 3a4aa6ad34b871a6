//! Adding floats exactly at about the speed of the memory, after the large superaccumulator of Radford Neal: mantissas
//! are added up as integers, one sum for each sign and exponent, and shifted to their place rarely.

use super::exact::Exact;

/// One for each sign and exponent.
const CELLS: usize = 4096;
/// Mantissas of 53 bits that one cell can take.
const ROOM: usize = (1 << 11) - 1;
/// Tables that take turns, so that an addition need not wait for the one before it.
const TABLES: usize = 4;
const FRACTION: u64 = (1 << 52) - 1;
/// The bit in front of the fraction of a normal float.
const IMPLICIT: u64 = 1 << 52;

pub struct Block {
    tables: Box<[[u64; CELLS]; TABLES]>,
}

impl Block {
    pub fn new() -> Self {
        Block { tables: Box::new([[0; CELLS]; TABLES]) }
    }

    /// Adds the floats that `read` finds in bytes, `N` for each, to a sum; an error, and a useless sum, if one is not
    /// finite.
    #[inline]
    pub fn add<const N: usize>(
        &mut self,
        bytes: &[u8],
        read: impl Fn([u8; N]) -> f64,
        sum: &mut Exact,
    ) -> Result<(), ()> {
        for part in bytes.chunks(N * TABLES * ROOM) {
            let mut groups = part.chunks_exact(N * TABLES);
            for group in &mut groups {
                for (table, value) in self.tables.iter_mut().zip(group.chunks_exact(N)) {
                    put(table, read(value.try_into().expect("chunks are of this size")));
                }
            }
            for (table, value) in self.tables.iter_mut().zip(groups.remainder().chunks_exact(N)) {
                put(table, read(value.try_into().expect("chunks are of this size")));
            }
            // Asking for each float whether it has one would cost more than the rest of adding it.
            self.take_back_implicit_bits(part, &read);
            self.drain(sum)?;
        }
        Ok(())
    }

    /// Zeros and subnormal floats have no implicit bit, and got one.
    fn take_back_implicit_bits<const N: usize>(&mut self, part: &[u8], read: &impl Fn([u8; N]) -> f64) {
        if self.tables.iter().all(|table| table[0] | table[CELLS / 2] == 0) {
            return;
        }
        for (at, value) in part.chunks_exact(N).enumerate() {
            let place = (read(value.try_into().expect("chunks are of this size")).to_bits() >> 52) as usize;
            if place % (CELLS / 2) == 0 {
                self.tables[at % TABLES][place] -= IMPLICIT;
            }
        }
    }

    /// Moves everything into the sum.
    fn drain(&mut self, sum: &mut Exact) -> Result<(), ()> {
        let mut finite = true;
        for table in self.tables.iter_mut() {
            for (group, cells) in table.chunks_exact_mut(16).enumerate() {
                if cells.iter().fold(0, |any, cell| any | *cell) == 0 {
                    continue;
                }
                for (at, cell) in cells.iter_mut().enumerate().filter(|(_, cell)| **cell != 0) {
                    let place = group * 16 + at;
                    let exponent = place % 2048;
                    finite &= exponent != 2047;
                    // Subnormal floats have the exponent of the smallest normal ones.
                    if exponent != 2047 {
                        sum.add_scaled(*cell, exponent.max(1), place >= 2048);
                    }
                    *cell = 0;
                }
            }
        }
        if finite { Ok(()) } else { Err(()) }
    }
}

#[inline]
fn put(table: &mut [u64; CELLS], value: f64) {
    let bits = value.to_bits();
    let place = (bits >> 52) as usize;
    table[place % CELLS] += bits & FRACTION | IMPLICIT;
}

#[cfg(test)]
mod tests {
    use num_bigint::BigInt;

    use super::*;

    fn bytes(values: &[f64]) -> Vec<u8> {
        values.iter().flat_map(|value| value.to_le_bytes()).collect()
    }

    fn both(values: &[f64]) -> (f64, f64) {
        let (mut one, mut other) = (Exact::new(), Exact::new());
        values.iter().for_each(|value| one.add(*value));
        Block::new().add(&bytes(values), f64::from_le_bytes, &mut other).unwrap();
        (one.rounded_with(&BigInt::ZERO), other.rounded_with(&BigInt::ZERO))
    }

    #[test]
    fn agrees_with_one_by_one() {
        let mut x = 88_172_645_463_325_252_u64;
        let mut random = || {
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
            x
        };
        for length in [0, 1, 3, 4, 5, 8191, 8192, 8193, 50_000] {
            let wild: Vec<f64> = (0..length).map(|_| f64::from_bits(random())).filter(|x| x.is_finite()).collect();
            let tame: Vec<f64> = (0..length).map(|_| random() as f64 / 1e19 - 0.9).collect();
            let zeros = tame.iter().map(|x| if x.to_bits() & 1 == 0 { 0.0 * x } else { *x }).collect();
            for values in [wild, tame, vec![f64::MAX; length], vec![5e-324; length], vec![-2.5e-308; length], zeros] {
                let (one, other) = both(&values);
                assert_eq!(one, other);
            }
        }
    }

    #[test]
    fn what_is_not_finite_is_noticed() {
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(Block::new().add(&bytes(&[1.0, value]), f64::from_le_bytes, &mut Exact::new()), Err(()));
        }
    }
}
