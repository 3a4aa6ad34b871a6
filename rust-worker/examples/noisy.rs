//! A worker whose handlers print: what they print goes to stderr, and the stream of answers stays clean.

use procwire::{Method, Worker};

fn main() -> std::io::Result<()> {
    Worker::new()
        .register(
            Method::new("print", |(): ()| {
                println!("this is not JSON");
                print!("and this has no newline");
                Ok("printed")
            })
            .inline(),
        )
        .serve_stdio()
}
