//! One parent, and workers in three languages: spawn, call, time limits, the list of methods, metrics, health; and a service
//! that is connected to by its name.
//!
//! The Rust worker is this program itself, started with `--worker`, and so is the service, with `--service`.

use std::error::Error as StdError;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use procwire::{Breaker, Channel, Context, Error, Fault, Heartbeat, Method, Restart, Worker, list_services};

fn main() -> Result<(), Box<dyn StdError>> {
    if std::env::args().nth(1).as_deref() == Some("--worker") {
        return Ok(math_worker().serve_stdio()?);
    }
    if std::env::args().nth(1).as_deref() == Some("--service") {
        math_worker().listen(SERVICE)?.wait();
        return Ok(());
    }
    rust_child()?;
    node_child()?;
    connect_mode()?;
    python_child()
}

const SERVICE: &str = "math-service";

fn math_worker() -> Worker {
    Worker::new()
        .register(Method::new("add", |(a, b): (i64, i64)| Ok(a + b)).inline())
        .register(Method::new("multiply", |(a, b): (i64, i64)| Ok(a * b)).inline())
        .method("sleep", |(): (), cx: &Context| -> Result<(), Fault> {
            loop {
                cx.check()?;
                std::thread::sleep(Duration::from_millis(1));
            }
        })
}

fn rust_child() -> Result<(), Box<dyn StdError>> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("--worker");
    let worker = Channel::builder().heartbeat(Heartbeat::default()).breaker(Breaker::default()).spawn(command)?;

    // A clone is the light handle.
    let handle = worker.clone();
    println!("1 + 2 = {}", handle.call::<i64>("add", &(1, 2)).wait()?);
    println!("4 * 7 = {}", handle.call::<i64>("multiply", &(4, 7)).wait()?);

    match handle.call_with_timeout::<()>("sleep", &(), Duration::from_millis(50)).wait() {
        Err(Error::Timeout { .. }) => println!("Request timed out"),
        Err(Error::CircuitOpen { retry_after }) => println!("Circuit breaker is open for {retry_after:?}"),
        Err(error) => println!("Error: {error}"),
        Ok(()) => println!("It woke up"),
    }

    println!("Available methods: {:?}", worker.methods().wait()?);
    println!("Healthy: {}", handle.is_healthy());
    println!("Circuit open: {}", handle.circuit_open());
    let metrics = handle.metrics();
    println!("Total requests: {}, failed: {}", metrics.total, metrics.failed);
    println!("Success rate: {}", metrics.success_rate());
    worker.close();
    Ok(())
}

fn child(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("children").join(name)
}

fn node_child() -> Result<(), Box<dyn StdError>> {
    let mut node = Command::new("node");
    node.arg(child("math.mjs"));
    let worker = Channel::spawn(node)?;
    println!("21 + 3 = {}", worker.call::<i64>("add", &(21, 3)).wait()?);
    worker.close();
    Ok(())
}

/// The service would have been started by somebody else, at any time.
fn connect_mode() -> Result<(), Box<dyn StdError>> {
    let mut service = Command::new(std::env::current_exe()?).arg("--service").spawn()?;
    let called = call_service();
    service.kill()?;
    service.wait()?;
    called
}

fn call_service() -> Result<(), Box<dyn StdError>> {
    // With restart it waits for the service, and goes on when that has been replaced.
    let worker = Channel::builder().restart(Restart::default()).connect(SERVICE)?;
    println!("5 + 3 = {}", worker.call::<i64>("add", &(5, 3)).wait()?);
    for info in list_services()?.iter().filter(|info| info.name == SERVICE) {
        println!("{} offers {:?}", info.name, info.methods);
    }
    worker.close();
    Ok(())
}

fn python_child() -> Result<(), Box<dyn StdError>> {
    let mut python = Command::new("python3");
    python.arg(child("math.py"));
    let worker = match Channel::spawn(python) {
        Ok(worker) => worker,
        Err(error @ Error::Spawn { .. }) => {
            println!("Skipped: {error}");
            return Ok(());
        }
        Err(error) => return Err(error.into()),
    };
    println!("Factorial: {}", worker.call::<u64>("factorial", &[10]).wait()?);
    worker.close();
    Ok(())
}
