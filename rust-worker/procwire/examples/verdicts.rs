//! A client that asks the same question again and again over a local socket, and prints what became of each: for the test
//! that clients in all languages take the same answers in the same way. The arguments: the socket's path, how often.

use std::fmt::Write as _;
use std::time::Duration;

use procwire::{Channel, Error, Limits};
use serde_json::Value;

fn main() -> Result<(), Error> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (path, count) = (std::path::Path::new(&args[0]), args[1].parse().expect("a count"));
    let connect = || {
        let mut limits = Limits::default();
        limits.noise_bytes = usize::MAX;
        let builder = Channel::builder().limits(limits).greeting(false).timeout(Duration::from_secs(60));
        builder.on_noise(|_| {}).connect(path)
    };
    let (mut channel, mut said) = (connect()?, String::new());
    for n in 0..count {
        let outcome = channel.call::<Value>("q", &[n]).wait();
        let word = match &outcome {
            Ok(Value::String(text)) if text == "the end" => "nothing".to_owned(),
            Ok(_) => "result".to_owned(),
            Err(Error::Remote { code, .. }) => format!("error {code}"),
            Err(Error::Decode { .. }) => "unreadable".to_owned(),
            Err(Error::Closed { .. }) => "closed".to_owned(),
            Err(other) => format!("{other:?}"),
        };
        writeln!(said, "{word}").expect("there is memory");
        if word == "closed" || channel.is_closed() {
            channel = connect()?;
        }
    }
    print!("{said}");
    Ok(())
}
