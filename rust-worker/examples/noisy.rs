//! A worker whose handlers print: what they print goes to stderr, and the stream of answers stays clean.

use procwire::Worker;

fn main() -> std::io::Result<()> {
    Worker::new()
        .inline("print", |(): ()| {
            println!("this is not JSON");
            print!("and this has no newline");
            Ok("printed")
        })
        .serve_stdio()
}
