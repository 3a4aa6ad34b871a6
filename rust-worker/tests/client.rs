//! A channel and the worker at its other end, as processes.
#![cfg(unix)]

use std::path::PathBuf;
use std::process::Command;
use std::sync::mpsc::channel as queue;
use std::time::{Duration, Instant};

use procwire::{Breaker, Bytes, Channel, Codec, Delivery, Error, Event, Framing, Heartbeat, Restart};
use serde_json::{Value, json};
use support::{PATIENCE, wait_until};

fn partner() -> Command {
    let program: PathBuf = env!("CARGO_BIN_EXE_rust-worker").into();
    Command::new(program.parent().unwrap().join("examples/partner"))
}

fn spawn() -> Channel {
    Channel::spawn(partner()).unwrap()
}

fn shell(script: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script]);
    command
}

#[test]
fn a_method_is_called_and_answers() {
    let channel = spawn();
    assert_eq!(channel.call::<i64>("add", &(2, 40)).wait().unwrap(), 42);
    let value = json!({ "a": [1, "x", null], "b": { "c": 1.5 } });
    assert_eq!(channel.call::<Value>("echo", &[&value]).wait().unwrap(), value);
    let Err(Error::Remote { code, message, data }) = channel.call::<()>("fail", &()).wait() else { panic!("no error") };
    assert_eq!((code, &*message, data), (7, "on purpose", Some(json!({ "why": "asked" }))));
    let error = channel.call::<()>("nobody", &()).wait().unwrap_err();
    assert!(matches!(error, Error::Remote { code: -32601, .. }), "{error}");
    channel.close();
    assert!(!channel.is_healthy());
}

#[test]
fn every_framing_and_codec_carries_the_same() {
    for (framing, codec, args) in [
        (Framing::Line, Codec::Json, ["line", "json"]),
        (Framing::Length, Codec::Json, ["length", "json"]),
        (Framing::ContentLength, Codec::Json, ["content-length", "json"]),
        (Framing::Length, Codec::MessagePack, ["length", "msgpack"]),
        (Framing::ContentLength, Codec::MessagePack, ["content-length", "msgpack"]),
    ] {
        let mut command = partner();
        command.args(args);
        let channel = Channel::builder().framing(framing).codec(codec).spawn(command).unwrap();
        assert_eq!(channel.call::<i64>("add", &(2, 40)).wait().unwrap(), 42, "{args:?}");
        let bytes: Vec<u8> = (0..200_000).map(|n| n as u8).collect();
        let back = channel.call::<Bytes>("bytes", &[Bytes::from(bytes.clone())]).wait().unwrap();
        assert!(back.iter().rev().eq(&bytes), "{args:?}");
        let error = channel.call::<()>("fail", &()).wait().unwrap_err();
        assert!(matches!(error, Error::Remote { code: 7, .. }), "{args:?}: {error}");
        channel.close();
    }
}

#[test]
fn a_thousand_calls_in_flight_get_each_its_own_answer() {
    let channel = spawn();
    for _ in 0..3 {
        let calls: Vec<_> = (0..1000).map(|n| (n, channel.call::<i64>("add", &(n, 1)))).collect();
        for (n, call) in calls {
            assert_eq!(call.wait().unwrap(), n + 1);
        }
    }
    let metrics = channel.metrics();
    assert_eq!((metrics.total, metrics.failed, metrics.success_rate()), (3000, 0, 1.0));
    assert!(metrics.p50 > Duration::ZERO && metrics.p50 <= metrics.p99);
}

#[test]
fn many_threads_share_a_channel() {
    let channel = spawn();
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let channel = channel.clone();
            scope.spawn(move || {
                for n in 0..500 {
                    assert_eq!(channel.call::<i64>("add", &(thread, n)).wait().unwrap(), thread + n);
                }
            });
        }
    });
    assert_eq!(channel.metrics().total, 4000);
}

#[test]
fn a_call_that_takes_too_long_fails_in_time_and_the_worker_is_told() {
    let channel = spawn();
    let (send, stopped) = queue();
    channel.on_notification("stopped", move |(): ()| send.send(()).unwrap());
    let started = Instant::now();
    let call = channel.call_with_timeout::<()>("never", &(), Duration::from_millis(50));
    let error = call.wait().unwrap_err();
    assert!(matches!(&error, Error::Timeout { method, .. } if method == "never"), "{error}");
    assert_eq!(error.delivery(), Delivery::Unknown);
    assert!(started.elapsed() >= Duration::from_millis(50));
    stopped.recv_timeout(PATIENCE).unwrap();
}

#[test]
fn a_call_that_is_dropped_is_cancelled() {
    let channel = spawn();
    let (send, stopped) = queue();
    let (enter, entered) = queue();
    channel.on_notification("stopped", move |(): ()| send.send(()).unwrap());
    channel.on_notification("entered", move |(): ()| enter.send(()).unwrap());
    let call = channel.call::<()>("never", &());
    entered.recv_timeout(PATIENCE).unwrap();
    drop(call);
    stopped.recv_timeout(PATIENCE).unwrap();
    assert_eq!(channel.metrics().in_flight, 0);
}

#[test]
fn the_end_of_the_worker_settles_all_calls_with_how_it_ended() {
    let channel = Channel::builder().ignore_stderr().spawn(partner()).unwrap();
    let calls: Vec<_> = (0..10).map(|_| channel.call::<()>("never", &())).collect();
    let last = channel.call::<()>("exit", &[9]);
    for call in calls.into_iter().chain([last]) {
        let error = call.wait().unwrap_err();
        assert!(
            matches!(error, Error::Exited { status: Some(9), signal: None, delivery: Delivery::Unknown, .. }),
            "{error}"
        );
    }
    let error = channel.call::<()>("add", &(1, 2)).wait().unwrap_err();
    assert_eq!(error.delivery(), Delivery::NotSent);
    assert!(!channel.is_healthy());
}

#[test]
fn a_worker_that_dies_is_quoted() {
    let channel = Channel::builder().ignore_stderr().spawn(partner()).unwrap();
    let error = channel.call::<()>("die", &["error: no luck today"]).wait().unwrap_err();
    let Error::Exited { status: None, signal: Some(6), stderr, .. } = &error else { panic!("{error}") };
    assert_eq!(stderr, "error: no luck today\n");
    assert!(error.to_string().contains("error: no luck today"), "{error}");
}

#[test]
fn a_program_that_is_missing_or_none_says_so() {
    let error = Channel::spawn(Command::new("no-such-program")).unwrap_err();
    assert!(matches!(error, Error::Spawn { .. }), "{error}");
    assert!(error.to_string().contains("no such program"), "{error}");
    let error = Channel::spawn(Command::new("/etc/passwd")).unwrap_err();
    assert!(error.to_string().contains("not executable"), "{error}");
}

#[test]
fn the_worker_asks_and_tells_and_a_handler_may_call_back() {
    let channel = spawn();
    let back = channel.downgrade();
    channel.on_request("double", move |(n,): (i64,)| {
        let channel = back.upgrade().unwrap();
        Ok(channel.call::<i64>("add", &(n, n)).wait().unwrap())
    });
    assert_eq!(channel.call::<Value>("ask", &("double", [21])).wait().unwrap(), 42);
    let error = channel.call::<Value>("ask", &("nobody", [0])).wait().unwrap_err();
    assert!(matches!(error, Error::Remote { code: -32601, .. }), "{error}");

    let (send, heard) = queue();
    let back = channel.downgrade();
    channel.on_notification("news", move |value: Value| {
        let sum: i64 = back.upgrade().unwrap().call("add", &(1, 1)).wait().unwrap();
        send.send((value, sum)).unwrap();
    });
    for n in 0..3 {
        channel.call::<()>("tell", &("news", [n])).wait().unwrap();
    }
    for n in 0..3 {
        assert_eq!(heard.recv_timeout(PATIENCE).unwrap(), (json!([n]), 2));
    }
}

#[test]
fn what_comes_before_its_handler_is_kept_for_it() {
    let channel = spawn();
    channel.call::<()>("tell", &("early", [1])).wait().unwrap();
    let (send, heard) = queue();
    channel.on_notification("early", move |value: Value| send.send(value).unwrap());
    assert_eq!(heard.recv_timeout(PATIENCE).unwrap(), json!([1]));
}

#[test]
fn progress_comes_before_the_answer_is_used() {
    let channel = spawn();
    let (send, steps) = queue();
    let call = channel.request("steps", &[3]).on_progress(move |step: u64| _ = send.send(step)).call::<u64>();
    assert_eq!(call.wait().unwrap(), 3);
    assert_eq!(steps.recv_timeout(PATIENCE).unwrap(), 0);
}

#[test]
fn the_methods_are_listed() {
    let channel = spawn();
    let methods = channel.methods().wait().unwrap();
    assert!(methods.contains(&"add".to_owned()) && methods.contains(&"count".to_owned()), "{methods:?}");
}

#[test]
fn params_that_are_no_params_are_refused_and_results_of_another_type_as_well() {
    let channel = spawn();
    let error = channel.call::<()>("add", &5).wait().unwrap_err();
    assert!(matches!(error, Error::Encode { .. }), "{error}");
    assert_eq!(error.delivery(), Delivery::NotSent);
    let error = channel.call::<String>("add", &(1, 2)).wait().unwrap_err();
    assert!(matches!(error, Error::Decode { .. }), "{error}");
}

#[test]
fn close_waits_for_the_exit_and_may_be_called_again() {
    let channel = spawn();
    let pid = channel.call::<u32>("pid", &()).wait().unwrap();
    let call = channel.call::<()>("never", &());
    channel.close();
    assert!(!PathBuf::from(format!("/proc/{pid}")).exists());
    channel.close();
    assert!(matches!(call.wait(), Err(Error::Closed { delivery: Delivery::Unknown, .. })));
    assert!(matches!(channel.notify("x", &()).wait(), Err(Error::Closed { delivery: Delivery::NotSent, .. })));
}

#[test]
fn dropping_the_last_handle_kills_the_worker_and_all_it_has_started() {
    let channel = Channel::spawn(shell("sleep 600 & echo $!; echo >&2; wait")).unwrap();
    let (send, noise) = queue();
    drop(channel);
    let channel = Channel::builder()
        .on_noise(move |text| send.send(text.to_owned()).unwrap())
        .spawn(shell("sleep 600 & echo $!; wait"))
        .unwrap();
    let grandchild: u32 = noise.recv_timeout(PATIENCE).unwrap().trim().parse().unwrap();
    let child = channel.pid().unwrap();
    let other = channel.clone();
    drop(channel);
    assert!(other.is_healthy());
    drop(other);
    assert!(!PathBuf::from(format!("/proc/{child}")).exists());
    let state = || std::fs::read_to_string(format!("/proc/{grandchild}/stat")).unwrap_or_default();
    wait_until("the grandchild is gone", || state().is_empty() || state().contains(") Z "));
}

#[test]
fn a_worker_that_will_not_end_is_killed_after_the_graces() {
    let channel = Channel::builder()
        .graces(Duration::from_millis(50), Duration::from_millis(50))
        .spawn(shell("trap '' TERM; while :; do sleep 1; done"))
        .unwrap();
    let started = Instant::now();
    channel.close();
    assert!((Duration::from_millis(100)..PATIENCE).contains(&started.elapsed()));
}

#[test]
fn prints_between_the_messages_are_told_from_them() {
    let script = r#"read line; echo hello; echo '[1, 2]'; echo '5'
        printf 'glued {"jsonrpc":"2.0","id":1,"result":7}\n'; cat > /dev/null"#;
    let (send, noise) = queue();
    let channel =
        Channel::builder().on_noise(move |text| send.send(text.to_owned()).unwrap()).spawn(shell(script)).unwrap();
    assert_eq!(channel.call::<i64>("x", &()).wait().unwrap(), 7);
    for text in ["hello", "[1, 2]", "5", "glued "] {
        assert_eq!(noise.recv_timeout(PATIENCE).unwrap(), text);
    }
    assert!(channel.metrics().noise_bytes > 0);
}

#[test]
fn a_worker_that_ends_is_started_again_and_what_is_idempotent_is_sent_again() {
    let mut restart = Restart::default();
    restart.min_delay = Duration::from_millis(1);
    restart.max_delay = Duration::from_millis(5);
    let channel = Channel::builder().restart(restart).ignore_stderr().spawn(partner()).unwrap();
    let first = channel.call::<u32>("pid", &()).wait().unwrap();
    let lost = channel.call::<()>("never", &());
    support::signal("-STOP", first);
    let again = channel.request("add", &(20, 22)).idempotent().call::<i64>();
    support::signal("-KILL", first);
    assert_eq!(again.wait().unwrap(), 42);
    assert!(matches!(lost.wait(), Err(Error::Exited { signal: Some(9), delivery: Delivery::Unknown, .. })));
    assert_ne!(channel.call::<u32>("pid", &()).wait().unwrap(), first);
    let metrics = channel.metrics();
    assert_eq!((metrics.restarts, metrics.repeated), (1, 1));
    channel.close();
}

#[test]
fn what_becomes_of_the_worker_is_told_in_order() {
    let mut restart = Restart::default();
    (restart.min_delay, restart.max_delay) = (Duration::from_millis(1), Duration::from_millis(1));
    let channel = Channel::builder().restart(restart).ignore_stderr().spawn(partner()).unwrap();
    let (told, events) = queue();
    channel.on_event(move |event| told.send(event.clone()).unwrap());
    let first = channel.pid();
    channel.call::<()>("exit", &[3]).wait().unwrap_err();
    let second: u32 = channel.call("pid", &()).wait().unwrap();
    channel.close();
    let next = || events.recv_timeout(Duration::from_secs(20)).unwrap();
    assert!(matches!(next(), Event::Exited { pid, reason: Error::Exited { status: Some(3), .. } } if pid == first));
    assert!(matches!(next(), Event::Restarting { attempt: 1, .. }));
    assert!(matches!(next(), Event::Started { pid } if pid == Some(second)));
    assert!(matches!(next(), Event::Exited { pid, reason: Error::Closed { .. } } if pid == Some(second)));
    assert!(events.recv_timeout(Duration::from_secs(20)).is_err(), "the handler is let go of, and its sender with it");
}

#[test]
fn a_worker_that_ends_too_often_ends_the_channel() {
    let mut restart = Restart::default();
    (restart.max_restarts, restart.min_delay, restart.max_delay) = (3, Duration::ZERO, Duration::ZERO);
    let channel = Channel::builder().restart(restart).spawn(shell("exit 3")).unwrap();
    let error = loop {
        match channel.call::<()>("x", &()).wait() {
            Err(Error::Exited { .. }) => {}
            Err(error) => break error,
            Ok(()) => panic!("an answer"),
        }
    };
    assert!(matches!(error, Error::RestartsExhausted { exits: 4, .. }), "{error}");
    assert!(std::error::Error::source(&error).unwrap().to_string().contains("code 3"), "{error}");
}

#[test]
fn a_request_that_kills_two_workers_is_not_sent_to_a_third() {
    let mut restart = Restart::default();
    (restart.min_delay, restart.max_delay) = (Duration::ZERO, Duration::ZERO);
    let channel = Channel::builder().restart(restart).ignore_stderr().spawn(partner()).unwrap();
    let error = channel.request("exit", &[1]).idempotent().call::<()>().wait().unwrap_err();
    assert!(matches!(error, Error::Quarantined { .. }), "{error}");
    assert_eq!(channel.call::<i64>("add", &(1, 2)).wait().unwrap(), 3);
}

#[test]
fn a_streamed_answer_is_iterated_over_at_the_pace_of_its_reader() {
    let channel = spawn();
    let items: Vec<u64> = channel.stream("count", &[5000]).collect::<Result<_, _>>().unwrap();
    assert!(items.iter().copied().eq(0..5000));
    let mut endless = channel.stream::<u64>("count", &[u64::MAX]);
    assert_eq!(endless.next().unwrap().unwrap(), 0);
    drop(endless);
    assert_eq!(channel.metrics().in_flight, 0);
    let error = channel.stream::<u64>("nobody", &()).next().unwrap().unwrap_err();
    assert!(matches!(error, Error::Remote { code: -32601, .. }), "{error}");
    let mut torn = Channel::builder().ignore_stderr().spawn(partner()).unwrap().stream::<u64>("count", &[10]);
    assert!(torn.any(|item| matches!(item, Err(Error::Closed { .. }))), "its channel was dropped");
    assert!(torn.next().is_none());
}

#[test]
fn inputs_go_along_with_a_call_as_the_worker_takes_them() {
    let channel = spawn();
    let total = channel.request("total", &()).input(0..10_000_i64).call::<i64>();
    assert_eq!(total.wait().unwrap(), (0..10_000).sum::<i64>());
    let empty: [i64; 0] = [];
    assert_eq!(channel.request("total", &()).input(empty).call::<i64>().wait().unwrap(), 0);
    let broken = (0..10_i64).inspect(|n| assert!(*n < 5, "on purpose"));
    let error = channel.request("total", &()).input(broken).call::<i64>().wait().unwrap_err();
    assert!(matches!(error, Error::Encode { .. }), "{error}");
}

#[test]
fn a_worker_that_is_stopped_is_replaced_by_the_heartbeat() {
    let mut restart = Restart::default();
    restart.min_delay = Duration::from_millis(1);
    let mut heartbeat = Heartbeat::default();
    (heartbeat.interval, heartbeat.misses) = (Duration::from_millis(20), 2);
    let channel = Channel::builder().restart(restart).heartbeat(heartbeat).spawn(partner()).unwrap();
    let first = channel.call::<u32>("pid", &()).wait().unwrap();
    wait_until("a heartbeat", || channel.metrics().round_trip.is_some());
    assert_eq!(channel.metrics().total, 1, "heartbeats are not counted");
    support::signal("-STOP", first);
    let lost = channel.call::<()>("never", &());
    assert!(matches!(lost.wait(), Err(Error::Exited { signal: Some(9), .. })));
    assert_ne!(channel.call::<u32>("pid", &()).wait().unwrap(), first);
}

#[test]
fn a_circuit_opens_when_nobody_answers() {
    let mut breaker = Breaker::default();
    (breaker.failures, breaker.cool_down) = (2, Duration::from_secs(3600));
    let channel = Channel::builder().breaker(breaker).spawn(shell("cat > /dev/null")).unwrap();
    for _ in 0..2 {
        let error = channel.call_with_timeout::<()>("x", &(), Duration::from_millis(5)).wait().unwrap_err();
        assert!(matches!(error, Error::Timeout { .. }), "{error}");
    }
    assert!(channel.circuit_open() && !channel.is_healthy());
    let error = channel.call::<()>("x", &()).wait().unwrap_err();
    assert!(matches!(error, Error::CircuitOpen { .. }), "{error}");
}
