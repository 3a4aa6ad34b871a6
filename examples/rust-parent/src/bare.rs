//! The same conversation without JSON-RPC.

use std::error::Error;
use std::io::Write;
use std::process::{Command, Stdio};

use procwire::{Codec, Frames, Framing};

use crate::{Message, messages};

/// Bytes of one message, at most.
const LIMIT: usize = 1024 * 1024;

pub fn talk(command: &[String]) -> Result<(), Box<dyn Error>> {
    let (program, args) = command.split_first().ok_or("usage: cargo run -- --bare PROGRAM ARGS...")?;
    let mut child = Command::new(program).args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let (mut stdin, stdout) = (child.stdin.take().ok_or("no stdin")?, child.stdout.take().ok_or("no stdout")?);

    println!("Rust: Sending initial message");
    let mut bytes = Vec::new();
    for message in messages() {
        Framing::Line.append(&mut bytes, &Codec::Json.to_bytes(&message)?);
    }
    stdin.write_all(&bytes)?;
    for frame in Frames::new(Framing::Line, stdout, LIMIT) {
        let message: Message = Codec::Json.from_bytes(&frame?)?;
        println!("Received from TS: {message:?}");
        if message.msg_type == "exit" {
            println!("Received exit signal from TypeScript");
            break;
        }
    }
    drop(stdin);
    child.wait()?;
    println!("Communication complete!");
    Ok(())
}
