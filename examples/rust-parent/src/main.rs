//! Rust greets a TypeScript program, sends it five messages, and hears its goodbye.
//!
//! `cargo run` does so by JSON-RPC, with a channel. `cargo run -- --bare PROGRAM ARGS...` talks to a program that knows
//! nothing but bare lines of `{"msg_type", "data"}`, by the framing and the codec alone.

mod bare;

use std::error::Error;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc;
use std::time::Duration;

use procwire::Channel;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize)]
struct Message {
    msg_type: String,
    data: String,
}

impl Message {
    fn new(msg_type: &str, data: String) -> Message {
        Message { msg_type: msg_type.to_owned(), data }
    }
}

/// What Rust says, in order.
fn messages() -> impl Iterator<Item = Message> {
    let greeting = Message::new("greeting", "Hello from Rust!".to_owned());
    std::iter::once(greeting).chain((1..=5).map(|n| Message::new("data", format!("Message {n} from Rust"))))
}

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.split_first() {
        Some((first, command)) if first == "--bare" => bare::talk(command),
        _ => talk(),
    }
}

fn talk() -> Result<(), Box<dyn Error>> {
    let mut node = Command::new("node");
    node.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("children/greeter.mjs"));
    let channel = Channel::spawn(node)?;
    let (say, said) = mpsc::channel();
    channel.on_notification("message", move |message: Message| {
        // The conversation may be over.
        let _ = say.send(message);
    });

    println!("Rust: Sending initial message");
    for message in messages() {
        let answer: Message = channel.call_with_timeout("message", &message, Duration::from_secs(30)).wait()?;
        println!("Received from TS: {answer:?}");
    }
    let last = said.recv_timeout(Duration::from_secs(30))?;
    println!("Received from TS: {last:?}");
    if last.msg_type == "exit" {
        println!("Received exit signal from TypeScript");
    }
    channel.close();
    println!("Communication complete!");
    Ok(())
}
