//! Base64 in the standard alphabet, padded; what is read may lack its padding.

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/// Not a digit.
const NONE: u8 = 64;
const VALUES: [u8; 256] = values();

const fn values() -> [u8; 256] {
    let mut values = [NONE; 256];
    let mut digit = 0;
    while digit < 64 {
        values[DIGITS[digit] as usize] = digit as u8;
        digit += 1;
    }
    values
}

pub(super) fn encode(bytes: &[u8]) -> String {
    let mut text = Vec::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let mut group = [0; 4];
        group[1..=three.len()].copy_from_slice(three);
        let bits = u32::from_be_bytes(group);
        let digits = [18, 12, 6, 0].map(|shift| DIGITS[(bits >> shift) as usize & 63]);
        text.extend_from_slice(&digits[..=three.len()]);
        text.extend_from_slice(&b"=="[..3 - three.len()]);
    }
    String::from_utf8(text).expect("digits are ASCII")
}

/// `None` for a text that is no base64: other characters, half a byte, bits left over.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let text = text.as_bytes();
    let digits = text.strip_suffix(b"==").or_else(|| text.strip_suffix(b"=")).unwrap_or(text);
    if digits.len() < text.len() && text.len() % 4 != 0 {
        return None;
    }
    let mut bytes = Vec::with_capacity(digits.len() / 4 * 3 + 2);
    for four in digits.chunks(4) {
        let values = four.iter().map(|digit| u32::from(VALUES[usize::from(*digit)]));
        let mut bits = 0;
        for value in values {
            if value == u32::from(NONE) {
                return None;
            }
            bits = bits << 6 | value;
        }
        let whole = (bits << (6 * (4 - four.len()))).to_be_bytes();
        let count = four.len() * 6 / 8;
        if count == 0 || whole[1 + count..].iter().any(|rest| *rest != 0) {
            return None;
        }
        bytes.extend_from_slice(&whole[1..=count]);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_of_any_length_come_back() {
        for (bytes, text) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE=")]
        {
            assert_eq!(encode(bytes.as_bytes()), text);
            assert_eq!(decode(text).as_deref(), Some(bytes.as_bytes()));
            assert_eq!(decode(text.trim_end_matches('=')).as_deref(), Some(bytes.as_bytes()));
        }
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(decode(&encode(&all)), Some(all));
    }

    #[test]
    fn what_is_no_base64_is_none() {
        for text in ["Z", "Zg=", "Zg===", "Zm9", "Zm9v=", "Z g=", "Zm9_", "Zm9-", "Zh==", "Zm9v\n", "é"] {
            assert!(text == "Zm9" || decode(text).is_none(), "{text}");
        }
        assert_eq!(decode("Zm9"), None, "two bits are left over");
    }
}
