//! A service or a client that does what lines of JSON on stdin tell it, for the tests of the other languages:
//! `{"do":"listen","options":{"name":"math"}}`, `connect`, `call`, `list`, `close`; each is answered by a line.

use std::io::{BufRead, Write};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use procwire::{Address, Channel, Context, Error, Limits, Method, Restart, Service, Stream, Worker, list_services};
use serde_json::{Value, json};

fn main() -> std::io::Result<()> {
    let mut peer = Peer::default();
    for line in std::io::stdin().lock().lines() {
        let command: Value = serde_json::from_str(&line?)?;
        if let Some(moment) = command["at"].as_u64() {
            while now() < u128::from(moment) {}
        }
        println!("{}", peer.obey(&command));
        std::io::stdout().flush()?;
    }
    Ok(())
}

fn now() -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_millis())
}

#[derive(Default)]
struct Peer {
    service: Option<Service>,
    channel: Option<Channel>,
}

impl Peer {
    fn obey(&mut self, command: &Value) -> Value {
        let options = &command["options"];
        match command["do"].as_str().unwrap_or_default() {
            "listen" => match worker(options).listen(address(options)) {
                Ok(service) => {
                    let told = json!({ "listening": told(service.address()) });
                    self.service = Some(service);
                    told
                }
                Err(error) => {
                    json!({ "error": error.to_string(), "code": "CONNECT_FAILED", "kind": format!("{:?}", error.kind()) })
                }
            },
            "close" => {
                if let Some(service) = self.service.take() {
                    service.close();
                }
                if let Some(channel) = self.channel.take() {
                    channel.close();
                }
                json!({ "closed": true })
            }
            "connect" => match connect(options) {
                Ok(channel) => {
                    let pid = channel.pid();
                    self.channel = Some(channel);
                    json!({ "connected": true, "pid": pid })
                }
                Err(error) => failed(&error),
            },
            "call" => self.call(command),
            "list" => match list_services() {
                Ok(all) => {
                    let one = |info: &procwire::ServiceInfo| json!({ "name": info.name, "pid": info.pid, "methods": info.methods, "address": told(&info.address) });
                    json!({ "services": all.iter().map(one).collect::<Vec<_>>() })
                }
                Err(error) => failed(&error),
            },
            _ => json!({}),
        }
    }

    fn call(&self, command: &Value) -> Value {
        let Some(channel) = &self.channel else { return json!({ "error": "not connected" }) };
        let method = command["method"].as_str().unwrap_or_default();
        match channel.call::<Value>(method, &command["params"]).wait() {
            Ok(result) => json!({ "result": result }),
            Err(error) => failed(&error),
        }
    }
}

fn failed(error: &Error) -> Value {
    let code = if matches!(error, Error::Connect { .. }) { "CONNECT_FAILED" } else { "other" };
    json!({ "error": error.to_string(), "code": code, "delivery": format!("{:?}", error.delivery()) })
}

fn told(address: &Address) -> Value {
    match (address.socket_path(), address.port()) {
        (Some(path), _) => json!({ "path": path }),
        (_, port) => json!({ "host": "127.0.0.1", "port": port }),
    }
}

fn address(options: &Value) -> Address {
    let text = |name: &str| options[name].as_str();
    let mut address = match (text("name"), text("path")) {
        (Some(name), _) => Address::name(name),
        (_, Some(path)) => Address::path(path),
        _ => Address::tcp(text("host").unwrap_or("127.0.0.1"), options["port"].as_u64().unwrap_or(0) as u16),
    };
    if let Some(token) = text("token") {
        address = address.token(token);
    }
    if options["insecure"] == true {
        address = address.insecure();
    }
    secured(address, &options["tls"])
}

#[cfg(feature = "tls")]
fn secured(address: Address, options: &Value) -> Address {
    if options.is_null() {
        return address;
    }
    let mut tls = procwire::Tls::new();
    if let (Some(certificate), Some(key)) = (options["cert"].as_str(), options["key"].as_str()) {
        tls = tls.identity(certificate, key);
    }
    if let Some(authority) = options["ca"].as_str() {
        tls = tls.authority(authority);
    }
    address.tls(tls)
}

#[cfg(not(feature = "tls"))]
fn secured(address: Address, _: &Value) -> Address {
    address
}

fn connect(options: &Value) -> Result<Channel, Error> {
    let mut builder = Channel::builder().timeout(Duration::from_secs(20));
    if options["restart"] == true {
        let mut restart = Restart::default();
        restart.max_restarts = usize::MAX;
        restart.min_delay = Duration::from_millis(1);
        restart.max_delay = Duration::from_millis(20);
        builder = builder.restart(restart);
    }
    let channel = builder.connect(address(options))?;
    channel.on_request("name", |(): ()| Ok("Rust"));
    Ok(channel)
}

fn worker(options: &Value) -> Worker {
    let mut limits = Limits::default();
    if let Some(most) = options["maxConnections"].as_u64() {
        limits.connections = most as usize;
    }
    Worker::new()
        .limits(limits)
        .threads(4)
        .register(Method::new("add", |(a, b): (i64, i64)| Ok(a + b)).inline())
        .method("echo", |(value,): (Value,)| Ok(value))
        .method("pid", |(): ()| Ok(std::process::id()))
        .method("never", |(): (), cx: &Context| -> Result<(), procwire::Fault> {
            loop {
                cx.check()?;
                std::thread::sleep(Duration::from_millis(1));
            }
        })
        .method("greet", |(): (), cx: &Context| Ok(format!("hello {}", cx.call::<Value, String>("name", &json!([]))?)))
        .register(Method::stream("count", |(to,): (u64,), out: &mut Stream<'_>| {
            (1..=to).try_for_each(|n| out.send(&n))
        }))
}
