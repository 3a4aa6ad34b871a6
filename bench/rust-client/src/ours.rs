//! The channel, with its defaults.

use std::collections::VecDeque;
use std::process::Command;

use procwire::{Call, Channel};
use serde::Serialize;

use crate::Caller;

#[derive(Serialize)]
struct Pair {
    a: i64,
    b: i64,
}

pub struct Ours {
    channel: Channel,
    next: i64,
}

impl Ours {
    pub fn spawn(command: Command) -> Self {
        Ours { channel: Channel::spawn(command).expect("the worker starts"), next: 1 }
    }
}

impl Caller for Ours {
    fn call(&mut self, calls: usize, at_once: usize) {
        let mut waiting: VecDeque<(i64, Call<i64>)> = VecDeque::with_capacity(at_once);
        for _ in 0..calls {
            if waiting.len() == at_once {
                settle(waiting.pop_front());
            }
            let a = self.next;
            self.next += 1;
            waiting.push_back((a, self.channel.call("add", &Pair { a, b: 1 })));
        }
        waiting.into_iter().for_each(|call| settle(Some(call)));
    }
}

fn settle(call: Option<(i64, Call<i64>)>) {
    if let Some((a, call)) = call {
        assert_eq!(call.wait().expect("an answer"), a + 1);
    }
}

impl Drop for Ours {
    fn drop(&mut self) {
        self.channel.close();
    }
}
