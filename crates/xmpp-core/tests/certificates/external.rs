//! A server and a client with a certificate: SASL EXTERNAL on a stream.

use core::time::Duration;
use std::sync::Arc;

use xmpp_core::certificate::{Proved, Purpose, Verifier};
use xmpp_core::config::TlsMode;
use xmpp_core::jid::Domainpart;
use xmpp_core::role::ServerFromClient;
use xmpp_core::sasl::Mechanism;
use xmpp_core::sasl::server::{Config, Query};
use xmpp_core::time::Instant;
use xmpp_core::tls::TlsFacts;
use xmpp_core::xml::{Framing, RecvBuffer, SendBuffer};
use xmpp_core::{Connection, Event, HostConfig, ServerConfig, ServerEvent};

use super::make::{Authority, NOW, San, leaf};

const NOW_HERE: Instant = Instant::from_origin(Duration::ZERO);
const JULIET: San = San::Xmpp("juliet@im.example.com");
const ROMEO: San = San::Xmpp("romeo@im.example.com");

struct Server {
    connection: Connection<ServerFromClient>,
    rx: RecvBuffer,
    tx: SendBuffer,
    user: Option<Proved>,
}

impl Server {
    /// With TLS up, for a client that has presented a certificate with these names.
    fn with(names: Option<&[San]>) -> Self {
        let mut config = ServerConfig::default();
        config.tls = TlsMode::Direct;
        let connection = Connection::accept(Arc::new(config), Framing::Stream, NOW_HERE, [2; 32]);
        let (mut rx, tx) = (RecvBuffer::new(1 << 20), SendBuffer::new(Framing::Stream));
        let mut server = names.map_or_else(
            || (None, Vec::new()),
            |names| {
                let root = Authority::root("of users");
                let chain = root.chain(&leaf(names));
                let host = Domainpart::new("im.example.com").unwrap();
                let verifier = Verifier::new(root.anchors());
                let purpose = Purpose::ServerFromClient;
                (verifier.verify(purpose, &chain, host.as_ref(), NOW).ok(), chain)
            },
        );
        let (user, chain) = (server.0.take(), server.1);
        let mut facts = TlsFacts::new();
        if let Some(certificate) = chain.first() {
            facts = facts.with_peer_certificate(certificate);
        }
        let mut this = Self { connection, rx: RecvBuffer::new(1), tx, user };
        this.connection.tls_established(NOW_HERE, facts, &mut rx, &mut this.tx).unwrap();
        this.rx = rx;
        this
    }

    fn host() -> Arc<HostConfig> {
        let domain = Domainpart::new("im.example.com").unwrap();
        let mut host = HostConfig::new(domain, Config::new());
        host.policy = host.policy.allow(Mechanism::External);
        Arc::new(host)
    }

    /// What it sends when it has got this.
    fn got(&mut self, xml: &str) -> String {
        assert_eq!(self.rx.push(xml.as_bytes()), xml.len());
        loop {
            let event = self.connection.poll_event(NOW_HERE, &mut self.rx, &mut self.tx);
            match event {
                Ok(Some(Event::Role(ServerEvent::HostWanted(query)))) => {
                    self.connection.choose_host(query, Self::host(), &mut self.tx).unwrap();
                }
                Ok(Some(Event::Role(ServerEvent::CredentialsWanted(query)))) => {
                    let Query::Certificate { authzid, .. } = query.query() else { panic!() };
                    let user = self.user.as_ref().unwrap();
                    let answer = user.account(authzid.as_deref(), query.from()).to_answer();
                    self.connection.provide_credentials(query, answer, &mut self.tx).unwrap();
                }
                Ok(Some(_)) => {}
                Ok(None) | Err(_) => break,
            }
        }
        let sent = String::from_utf8(self.tx.unsent().to_vec()).unwrap();
        self.tx.sent(usize::MAX);
        sent
    }

    fn header(&mut self, from: Option<&str>) -> String {
        let from = from.map(|from| format!("from='{from}' ")).unwrap_or_default();
        self.got(&format!(
            "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' \
             to='im.example.com' {from}version='1.0'>"
        ))
    }

    /// `response` in Base64.
    fn external(&mut self, response: &str) -> String {
        self.got(&format!(
            "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>{response}</auth>"
        ))
    }

    fn account(&self) -> Option<&str> {
        self.connection.account().map(|account| account.as_str())
    }
}

/// `juliet@im.example.com` and `romeo@im.example.com`
const JULIET_BASE64: &str = "anVsaWV0QGltLmV4YW1wbGUuY29t";
const ROMEO_BASE64: &str = "cm9tZW9AaW0uZXhhbXBsZS5jb20=";

/// 6120-6.3.4-02; without a certificate there is none to authenticate with, whatever is
/// allowed.
#[test]
fn external_is_offered_to_who_has_presented_a_certificate() {
    assert!(Server::with(Some(&[JULIET])).header(None).contains(">EXTERNAL<"));
    let mut without = Server::with(None);
    assert!(!without.header(None).contains("EXTERNAL"));
    assert!(without.external("=").contains("<invalid-mechanism"));
}

/// 6120-security-mti-both-external, 6120-tls-certs: XEP-0178 section 2, step 11a.
#[test]
fn the_only_address_is_the_account() {
    for response in ["=", JULIET_BASE64] {
        let mut server = Server::with(Some(&[JULIET]));
        server.header(None);
        assert!(server.external(response).contains("<success"));
        assert_eq!(server.account(), Some("juliet@im.example.com"));
    }
    let mut server = Server::with(Some(&[JULIET]));
    server.header(None);
    assert!(server.external(ROMEO_BASE64).contains("<invalid-authzid"));
    assert_eq!(server.account(), None);
}

/// 6120-tls-correlate, 6120-13.7.2-04, 6120-13.7.2-05: who the client said it is, is who
/// its certificate says.
#[test]
fn the_header_and_the_certificate_are_of_one_account() {
    let mut server = Server::with(Some(&[JULIET]));
    server.header(Some("juliet@im.example.com"));
    assert!(server.external("=").contains("<success"));
    let mut server = Server::with(Some(&[JULIET]));
    server.header(Some("romeo@im.example.com"));
    let sent = server.external("=");
    assert!(sent.contains("<invalid-from") && !sent.contains("<success"), "{sent}");
    assert_eq!(server.account(), None);
}

/// 6120-13.7.2.2.1-03: XEP-0178 section 2, step 11b.
#[test]
fn of_several_addresses_the_client_says_which() {
    let both = &[JULIET, ROMEO];
    let mut server = Server::with(Some(both));
    server.header(None);
    assert!(server.external("=").contains("<invalid-authzid"));
    assert!(server.external(ROMEO_BASE64).contains("<success"));
    assert_eq!(server.account(), Some("romeo@im.example.com"));
    let mut server = Server::with(Some(both));
    server.header(Some("romeo@im.example.com"));
    assert!(server.external("=").contains("<success"));
    assert_eq!(server.account(), Some("romeo@im.example.com"));
}

/// 6120-13.7.2.2.1-04: XEP-0178 section 2, step 11c, of a server without other means.
#[test]
fn without_an_address_nobody_is_let_in() {
    let mut server = Server::with(Some(&[San::Xmpp("juliet@example.net")]));
    server.header(None);
    for response in ["=", JULIET_BASE64] {
        assert!(server.external(response).contains("<not-authorized"));
    }
}

/// XEP-0178 section 2, step 10, of the client.
#[test]
fn a_client_says_which_account_it_means_if_it_has_to() {
    let juliet = xmpp_core::jid::BareJid::new("juliet@im.example.com").unwrap();
    let needs = |names: &[San]| {
        let value = super::make::subject_alt_name(names);
        let identities = xmpp_core::certificate::Identities::read(&value).unwrap();
        identities.needs_authorization_identity(&juliet)
    };
    assert!(!needs(&[]));
    assert!(!needs(&[JULIET, San::Dns("im.example.com")]));
    assert!(needs(&[JULIET, ROMEO]));
    assert!(needs(&[ROMEO]));
}
