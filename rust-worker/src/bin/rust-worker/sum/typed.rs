//! Adding up typed arrays where they lie: MessagePack extensions with little-endian elements.

use super::total::Total;
use crate::number::{Integer, Number};

/// Adds a typed array. The extension codes are those of the JavaScript codec.
pub fn add_typed(code: i8, bytes: &[u8], total: &mut Total) -> Result<(), String> {
    match code {
        17 => each(bytes, total, |b| int(i8::from_le_bytes(b).into())),
        18 => each(bytes, total, |b| int(u8::from_le_bytes(b).into())),
        19 => each(bytes, total, |b| int(i16::from_le_bytes(b).into())),
        20 => each(bytes, total, |b| int(u16::from_le_bytes(b).into())),
        21 => each(bytes, total, |b| int(i32::from_le_bytes(b).into())),
        22 => each(bytes, total, |b| int(u32::from_le_bytes(b).into())),
        23 => each(bytes, total, |b| float(f32::from_le_bytes(b).into())),
        24 => each(bytes, total, |b| float(f64::from_le_bytes(b))),
        25 => each(bytes, total, |b| int(i64::from_le_bytes(b).into())),
        26 => each(bytes, total, |b| int(u64::from_le_bytes(b).into())),
        _ => Err(format!("expected an array of numbers, found the extension type {code}")),
    }
}

/// Adds the elements of a Uint8Array, which travels as plain bytes.
pub fn add_bytes(bytes: &[u8], total: &mut Total) {
    bytes.iter().for_each(|byte| total.add_i64((*byte).into()));
}

fn int(value: i128) -> Result<Number, String> {
    Ok(Number::Integer(Integer::Small(value)))
}

fn float(value: f64) -> Result<Number, String> {
    match value.is_finite() {
        true => Ok(Number::Float(value)),
        false => Err(format!("expected a finite number, found {value}")),
    }
}

#[inline]
fn each<const N: usize>(
    bytes: &[u8],
    total: &mut Total,
    read: impl Fn([u8; N]) -> Result<Number, String>,
) -> Result<(), String> {
    if bytes.len() % N != 0 {
        return Err(format!("a typed array of {N}-byte elements has {} bytes", bytes.len()));
    }
    for (index, element) in bytes.chunks_exact(N).enumerate() {
        let element = element.try_into().expect("chunks are of this size");
        total.add(&read(element).map_err(|reason| format!("numbers[{index}]: {reason}"))?);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(code: i8, bytes: &[u8]) -> Result<String, String> {
        let mut total = Total::new();
        add_typed(code, bytes, &mut total)?;
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
