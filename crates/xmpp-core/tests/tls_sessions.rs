//! TLS beyond one handshake: resumption, names, and what SASL can bind to.

#![cfg(feature = "tls")]

mod common;

use std::sync::Arc;

use common::tls::{Authority, Ends, State};
use common::{ClientEnd, DOMAIN, ServerEnd, T0, client_config};
use rcgen::{CertificateParams, KeyPair};
use rustls::crypto::ring;
use rustls::pki_types::PrivateKeyDer;
use rustls::{ClientConfig as TlsClientConfig, ServerConfig as TlsServerConfig};
use xmpp_core::config::TlsMode;
use xmpp_core::stanza::sasl::Data;
use xmpp_core::tls::rustls::{RustlsInitiator, RustlsReceiver};
use xmpp_core::tls::{
    TlsError, TlsErrorKind, TlsFacts, TlsInitiator, TlsReceiver, TlsSession, TlsVersion,
};
use xmpp_core::xml::RecvBuffer;
use xmpp_core::{Error, ServerConfig};

static TLS12: &[&rustls::SupportedProtocolVersion] = &[&rustls::version::TLS12];
static BOTH: &[&rustls::SupportedProtocolVersion] = rustls::ALL_VERSIONS;

fn initiator(
    authority: &Authority,
    versions: &[&'static rustls::SupportedProtocolVersion],
    ems: bool,
) -> Arc<RustlsInitiator> {
    let mut config = TlsClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(authority.roots())
        .with_no_client_auth();
    config.require_ems = ems;
    Arc::new(RustlsInitiator::new(Arc::new(config)))
}

fn session(initiator: &Arc<RustlsInitiator>, receiver: &Arc<RustlsReceiver>) -> Ends {
    let (client, server) = (client_config(), ServerConfig::default());
    let mut ends = Ends::new(client, server, Arc::clone(initiator), Arc::clone(receiver));
    assert_eq!(ends.drive(), [State::Waits, State::Waits]);
    assert!(ends.client.bound().is_some(), "{:#?}", ends.logs);
    ends
}

/// 6120-3.3-03
#[test]
fn the_second_handshake_resumes() {
    let authority = Authority::new();
    for (versions, version) in [(BOTH, TlsVersion::Tls13), (TLS12, TlsVersion::Tls12)] {
        let initiator = initiator(&authority, versions, false);
        let receiver = authority.receiver_for(DOMAIN);
        let mut first = session(&initiator, &receiver);
        // A server's tickets come behind its handshake; all of it is read by now.
        first.client.close(T0, None);
        assert_eq!(first.drive(), [State::Closed, State::Closed]);
        for _ in 0..3 {
            let again = session(&initiator, &receiver);
            let (ours, theirs) =
                (again.client.tls_facts().unwrap(), again.server.tls_facts().unwrap());
            assert_eq!(ours.version, Some(version));
            assert!(ours.resumed && theirs.resumed, "{version}");
            // Each session has an exporter of its own, and all the same certificate.
            assert_eq!(ours.exporter, theirs.exporter);
            let before = first.client.tls_facts().unwrap();
            assert!(!before.resumed);
            assert!(before.exporter.is_none() || before.exporter != ours.exporter);
            assert!(ours.server_end_point.is_some());
            assert_eq!(ours.server_end_point, before.server_end_point);
            assert_eq!(ours.server_end_point, theirs.server_end_point);
            assert_eq!(ours.peer_certificate, before.peer_certificate);
            assert!(again.logs[0].iter().any(|event| event.contains("-PLUS")));
            assert!(again.sent[1] < first.sent[1], "{:?} {:?}", again.sent, first.sent);
        }
        // Another server does not know the tickets; the handshake is a full one.
        let stranger = session(&initiator, &authority.receiver_for(DOMAIN));
        assert!(!stranger.client.tls_facts().unwrap().resumed);
    }
}

#[test]
fn there_is_no_early_data() {
    let authority = Authority::new();
    assert!(!authority.initiator().config().enable_early_data);
    assert_eq!(authority.receiver_for(DOMAIN).config().max_early_data_size, 0);
}

/// Shows each name its own certificate, and nobody else any.
fn receiver_by_name(authority: &Authority, names: &[&str]) -> Arc<RustlsReceiver> {
    let provider = ring::default_provider();
    let mut by_name = rustls::server::ResolvesServerCertUsingSni::new();
    for name in names {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![(*name).to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &authority.issuer).unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let key = provider.key_provider.load_private_key(key).unwrap();
        let certified = rustls::sign::CertifiedKey::new(vec![certificate.der().clone()], key);
        by_name.add(name, certified).unwrap();
    }
    let config = TlsServerConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(by_name));
    Arc::new(RustlsReceiver::new(Arc::new(config)))
}

#[test]
fn a_server_of_several_names_picks_the_certificate_by_sni() {
    // XEP-0368: on a connection that begins with TLS, SNI is all that is known.
    let authority = Authority::new();
    let receiver = receiver_by_name(&authority, &["other.example", DOMAIN]);
    let mut client = client_config();
    client.tls = TlsMode::Direct;
    let mut server = ServerConfig::default();
    server.tls = TlsMode::Direct;
    let mut ends = Ends::new(client, server, authority.initiator(), receiver);
    assert_eq!(ends.drive(), [State::Waits, State::Waits]);
    assert_eq!(ends.client.tls_facts().unwrap().alpn, Some(&b"xmpp-client"[..]));
    let facts = ends.server.tls_facts().unwrap();
    assert_eq!(facts.alpn, Some(&b"xmpp-client"[..]));
    assert_eq!(facts.server_end_point, None, "which one it showed, rustls does not say");
}

#[test]
fn under_tls_1_2_the_certificate_is_bound_to() {
    // XEP-0440 rules 1 and 7; RFC 5929 section 4. 7677-4-01: what does not say that it has the
    // extended master secret is not bound to by the exporter.
    let authority = Authority::new();
    let ends = session(&initiator(&authority, TLS12, false), &authority.receiver_for(DOMAIN));
    assert_eq!(ends.client.tls_facts().unwrap().exporter, None);
    let features = ends.logs[0].iter().find(|event| event.contains("Authenticated")).unwrap();
    assert!(features.contains("SCRAM-SHA-256-PLUS"), "{features}");
    assert!(features.contains("TlsServerEndPoint"), "{features}");
}

#[test]
fn the_exporter_counts_under_tls_1_2_with_the_extended_master_secret() {
    // 7677-4-01
    // RFC 9266 section 4.2: rustls says so if it insists on it.
    let authority = Authority::new();
    let provider = Arc::new(ring::default_provider());
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec![DOMAIN.to_owned()]).unwrap();
    let certificate = params.signed_by(&key, &authority.issuer).unwrap();
    let mut config = TlsServerConfig::builder_with_provider(provider)
        .with_protocol_versions(TLS12)
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        )
        .unwrap();
    config.require_ems = true;
    let receiver = Arc::new(RustlsReceiver::new(Arc::new(config)));
    let ends = session(&initiator(&authority, TLS12, true), &receiver);
    let (ours, theirs) = (ends.client.tls_facts().unwrap(), ends.server.tls_facts().unwrap());
    assert_eq!((ours.version, ours.exporter.map(<[u8]>::len)), (Some(TlsVersion::Tls12), Some(32)));
    assert_eq!(ours.exporter, theirs.exporter);
    assert!(ends.logs[0].iter().any(|event| event.contains("TlsExporter")), "{:#?}", ends.logs[0]);
}

/// Both engines under a TLS of somebody else's that proved this.
fn under(ours: TlsFacts<'_>, theirs: TlsFacts<'_>) -> (ClientEnd, ServerEnd, Result<(), Error>) {
    let mut config = client_config();
    config.tls = TlsMode::Direct;
    let mut client = ClientEnd::with(config);
    let mut config = ServerConfig::default();
    config.tls = TlsMode::Direct;
    let mut server = ServerEnd::with(config);
    client.connection.tls_established(T0, ours, &mut client.rx, &mut client.tx).unwrap();
    server.connection.tls_established(T0, theirs, &mut server.rx, &mut server.tx).unwrap();
    loop {
        let sent = client.sent();
        if sent.is_empty() {
            return (client, server, Ok(()));
        }
        server.receive(sent.as_bytes()).unwrap();
        let sent = server.sent();
        if let Err(error) = client.receive(sent.as_bytes()) {
            return (client, server, Err(error));
        }
    }
}

#[test]
fn the_strongest_type_that_both_sides_have_is_bound_to() {
    let tls12 = || TlsFacts::new().with_version(TlsVersion::Tls12);
    let (unique, end_point) = ([1; 12], [2; 32]);
    let both = tls12().with_unique(&unique).with_server_end_point(&end_point);
    for (ours, theirs, bound) in [
        (both, both, "TlsUnique"),
        (both, tls12().with_server_end_point(&end_point), "TlsServerEndPoint"),
        (tls12().with_server_end_point(&end_point), both, "TlsServerEndPoint"),
        (tls12().with_unique(&unique), both, "TlsUnique"),
    ] {
        let (client, _, done) = under(ours, theirs);
        done.unwrap();
        let event = client.log.iter().find(|event| event.contains("Authenticated")).unwrap();
        assert!(event.contains("-PLUS") && event.contains(bound), "{bound}: {event}");
    }
    // Somebody in between has another certificate, or another session.
    for theirs in [both.with_server_end_point(&[3; 32]), both.with_unique(&[3; 12])] {
        let ours = if theirs.unique == Some(&unique) {
            tls12().with_server_end_point(&end_point)
        } else {
            both
        };
        let (client, _, done) = under(ours, theirs);
        assert!(done.is_err(), "{:#?}", client.log);
        assert!(!client.log.iter().any(|event| event.starts_with("Authenticated")));
    }
}

#[test]
fn who_does_not_read_the_types_has_attempts_left() {
    // slixmpp under TLS 1.2: tls-unique with each -PLUS mechanism in turn.
    let mut config = ServerConfig::default();
    config.tls = TlsMode::Direct;
    config.max_failed_logins = 3;
    let mut server = ServerEnd::with(config);
    let facts = TlsFacts::new().with_version(TlsVersion::Tls12).with_server_end_point(&[2; 32]);
    server.connection.tls_established(T0, facts, &mut server.rx, &mut server.tx).unwrap();
    let header = "<stream:stream xmlns='jabber:client' to='example.com' version='1.0' \
                  xmlns:stream='http://etherx.jabber.org/streams'>";
    server.receive(header.as_bytes()).unwrap();
    assert!(server.sent().contains("<channel-binding type='tls-server-end-point'/>"));
    let auth = |flag: &str| {
        let first = format!("{flag},,n=juliet,r=rOprNGfwEbeRWgbNEkqO");
        format!(
            "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-256-PLUS'>{}</auth>",
            Data::encode(first.as_bytes()).as_base64().unwrap()
        )
    };
    for _ in 0..4 {
        server.receive(auth("p=tls-unique").as_bytes()).unwrap();
        assert!(server.sent().contains("<failure "), "not announced");
    }
    server.receive(auth("p=tls-server-end-point").as_bytes()).unwrap();
    assert!(server.sent().contains("<challenge "));
    // But not without end; the exchange that is broken off counts, too.
    server.receive(auth("p=tls-unique").as_bytes()).unwrap();
    let sent = server.receive(auth("p=tls-unique").as_bytes());
    assert_eq!(sent, Err(Error::TooManyFailedLogins));
}

/// Two sessions, before a word is said.
fn begun() -> [Box<dyn TlsSession>; 2] {
    let authority = Authority::new();
    let domain = xmpp_core::jid::DomainpartRef::new(DOMAIN).unwrap();
    let client = authority.initiator().initiate(domain, None).unwrap();
    let server = authority.receiver_for(DOMAIN).receive(Some(domain), None).unwrap();
    [client, server]
}

/// What one has to say gets to the other.
fn carry(
    from: &mut dyn TlsSession,
    plaintext: &[u8],
    to: &mut dyn TlsSession,
    rx: &mut RecvBuffer,
) {
    let mut wire = Vec::new();
    assert_eq!(from.encrypt(plaintext, &mut wire), plaintext.len());
    let mut wire = &wire[..];
    while !wire.is_empty() {
        to.decrypt(&mut wire, rx).unwrap();
    }
    to.decrypt(&mut wire, rx).unwrap();
}

fn shaken() -> [Box<dyn TlsSession>; 2] {
    let [mut client, mut server] = begun();
    let mut rx = RecvBuffer::new(1 << 10);
    while client.is_handshaking() || server.is_handshaking() {
        carry(&mut *client, b"", &mut *server, &mut rx);
        carry(&mut *server, b"", &mut *client, &mut rx);
    }
    [client, server]
}

/// "During the handshake it takes none"; whoever insists waits for the peer.
#[test]
fn no_plaintext_is_taken_during_the_handshake() {
    let [mut client, _] = begun();
    let mut wire = Vec::new();
    assert_eq!(client.encrypt(b"too early", &mut wire), 0);
    let hello = wire.len();
    assert!(hello > 0);
    assert_eq!(client.encrypt(b"too early", &mut wire), 0);
    assert_eq!(wire.len(), hello, "it is said once");
}

/// As much as there is, though rustls keeps 64 KiB at most.
#[test]
fn all_plaintext_becomes_records() {
    let [mut client, mut server] = shaken();
    for length in [0, 1, 16 << 10, (64 << 10) + 1, 300_000] {
        let mut rx = RecvBuffer::new(1 << 20);
        carry(&mut *client, &vec![b'x'; length], &mut *server, &mut rx);
        assert_eq!(rx.unread(), length);
    }
}

/// Nothing has moved for a while: the buffer of whole records is given back.
#[test]
fn what_no_byte_needs_is_given_back() {
    let [mut client, mut server] = shaken();
    let mut rx = RecvBuffer::new(1 << 20);
    carry(&mut *client, &[b'x'; 60_000], &mut *server, &mut rx);
    let freed = -allocation_counter::measure(|| server.release()).bytes_current;
    assert!(freed >= 8 << 10, "{freed}");
    // Once is enough, and it goes on.
    assert_eq!(allocation_counter::measure(|| server.release()).bytes_current, 0);
    carry(&mut *client, &[b'x'; 60_000], &mut *server, &mut rx);
    assert_eq!(rx.unread(), 120_000);
}

/// For logs: what there is, without the bytes.
#[test]
fn facts_show_what_there_is() {
    assert_eq!(
        format!("{:?}", TlsFacts::new()),
        "TlsFacts { version: None, exporter: false, server_end_point: false, unique: false, \
         peer_certificate: None, is_peer_proved: false, alpn: None, resumed: false }"
    );
    // In any order, each adds to the others.
    let facts = TlsFacts::new()
        .with_exporter(&[201; 32])
        .with_server_end_point(&[202; 32])
        .with_unique(&[203; 12])
        .with_peer_certificate(&[204; 300])
        .with_peer_proved(true)
        .with_alpn(b"xmpp-client")
        .with_resumed(true)
        .with_version(TlsVersion::Tls12);
    assert_eq!(
        format!("{facts:?}"),
        "TlsFacts { version: Some(Tls12), exporter: true, server_end_point: true, unique: true, \
         peer_certificate: Some(300), is_peer_proved: true, alpn: Some(\"xmpp-client\"), \
         resumed: true }"
    );
    // So do those of a TLS that is driven elsewhere.
    let initiator = Authority::new().initiator();
    let config = Arc::new(TlsClientConfig::clone(initiator.config()));
    let connection = rustls::ClientConnection::new(config, DOMAIN.try_into().unwrap()).unwrap();
    let facts = initiator.facts(&connection);
    assert_eq!(format!("{facts:?}"), format!("{:?}", facts.as_facts()));
    assert!(format!("{facts:?}").starts_with("TlsFacts { version: None"));
}

#[test]
fn errors_say_what_they_are_about() {
    for (kind, about) in [
        (TlsErrorKind::CertificateName, "the peer's certificate is for another name"),
        (TlsErrorKind::CertificateIssuer, "the peer's certificate has an unknown issuer"),
        (TlsErrorKind::CertificateTime, "the peer's certificate is expired or not valid yet"),
        (TlsErrorKind::Certificate, "the peer's certificate is not acceptable"),
        (TlsErrorKind::Alert, "the peer ended the TLS session with an alert"),
        (TlsErrorKind::Incompatible, "no TLS parameters in common"),
        (TlsErrorKind::Misbehaved, "the peer broke the TLS protocol"),
        (TlsErrorKind::Configuration, "the TLS configuration cannot serve"),
    ] {
        assert_eq!(kind.as_str(), about);
        assert_eq!(TlsError::new(kind, "so it says").to_string(), format!("{about}: so it says"));
    }
}

/// RFC 6120 section 13.7.2: by a verifier of rustls' own, too.
#[test]
fn the_verifier_of_a_caller_says_what_is_wrong() {
    let authority = Authority::new();
    let wrong_name = authority.receiver_for("example.net");
    let (client, server) = (client_config(), ServerConfig::default());
    let initiator = initiator(&authority, BOTH, false);
    let mut ends = Ends::new(client, server, initiator, wrong_name);
    let [State::Failed(Error::Tls(error)), _] = ends.drive() else { panic!("{:#?}", ends.logs) };
    assert_eq!(error.kind(), TlsErrorKind::CertificateName, "{error}");
    assert!(error.certificate_query().is_none());
}
