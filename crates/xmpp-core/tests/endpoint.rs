//! The packaged tier under real TLS, without a socket: the same events however
//! the records are cut, and the certificate checked as it must be.

#![cfg(feature = "tls")]

mod common;

use core::time::Duration;
use std::sync::Arc;

use common::{Cut, DOMAIN, T0, client_config, describe, host_config};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::RootCertStore;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use xmpp_core::config::TlsMode;
use xmpp_core::jid::FullJid;
use xmpp_core::role::Role;
use xmpp_core::stanza::{Message, MessageType, StreamCondition};
use xmpp_core::tls::rustls::{RustlsInitiator, RustlsReceiver};
use xmpp_core::tls::{TlsErrorKind, TlsVersion};
use xmpp_core::{Client, ClientConfig, Endpoint, Error, Event, Server, ServerConfig};

/// A test's own authority, and what it vouches for.
struct Authority {
    certificate: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).unwrap().der().clone();
        Self { certificate, issuer: Issuer::new(params, key) }
    }

    fn receiver(&self, params: CertificateParams) -> Arc<RustlsReceiver> {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        Arc::new(RustlsReceiver::with_certificate(vec![certificate.der().clone()], key).unwrap())
    }

    fn receiver_for(&self, name: &str) -> Arc<RustlsReceiver> {
        self.receiver(CertificateParams::new(vec![name.to_owned()]).unwrap())
    }

    fn initiator(&self) -> Arc<RustlsInitiator> {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.clone()).unwrap();
        Arc::new(RustlsInitiator::with_roots(roots).unwrap())
    }
}

struct Ends {
    client: Client,
    server: Server,
    logs: [Vec<String>; 2],
    sent: [usize; 2],
    cut: [Cut; 2],
}

impl Ends {
    fn new(
        config: ClientConfig,
        server: ServerConfig,
        initiator: Arc<RustlsInitiator>,
        receiver: Arc<RustlsReceiver>,
    ) -> Self {
        Self {
            client: Client::connect(Arc::new(config), initiator, T0, [1; 32]).unwrap(),
            server: Server::accept(Arc::new(server), receiver, T0, [2; 32]).unwrap(),
            logs: [Vec::new(), Vec::new()],
            sent: [0; 2],
            cut: [Cut::Whole; 2],
        }
    }

    fn drive(&mut self) -> Result<(), Error> {
        loop {
            poll(&mut self.client, &mut self.logs[0])?;
            poll_server(&mut self.server, &mut self.logs[1])?;
            let to_server = take(&mut self.client);
            let to_client = take(&mut self.server);
            if to_server.is_empty() && to_client.is_empty() {
                return Ok(());
            }
            for piece in self.cut[0].pieces(self.sent[0], &to_server) {
                feed(&mut self.server, piece);
                poll_server(&mut self.server, &mut self.logs[1])?;
            }
            self.sent[0] += to_server.len();
            for piece in self.cut[1].pieces(self.sent[1], &to_client) {
                feed(&mut self.client, piece);
                poll(&mut self.client, &mut self.logs[0])?;
            }
            self.sent[1] += to_client.len();
        }
    }
}

fn take<R: Role>(endpoint: &mut Endpoint<R>) -> Vec<u8> {
    let bytes = endpoint.transmit().to_vec();
    endpoint.transmitted(bytes.len());
    bytes
}

/// Hands over bytes that are known to fit.
fn feed<R: Role>(endpoint: &mut Endpoint<R>, mut bytes: &[u8]) {
    while !bytes.is_empty() {
        let Some(room) = endpoint.recv_buf() else { return };
        let n = room.len().min(bytes.len());
        room[..n].copy_from_slice(&bytes[..n]);
        endpoint.handle_read(n);
        bytes = &bytes[n..];
    }
}

fn poll<R: Role>(endpoint: &mut Endpoint<R>, log: &mut Vec<String>) -> Result<(), Error> {
    while let Some(event) = endpoint.poll_event(T0)? {
        log.push(describe(&event));
    }
    Ok(())
}

fn poll_server(server: &mut Server, log: &mut Vec<String>) -> Result<(), Error> {
    while let Some(event) = server.poll_event(T0)? {
        log.push(describe(&event));
        match event {
            Event::HostWanted(query) => server.choose_host(query, Arc::new(host_config()))?,
            Event::CredentialsWanted(query) => {
                let answer = common::answer(query.query());
                server.provide_credentials(query, answer)?;
            }
            Event::BindWanted(query) => {
                let jid = FullJid::new(&format!("{}/balcony", query.account())).unwrap();
                server.bind(query, jid)?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// A whole session under TLS.
fn session(authority: &Authority, receiver: &Arc<RustlsReceiver>, cut: [Cut; 2]) -> Ends {
    let initiator = authority.initiator();
    let mut ends =
        Ends::new(client_config(), ServerConfig::default(), initiator, Arc::clone(receiver));
    ends.cut = cut;
    ends.drive().unwrap();
    let message = Message::new(MessageType::Chat).with_body("But soft! \u{1F319}");
    ends.client.send(&message).unwrap();
    ends.server.send(&message).unwrap();
    ends.drive().unwrap();
    ends.client.close(T0, None);
    ends.drive().unwrap();
    assert!(ends.client.is_closed() && ends.server.is_closed());
    ends
}

#[test]
fn a_session_is_the_same_however_its_records_are_cut() {
    let authority = Authority::new();
    let receiver = authority.receiver_for(DOMAIN);
    let whole = session(&authority, &receiver, [Cut::Whole; 2]);
    let [client, server] = &whole.logs;
    assert!(client.iter().any(|event| event == "TlsEstablished"), "{client:#?}");
    assert!(client.iter().any(|event| event.contains("plus: true")), "{client:#?}");
    assert_eq!(client.last().unwrap(), "PeerClosed");
    assert_eq!(server.last().unwrap(), "PeerClosed");
    // Handshakes differ in length by a byte or two (signatures in DER), so the
    // cuts go a little further than this run.
    let bytes = whole.sent[0].max(whole.sent[1]) + 8;
    for cut in (1..bytes).map(Cut::At).chain([Cut::EachByte]) {
        let ends = session(&authority, &receiver, [cut; 2]);
        assert_eq!(ends.logs, whole.logs, "{cut:?}");
    }
}

#[test]
fn tls_first_works_as_well() {
    // XEP-0368
    let authority = Authority::new();
    let mut client = client_config();
    client.tls = TlsMode::Direct;
    let mut server = ServerConfig::default();
    server.direct_tls = true;
    let receiver = authority.receiver_for(DOMAIN);
    let mut ends = Ends::new(client, server, authority.initiator(), receiver);
    ends.drive().unwrap();
    assert_eq!(ends.client.bound(), ends.server.bound());
    assert!(ends.client.bound().is_some());
    let facts = ends.client.tls_facts().unwrap();
    assert_eq!(facts.version, Some(TlsVersion::Tls13));
    let theirs = ends.server.tls_facts().unwrap();
    assert_eq!(facts.exporter, theirs.exporter, "RFC 9266");
    assert!(facts.exporter.is_some());
    assert_eq!(facts.server_end_point, theirs.server_end_point, "RFC 5929 section 4");
    assert!(facts.server_end_point.is_some());
    assert!(facts.peer_certificate.is_some());
}

fn refused(authority: &Authority, receiver: Arc<RustlsReceiver>) -> TlsErrorKind {
    let initiator = authority.initiator();
    let mut ends = Ends::new(client_config(), ServerConfig::default(), initiator, receiver);
    let Err(Error::Tls(error)) = ends.drive() else { panic!("{:#?}", ends.logs) };
    // 6120-5.4.3.2-02: no closing tag, only the alert.
    assert!(!ends.logs[0].iter().any(|event| event == "TlsEstablished"));
    assert!(!ends.client.transmit().is_empty(), "the alert is owed");
    error.kind()
}

#[test]
fn certificates_are_checked_against_the_domainpart() {
    // 6120-5.4.3.1-06, section 13.7.2
    let authority = Authority::new();
    let wrong_name = authority.receiver_for("example.net");
    assert_eq!(refused(&authority, wrong_name), TlsErrorKind::CertificateName);
    let right_name = Authority::new().receiver_for(DOMAIN);
    assert_eq!(refused(&authority, right_name), TlsErrorKind::CertificateIssuer);
    let mut params = CertificateParams::new(vec![DOMAIN.to_owned()]).unwrap();
    params.not_after = rcgen::date_time_ymd(2001, 1, 1);
    assert_eq!(refused(&authority, authority.receiver(params)), TlsErrorKind::CertificateTime);
}

#[test]
fn a_large_stanza_crosses_buffers_that_hold_less() {
    let authority = Authority::new();
    let receiver = authority.receiver_for(DOMAIN);
    let (client, server) = (client_config(), ServerConfig::default());
    let mut ends = Ends::new(client, server, authority.initiator(), receiver);
    ends.drive().unwrap();
    for length in [1, 4095, 16_384, 200_000] {
        let message = Message::new(MessageType::Chat).with_body("\u{20AC}".repeat(length / 3));
        ends.client.send(&message).unwrap();
        let bytes = take(&mut ends.client);
        // As a socket would give them: in pieces, and only while there is room.
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let room = ends.server.recv_buf().expect("room once events are polled");
            let n = room.len().min(rest.len()).min(1460);
            room[..n].copy_from_slice(&rest[..n]);
            ends.server.handle_read(n);
            rest = &rest[n..];
            poll_server(&mut ends.server, &mut ends.logs[1]).unwrap();
        }
        let stanza = ends.logs[1].last().unwrap();
        assert!(stanza.starts_with("stanza ") && stanza.len() >= length / 3 * 3, "{length}");
        ends.server.release();
        ends.client.release();
    }
}

#[test]
fn the_peer_hears_why() {
    let authority = Authority::new();
    let receiver = authority.receiver_for(DOMAIN);
    let (client, server) = (client_config(), ServerConfig::default());
    let mut ends = Ends::new(client, server, authority.initiator(), receiver);
    ends.drive().unwrap();
    ends.server.close(T0, Some(StreamCondition::Reset));
    feed(&mut ends.client, &take(&mut ends.server));
    let Err(Error::StreamError(error)) = poll(&mut ends.client, &mut ends.logs[0]) else {
        panic!("{:#?}", ends.logs)
    };
    assert_eq!(error.condition, StreamCondition::Reset);
}

#[test]
fn no_keepalive_disturbs_a_handshake() {
    let authority = Authority::new();
    let mut config = client_config();
    config.timeouts.keepalive = Some(Duration::from_millis(1));
    let receiver = authority.receiver_for(DOMAIN);
    let mut ends = Ends::new(config, ServerConfig::default(), authority.initiator(), receiver);
    let later = T0.saturating_add(Duration::from_secs(1));
    ends.client.handle_timeout(later).unwrap();
    ends.drive().unwrap();
    assert!(ends.client.bound().is_some());
}
