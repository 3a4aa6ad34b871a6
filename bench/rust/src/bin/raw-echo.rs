//! Writes back every byte it reads, and knows nothing of messages: what the medium itself can do.
#![forbid(unsafe_code)]

use std::io::{self, Write};

use procwire_bench::{Input, output, polling_time};

fn main() -> io::Result<()> {
    let mut input = Input::open(polling_time())?;
    let mut output = output()?;
    let mut chunk = vec![0; 1024 * 1024];
    loop {
        match input.read(&mut chunk)? {
            0 => return Ok(()),
            count => output.write_all(&chunk[..count])?,
        }
    }
}
