//! Services on sockets, from both sides. What concerns names is tested with the other language, in `test/services`.
#![cfg(all(unix, feature = "client"))]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use procwire::{Address, BUSY, Channel, Context, Delivery, Error, Fault, Limits, Method, Restart, Service, Worker};

const TOKEN: &str = "correct horse battery staple";
const REQUEST: &str = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"add\",\"params\":[1,2]}\n";
const ANSWER: &str = "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":3}\n";

/// A path of its own, which goes with it.
struct Place(PathBuf);

impl Place {
    fn new() -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        Place(std::env::temp_dir().join(format!("pw-{}-{number}.sock", std::process::id())))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn worker() -> Worker {
    Worker::new()
        .threads(2)
        .register(Method::new("add", |(a, b): (i64, i64)| Ok(a + b)).inline())
        .method("big", |(bytes,): (usize,)| Ok("b".repeat(bytes)))
        .method("name", |(): (), cx: &Context| cx.call::<_, String>("name", &()))
        .method("later", |(ms,): (u64,)| {
            thread::sleep(Duration::from_millis(ms));
            Ok("late")
        })
        .method("never", |(): (), cx: &Context| -> Result<(), Fault> {
            loop {
                cx.check()?;
                thread::sleep(Duration::from_millis(1));
            }
        })
}

fn wait_for(what: &str, mut is_so: impl FnMut() -> bool) {
    let until = Instant::now() + Duration::from_secs(20);
    while !is_so() {
        assert!(Instant::now() < until, "{what}");
        thread::sleep(Duration::from_millis(1));
    }
}

fn add(channel: &Channel, a: i64, b: i64) -> i64 {
    channel.call("add", &(a, b)).wait().unwrap()
}

/// Over a local socket, and over TCP: all of it is the same there.
fn in_both_places(test: impl Fn(&dyn Fn(Worker) -> Service)) {
    let place = Place::new();
    test(&|worker| worker.listen(&*place.0).unwrap());
    test(&|worker| worker.listen(Address::tcp("127.0.0.1", 0).insecure()).unwrap());
}

/// All that was heard until the other side closed.
fn said_to(service: &Service, words: &str) -> String {
    let mut client = TcpStream::connect(("127.0.0.1", service.address().port().unwrap())).unwrap();
    // It may be closed before all of it has left.
    let _ = client.write_all(words.as_bytes());
    let mut heard = Vec::new();
    let _ = client.read_to_end(&mut heard);
    String::from_utf8(heard).unwrap()
}

fn refused(error: &str) -> String {
    format!("{{\"error\":\"{error}\",\"ok\":false,\"procwire\":1}}\n")
}

fn connect_error(result: Result<Channel, Error>) -> String {
    let error = result.unwrap_err();
    assert!(matches!(error, Error::Connect { .. }), "{error:?}");
    assert_eq!(error.delivery(), Delivery::NotSent);
    error.to_string()
}

#[test]
fn many_clients_are_answered_and_a_handler_asks_whoever_called_it() {
    in_both_places(|listen| {
        let service = listen(worker());
        let clients: Vec<_> = (0..20).map(|_| Channel::connect(service.address()).unwrap()).collect();
        for (number, client) in clients.iter().enumerate() {
            client.on_request("name", move |(): ()| Ok(format!("client {number}")));
        }
        for (number, client) in clients.iter().enumerate() {
            assert_eq!(client.call::<String>("name", &()).wait().unwrap(), format!("client {number}"));
        }
        assert_eq!(service.connections(), 20);
        clients.iter().for_each(Channel::close);
        wait_for("the connections are gone", || service.connections() == 0);
        service.close();
        connect_error(Channel::connect(service.address()));
    });
}

#[test]
fn a_client_that_does_not_read_costs_the_others_nothing_and_itself_its_connection() {
    in_both_places(|listen| {
        let mut limits = Limits::default();
        limits.outbox_bytes = 256 * 1024;
        let service = listen(worker().limits(limits));
        let raw = |words: &[u8]| -> Box<dyn Write> {
            let mut stream: Box<dyn Write> = match service.address().socket_path() {
                Some(path) => Box::new(UnixStream::connect(path).unwrap()),
                None => Box::new(TcpStream::connect(("127.0.0.1", service.address().port().unwrap())).unwrap()),
            };
            stream.write_all(words).unwrap();
            stream
        };
        let mut deaf = raw(b"procwire/1\n");
        let calm = Channel::connect(service.address()).unwrap();
        wait_for("both are there", || service.connections() == 2);
        let mut asking = true;
        for round in 0..2_000 {
            let ask = format!("{{\"jsonrpc\":\"2.0\",\"id\":{round},\"method\":\"big\",\"params\":[100000]}}\n");
            asking = asking && deaf.write_all(ask.repeat(20).as_bytes()).is_ok();
            assert_eq!(add(&calm, round, 1), round + 1);
            if !asking {
                break;
            }
        }
        wait_for("it has lost its connection", || service.connections() == 1);
        assert_eq!(add(&calm, 1, 1), 2);
    });
}

#[test]
fn who_does_not_know_the_token_is_told_so_and_nothing_behind_the_greeting_runs() {
    let service = worker().listen(Address::tcp("127.0.0.1", 0).token(TOKEN)).unwrap();
    let long = format!("procwire/1 {}", "x".repeat(1024 * 1024));
    for (words, error) in [
        (&*format!("procwire/1 {TOKEN}!\n"), "token"),
        ("procwire/1\n", "token"),
        ("procwire/1?\n", "token"),
        (&format!("procwire/2 {TOKEN}\n"), "version"),
        (REQUEST, "greeting"),
        ("\n", "greeting"),
        (&long, "greeting"),
        (&format!("POST / HTTP/1.1\r\nHost: x\r\n\r\nprocwire/1 {TOKEN}\n"), "greeting"),
    ] {
        assert_eq!(said_to(&service, &format!("{words}{REQUEST}")), refused(error), "{words:.40}");
    }
    let port = service.address().clone();
    assert!(connect_error(Channel::connect(port.clone())).contains("it wants a token"));
    let guessed = Channel::builder().restart(Restart::default()).connect(port.clone().token("guess"));
    assert!(connect_error(guessed).contains("the token is wrong"));
    assert_eq!(add(&Channel::connect(port.token(TOKEN)).unwrap(), 40, 2), 42);
}

#[test]
fn a_greeting_in_pieces_and_one_with_the_first_request_behind_it_are_understood() {
    let service = worker().listen(Address::tcp("127.0.0.1", 0).token(TOKEN)).unwrap();
    let words = format!("procwire/1 {TOKEN}\n{REQUEST}");
    for size in [1, words.len()] {
        let mut client = TcpStream::connect(("127.0.0.1", service.address().port().unwrap())).unwrap();
        words.as_bytes().chunks(size).for_each(|piece| client.write_all(piece).unwrap());
        let expected = format!(
            "{}{ANSWER}",
            r#"{"codec":"json","framing":"line-delimited","ok":true,"procwire":1}"#.to_owned() + "\n"
        );
        let mut heard = vec![0; expected.len()];
        client.read_exact(&mut heard).unwrap();
        assert_eq!(String::from_utf8(heard).unwrap(), expected);
    }
}

#[test]
fn on_a_local_socket_the_greeting_may_be_left_out_and_the_question_who_is_there_is_answered() {
    let place = Place::new();
    let service = worker().listen(&*place.0).unwrap();
    let mut plain = UnixStream::connect(&place.0).unwrap();
    plain.write_all(REQUEST.as_bytes()).unwrap();
    let mut heard = vec![0; ANSWER.len()];
    plain.read_exact(&mut heard).unwrap();
    assert_eq!(heard, ANSWER.as_bytes());
    let mut asking = UnixStream::connect(&place.0).unwrap();
    asking.write_all(b"procwire/1?\n").unwrap();
    let mut answer = String::new();
    asking.read_to_string(&mut answer).unwrap();
    assert!(answer.contains(&format!("\"pid\":{}", std::process::id())), "{answer}");
    let taken = worker().listen(&*place.0).unwrap_err();
    assert_eq!(taken.kind(), std::io::ErrorKind::AddrInUse);
    assert!(taken.to_string().contains(&format!("the pid {}", std::process::id())), "{taken}");
    let client = Channel::connect(service.address()).unwrap();
    assert_eq!(client.pid(), Some(std::process::id()));
}

#[test]
fn sides_that_speak_otherwise_are_told_both_their_ways() {
    let place = Place::new();
    let _service = worker().listen(&*place.0).unwrap();
    let other = Channel::builder().framing(procwire::Framing::ContentLength).connect(&*place.0);
    let text = connect_error(other);
    assert!(text.contains("line-delimited json, and this side content-length json"), "{text}");
}

#[test]
fn a_full_service_refuses_one_more_and_strangers_who_wait_keep_nobody_out() {
    let mut limits = Limits::default();
    limits.connections = 2;
    let service = worker().limits(limits).listen(Address::tcp("127.0.0.1", 0).token(TOKEN)).unwrap();
    let target = service.address().clone().token(TOKEN);
    let port = service.address().port().unwrap();
    let strangers: Vec<_> = (0..6).map(|_| TcpStream::connect(("127.0.0.1", port)).unwrap()).collect();
    let first = Channel::connect(target.clone()).unwrap();
    let _second = Channel::connect(target.clone()).unwrap();
    assert!(connect_error(Channel::connect(target.clone())).contains("has reached its limit of connections"));
    for mut stranger in strangers {
        let mut heard = String::new();
        stranger.read_to_string(&mut heard).unwrap();
        assert_eq!(heard, refused("greeting"));
    }
    first.close();
    wait_for("there is room", || service.connections() == 1);
    assert_eq!(add(&Channel::connect(target).unwrap(), 1, 1), 2);
}

#[test]
fn a_service_that_closes_answers_what_runs_and_refuses_what_comes() {
    in_both_places(|listen| {
        let service = Arc::new(listen(worker()));
        let client = Channel::connect(service.address()).unwrap();
        let running = client.call::<String>("later", &[300]);
        assert_eq!(add(&client, 1, 1), 2);
        let closing = Arc::clone(&service);
        let closing = thread::spawn(move || closing.close());
        wait_for("it refuses", || {
            matches!(client.call::<i64>("add", &(1, 1)).wait(), Err(Error::Remote { code: BUSY, .. }))
        });
        assert_eq!(running.wait().unwrap(), "late");
        closing.join().unwrap();
        service.wait();
        wait_for("the channel has ended", || client.is_closed());
        let error = client.call::<i64>("add", &(1, 1)).wait().unwrap_err();
        assert!(matches!(error, Error::Closed { delivery: Delivery::NotSent, .. }), "{error:?}");
    });
}

#[test]
fn what_is_in_flight_when_the_service_goes_is_unknown_and_its_handler_hears_of_a_client_that_goes() {
    in_both_places(|listen| {
        let (entered, left) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let seen = (Arc::clone(&entered), Arc::clone(&left));
        let hanging = move |(): (), cx: &Context| -> Result<(), Fault> {
            seen.0.fetch_add(1, Ordering::SeqCst);
            while !cx.is_cancelled() {
                thread::sleep(Duration::from_millis(1));
            }
            seen.1.fetch_add(1, Ordering::SeqCst);
            Ok(())
        };
        let mut limits = Limits::default();
        limits.grace = Duration::from_millis(10);
        let service = listen(worker().limits(limits).method("hang", hanging));
        let leaving = Channel::connect(service.address()).unwrap();
        let abandoned = leaving.call::<()>("hang", &());
        wait_for("it runs", || entered.load(Ordering::SeqCst) == 1);
        leaving.close();
        assert!(matches!(abandoned.wait(), Err(Error::Closed { delivery: Delivery::Unknown, .. })));
        wait_for("the handler hears of it", || left.load(Ordering::SeqCst) == 1);
        let staying = Channel::connect(service.address()).unwrap();
        let lost = staying.call::<()>("never", &());
        assert_eq!(add(&staying, 1, 1), 2);
        service.close();
        let error = lost.wait().unwrap_err();
        let is_told = matches!(error, Error::Closed { delivery: Delivery::Unknown, .. } | Error::Remote { .. });
        assert!(is_told, "{error:?}");
    });
}

#[test]
fn a_client_whose_service_is_replaced_goes_on_and_a_first_connection_is_waited_for() {
    let place = Place::new();
    let restart = || {
        let mut restart = Restart::default();
        (restart.max_restarts, restart.min_delay, restart.max_delay) =
            (100_000, Duration::from_millis(1), Duration::from_millis(10));
        restart
    };
    connect_error(Channel::connect(&*place.0));
    let path = place.0.clone();
    let waiting = thread::spawn(move || Channel::builder().restart(restart()).connect(&*path));
    let serve = |version: i64| Worker::new().method("version", move |(): ()| Ok(version)).listen(&*place.0).unwrap();
    let first = serve(1);
    let client = waiting.join().unwrap().unwrap();
    assert_eq!(client.call::<i64>("version", &()).wait().unwrap(), 1);
    first.close();
    wait_for("it is noticed", || !client.is_healthy());
    let parked = client.call::<i64>("version", &());
    let _second = serve(2);
    assert_eq!(parked.wait().unwrap(), 2);
    assert_eq!(client.metrics().restarts, 1);
}

#[test]
fn serial_calls_of_two_clients_run_one_after_the_other_and_shutdown_means_nothing() {
    let place = Place::new();
    let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let seen = Arc::clone(&most);
    let alone = move |(): ()| {
        seen.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        thread::sleep(Duration::from_millis(5));
        running.fetch_sub(1, Ordering::SeqCst);
        Ok(())
    };
    let service = worker().register(Method::new("alone", alone).serial("one")).listen(&*place.0).unwrap();
    let clients: Vec<_> = (0..3).map(|_| Channel::connect(service.address()).unwrap()).collect();
    let calls: Vec<_> =
        clients.iter().flat_map(|client| [client.call::<()>("alone", &()), client.call("alone", &())]).collect();
    calls.into_iter().for_each(|call| call.wait().unwrap());
    assert_eq!(most.load(Ordering::SeqCst), 1);
    clients[0].notify("shutdown", &()).wait().unwrap();
    let error = clients[0].call::<()>("shutdown", &()).wait().unwrap_err();
    assert!(matches!(error, Error::Remote { code: procwire::METHOD_NOT_FOUND, .. }), "{error:?}");
    assert_eq!(add(&clients[0], 1, 1), 2);
}

#[test]
fn a_file_that_is_no_socket_stays_and_ports_that_strangers_could_use_are_not_opened() {
    let place = Place::new();
    std::fs::write(&place.0, "precious").unwrap();
    assert!(worker().listen(&*place.0).is_err());
    assert_eq!(std::fs::read_to_string(&place.0).unwrap(), "precious");
    for address in
        [Address::tcp("127.0.0.1", 0), Address::tcp("0.0.0.0", 0).token("t").insecure(), Address::name("Wrong")]
    {
        assert_eq!(worker().listen(address).unwrap_err().kind(), std::io::ErrorKind::InvalidInput);
    }
    let missing: &Path = Path::new("/nowhere/at/all.sock");
    assert!(worker().listen(missing).is_err());
}

#[test]
fn a_service_that_is_dropped_is_gone_and_so_are_its_connections() {
    let place = Place::new();
    let service = worker().listen(&*place.0).unwrap();
    let client = Channel::connect(service.address()).unwrap();
    drop(service);
    wait_for("the channel has ended", || client.is_closed());
    assert!(!place.0.exists());
    connect_error(Channel::connect(&*place.0));
}

#[cfg(feature = "tls")]
mod secured {
    use super::*;
    use procwire::Tls;

    fn pem(name: &str) -> Vec<u8> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../test/fixtures/certificates");
        std::fs::read(format!("{folder}/{name}.pem")).unwrap()
    }

    fn identity(tls: Tls, name: &str) -> Tls {
        tls.identity(pem(name), pem(&format!("{name}.key")))
    }

    fn trusting() -> Tls {
        Tls::new().authority(pem("authority"))
    }

    #[test]
    fn certificates_are_checked_on_both_sides_and_large_answers_come_whole() {
        let mutual = identity(trusting(), "service");
        let service = worker().listen(Address::tcp("0.0.0.0", 0).tls(mutual)).unwrap();
        let port = service.address().port().unwrap();
        let at = |tls: Tls| Address::tcp("127.0.0.1", port).tls(tls);
        let client = Channel::connect(at(identity(trusting(), "client"))).unwrap();
        let calls: Vec<_> = (0..200).map(|n| client.call::<i64>("add", &(n, 1))).collect();
        let big: String = client.call("big", &[3_000_000]).wait().unwrap();
        assert_eq!(big.len(), 3_000_000);
        calls.into_iter().enumerate().for_each(|(n, call)| assert_eq!(call.wait().unwrap(), n as i64 + 1));
        client.close();
        wait_for("it has gone", || service.connections() == 0);
        for (what, tls) in [
            ("no certificate", trusting()),
            ("one of another authority", identity(trusting(), "impostor")),
            ("no trust", identity(Tls::new().authority(pem("impostor")), "client")),
            ("another name", identity(trusting(), "client").server_name("elsewhere")),
        ] {
            let text = connect_error(Channel::connect(at(tls)));
            assert!(text.to_lowercase().contains("certificate"), "{what}: {text}");
        }
        connect_error(Channel::connect(Address::tcp("127.0.0.1", port)));
        assert!(connect_error(Channel::connect(at(Tls::new()))).contains("Tls::authority"));
        assert_eq!(service.connections(), 0);
    }

    #[test]
    fn a_token_goes_with_tls_beyond_loopback() {
        let tls = identity(Tls::new(), "service");
        assert!(worker().listen(Address::tcp("0.0.0.0", 0).tls(tls.clone())).is_err());
        let service = worker().listen(Address::tcp("0.0.0.0", 0).tls(tls).token(TOKEN)).unwrap();
        let at = Address::tcp("127.0.0.1", service.address().port().unwrap()).tls(trusting());
        assert!(connect_error(Channel::connect(at.clone().token("guess"))).contains("the token is wrong"));
        assert_eq!(add(&Channel::connect(at.token(TOKEN)).unwrap(), 1, 1), 2);
    }
}
