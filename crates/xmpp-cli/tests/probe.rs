//! `xmpp probe` against `xmpp serve`, and against a DNS of the test's own.

mod common;

use core::net::Ipv4Addr;
use core::sync::atomic::{AtomicU32, Ordering};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, UdpSocket};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use common::{status, stderr, stdout, xmpp};
use hickory_resolver::proto::op::{Message, MessageType, ResponseCode};
use hickory_resolver::proto::rr::rdata::{A, SRV};
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};
use serde_json::Value;

/// Priority, port and target.
type Srv = (u16, u16, &'static str);

/// A DNS that knows these SRV records (by service), and that every host is 127.0.0.1.
fn dns(records: Vec<(&'static str, Vec<Srv>)>) -> String {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        let mut buffer = [0; 1500];
        while let Ok((length, from)) = socket.recv_from(&mut buffer) {
            let Ok(mut message) = Message::from_vec(&buffer[..length]) else { continue };
            let query = message.queries()[0].clone();
            let name = query.name().to_string();
            let answers: Vec<RData> = match query.query_type() {
                RecordType::SRV => records
                    .iter()
                    .filter(|(service, _)| name.starts_with(service))
                    .flat_map(|(_, records)| records)
                    .map(|(priority, port, target)| {
                        RData::SRV(SRV::new(*priority, 0, *port, Name::from_ascii(target).unwrap()))
                    })
                    .collect(),
                RecordType::A if !name.starts_with("nowhere.") => {
                    vec![RData::A(A(Ipv4Addr::LOCALHOST))]
                }
                _ => Vec::new(),
            };
            message.set_message_type(MessageType::Response);
            message.set_response_code(ResponseCode::NoError);
            for answer in answers {
                message.add_answer(Record::from_rdata(query.name().clone(), 60, answer));
            }
            socket.send_to(&message.to_vec().unwrap(), from).unwrap();
        }
    });
    address
}

/// `xmpp serve` for x.test, with STARTTLS and direct TLS.
struct Served {
    process: Child,
    plain: u16,
    direct: u16,
    ca: PathBuf,
}

impl Served {
    fn start() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("xmpp-probe-{}-{number}.pem", std::process::id());
        let ca = std::env::temp_dir().join(name);
        let mut process = Command::new(common::XMPP)
            .args(["serve", "--domain", "x.test", "--user", "a:b", "--ca-out"])
            .arg(&ca)
            .args(["--listen", "127.0.0.1:0", "--direct-tls", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut ready = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut port_of = |label: &str| -> u16 {
            let line = ready.find_map(|line| line.ok().filter(|line| line.starts_with(label)));
            let line = line.expect("the server tells its places");
            line.split_whitespace()
                .find_map(|word| {
                    word.strip_prefix("127.0.0.1:")?.trim_end_matches(',').parse().ok()
                })
                .unwrap_or_else(|| panic!("{line}"))
        };
        let direct = port_of("direct TLS on");
        let plain = port_of("serving x.test");
        Self { process, plain, direct, ca }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_file(&self.ca);
    }
}

/// Runs a probe with `--json`; its status, and its findings.
fn probe(resolver: &str, ca: Option<&PathBuf>, more: &[&str]) -> (i32, Vec<Value>) {
    let mut arguments = vec!["probe", "--json", "--timeout", "5", "--resolver", resolver];
    if let Some(ca) = ca {
        arguments.extend(["--ca", ca.to_str().unwrap()]);
    }
    arguments.extend(more);
    let output = xmpp(&arguments, "");
    let findings = stdout(&output).lines().map(|line| serde_json::from_str(line).unwrap());
    (status(&output), findings.collect())
}

fn of_kind<'a>(findings: &'a [Value], kind: &str) -> Vec<&'a Value> {
    findings.iter().filter(|finding| finding["kind"] == kind).collect()
}

/// What DNS says, each place in order, what it offers, and which would be taken.
#[test]
fn the_client_service_of_xmpp_serve() {
    let served = Served::start();
    let resolver = dns(vec![
        // Nobody listens on port 1.
        ("_xmpp-client.", vec![(10, served.plain, "a.x.test."), (0, 1, "dead.x.test.")]),
        ("_xmpps-client.", vec![(5, served.direct, "a.x.test.")]),
    ]);
    let (status, found) = probe(&resolver, Some(&served.ca), &["x.test", "--client"]);
    let srv = of_kind(&found, "srv");
    assert_eq!(srv.len(), 2, "{found:?}");
    assert_eq!(srv[0]["name"], "_xmpp-client._tcp.x.test.");
    assert_eq!(srv[0]["records"][0]["target"], "a.x.test.");
    assert_eq!(of_kind(&found, "places")[0]["from"], "srv");

    let visits = of_kind(&found, "visit");
    let verdicts: Vec<_> =
        visits.iter().map(|visit| (visit["tls"].as_str(), visit["verdict"].as_str())).collect();
    let (dead, taken) = (Some("refused"), Some("taken"));
    let (starttls, direct) = (Some("starttls"), Some("direct"));
    assert_eq!(verdicts, [(starttls, dead), (direct, taken), (starttls, taken)]);
    assert!(visits[0]["why"].as_str().unwrap().contains("cannot connect"), "{:?}", visits[0]);
    assert_eq!(visits[1]["handshake"]["alpn"], "xmpp-client");
    assert_eq!(visits[1]["before_tls"], Value::Null);
    assert_eq!(visits[2]["before_tls"]["starttls_required"], true);
    assert_eq!(visits[2]["before_tls"]["mechanisms"], serde_json::json!([]));
    for visit in &visits[1..] {
        assert_eq!(visit["handshake"]["version"], "TLSv1_3");
        assert_eq!(visit["certificate"]["identities"], serde_json::json!(["DNS:x.test"]));
        assert_eq!(visit["certificate"]["trusted"], true);
        let mechanisms = visit["after_tls"]["mechanisms"].as_array().unwrap();
        assert!(mechanisms.contains(&"SCRAM-SHA-256".into()), "{mechanisms:?}");
        assert_eq!(visit["public"], false);
    }
    let result = of_kind(&found, "result")[0];
    assert_eq!(
        (&result["ok"], &result["place"]),
        (&true.into(), &format!("a.x.test:{}", served.direct).into())
    );
    assert_eq!(status, 0);
}

/// A certificate of nobody that is trusted, and one that is for another domain: all is
/// shown, and the place is refused.
#[test]
fn certificates_that_do_not_do() {
    let served = Served::start();
    let resolver = dns(vec![("_xmpp-client.", vec![(0, served.plain, "a.x.test.")])]);
    let (status, found) = probe(&resolver, Some(&served.ca), &["y.test", "--client"]);
    let visit = of_kind(&found, "visit")[0];
    // The server does not serve that domain, and says so before TLS.
    assert!(visit["why"].as_str().unwrap().contains("host-unknown"), "{visit:?}");
    assert_eq!(status, 1);

    let other = Served::start();
    let (status, found) = probe(&resolver, Some(&other.ca), &["x.test", "--client"]);
    let visit = of_kind(&found, "visit")[0];
    assert_eq!(visit["verdict"], "refused");
    let certificate = &visit["certificate"];
    assert_eq!((&certificate["trusted"], &certificate["name"]), (&false.into(), &Value::Null));
    assert!(certificate["chain"].is_string(), "{certificate:?}");
    // Seen all the same.
    assert!(visit["after_tls"]["mechanisms"].is_array());
    assert_eq!(of_kind(&found, "result")[0]["ok"], false);
    assert_eq!(status, 1);

    // With TLS from the first byte the server is not asked for the domain before.
    let resolver = dns(vec![("_xmpps-client.", vec![(0, served.direct, "a.x.test.")])]);
    let (_, found) = probe(&resolver, Some(&served.ca), &["y.test", "--client"]);
    let certificate = &of_kind(&found, "visit")[0]["certificate"];
    assert_eq!((&certificate["trusted"], &certificate["chain"]), (&false.into(), &Value::Null));
    assert_eq!(certificate["name"], "the certificate is not for y.test");
}

/// 6120-3.2.1-01: `.` is an answer. 6120-3.2.2-01: nothing is none, and leads to the domain
/// itself. Both are told, for both services.
#[test]
fn domains_without_services() {
    let resolver =
        dns(vec![("_xmpp-server.", vec![(0, 0, ".")]), ("_xmpps-server.", vec![(0, 0, ".")])]);
    let (status, found) = probe(&resolver, None, &["nowhere.test"]);
    // Without authorities in the system there is nobody to trust.
    if found[0]["error"] == "ca" {
        return;
    }
    let places = of_kind(&found, "places");
    assert_eq!((&places[0]["from"], &places[1]["from"]), (&"fallback".into(), &"srv".into()));
    assert_eq!(places[0]["places"][0]["port"], 5222);
    assert_eq!(places[1]["places"], serde_json::json!([]));
    let addresses = of_kind(&found, "addresses");
    assert_eq!(addresses.len(), 2);
    assert!(addresses.iter().all(|answer| answer["addresses"] == serde_json::json!([])));
    let results = of_kind(&found, "result");
    assert_eq!(results[1]["why"], "the domain says that it has no such service");
    assert_eq!(status, 1);
}

/// A server for servers that says what it likes, once.
fn hostile(says: &'static [u8]) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        let mut buffer = [0; 1000];
        let _ = socket.read(&mut buffer);
        for _ in 0..1000 {
            if socket.write_all(says).is_err() {
                break;
            }
        }
        let _ = socket.read(&mut buffer);
    });
    port
}

/// Whatever a server says, the probe ends, and a terminal is not obeyed.
#[test]
fn servers_that_say_what_they_like() {
    let served = Served::start();
    for (says, why) in [
        (&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..], "before TLS"),
        (b"<stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams'>\
           <stream:error><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>\
           <text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>\xc2\x9b2J</text></stream:error>",
         "host-unknown"),
        (b"<stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' \
           version='1.0'><stream:features/>", "TLS is not offered"),
        (b"          ", "before TLS"),
    ] {
        let port = hostile(says);
        let resolver = dns(vec![("_xmpp-server.", vec![(0, port, "a.x.test.")])]);
        let ca = served.ca.to_str().unwrap();
        let arguments =
            ["probe", "x.test", "--server", "--timeout", "2", "--resolver", &resolver, "--ca", ca];
        let output = xmpp(&arguments, "");
        assert_eq!(status(&output), 1, "{output:?}");
        let text = stdout(&output);
        let refused = text.lines().find(|line| line.starts_with("  refused")).unwrap();
        assert!(refused.contains(why), "{refused}");
        assert!(!text.contains(|c: char| c.is_control() && c != '\n'), "{text}");
        assert!(text.len() < 4000, "{text}");
    }
}

/// Wrong usage is 2, and said once.
#[test]
fn wrong_usage() {
    for arguments in [&["probe"][..], &["probe", "a@b"], &["probe", "x.test", "--resolver", "here"]]
    {
        let output = xmpp(arguments, "");
        assert_eq!(status(&output), 2, "{output:?}");
        assert!(!stderr(&output).is_empty() && stdout(&output).is_empty(), "{output:?}");
    }
}
