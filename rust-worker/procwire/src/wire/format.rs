//! Messages to bytes on the wire: by the framings and codecs of the library, or by those of the user.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::fault::{DecodeError, INTERNAL_ERROR};
use crate::wire::codec::Codec;
use crate::wire::framing::{CustomFraming, Framing, Splitter};
use crate::wire::message::Peeked;

/// A codec of your own, for [`Worker::custom_codec`](crate::Worker::custom_codec): it translates between frames and JSON,
/// which everything else is made of. Where it panics the link ends.
///
/// ```
/// use procwire::{CustomCodec, DecodeError};
///
/// /// JSON, with all bits turned over.
/// struct Inverted;
///
/// impl CustomCodec for Inverted {
///     fn decode(&self, frame: &[u8], json: &mut Vec<u8>) -> Result<(), DecodeError> {
///         json.extend(frame.iter().map(|byte| !byte));
///         Ok(())
///     }
///
///     fn encode(&self, json: &[u8], frame: &mut Vec<u8>) -> Result<(), DecodeError> {
///         self.decode(json, frame)
///     }
/// }
/// ```
pub trait CustomCodec: Send + Sync + 'static {
    /// Appends the message in `frame` as JSON text. What it appends is checked as JSON of the other side would be.
    ///
    /// # Errors
    ///
    /// When the frame cannot be read: it is answered with -32700.
    fn decode(&self, frame: &[u8], json: &mut Vec<u8>) -> Result<(), DecodeError>;

    /// Appends the frame of a message in JSON text.
    ///
    /// # Errors
    ///
    /// When the message cannot be written. An answer is replaced by -32603; for anything else the link ends.
    fn encode(&self, json: &[u8], frame: &mut Vec<u8>) -> Result<(), DecodeError>;
}

/// Called with the reason when a message cannot be written in any way.
pub(crate) type OnFailure = Box<dyn Fn(String) + Send + Sync>;

/// How the messages of one link become bytes and back.
pub(crate) struct Format {
    framing: Framing,
    /// `None` in the common case, of which nothing is copied.
    custom: Option<Custom>,
}

pub(crate) struct Custom {
    pub framing: Option<Arc<dyn CustomFraming>>,
    pub codec: Option<Arc<dyn CustomCodec>>,
    pub on_failure: OnFailure,
}

impl Format {
    pub fn new(framing: Framing, custom: Option<Custom>) -> Self {
        Format { framing, custom }
    }

    pub fn splitter(&self, limit: usize) -> Splitter {
        Splitter::new(self.framing, self.custom.as_ref().and_then(|custom| custom.framing.clone()), limit)
    }

    /// Whether a part of a payload may stay where it lies.
    pub fn leaves_parts(&self) -> bool {
        self.custom.is_none()
    }

    /// Appends one frame to `out`, its payload written by `payload`, which appends and may not touch what is there.
    #[inline]
    pub fn wrap<R>(&self, out: &mut Vec<u8>, payload: impl FnOnce(&mut Vec<u8>) -> R) -> R {
        self.wrap_around(out, |_| 0, payload)
    }

    /// As [`Format::wrap`], for a payload of which so many bytes, told by `apart`, will be sent from elsewhere.
    #[inline]
    pub fn wrap_around<R>(
        &self,
        out: &mut Vec<u8>,
        apart: impl FnOnce(&R) -> usize,
        payload: impl FnOnce(&mut Vec<u8>) -> R,
    ) -> R {
        let Some(custom) = &self.custom else {
            return self.framing.wrap_around(out, apart, payload);
        };
        let mut message = Vec::new();
        let result = payload(&mut message);
        let start = out.len();
        if let Err(reason) = custom.append(self.framing, &message, out) {
            out.truncate(start);
            (custom.on_failure)(reason);
        }
        result
    }

    /// Bytes of a frame behind its payload.
    pub fn tail(&self) -> usize {
        self.framing.tail()
    }

    /// The message of a frame as JSON text, if it has to be translated.
    pub fn translated(&self, frame: &[u8]) -> Option<Result<Vec<u8>, DecodeError>> {
        let codec = self.custom.as_ref()?.codec.as_ref()?;
        let mut json = Vec::new();
        let decoded = catch_unwind(AssertUnwindSafe(|| codec.decode(frame, &mut json)));
        Some(decoded.unwrap_or_else(|_| Err(DecodeError::new("the codec panicked"))).map(|()| json))
    }
}

impl Custom {
    fn append(&self, framing: Framing, message: &[u8], out: &mut Vec<u8>) -> Result<(), String> {
        let Some(codec) = &self.codec else {
            return self.frame(framing, message, out);
        };
        let encoded = encode(&**codec, message).or_else(|reason| encode(&**codec, &instead(message, &reason)?))?;
        self.frame(framing, &encoded, out)
    }

    fn frame(&self, framing: Framing, frame: &[u8], out: &mut Vec<u8>) -> Result<(), String> {
        match &self.framing {
            Some(custom) => catch_unwind(AssertUnwindSafe(|| custom.append(frame, out)))
                .map_err(|_| "the framing panicked".to_owned()),
            None if framing == Framing::Line && memchr::memchr(b'\n', frame).is_some() => {
                Err("the codec wrote a newline, which ends a line".into())
            }
            None => {
                framing.wrap(out, |out| out.extend_from_slice(frame));
                Ok(())
            }
        }
    }
}

fn encode(codec: &dyn CustomCodec, message: &[u8]) -> Result<Vec<u8>, String> {
    let mut frame = Vec::new();
    match catch_unwind(AssertUnwindSafe(|| codec.encode(message, &mut frame))) {
        Ok(Ok(())) => Ok(frame),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("the codec panicked".into()),
    }
}

/// What is answered in place of an answer that cannot be encoded.
fn instead(message: &[u8], reason: &str) -> Result<Vec<u8>, String> {
    let Peeked { id: Some(id), is_answer: Some(true) } = Codec::Json.peek(message) else {
        return Err(reason.to_owned());
    };
    let id = String::from_utf8_lossy(id);
    let text = serde_json::Value::from(format!("the result cannot be encoded: {reason}"));
    Ok(format!(r#"{{"jsonrpc":"2.0","id":{id},"error":{{"code":{INTERNAL_ERROR},"message":{text}}}}}"#).into_bytes())
}
