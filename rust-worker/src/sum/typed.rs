//! Adding up typed arrays where they lie: MessagePack extensions with little-endian elements.

use super::block::Block;
use super::exact::Exact;
use super::total::Total;
use crate::element::Element;
use crate::parallel;

/// Bytes each thread should get at least.
const GRAIN: usize = 2 << 20;
/// Bytes of floats that are added one by one.
const FEW: usize = 32 * 1024;
/// Bytes between two looks whether the call is still wanted.
const LOOK_EVERY: usize = 1 << 20;

type Check<'c> = &'c (dyn Fn() -> Result<(), String> + Sync);

/// Adds a typed array. The extension codes are those of the JavaScript codec.
pub fn add_typed(code: i8, bytes: &[u8], total: &mut Total, check: Check<'_>) -> Result<(), String> {
    match code {
        17 => short::<1>(bytes, total, check, |b| i8::from_le_bytes(b).into()),
        18 => short::<1>(bytes, total, check, |b| u8::from_le_bytes(b).into()),
        19 => short::<2>(bytes, total, check, |b| i16::from_le_bytes(b).into()),
        20 => short::<2>(bytes, total, check, |b| u16::from_le_bytes(b).into()),
        21 => long(bytes, total, check, |b| i32::from_le_bytes(b).into()),
        22 => long(bytes, total, check, |b| u32::from_le_bytes(b).into()),
        23 => floats::<4>(bytes, total, check, |b| f32::from_le_bytes(b).into()),
        24 => floats::<8>(bytes, total, check, f64::from_le_bytes),
        25 => halves(bytes, total, check, 1 << 63),
        26 => halves(bytes, total, check, 0),
        _ => Err(format!("expected an array of numbers, found the extension type {code}")),
    }
}

/// Adds the elements of a Uint8Array, which travels as plain bytes.
pub fn add_bytes(bytes: &[u8], total: &mut Total, check: Check<'_>) -> Result<(), String> {
    short::<1>(bytes, total, check, |b| b[0].into())
}

/// Adds the elements of an array in memory; they must be finite.
pub fn add_elements<T: Element, E>(
    values: &[T],
    total: &mut Total,
    check: &impl Fn() -> Result<(), E>,
) -> Result<(), E> {
    for part in values.chunks(1 << 16) {
        check()?;
        part.iter().for_each(|value| total.add(&value.number()));
    }
    Ok(())
}

/// Elements of 16 bits at most: some thousands of them do not leave 32, and the narrower the sums, the more of them fit
/// a vector.
fn short<const N: usize>(
    bytes: &[u8],
    total: &mut Total,
    check: Check<'_>,
    read: impl Fn([u8; N]) -> i32 + Sync,
) -> Result<(), String> {
    let add = |few: &[u8]| few.chunks_exact(N).map(|b| read(b.try_into().expect("of this size"))).sum::<i32>();
    integers::<N>(bytes, total, check, |block| block.chunks(8192 * N).map(|few| i64::from(add(few))).sum())
}

/// Elements of 32 bits: a block of them does not leave 64.
fn long(bytes: &[u8], total: &mut Total, check: Check<'_>, read: impl Fn([u8; 4]) -> i64 + Sync) -> Result<(), String> {
    let add = |block: &[u8]| block.chunks_exact(4).map(|b| read(b.try_into().expect("of this size"))).sum();
    integers::<4>(bytes, total, check, add)
}

fn integers<const N: usize>(
    bytes: &[u8],
    total: &mut Total,
    check: Check<'_>,
    add: impl Fn(&[u8]) -> i64 + Sync,
) -> Result<(), String> {
    whole::<N>(bytes)?;
    let sums =
        parallel::parts(bytes, GRAIN, LOOK_EVERY, |_, part| looked_at(part, check, |block| Ok(i128::from(add(block)))));
    sums.into_iter().try_for_each(|sums| sums.map(|sums| total.add_sum(sums.into_iter().sum())))
}

/// Elements of 64 bits, by their halves. `flip` makes negative numbers positive, and is taken back from the sum.
fn halves(bytes: &[u8], total: &mut Total, check: Check<'_>, flip: u64) -> Result<(), String> {
    whole::<8>(bytes)?;
    let sums = parallel::parts(bytes, GRAIN, LOOK_EVERY, |_, part| {
        looked_at(part, check, |block| {
            let (mut highs, mut lows) = (0_u64, 0_u64);
            for element in block.chunks_exact(8) {
                let element = u64::from_le_bytes(element.try_into().expect("of this size")) ^ flip;
                highs += element >> 32;
                lows += element & 0xffff_ffff;
            }
            let flipped = i128::from(flip) * (block.len() / 8) as i128;
            Ok((i128::from(highs) << 32) + i128::from(lows) - flipped)
        })
    });
    sums.into_iter().try_for_each(|sums| sums.map(|sums| total.add_sum(sums.into_iter().sum())))
}

fn floats<const N: usize>(
    bytes: &[u8],
    total: &mut Total,
    check: Check<'_>,
    read: impl Fn([u8; N]) -> f64 + Sync,
) -> Result<(), String> {
    whole::<N>(bytes)?;
    if bytes.len() <= FEW {
        return few::<N>(bytes, total, read);
    }
    let parts = parallel::parts(bytes, GRAIN, LOOK_EVERY, |start, part| {
        let (mut sum, mut block) = (Exact::new(), Block::new());
        let mut only_minus_zero = true;
        looked_at(part, check, |bytes| {
            let elements = || bytes.chunks_exact(N).map(|b| read(b.try_into().expect("of this size")));
            block.add(bytes, &read, &mut sum).map_err(|()| {
                let at = elements().position(|value| !value.is_finite()).unwrap_or(0);
                let index = (start + (bytes.as_ptr() as usize - part.as_ptr() as usize)) / N + at;
                let value = elements().nth(at).unwrap_or(f64::NAN);
                format!("numbers[{index}]: expected a finite number, found {value}")
            })?;
            only_minus_zero = only_minus_zero && elements().all(|value| value.to_bits() == 1 << 63);
            Ok(())
        })?;
        Ok::<_, String>((sum, only_minus_zero))
    });
    for part in parts {
        let (sum, only_minus_zero) = part?;
        total.add_exact(&sum, only_minus_zero);
    }
    Ok(())
}

/// Adds floats one by one: for few of them, the tables of a block cost more than they save.
fn few<const N: usize>(bytes: &[u8], total: &mut Total, read: impl Fn([u8; N]) -> f64) -> Result<(), String> {
    for (index, element) in bytes.chunks_exact(N).enumerate() {
        let value = read(element.try_into().expect("of this size"));
        if !value.is_finite() {
            return Err(format!("numbers[{index}]: expected a finite number, found {value}"));
        }
        total.add_f64(value);
    }
    Ok(())
}

fn whole<const N: usize>(bytes: &[u8]) -> Result<(), String> {
    match bytes.len() % N {
        0 => Ok(()),
        _ => Err(format!("a typed array of {N}-byte elements has {} bytes", bytes.len())),
    }
}

/// Works on one block after the other, and looks in between whether the call is still wanted.
fn looked_at<R>(
    bytes: &[u8],
    check: Check<'_>,
    mut work: impl FnMut(&[u8]) -> Result<R, String>,
) -> Result<Vec<R>, String> {
    let block = |block| check().and_then(|()| work(block));
    bytes.chunks(LOOK_EVERY).map(block).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(code: i8, bytes: &[u8]) -> Result<String, String> {
        let mut total = Total::new();
        add_typed(code, bytes, &mut total, &|| Ok(()))?;
        Ok(serde_json::to_string(&total.finish()).unwrap())
    }

    #[test]
    fn each_kind_of_element_is_read_as_little_endian() {
        let bytes = [1, 0, 0, 0, 0, 0, 0, 0x80];
        assert_eq!(sum(17, &bytes).unwrap(), "-127");
        assert_eq!(sum(18, &bytes).unwrap(), "129");
        assert_eq!(sum(19, &bytes).unwrap(), "-32767");
        assert_eq!(sum(20, &bytes).unwrap(), "32769");
        assert_eq!(sum(21, &bytes).unwrap(), "-2147483647");
        assert_eq!(sum(22, &bytes).unwrap(), "2147483649");
        assert_eq!(sum(25, &bytes).unwrap(), "\"-9223372036854775807\"");
        assert_eq!(sum(26, &bytes).unwrap(), "\"9223372036854775809\"");
        assert_eq!(sum(23, &1.5_f32.to_le_bytes().repeat(3)).unwrap(), "4.5");
        assert_eq!(sum(24, &0.1_f64.to_le_bytes().repeat(10)).unwrap(), "1.0");
    }

    #[test]
    fn torn_foreign_and_unsummable_arrays_are_refused() {
        assert!(sum(24, &[0; 12]).unwrap_err().contains("12 bytes"));
        assert!(sum(1, &[0; 8]).unwrap_err().contains("extension type 1"));
        assert!(sum(24, &f64::NAN.to_le_bytes()).unwrap_err().contains("numbers[0]"));
    }
}
