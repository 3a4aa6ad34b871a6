//! A call is a future of any runtime.
#![cfg(unix)]

use std::future::Future;
use std::path::PathBuf;
use std::pin::{Pin, pin};
use std::process::Command;
use std::sync::Arc;
use std::task::{Context, Poll, Wake};
use std::thread::{self, Thread};
use std::time::Duration;

use procwire::{Channel, Error, Items};

fn spawn() -> Channel {
    let program: PathBuf = env!("CARGO_BIN_EXE_rust-worker").into();
    Channel::spawn(Command::new(program.parent().unwrap().join("examples/partner"))).unwrap()
}

/// Many calls at once, one by one, one that times out, one that is dropped, and a stream.
async fn converse(channel: Channel) {
    let calls: Vec<_> = (0..100).map(|n| (n, channel.call::<i64>("add", &(n, 1)))).collect();
    for (n, call) in calls {
        assert_eq!(call.await.unwrap(), n + 1);
    }
    for n in 0..100 {
        assert_eq!(channel.call::<i64>("add", &(n, 1)).await.unwrap(), n + 1);
    }
    let late = channel.call_with_timeout::<()>("never", &(), Duration::from_millis(10)).await;
    assert!(matches!(late, Err(Error::Timeout { .. })));
    drop(channel.call::<()>("never", &()));
    let mut items = channel.stream::<u64>("count", &[3000]);
    let mut count = 0;
    while let Some(item) = next(&mut items).await {
        assert_eq!(item.unwrap(), count);
        count += 1;
    }
    assert_eq!(count, 3000);
    channel.notify("nobody", &()).await.unwrap();
    assert!(channel.methods().await.unwrap().contains(&"add".to_owned()));
}

async fn next(items: &mut Items<u64>) -> Option<Result<u64, Error>> {
    std::future::poll_fn(|cx| poll_next(Pin::new(&mut *items), cx)).await
}

fn poll_next(items: Pin<&mut Items<u64>>, cx: &mut Context<'_>) -> Poll<Option<Result<u64, Error>>> {
    smol::stream::Stream::poll_next(items, cx)
}

#[test]
fn a_call_is_awaited_under_tokio() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_time().build().unwrap();
    runtime.block_on(async {
        let channel = spawn();
        let tasks: Vec<_> = (0..8).map(|_| tokio::spawn(converse(channel.clone()))).collect();
        for task in tasks {
            task.await.unwrap();
        }
        let never = channel.call::<()>("never", &());
        assert!(tokio::time::timeout(Duration::from_millis(10), never).await.is_err());
        assert_eq!(channel.metrics().in_flight, 0, "what was dropped is cancelled");
    });
}

#[test]
fn a_call_is_awaited_under_smol() {
    smol::block_on(async {
        let channel = spawn();
        let tasks: Vec<_> = (0..8).map(|_| smol::spawn(converse(channel.clone()))).collect();
        for task in tasks {
            task.await;
        }
    });
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

#[test]
fn a_call_is_awaited_by_the_barest_executor() {
    let mut future = pin!(converse(spawn()));
    let waker = Arc::new(Unpark(thread::current())).into();
    while future.as_mut().poll(&mut Context::from_waker(&waker)).is_pending() {
        thread::park();
    }
}
