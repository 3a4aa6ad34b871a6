//! What both programs share: how they wait for input, and where output goes.
#![forbid(unsafe_code)]

use std::fs::File;
use std::hint;
use std::io::{self, ErrorKind, Read};
use std::process::exit;
use std::time::{Duration, Instant};

#[cfg(unix)]
use std::os::{
    fd::{AsFd, OwnedFd},
    unix::net::UnixStream,
};

/// Stdin without a buffer of its own. With a polling time it asks again and again for that long before it sleeps in
/// the kernel: whoever does not sleep need not be woken.
pub struct Input {
    file: File,
    polling: Duration,
    /// The same descriptor once more, only to switch between the two ways to read: the standard library offers the
    /// switch for sockets, and the system call behind it takes any descriptor.
    #[cfg(unix)]
    switch: UnixStream,
}

#[cfg(unix)]
impl Input {
    pub fn open(polling: Duration) -> io::Result<Self> {
        let stdin = io::stdin();
        let input = Input {
            file: File::from(stdin.as_fd().try_clone_to_owned()?),
            polling,
            switch: UnixStream::from(stdin.as_fd().try_clone_to_owned()?),
        };
        input.switch.set_nonblocking(!polling.is_zero())?;
        Ok(input)
    }

    /// What has arrived, at least one byte; 0 at the end of the input.
    pub fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.polling.is_zero() {
            return read_again_when_interrupted(&mut self.file, into);
        }
        let until = Instant::now() + self.polling;
        loop {
            match self.file.read(into) {
                Err(error) if error.kind() == ErrorKind::WouldBlock && Instant::now() < until => hint::spin_loop(),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                outcome => return outcome,
            }
        }
        self.switch.set_nonblocking(false)?;
        let outcome = read_again_when_interrupted(&mut self.file, into);
        self.switch.set_nonblocking(true)?;
        outcome
    }
}

#[cfg(windows)]
impl Input {
    /// Anonymous pipes on Windows can't be polled without calls that the standard library does not offer.
    pub fn open(polling: Duration) -> io::Result<Self> {
        use std::os::windows::io::AsHandle;
        let file = File::from(io::stdin().as_handle().try_clone_to_owned()?);
        Ok(Input { file, polling })
    }

    pub fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        hint::black_box(self.polling);
        read_again_when_interrupted(&mut self.file, into)
    }
}

fn read_again_when_interrupted(file: &mut File, into: &mut [u8]) -> io::Result<usize> {
    loop {
        match file.read(into) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            outcome => return outcome,
        }
    }
}

/// Stdout without a buffer of its own.
pub fn output() -> io::Result<File> {
    #[cfg(unix)]
    let owned: OwnedFd = io::stdout().as_fd().try_clone_to_owned()?;
    #[cfg(windows)]
    let owned = std::os::windows::io::AsHandle::as_handle(&io::stdout()).try_clone_to_owned()?;
    Ok(File::from(owned))
}

/// The only option of both programs: `--spin-us N`, microseconds to poll before sleeping; 0, and so never, by default.
pub fn polling_time() -> Duration {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => Duration::ZERO,
        ["--spin-us", number] if number.parse::<u64>().is_ok() => Duration::from_micros(number.parse().unwrap_or(0)),
        _ => {
            eprintln!("usage: [--spin-us MICROSECONDS]");
            exit(2);
        }
    }
}
