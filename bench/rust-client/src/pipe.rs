//! The bytes of a call, echoed by a program that parses nothing; this side polls for them.

use std::io::{ErrorKind, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{Child, ChildStdin, Command, Stdio};

use crate::Caller;

const CALL: &[u8] = b"{\"jsonrpc\":\"2.0\",\"id\":1000000,\"method\":\"add\",\"params\":{\"a\":1000000,\"b\":1}}\n";

pub struct Pipe {
    child: Child,
    input: ChildStdin,
    /// The standard library offers to poll sockets; the system call behind it takes any descriptor.
    output: UnixStream,
}

impl Pipe {
    pub fn spawn(mut command: Command) -> Self {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the program starts");
        let input = child.stdin.take().expect("a pipe");
        let output = std::fs::File::from(OwnedFd::from(child.stdout.take().expect("a pipe")));
        let output = UnixStream::from(OwnedFd::from(output));
        output.set_nonblocking(true).expect("it can be polled");
        Pipe { child, input, output }
    }
}

impl Caller for Pipe {
    fn call(&mut self, calls: usize, _: usize) {
        let mut file = std::fs::File::from(OwnedFd::from(self.output.try_clone().expect("a descriptor")));
        let mut bytes = [0; 256];
        for _ in 0..calls {
            self.input.write_all(CALL).expect("it is written");
            let mut read = 0;
            while read < CALL.len() {
                match file.read(&mut bytes) {
                    Ok(0) => panic!("it has ended"),
                    Ok(count) => read += count,
                    Err(error) if error.kind() == ErrorKind::WouldBlock => std::hint::spin_loop(),
                    Err(error) => panic!("{error}"),
                }
            }
        }
    }

    fn is_bare(&self) -> bool {
        true
    }
}

impl Drop for Pipe {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
