//! The compute worker: exact arithmetic, Fibonacci numbers, primes, arrays of numbers and digests, served over stdin and
//! stdout.
#![forbid(unsafe_code)]

mod args;
mod methods;
mod named;
mod reading;

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use args::{Args, Wanted};
use procwire::report;

fn main() -> ExitCode {
    match args::parse(std::env::args_os().skip(1)) {
        Ok(Wanted::Serve(args)) => outcome(serve(&args)),
        Ok(Wanted::Print(text)) => outcome(print(&text)),
        Err(problem) => {
            report(&format!("rust-worker: {problem}\nTry rust-worker --help."));
            ExitCode::from(2)
        }
    }
}

fn outcome(result: io::Result<()>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            report(&format!("rust-worker: {problem}"));
            ExitCode::FAILURE
        }
    }
}

fn print(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout();
    writeln!(stdout, "{text}").and_then(|()| stdout.flush())
}

fn serve(args: &Args) -> io::Result<()> {
    if io::stdin().is_terminal() {
        report(
            r#"rust-worker serves JSON-RPC 2.0 over stdin and stdout, one message a line, for a program that starts it.
Try: {"jsonrpc":"2.0","id":1,"method":"add","params":[2,3]}   (Ctrl-D ends, --help tells more)"#,
        );
    }
    methods::register(args.worker()).serve_stdio()
}
