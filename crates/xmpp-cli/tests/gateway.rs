//! `xmpp gateway` between `xmpp serve` and a program on its socket: RFC 3922 §6 with
//! real connections on both sides.

use core::time::Duration;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde_json::{Value, json};
use xmpp_core::jid::{BareJid, Jid};
use xmpp_core::sasl::client::Credentials;
use xmpp_core::stanza::{Message, MessageType, Presence, PresenceType};
use xmpp_core::time::Clock;
use xmpp_core::tls::rustls::RustlsInitiator;
use xmpp_core::{Client, ClientConfig, ClientEvent, Event, Output};

const PATIENCE: Duration = Duration::from_secs(30);

/// A process of the program, ended with the test.
struct Program(Child, BufReader<ChildStdout>);

impl Program {
    fn start(args: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xmpp"));
        let mut child = command.args(args).stdout(Stdio::piped()).spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        Self(child, out)
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.1.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A server, a gateway for im.x.test, and their folder.
struct Joined {
    folder: PathBuf,
    clients: String,
    socket: String,
    gateway: Program,
    server: Program,
}

impl Joined {
    fn start(name: &str) -> Self {
        let folder =
            std::env::temp_dir().join(format!("xmpp-gateway-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let ca = folder.join("ca.pem").display().to_string();
        let (mut server, components) = serve(&ca);
        let clients = server.line().rsplit(' ').next().unwrap().to_owned();
        let secret = folder.join("secret");
        std::fs::write(&secret, "a secret\n").unwrap();
        std::fs::write(folder.join("pw"), "pw\n").unwrap();
        let mut gateway = gateway(&components, &secret, "127.0.0.1:0");
        let ready: Value = serde_json::from_str(&gateway.line()).unwrap();
        assert_eq!((&ready["ok"], &ready["component"]), (&json!(true), &json!("im.x.test")));
        let socket = ready["listen"].as_str().unwrap().to_owned();
        Self { folder, clients, socket, gateway, server }
    }

    fn file(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }
}

impl Drop for Joined {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn serve(ca: &str) -> (Program, String) {
    let mut server = Program::start(&[
        "serve",
        "--domain",
        "x.test",
        "--listen",
        "127.0.0.1:0",
        "--ca-out",
        ca,
        "--user",
        "juliet:pw",
        "--component",
        "im.x.test:a secret",
        "--component-listen",
        "127.0.0.1:0",
        "--iterations",
        "4096",
    ]);
    let components = server.line().strip_prefix("components on ").unwrap().to_owned();
    (server, components)
}

fn gateway(components: &str, secret: &Path, listen: &str) -> Program {
    let secret = secret.to_str().unwrap();
    Program::start(&[
        "gateway",
        "--component",
        "im.x.test",
        "--secret-file",
        secret,
        "--connect",
        components,
        "--listen",
        listen,
        "--json",
    ])
}

/// The program on the socket.
struct Far(BufReader<TcpStream>);

impl Far {
    fn connect(joined: &Joined) -> Self {
        let socket = TcpStream::connect(&joined.socket).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        Self(BufReader::new(socket))
    }

    fn tell(&mut self, operation: &Value) {
        writeln!(self.0.get_mut(), "{operation}").unwrap();
    }

    fn hear(&mut self) -> Value {
        let mut line = String::new();
        self.0.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"))
    }
}

/// An XMPP user who has logged in.
struct Juliet {
    client: Client,
    socket: TcpStream,
    clock: Clock,
}

impl Juliet {
    fn log_in(joined: &Joined) -> Self {
        let account: BareJid = "juliet@x.test".parse().unwrap();
        let config = ClientConfig::new(account, Credentials::new("juliet").with_password("pw"));
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(joined.file("ca.pem")).unwrap()).unwrap();
        let tls = Arc::new(RustlsInitiator::with_roots(roots).unwrap());
        let clock = Clock::start();
        let client = Client::connect(Arc::new(config), tls, clock.now(), [3; 32]).unwrap();
        let socket = TcpStream::connect(&joined.clients).unwrap();
        let mut juliet = Self { client, socket, clock };
        juliet.until(|event| matches!(event, Event::Established { .. }).then_some(()));
        // What is about subscriptions is for those who have asked for the roster (RFC 6121
        // section 3.1.6), and what is sent to the bare JID for those who are available.
        let roster = b"<iq type='get' id='r'><query xmlns='jabber:iq:roster'/></iq>";
        juliet.client.send_serialized(roster).unwrap();
        juliet.client.send(&Presence::builder(PresenceType::Available)).unwrap();
        juliet.until(|event| match event {
            Event::Stanza(stanza) => stanza.element().source().contains("<presence").then_some(()),
            _ => None,
        });
        juliet
    }

    fn until<T>(
        &mut self,
        mut wanted: impl FnMut(&Event<'static, xmpp_core::role::ClientToServer>) -> Option<T>,
    ) -> T {
        let began = std::time::Instant::now();
        loop {
            assert!(began.elapsed() < PATIENCE, "nothing of the kind has come");
            match self.client.poll(self.clock.now()).unwrap() {
                Output::Event(Event::Role(ClientEvent::KeysWanted(query))) => {
                    let keys = query.derive();
                    self.client.provide_keys(query, keys).unwrap();
                }
                Output::Event(event) => {
                    if let Some(found) = wanted(&event) {
                        return found;
                    }
                }
                Output::Transmit(_) => self.client.write_to(&mut self.socket).unwrap(),
                Output::Wait(_) => {
                    self.socket.set_read_timeout(Some(PATIENCE)).unwrap();
                    self.client.read_from(&mut self.socket).unwrap();
                }
                Output::Shutdown | Output::Closed => panic!("the server closed the stream"),
            }
        }
    }

    /// The next message or presence from the people beyond.
    fn hear(&mut self) -> String {
        self.until(|event| match event {
            Event::Stanza(stanza) => {
                let source = stanza.element().source();
                let is_theirs = !source.starts_with("<iq") && source.contains("@im.x.test");
                is_theirs.then(|| source.to_owned())
            }
            _ => None,
        })
    }

    fn presence(&mut self, presence_type: PresenceType, id: &str) {
        let romeo: Jid = "romeo@im.x.test".parse().unwrap();
        let presence = Presence::builder(presence_type).with_to(romeo).with_id(id);
        self.client.send(&presence).unwrap();
    }
}

fn message(source: &str, body: &str) -> Value {
    let object = format!(
        "Content-Type: Message/CPIM\r\n\r\nFrom: <{source}>\r\nTo: <im:juliet@x.test>\r\n\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\r\n{body}"
    );
    json!({"operation": "message", "trans_id": "t1", "source": source,
        "destination": "im:juliet@x.test", "max_forwards": 5, "object": object})
}

// RFC 3922 §4.1, §4.2; RFC 3860 §3.4.1
#[test]
fn messages_cross_both_ways() {
    let joined = Joined::start("messages");
    let mut far = Far::connect(&joined);
    let sent = Command::new(env!("CARGO_BIN_EXE_xmpp"))
        .args(["send", "--jid", "juliet@x.test", "--to", "romeo@im.x.test"])
        .args(["--connect", &joined.clients, "--ca", &joined.file("ca.pem")])
        .args(["--password-file", &joined.file("pw"), "Wherefore art thou?"])
        .status();
    assert!(sent.unwrap().success());
    let heard = far.hear();
    assert_eq!(heard["operation"], "message", "{heard}");
    assert_eq!(heard["source"], "im:juliet@x.test");
    assert_eq!(heard["destination"], "im:romeo@im.x.test");
    let object = heard["object"].as_str().unwrap();
    assert!(object.contains("From: <im:juliet@x.test>\r\n"), "{object}");
    assert!(object.ends_with("\r\n\r\nWherefore art thou?"), "{object}");

    let mut juliet = Juliet::log_in(&joined);
    far.tell(&message("im:romeo@im.x.test", "I know not how to tell thee"));
    let stanza = juliet.hear();
    assert!(stanza.contains("<body>I know not how to tell thee</body>"), "{stanza}");
    assert!(stanza.contains("romeo@im.x.test"), "{stanza}");
    let told = far.hear();
    assert_eq!(told["operation"], "message-response", "{told}");
    assert_eq!((&told["trans_id"], &told["status"]), (&json!("t1"), &json!("indeterminant")));
}

// RFC 3922 §6.1, §6.3, §6.4: the watcher is on XMPP.
#[test]
fn an_xmpp_user_watches() {
    let joined = Joined::start("watches");
    let mut far = Far::connect(&joined);
    let mut juliet = Juliet::log_in(&joined);
    juliet.presence(PresenceType::Subscribe, "s1");
    // Nobody writes the client's stanzas but the loop that reads.
    let asked = hear_while(&mut far, &mut juliet);
    assert_eq!(asked["operation"], "subscribe", "{asked}");
    assert_eq!(
        (&asked["watcher"], &asked["target"]),
        (&json!("pres:juliet@x.test"), &json!("pres:romeo@im.x.test"))
    );
    assert_eq!(asked["duration"], 3600);
    far.tell(&json!({"operation": "response", "trans_id": asked["trans_id"], "status": "success", "duration": 600}));
    let approved = juliet.hear();
    assert!(approved.contains("type='subscribed'"), "{approved}");
    let document = "<presence xmlns='urn:ietf:params:xml:ns:pidf' entity='pres:romeo@im.x.test'>\
        <tuple id='orchard'><status><basic>open</basic></status></tuple></presence>";
    far.tell(&json!({"operation": "notify", "trans_id": "n1", "watcher": asked["watcher"],
        "target": asked["target"], "document": document}));
    let presence = juliet.hear();
    assert!(
        presence.starts_with("<presence") && presence.contains("romeo@im.x.test/orchard"),
        "{presence}"
    );

    juliet.presence(PresenceType::Unsubscribe, "u1");
    let ended = hear_while(&mut far, &mut juliet);
    assert_eq!(
        (&ended["operation"], &ended["duration"]),
        (&json!("subscribe"), &json!(0)),
        "{ended}"
    );
    assert_eq!(ended["subscript_id"], asked["subscript_id"]);
}

// RFC 3922 §6.2, §6.3.2, §6.5: the watcher is beyond.
#[test]
fn an_xmpp_user_is_watched() {
    let joined = Joined::start("watched");
    let mut far = Far::connect(&joined);
    let mut juliet = Juliet::log_in(&joined);
    far.tell(&json!({"operation": "subscribe", "trans_id": "a1", "subscript_id": "sub-7",
        "watcher": "pres:romeo@im.x.test", "target": "pres:juliet@x.test", "duration": 600}));
    let request = juliet.hear();
    assert!(request.contains("type='subscribe'"), "{request}");
    juliet.presence(PresenceType::Subscribed, "y1");
    let answer = hear_while(&mut far, &mut juliet);
    assert_eq!(
        answer,
        json!({"operation": "response", "trans_id": "a1", "status": "success", "duration": 600})
    );
    // What is known at first is nothing; then the server sends what she is.
    loop {
        let told = hear_while(&mut far, &mut juliet);
        assert_eq!(
            (&told["operation"], &told["watcher"]),
            (&json!("notify"), &json!("pres:romeo@im.x.test")),
            "{told}"
        );
        let document = told["document"].as_str().unwrap();
        assert!(
            document.contains("entity=\"pres:juliet@x.test\"")
                || document.contains("entity='pres:juliet@x.test'"),
            "{document}"
        );
        if document.contains("<basic>open</basic>") {
            break;
        }
    }
}

/// Hears the program on the socket while the client moves.
fn hear_while(far: &mut Far, juliet: &mut Juliet) -> Value {
    loop {
        match juliet.client.poll(juliet.clock.now()).unwrap() {
            Output::Transmit(_) => juliet.client.write_to(&mut juliet.socket).unwrap(),
            Output::Event(_) => {}
            _ => return far.hear(),
        }
    }
}

#[test]
fn what_is_wrong_is_told() {
    let mut joined = Joined::start("wrong");
    // With nobody on the socket a message fails (RFC 3922 §6 has no better word for it).
    let mut juliet = Juliet::log_in(&joined);
    let romeo: Jid = "romeo@im.x.test".parse().unwrap();
    let hello = Message::builder(MessageType::Chat).with_to(romeo).with_id("m1").with_body("Hi");
    juliet.client.send(&hello).unwrap();
    let failed = juliet.hear();
    assert!(failed.contains("recipient-unavailable"), "{failed}");

    let mut far = Far::connect(&joined);
    far.tell(&json!({"operation": "secured-presence"}));
    assert_eq!(far.hear()["error"], "bad-line");
    let mut second = Far::connect(&joined);
    assert_eq!(second.hear()["error"], "busy");
    far.tell(&json!("x".repeat((1 << 20) + 1)));
    let told = far.hear();
    assert_eq!((&told["error"], &told["line"]), (&json!("line-too-long"), &json!(2)), "{told}");
    // A server closes the stream of a component that writes in another's name.
    far.tell(&message("im:tybalt@elsewhere.test", "Peace?"));
    assert_eq!(far.hear()["error"], "foreign-source");
    far.tell(&message("im:romeo@im.x.test", "still here"));
    assert!(juliet.hear().contains("still here"));

    // Its end is the gateway's.
    joined.server.0.kill().unwrap();
    let told: Value = serde_json::from_str(&joined.gateway.line()).unwrap();
    assert_eq!(told["ok"], false, "{told}");
    assert_eq!(joined.gateway.0.wait().unwrap().code(), Some(1));
}

#[test]
fn who_is_not_let_in_ends() {
    let joined = Joined::start("refused");
    let ca = joined.file("other.pem");
    let (_server, components) = serve(&ca);
    let secret = joined.folder.join("wrong");
    std::fs::write(&secret, "not the one\n").unwrap();
    let mut refused = gateway(&components, &secret, "127.0.0.1:0");
    let told = refused.line();
    assert_eq!(serde_json::from_str::<Value>(&told).unwrap()["error"], "not-authorized");
    assert!(!told.contains("not the one"));
    assert_eq!(refused.0.wait().unwrap().code(), Some(1));
    // Wrong usage: no such file; an address that others reach.
    for (secret, listen) in [("nowhere", "127.0.0.1:0"), ("wrong", "0.0.0.0:0")] {
        let mut wrong = gateway(&components, &joined.folder.join(secret), listen);
        let told: Value = serde_json::from_str(&wrong.line()).unwrap();
        assert_eq!(told["error"], "usage", "{told}");
        assert_eq!(wrong.0.wait().unwrap().code(), Some(2));
    }
}

// RFC 3860 §3.4.1, over a socket with a path; what an earlier run has left is replaced.
#[cfg(unix)]
#[test]
fn a_socket_may_have_a_path() {
    use std::os::unix::net::{UnixListener, UnixStream};
    let joined = Joined::start("path");
    let (_server, components) = serve(&joined.file("other.pem"));
    let path = joined.file("socket");
    drop(UnixListener::bind(&path).unwrap());
    let listen = format!("unix:{path}");
    let mut gateway = gateway(&components, &joined.folder.join("secret"), &listen);
    let ready: Value = serde_json::from_str(&gateway.line()).unwrap();
    assert_eq!(ready["listen"], listen);
    let mut socket = UnixStream::connect(&path).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut looped = message("im:romeo@im.x.test", "round and round");
    looped["max_forwards"] = json!(0);
    writeln!(socket, "{looped}").unwrap();
    let mut line = String::new();
    BufReader::new(socket).read_line(&mut line).unwrap();
    let told: Value = serde_json::from_str(&line).unwrap();
    assert_eq!((&told["trans_id"], &told["status"]), (&json!("t1"), &json!("failure")), "{told}");
}
