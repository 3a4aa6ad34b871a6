//! The compute worker: exact arithmetic, Fibonacci numbers, primes, arrays of numbers and digests, served over stdin and
//! stdout.
#![forbid(unsafe_code)]

mod args;
mod array;
mod big;
mod decimal;
mod element;
mod elsewhere;
mod factor;
mod fibonacci;
#[cfg(feature = "hash")]
mod hash;
mod methods;
mod montgomery;
mod number;
mod parallel;
mod prime;
mod scan;
mod sieve;
mod sort;
mod stats;
mod sum;

use std::io::IsTerminal;
use std::process::ExitCode;

use args::{Args, Wanted};

fn main() -> ExitCode {
    match args::parse(std::env::args().skip(1)) {
        Ok(Wanted::Serve(args)) => serve(args),
        Ok(Wanted::Print(text)) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(problem) => {
            eprintln!("rust-worker: {problem}");
            eprintln!("Try rust-worker --help.");
            ExitCode::from(2)
        }
    }
}

fn serve(args: Args) -> ExitCode {
    if std::io::stdin().is_terminal() {
        eprintln!(
            "rust-worker serves JSON-RPC 2.0 over stdin and stdout, one message a line, for a program that starts it."
        );
        eprintln!(
            r#"Try: {{"jsonrpc":"2.0","id":1,"method":"add","params":[2,3]}}   (Ctrl-D ends, --help tells more)"#
        );
    }
    match methods::register(args.worker()).serve_stdio() {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("rust-worker: {problem}");
            ExitCode::FAILURE
        }
    }
}
