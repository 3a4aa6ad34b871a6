//! The command line.

use std::ffi::OsString;
use std::time::Duration;

use procwire::{Codec, Framing, Limits, Worker};

pub const HELP: &str = "\
rust-worker serves exact arithmetic, Fibonacci numbers, primes, arrays of numbers and
digests as JSON-RPC 2.0 over stdin and stdout; its method rpc.discover lists them all.

Usage: rust-worker [options]

  --framing line|length|content-length   how frames are told apart (line)
  --codec json|msgpack                   how values are written (json); msgpack needs
                                         length or content-length
  --threads N                            threads that compute (one for each CPU)
  --spin-us N                            microseconds of polling before sleeping (50, 0 = never)
  --message-mib N                        largest message, in or out, in MiB (64)
  --quiet                                no log notifications
  --help, --version";

/// What the command line asks for.
#[derive(Debug, PartialEq)]
pub enum Wanted {
    Serve(Args),
    Print(String),
}

#[derive(Debug, PartialEq)]
pub struct Args {
    framing: Framing,
    codec: Codec,
    threads: Option<usize>,
    spin_us: u64,
    message_mib: usize,
    quiet: bool,
}

impl Args {
    /// A worker without methods, set up as asked.
    pub fn worker(&self) -> Worker {
        let mut limits = Limits::default();
        limits.message_bytes = self.message_mib << 20;
        limits.queued_bytes = limits.queued_bytes.max(limits.message_bytes);
        limits.outbox_bytes = limits.outbox_bytes.max(limits.message_bytes);
        let worker = Worker::new()
            .framing(self.framing)
            .codec(self.codec)
            .limits(limits)
            .spin(Duration::from_micros(self.spin_us))
            .announce("Rust worker")
            .quiet(self.quiet);
        match self.threads {
            Some(count) => worker.threads(count),
            None => worker,
        }
    }
}

/// Reads the arguments, without the program's name. An option's value may follow it or stand behind `=`.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Wanted, String> {
    let mut args =
        Args { framing: Framing::Line, codec: Codec::Json, threads: None, spin_us: 50, message_mib: 64, quiet: false };
    let mut rest = arguments.into_iter().map(text);
    while let Some(argument) = rest.next() {
        let argument = argument?;
        let (name, attached) = match argument.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (argument.as_str(), None),
        };
        let mut value = || match attached.clone() {
            Some(value) => Ok(value),
            None => rest.next().unwrap_or_else(|| Err(format!("{name} needs a value"))),
        };
        match name {
            "--framing" => args.framing = framing(&value()?)?,
            "--codec" => args.codec = codec(&value()?)?,
            "--threads" => args.threads = Some(number(name, &value()?, 1..=1024)? as usize),
            "--spin-us" => args.spin_us = number(name, &value()?, 0..=1_000_000)?,
            "--message-mib" => args.message_mib = number(name, &value()?, 1..=2048)? as usize,
            "--quiet" if attached.is_none() => args.quiet = true,
            "--help" | "-h" => return Ok(Wanted::Print(HELP.to_owned())),
            "--version" | "-V" => return Ok(Wanted::Print(format!("rust-worker {}", env!("CARGO_PKG_VERSION")))),
            _ => return Err(format!("unknown option {argument}")),
        }
    }
    if args.codec == Codec::MessagePack && args.framing == Framing::Line {
        return Err("--codec msgpack needs --framing length or content-length: its bytes contain newlines".into());
    }
    Ok(Wanted::Serve(args))
}

fn text(argument: OsString) -> Result<String, String> {
    argument.into_string().map_err(|argument| format!("not a text in UTF-8: {}", argument.to_string_lossy()))
}

fn framing(value: &str) -> Result<Framing, String> {
    match value {
        "line" => Ok(Framing::Line),
        "length" => Ok(Framing::Length),
        "content-length" => Ok(Framing::ContentLength),
        _ => Err(format!("--framing is line, length or content-length, not {value}")),
    }
}

fn codec(value: &str) -> Result<Codec, String> {
    match value {
        "json" => Ok(Codec::Json),
        "msgpack" => Ok(Codec::MessagePack),
        _ => Err(format!("--codec is json or msgpack, not {value}")),
    }
}

fn number(name: &str, value: &str, range: std::ops::RangeInclusive<u64>) -> Result<u64, String> {
    let wrong = || format!("{name} is a number from {} to {}, not {value}", range.start(), range.end());
    value.parse().ok().filter(|number| range.contains(number)).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(line: &str) -> Result<Wanted, String> {
        parse(line.split_whitespace().map(OsString::from))
    }

    #[test]
    fn every_option_is_understood_with_a_space_or_an_equals_sign() {
        let spaced = run("--framing length --codec msgpack --threads 3 --spin-us 0 --message-mib 5 --quiet").unwrap();
        let joined = run("--framing=length --codec=msgpack --threads=3 --spin-us=0 --message-mib=5 --quiet").unwrap();
        let expected = Args {
            framing: Framing::Length,
            codec: Codec::MessagePack,
            threads: Some(3),
            spin_us: 0,
            message_mib: 5,
            quiet: true,
        };
        assert_eq!(spaced, Wanted::Serve(expected));
        assert_eq!(spaced, joined);
    }

    #[test]
    fn each_mistake_gets_its_sentence() {
        for (line, sentence) in [
            ("--fast", "unknown option --fast"),
            ("extra", "unknown option extra"),
            ("--threads", "--threads needs a value"),
            ("--threads 0", "--threads is a number from 1 to 1024, not 0"),
            ("--framing http", "--framing is line, length or content-length, not http"),
            ("--quiet=yes", "unknown option --quiet=yes"),
        ] {
            assert_eq!(run(line), Err(sentence.to_owned()));
        }
        assert!(run("--codec msgpack").unwrap_err().contains("needs --framing"));
    }
}
