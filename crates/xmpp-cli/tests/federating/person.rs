//! A client, or a component, that a test speaks through.

use std::net::TcpStream;
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use xmpp_core::jid::{BareJid, Domainpart};
use xmpp_core::role::{ClientToServer, ComponentToServer, Role};
use xmpp_core::sasl::Secret;
use xmpp_core::sasl::client::Credentials;
use xmpp_core::time::Clock;
use xmpp_core::tls::rustls::RustlsInitiator;
use xmpp_core::{Client, ClientConfig, Component, ComponentConfig, Endpoint, Event, Output};

use super::servers::{PATIENCE, Served};

pub(crate) struct Person<R: Role = ClientToServer> {
    endpoint: Endpoint<R>,
    socket: TcpStream,
    clock: Clock,
    /// What came and was not asked for yet.
    came: Vec<String>,
    pub(crate) jid: String,
}

fn seed() -> [u8; 32] {
    static NUMBER: core::sync::atomic::AtomicU8 = core::sync::atomic::AtomicU8::new(1);
    [NUMBER.fetch_add(1, core::sync::atomic::Ordering::Relaxed); 32]
}

impl Person {
    /// The user of a server, available.
    pub(crate) fn at(server: &Served) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(&server.authority).unwrap()).unwrap();
        let account = BareJid::new(&format!("user@{}", server.domain)).unwrap();
        let credentials = Credentials::new("user").with_password("pw");
        let config = Arc::new(ClientConfig::new(account, credentials));
        let tls = Arc::new(RustlsInitiator::with_roots(roots).unwrap());
        let clock = Clock::start();
        let client = Client::connect(config, tls, clock.now(), seed()).unwrap();
        let mut person = Self::over(client, &server.clients, clock);
        person.say("<iq type='get' id='roster'><query xmlns='jabber:iq:roster'/></iq>");
        person.say("<presence/>");
        person.say("<iq type='get' id='ready'><ping xmlns='urn:xmpp:ping'/></iq>");
        person.hear(&["id='ready'"]);
        person
    }
}

impl Person<ComponentToServer> {
    /// The component of a server.
    pub(crate) fn component(server: &Served, domain: &str) -> Self {
        let config = ComponentConfig::new(Domainpart::new(domain).unwrap(), Secret::from("secret"));
        let clock = Clock::start();
        let component = Component::connect_component(Arc::new(config), clock.now(), seed());
        Self::over(component, server.components.as_ref().unwrap(), clock)
    }
}

impl<R: Role> Person<R> {
    fn over(endpoint: Endpoint<R>, address: &str, clock: Clock) -> Self {
        let socket = TcpStream::connect(address).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut person = Self { endpoint, socket, clock, came: Vec::new(), jid: String::new() };
        while person.jid.is_empty() {
            person.step(true);
        }
        person
    }

    /// One step. Without `reads` it says that there is nothing to do but that.
    fn step(&mut self, reads: bool) -> bool {
        match self.endpoint.poll(self.clock.now()).unwrap() {
            Output::Event(Event::Stanza(stanza)) => {
                self.came.push(stanza.element().source().to_owned());
            }
            Output::Event(Event::Established { jid, .. }) => self.jid = jid.to_string(),
            Output::Event(_) => {}
            Output::Transmit(_) => self.endpoint.write_to(&mut self.socket).unwrap(),
            Output::Wait(_) if !reads => return false,
            Output::Wait(_) => self.endpoint.read_from(&mut self.socket).unwrap(),
            Output::Shutdown | Output::Closed => panic!("closed; {:?}", self.came),
        }
        true
    }

    /// Sends a stanza.
    pub(crate) fn say(&mut self, stanza: &str) {
        self.endpoint.send_serialized(stanza.as_bytes()).unwrap();
        while self.step(false) {}
    }

    /// Waits for a stanza that has all of these words.
    pub(crate) fn hear(&mut self, words: &[&str]) -> String {
        loop {
            let is_it = |stanza: &String| words.iter().all(|word| stanza.contains(word));
            if let Some(at) = self.came.iter().position(is_it) {
                return self.came.remove(at);
            }
            self.step(true);
        }
    }

    /// Whether such a stanza has come and was not asked for.
    pub(crate) fn has_heard(&self, words: &[&str]) -> bool {
        self.came.iter().any(|stanza| words.iter().all(|word| stanza.contains(word)))
    }

    pub(crate) fn message(&mut self, to: &str, body: &str) {
        // A component says who it is.
        let from = if self.jid.contains('@') {
            String::new()
        } else {
            format!(" from='bot@{}'", self.jid)
        };
        self.say(&format!(
            "<message{from} to='{to}' type='chat' id='{body}'><body>{body}</body></message>"
        ));
    }
}
