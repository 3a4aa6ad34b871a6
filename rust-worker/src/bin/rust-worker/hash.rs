//! Digests of bytes.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, Visitor};
use sha2::Digest;

/// Bytes between two looks whether the call is still wanted.
const LOOK_EVERY: usize = 1 << 20;

/// What can be computed.
#[derive(Debug, Clone, Copy, PartialEq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Algorithm {
    Sha256,
    Blake3,
}

/// How a text stands for bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Encoding {
    /// By its UTF-8 bytes.
    #[default]
    Utf8,
    Base64,
}

/// A digest that is being made.
pub enum Hasher {
    Sha256(sha2::Sha256),
    Blake3(Box<blake3::Hasher>),
}

impl Hasher {
    pub fn new(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Sha256 => Hasher::Sha256(sha2::Sha256::new()),
            Algorithm::Blake3 => Hasher::Blake3(Box::default()),
        }
    }

    pub fn update<E>(&mut self, bytes: &[u8], check: impl Fn() -> Result<(), E>) -> Result<(), E> {
        for part in bytes.chunks(LOOK_EVERY) {
            check()?;
            match self {
                Hasher::Sha256(hasher) => hasher.update(part),
                Hasher::Blake3(hasher) => drop(hasher.update(part)),
            }
        }
        Ok(())
    }

    /// The digest in hexadecimal digits.
    pub fn finish(self) -> String {
        let bytes: [u8; 32] = match self {
            Hasher::Sha256(hasher) => hasher.finalize().into(),
            Hasher::Blake3(hasher) => hasher.finalize().into(),
        };
        bytes
            .iter()
            .flat_map(|byte| [byte >> 4, byte & 15])
            .map(|digit| char::from(b"0123456789abcdef"[digit as usize]))
            .collect()
    }
}

/// Bytes, or a text that stands for some.
#[derive(Debug, PartialEq)]
pub enum Data {
    Bytes(Vec<u8>),
    Text(String),
}

impl Data {
    pub fn into_bytes(self, encoding: Encoding) -> Result<Vec<u8>, String> {
        match (self, encoding) {
            (Data::Bytes(bytes), _) => Ok(bytes),
            (Data::Text(text), Encoding::Utf8) => Ok(text.into_bytes()),
            (Data::Text(text), Encoding::Base64) => base64(&text),
        }
    }
}

impl<'de> Deserialize<'de> for Data {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(DataVisitor)
    }
}

struct DataVisitor;

impl Visitor<'_> for DataVisitor {
    type Value = Data;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("bytes or a string")
    }

    fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Data, E> {
        Ok(Data::Bytes(bytes.to_vec()))
    }

    fn visit_byte_buf<E: de::Error>(self, bytes: Vec<u8>) -> Result<Data, E> {
        Ok(Data::Bytes(bytes))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Data, E> {
        Ok(Data::Text(text.to_owned()))
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<Data, E> {
        Ok(Data::Text(text))
    }
}

/// The standard alphabet; padding may be left out.
fn base64(text: &str) -> Result<Vec<u8>, String> {
    let wrong = || "the text is not base64".to_owned();
    let digits = text.trim_end_matches('=').as_bytes();
    if text.len() - digits.len() > 2 || (text.len() > digits.len() && text.len() % 4 != 0) || digits.len() % 4 == 1 {
        return Err(wrong());
    }
    let mut out = Vec::with_capacity(digits.len() / 4 * 3 + 2);
    for group in digits.chunks(4) {
        let mut bits = 0_u32;
        for digit in group {
            let value = match digit {
                b'A'..=b'Z' => digit - b'A',
                b'a'..=b'z' => digit - b'a' + 26,
                b'0'..=b'9' => digit - b'0' + 52,
                b'+' => 62,
                b'/' => 63,
                _ => return Err(wrong()),
            };
            bits = bits << 6 | u32::from(value);
        }
        let bytes = (bits << (6 * (4 - group.len()))).to_be_bytes();
        out.extend_from_slice(&bytes[1..group.len()]);
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(algorithm: Algorithm, parts: &[&[u8]]) -> String {
        let mut hasher = Hasher::new(algorithm);
        parts.iter().for_each(|part| hasher.update(part, || Ok::<(), ()>(())).unwrap());
        hasher.finish()
    }

    #[test]
    fn the_published_examples_come_out() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(digest(Algorithm::Sha256, &[]), empty);
        assert_eq!(digest(Algorithm::Sha256, &[b"a", b"", b"bc"]), abc);
        let empty = "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262";
        let abc = "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85";
        assert_eq!(digest(Algorithm::Blake3, &[]), empty);
        assert_eq!(digest(Algorithm::Blake3, &[b"ab", b"c"]), abc);
    }

    #[test]
    fn base64_is_read_with_and_without_its_padding() {
        for (text, bytes) in
            [("", ""), ("Zg==", "f"), ("Zg", "f"), ("Zm8=", "fo"), ("Zm8", "fo"), ("Zm9v", "foo"), ("Zm9vYg==", "foob")]
        {
            assert_eq!(base64(text), Ok(bytes.as_bytes().to_vec()), "{text}");
        }
        assert_eq!(base64("+/+/"), Ok(vec![0xfb, 0xff, 0xbf]));
        for text in ["Z", "Zg=", "Zg===", "Z===", "====", "Zm9v=", "Zm 9v", "Zm9v\n", "Zm=v", "é"] {
            assert!(base64(text).is_err(), "{text}");
        }
    }
}
