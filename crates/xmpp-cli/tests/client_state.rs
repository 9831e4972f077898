//! Client state indication (XEP-0352) at `xmpp serve`: offered, obeyed, in order.

use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use xmpp_core::jid::{BareJid, Jid};
use xmpp_core::sasl::client::Credentials;
use xmpp_core::stanza::csi::{Active, ClientStateIndication, Inactive};
use xmpp_core::stanza::features::FeaturesRef;
use xmpp_core::stanza::ping::Ping;
use xmpp_core::stanza::{Iq, Message, MessageType, Presence, PresenceType};
use xmpp_core::time::Clock;
use xmpp_core::tls::rustls::RustlsInitiator;
use xmpp_core::{Client, ClientConfig, ClientEvent, Event, Output};

struct Serving {
    process: Child,
    ca: PathBuf,
    address: String,
}

impl Serving {
    fn start() -> Self {
        let ca = std::env::temp_dir().join(format!("xmpp-csi-{}.pem", std::process::id()));
        let mut process = Command::new(env!("CARGO_BIN_EXE_xmpp"))
            .args(["serve", "--domain", "x.test", "--user", "romeo:pw", "--user", "juliet:pw"])
            .args(["--iterations", "4096", "--listen", "127.0.0.1:0", "--ca-out"])
            .arg(&ca)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().rsplit(' ').next().unwrap().to_owned();
        Self { process, ca, address }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_file(&self.ca);
    }
}

/// A client on a socket that blocks.
struct Session {
    client: Client,
    socket: TcpStream,
    clock: Clock,
    offers_csi: bool,
}

impl Session {
    fn log_in(serving: &Serving, name: &str) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(&serving.ca).unwrap()).unwrap();
        let account = BareJid::new(&format!("{name}@x.test")).unwrap();
        let credentials = Credentials::new(name).with_password("pw");
        let config = Arc::new(ClientConfig::new(account, credentials));
        let clock = Clock::start();
        let tls = Arc::new(RustlsInitiator::with_roots(roots).unwrap());
        let client = Client::connect(config, tls, clock.now(), [name.len() as u8; 32]).unwrap();
        let socket = TcpStream::connect(&serving.address).unwrap();
        let mut session = Self { client, socket, clock, offers_csi: false };
        while !matches!(session.next(), Event::Established { .. }) {}
        session.client.send(&Presence::builder(PresenceType::Available)).unwrap();
        session.ping();
        session
    }

    fn next(&mut self) -> Event<'static, xmpp_core::role::ClientToServer> {
        loop {
            match self.client.poll(self.clock.now()).unwrap() {
                Output::Event(event) => {
                    if let Event::Role(ClientEvent::FeaturesReceived(features)) = &event {
                        let features = FeaturesRef::parse(features.element()).unwrap();
                        self.offers_csi = features.has::<ClientStateIndication>();
                    }
                    return event;
                }
                Output::Transmit(_) => self.client.write_to(&mut self.socket).unwrap(),
                Output::Wait(_) => self.client.read_from(&mut self.socket).unwrap(),
                Output::Shutdown | Output::Closed => panic!("the stream has ended"),
            }
        }
    }

    /// Pings the server; gives what came before the pong.
    fn ping(&mut self) -> Vec<String> {
        let server = Jid::new("x.test").unwrap();
        self.client.send(&Iq::get("ping", &Ping).with_to(server)).unwrap();
        let mut before = Vec::new();
        loop {
            let Event::Stanza(stanza) = self.next() else { continue };
            let source = stanza.element().source().to_owned();
            if source.starts_with("<iq") {
                return before;
            }
            before.push(source);
        }
    }

    fn status(&mut self, to: &str, status: &str) {
        let presence = Presence::builder(PresenceType::Available).with_to(Jid::new(to).unwrap());
        self.client.send(&presence.with_status(status)).unwrap();
    }
}

#[test]
fn presence_waits_while_nobody_looks() {
    let serving = Serving::start();
    let mut romeo = Session::log_in(&serving, "romeo");
    let mut juliet = Session::log_in(&serving, "juliet");
    assert!(romeo.offers_csi);
    let address = romeo.client.bound().unwrap().to_string();

    // A stream begins active.
    juliet.status(&address, "first");
    juliet.ping();
    assert!(romeo.ping()[0].contains("first"));

    romeo.client.send_nonza(&Inactive).unwrap();
    romeo.ping();
    juliet.status(&address, "second");
    juliet.status(&address, "third");
    juliet.ping();
    // A pong is important, so that it brings what waits before it: the latest.
    let told = romeo.ping();
    assert!(told.len() == 1 && told[0].contains("third"), "{told:#?}");

    juliet.status(&address, "fourth");
    let message = Message::builder(MessageType::Chat).with_to(Jid::new(&address).unwrap());
    juliet.client.send(&message.with_body("Wherefore")).unwrap();
    juliet.ping();
    let told = romeo.ping();
    let [presence, message] = &told[..] else { panic!("{told:#?}") };
    assert!(presence.contains("fourth") && message.contains("Wherefore"), "{told:#?}");

    // Still inactive. What waits comes by a look, before the answer to what follows it.
    juliet.status(&address, "fifth");
    juliet.ping();
    romeo.client.send_nonza(&Active).unwrap();
    let told = romeo.ping();
    assert!(told.len() == 1 && told[0].contains("fifth"), "{told:#?}");
}
