//! Digests of bytes.

use std::borrow::Cow;

use serde::de::{Deserialize, Deserializer, Error};
use sha2::Digest as _;

/// What can be computed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Algorithm {
    Sha256,
    Blake3,
}

/// How a text stands for bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub enum Encoding {
    /// By its UTF-8 bytes.
    #[default]
    Utf8,
    Base64,
}

/// Reads one of few words.
macro_rules! words {
    ($kind:ty { $($word:literal => $value:expr),+ }) => {
        impl<'de> Deserialize<'de> for $kind {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let word = Cow::<str>::deserialize(deserializer)?;
                match &*word {
                    $($word => Ok($value),)+
                    _ => Err(D::Error::unknown_variant(&word, &[$($word),+])),
                }
            }
        }
    };
}

words!(Algorithm { "sha256" => Algorithm::Sha256, "blake3" => Algorithm::Blake3 });
words!(Encoding { "utf8" => Encoding::Utf8, "base64" => Encoding::Base64 });

/// A digest that is being made.
pub struct Digest {
    hasher: Hasher,
    encoding: Encoding,
}

enum Hasher {
    Sha256(sha2::Sha256),
    Blake3(Box<blake3::Hasher>),
}

impl Digest {
    pub fn new(algorithm: Algorithm, encoding: Encoding) -> Self {
        let hasher = match algorithm {
            Algorithm::Sha256 => Hasher::Sha256(sha2::Sha256::new()),
            Algorithm::Blake3 => Hasher::Blake3(Box::default()),
        };
        Digest { hasher, encoding }
    }

    /// Adds bytes, or what a text stands for, as it is read: `check` is asked before each of its pieces. `wrong` makes an
    /// error of a sentence.
    pub fn add<P: AsRef<[u8]>, E>(
        &mut self,
        is_text: bool,
        pieces: impl Iterator<Item = Result<P, String>>,
        check: &impl Fn() -> Result<(), E>,
        wrong: impl Fn(String) -> E,
    ) -> Result<(), E> {
        let mut base64 = (is_text && self.encoding == Encoding::Base64).then(Base64::default);
        for piece in pieces {
            check()?;
            let piece = piece.map_err(&wrong)?;
            match &mut base64 {
                None => self.update(piece.as_ref()),
                Some(base64) => self.update(&base64.decode(piece.as_ref()).map_err(&wrong)?),
            }
        }
        base64.map_or(Ok(()), |base64| base64.finish().map(|last| self.update(&last)).map_err(wrong))
    }

    fn update(&mut self, bytes: &[u8]) {
        match &mut self.hasher {
            Hasher::Sha256(hasher) => hasher.update(bytes),
            Hasher::Blake3(hasher) => drop(hasher.update(bytes)),
        }
    }

    /// The digest in hexadecimal digits.
    pub fn finish(self) -> String {
        let bytes: [u8; 32] = match self.hasher {
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

/// Reads base64 in pieces, cut anywhere. The standard alphabet; padding may be left out.
#[derive(Default)]
struct Base64 {
    /// Six bits of each digit of the group that is not complete.
    bits: u32,
    digits: usize,
    padding: usize,
}

impl Base64 {
    fn decode(&mut self, text: &[u8]) -> Result<Vec<u8>, String> {
        let mut out = Vec::with_capacity(text.len() / 4 * 3 + 3);
        for byte in text {
            let value = VALUES[usize::from(*byte)];
            if value >= 64 || self.padding > 0 {
                self.pad(*byte)?;
                continue;
            }
            self.bits = self.bits << 6 | u32::from(value);
            self.digits += 1;
            if self.digits == 4 {
                out.extend_from_slice(&self.bits.to_be_bytes()[1..]);
                (self.bits, self.digits) = (0, 0);
            }
        }
        Ok(out)
    }

    fn pad(&mut self, byte: u8) -> Result<(), String> {
        self.padding += 1;
        if byte == b'=' && self.padding <= 2 && self.digits + self.padding <= 4 {
            Ok(())
        } else {
            Err(NOT_BASE64.into())
        }
    }

    /// What the last group stands for, which need not be complete.
    fn finish(self) -> Result<Vec<u8>, String> {
        if self.digits == 1 || (self.padding > 0 && self.digits + self.padding != 4) {
            return Err(NOT_BASE64.into());
        }
        let bytes = (self.bits << (6 * (4 - self.digits))).to_be_bytes();
        Ok(bytes[1..self.digits.max(1)].to_vec())
    }
}

const NOT_BASE64: &str = "the text is not base64";

/// What each digit stands for; 64 for what is none.
const VALUES: [u8; 256] = {
    let digits = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut values = [64; 256];
    let mut at = 0;
    while at < digits.len() {
        values[digits[at] as usize] = at as u8;
        at += 1;
    }
    values
};

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(algorithm: Algorithm, parts: &[&[u8]]) -> String {
        let mut digest = Digest::new(algorithm, Encoding::Utf8);
        parts.iter().for_each(|part| digest.update(part));
        digest.finish()
    }

    fn base64(text: &[u8], size: usize) -> Result<Vec<u8>, String> {
        let (mut reader, mut out) = (Base64::default(), Vec::new());
        for piece in text.chunks(size) {
            out.extend(reader.decode(piece)?);
        }
        out.extend(reader.finish()?);
        Ok(out)
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
            for size in 1..9 {
                assert_eq!(base64(text.as_bytes(), size), Ok(bytes.as_bytes().to_vec()), "{text}");
            }
        }
        assert_eq!(base64(b"+/+/", 4), Ok(vec![0xfb, 0xff, 0xbf]));
        for text in ["Z", "Zg=", "Zg===", "Z===", "====", "Zm9v=", "Zm 9v", "Zm9v\n", "Zm=v", "é"] {
            assert!((1..9).all(|size| base64(text.as_bytes(), size).is_err()), "{text}");
        }
    }
}
