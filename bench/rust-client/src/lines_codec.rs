//! tokio, a child of its own, and its codec for lines: what most would write.

use std::process::{Command, Stdio};

use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;
use serde_json::json;
use tokio::process::{Child, ChildStdin, ChildStdout};
use tokio::runtime::Runtime;
use tokio_util::codec::{FramedRead, FramedWrite, LinesCodec};

use crate::Caller;

#[derive(Deserialize)]
struct Answer {
    id: u64,
    result: i64,
}

pub struct Lines {
    runtime: Runtime,
    _child: Child,
    input: FramedWrite<ChildStdin, LinesCodec>,
    output: FramedRead<ChildStdout, LinesCodec>,
    next: u64,
}

impl Lines {
    pub fn spawn(command: Command) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let _in_it = runtime.enter();
        let mut command = tokio::process::Command::from(command);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the program starts");
        let input = FramedWrite::new(child.stdin.take().expect("a pipe"), LinesCodec::new());
        let output = FramedRead::new(child.stdout.take().expect("a pipe"), LinesCodec::new());
        drop(_in_it);
        Lines { runtime, _child: child, input, output, next: 1 }
    }
}

impl Caller for Lines {
    fn call(&mut self, calls: usize, at_once: usize) {
        let Lines { runtime, input, output, next, .. } = self;
        runtime.block_on(async {
            let (mut asked, mut answered) = (0, 0);
            while answered < calls {
                while asked < calls && asked - answered < at_once {
                    let request =
                        json!({ "jsonrpc": "2.0", "id": *next, "method": "add", "params": { "a": *next, "b": 1 } });
                    input.feed(request.to_string()).await.expect("it is written");
                    *next += 1;
                    asked += 1;
                }
                SinkExt::<String>::flush(input).await.expect("it is written");
                // What else is there is asked for anew when half of it has come.
                let enough = answered + (asked - answered).div_ceil(2);
                while answered < enough {
                    let line = output.next().await.expect("it has not ended").expect("a line");
                    let Answer { id, result } = serde_json::from_str(&line).expect("an answer");
                    assert_eq!(result, id as i64 + 1);
                    answered += 1;
                }
            }
        });
    }
}
