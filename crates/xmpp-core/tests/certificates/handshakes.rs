//! The verifiers in TLS handshakes, without a socket.

use std::sync::Arc;

use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use xmpp_core::certificate::{Purpose, Refused, Service, Verifier};
use xmpp_core::jid::Domainpart;
use xmpp_core::tls::rustls::{OwnCertificate, RustlsInitiator, RustlsReceiver};
use xmpp_core::tls::{TlsError, TlsErrorKind, TlsInitiator, TlsReceiver, TlsSession, TlsVersion};
use xmpp_core::xml::RecvBuffer;

use super::make::{Authority, San, leaf, self_signed};

pub(crate) fn own((chain, key): (Vec<CertificateDer<'static>>, KeyPair)) -> OwnCertificate {
    OwnCertificate::new(chain, PrivateKeyDer::try_from(key.serialize_der()).unwrap())
}

/// The clock of a handshake is the system's.
pub(crate) fn lasting(names: &[San]) -> CertificateParams {
    let mut params = leaf(names);
    params.not_before = rcgen::date_time_ymd(2020, 1, 1);
    params.not_after = rcgen::date_time_ymd(4000, 1, 1);
    params
}

fn lasting_root(name: &str) -> Authority {
    Authority::root(name)
}

pub(crate) type Sessions = (Box<dyn TlsSession>, Box<dyn TlsSession>);

pub(crate) fn shake(
    initiator: &RustlsInitiator,
    receiver: &RustlsReceiver,
    domain: &str,
) -> Result<Sessions, TlsError> {
    let domain = Domainpart::new(domain).unwrap();
    let mut client = initiator.initiate(domain.as_ref(), None)?;
    let mut server = receiver.receive(Some(domain.as_ref()), None)?;
    let mut rx = RecvBuffer::new(64 << 10);
    for _ in 0..10 {
        let mut wire = Vec::new();
        client.encrypt(&[], &mut wire);
        server.decrypt(&mut &wire[..], &mut rx)?;
        let mut wire = Vec::new();
        server.encrypt(&[], &mut wire);
        client.decrypt(&mut &wire[..], &mut rx)?;
        if !client.is_handshaking() && !server.is_handshaking() {
            break;
        }
    }
    Ok((client, server))
}

pub(crate) fn refused(result: Result<Sessions, TlsError>) -> TlsError {
    result.err().expect("a handshake that fails")
}

/// 6120-13.7.1.2.1-05, 6120-13.9.5-02
#[test]
fn a_client_takes_the_srv_id_of_its_service() {
    let root = lasting_root("a root");
    let receiver = |names: &[San]| {
        RustlsReceiver::asking_for_certificates(own(root.sign(&lasting(names))), None).unwrap()
    };
    let verifier = Arc::new(Verifier::new(root.anchors()));
    let as_client =
        RustlsInitiator::with_verifier(Arc::clone(&verifier), Service::Client, None).unwrap();
    let as_server = RustlsInitiator::with_verifier(verifier, Service::Server, None).unwrap();
    let for_clients = receiver(&[San::Srv("_xmpp-client.im.example.com")]);
    assert!(shake(&as_client, &for_clients, "im.example.com").is_ok());
    let error = refused(shake(&as_server, &for_clients, "im.example.com"));
    assert_eq!(error.kind(), TlsErrorKind::CertificateName);
    let for_servers = receiver(&[San::Srv("_xmpp-server.im.example.com")]);
    assert!(shake(&as_server, &for_servers, "im.example.com").is_ok());
    let address = receiver(&[San::Ip(&[192, 0, 2, 1])]);
    assert!(shake(&as_client, &address, "192.0.2.1").is_ok());
    let idn = receiver(&[San::Dns("xn--bcher-kva.example")]);
    assert!(shake(&as_client, &idn, "bücher.example").is_ok());
}

/// What a driver is asked, and that its answer counts for the next connection.
#[test]
fn a_refusal_in_the_handshake_can_be_decided_upon() {
    let key = KeyPair::generate().unwrap();
    let params = lasting(&[San::Dns("other.example")]);
    let chain = vec![params.self_signed(&key).unwrap().der().clone()];
    let receiver =
        RustlsReceiver::asking_for_certificates(own((chain.clone(), key)), None).unwrap();
    let verifier = Verifier::new(Vec::new());
    let initiator = |verifier: &Verifier| {
        RustlsInitiator::with_verifier(Arc::new(verifier.clone()), Service::Client, None).unwrap()
    };
    let error = refused(shake(&initiator(&verifier), &receiver, "im.example.com"));
    assert_eq!(error.kind(), TlsErrorKind::CertificateIssuer);
    let query = error.certificate_query().unwrap();
    assert_eq!(query.refused(), &Refused::SelfSigned);
    assert_eq!(query.purpose(), Purpose::ClientToServer);
    assert_eq!(query.domain().as_str(), "im.example.com");
    assert_eq!(query.chain(), [chain[0].to_vec()]);
    let pin = xmpp_core::certificate::Pin::of_public_key(&query.certificate().unwrap());
    let verifier = verifier.trust(query.domain().as_ref(), pin);
    assert!(shake(&initiator(&verifier), &receiver, "im.example.com").is_ok());
    refused(shake(&initiator(&verifier), &receiver, "example.com"));
}

/// The verdict after the handshake, on both sides; for several domains. 6120-5.4.3.1-04: each
/// has been asked for its certificate, and has shown it.
#[test]
fn chains_are_kept_for_who_asks_after_the_handshake() {
    let root = lasting_root("a root");
    let below = root.below(Authority::params("an authority"));
    let chain = |name| below.sign(&lasting(&[San::Dns(name), San::Dns("chat.example.com")]));
    let initiator =
        RustlsInitiator::with_any_certificate(Some(own(chain("a.example.com")))).unwrap();
    let receiver =
        RustlsReceiver::asking_for_certificates(own(chain("b.example.com")), None).unwrap();
    let (client, server) = shake(&initiator, &receiver, "b.example.com").unwrap();
    // Nothing is proved by such a handshake.
    assert!(!client.facts().is_peer_proved && !server.facts().is_peer_proved);
    let verifier = Verifier::new(root.anchors());
    let verify = |purpose, session: &dyn TlsSession, name: &str| {
        let domain = Domainpart::new(name).unwrap();
        let chain = session.peer_certificates();
        verifier.verify(purpose, &chain, domain.as_ref(), super::make::NOW).map(|_| ())
    };
    for (purpose, session, right, wrong) in [
        (Purpose::ServerToServer, &*client, "b.example.com", "a.example.com"),
        (Purpose::ServerFromServer, &*server, "a.example.com", "b.example.com"),
    ] {
        assert_eq!(session.peer_certificates().len(), 2);
        assert_eq!(verify(purpose, session, right), Ok(()));
        assert_eq!(verify(purpose, session, "chat.example.com"), Ok(()));
        assert_eq!(verify(purpose, session, wrong), Err(Refused::Name));
    }
}

/// Both ends of a connection that somebody else drives, below a WebSocket say.
#[test]
fn facts_of_a_connection_of_ones_own() {
    let root = lasting_root("a root");
    let verifier = Arc::new(Verifier::new(root.anchors()));
    let initiator = RustlsInitiator::with_verifier(verifier, Service::Client, None).unwrap();
    let (chain, key) = root.sign(&lasting(&[San::Dns("im.example.com")]));
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let receiver = RustlsReceiver::with_certificate(chain.clone(), key).unwrap();
    let alpn = vec![b"http/1.1".to_vec()];
    let mut config = rustls::ServerConfig::clone(receiver.config());
    config.alpn_protocols = alpn.clone();
    let name = "im.example.com".try_into().unwrap();
    let mut client =
        rustls::ClientConnection::new_with_alpn(Arc::clone(initiator.config()), name, alpn)
            .unwrap();
    let mut server = rustls::ServerConnection::new(Arc::new(config)).unwrap();
    while client.is_handshaking() || server.is_handshaking() {
        let (mut there, mut back) = (Vec::new(), Vec::new());
        client.write_tls(&mut there).unwrap();
        server.read_tls(&mut &there[..]).unwrap();
        server.process_new_packets().unwrap();
        server.write_tls(&mut back).unwrap();
        client.read_tls(&mut &back[..]).unwrap();
        client.process_new_packets().unwrap();
    }
    let (ours, theirs) = (initiator.facts(&client), receiver.facts(&server));
    assert_eq!(ours.peer_certificates(), [&chain[0][..]]);
    assert!(theirs.peer_certificates().is_empty());
    let (ours, theirs) = (ours.as_facts(), theirs.as_facts());
    // RFC 9266 section 4.2, RFC 5929 section 4.1: the same on both sides.
    assert_eq!(ours.exporter.unwrap().len(), 32);
    assert_eq!(ours.exporter, theirs.exporter);
    assert_eq!(ours.server_end_point.unwrap().len(), 32);
    assert_eq!(ours.server_end_point, theirs.server_end_point);
    for facts in [&ours, &theirs] {
        assert_eq!((facts.version, facts.resumed), (Some(TlsVersion::Tls13), false));
        assert_eq!((facts.alpn, facts.unique), (Some(&b"http/1.1"[..]), None));
    }
    assert_eq!(ours.peer_certificate, Some(&chain[0][..]));
    assert_eq!((ours.is_peer_proved, theirs.is_peer_proved), (true, false));
    assert_eq!(theirs.peer_certificate, None);
}

/// An initiating entity may have none.
#[test]
fn nobody_has_to_present_a_certificate() {
    let root = lasting_root("a root");
    let receiver = RustlsReceiver::asking_for_certificates(
        own(root.sign(&lasting(&[San::Dns("b.example.com")]))),
        Some(&Verifier::new(root.anchors())),
    )
    .unwrap();
    let initiator = RustlsInitiator::with_any_certificate(None).unwrap();
    let (_, server) = shake(&initiator, &receiver, "b.example.com").unwrap();
    assert!(server.peer_certificates().is_empty());
    assert_eq!(server.facts().peer_certificate, None);
}

/// A certificate without its key is worth nothing, to whom looks afterwards as well.
#[test]
fn the_key_is_checked_in_any_case() {
    let receiver = |key: KeyPair| {
        let chain = self_signed(&lasting(&[San::Dns("b.example.com")]));
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let signer = rustls::crypto::ring::sign::any_supported_type(&key).unwrap();
        let certified = Arc::new(rustls::sign::CertifiedKey::new(chain, signer));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(Always(certified)));
        RustlsReceiver::new(Arc::new(config))
    };
    let initiator = RustlsInitiator::with_any_certificate(None).unwrap();
    let error =
        refused(shake(&initiator, &receiver(KeyPair::generate().unwrap()), "b.example.com"));
    assert_eq!(error.kind(), TlsErrorKind::CertificateIssuer, "{error}");
}

/// An initiating entity has to prove that it has the key of its certificate, too.
#[test]
fn the_key_of_an_initiating_entity_is_checked_as_well() {
    let root = lasting_root("a root");
    let receiver = RustlsReceiver::asking_for_certificates(
        own(root.sign(&lasting(&[San::Dns("b.example.com")]))),
        None,
    )
    .unwrap();
    let initiator = |key: &KeyPair, chain| {
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let signer = rustls::crypto::ring::sign::any_supported_type(&key).unwrap();
        let certified = Arc::new(rustls::sign::CertifiedKey::new(chain, signer));
        let any = RustlsInitiator::with_any_certificate(None).unwrap();
        let mut config = rustls::ClientConfig::clone(any.config());
        config.client_auth_cert_resolver = Arc::new(Always(certified));
        RustlsInitiator::new(Arc::new(config))
    };
    let (chain, key) = root.sign(&lasting(&[San::Dns("a.example.com")]));
    assert!(shake(&initiator(&key, chain.clone()), &receiver, "b.example.com").is_ok());
    let other = KeyPair::generate().unwrap();
    let error = refused(shake(&initiator(&other, chain), &receiver, "b.example.com"));
    assert_eq!(error.kind(), TlsErrorKind::CertificateIssuer, "{error}");
}

#[derive(Debug)]
struct Always(Arc<rustls::sign::CertifiedKey>);

impl rustls::server::ResolvesServerCert for Always {
    fn resolve(
        &self,
        _: rustls::server::ClientHello<'_>,
    ) -> Option<Arc<rustls::sign::CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }
}

/// 6120-security-mti-both-plain, 6120-security-mti-both-scram,
/// 6120-security-mti-confidentiality: RFC 7590 section 3 updates the RFC's suite to those of
/// what is now RFC 9325 section 4.2; those with plain RSA are not to be negotiated
/// (section 4.1). ring makes no keys for RSA: its two suites are seen to be offered.
#[test]
fn the_suites_are_those_of_rfc_9325() {
    use rustls::CipherSuite::{
        TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
        TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    };
    let root = lasting_root("a root");
    let (chain, key) = root.sign(&lasting(&[San::Dns("im.example.com")]));
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let verifier = Arc::new(Verifier::new(root.anchors()));
    let initiator = RustlsInitiator::with_verifier(verifier, Service::Client, None).unwrap();
    let receiver = RustlsReceiver::with_certificate(chain.clone(), key.clone_key()).unwrap();
    for provider in [initiator.config().crypto_provider(), receiver.config().crypto_provider()] {
        let offered: Vec<_> = provider.cipher_suites.iter().map(|suite| suite.suite()).collect();
        for wanted in [
            TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
            TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
            TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
            TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
        ] {
            assert!(offered.contains(&wanted), "{wanted:?}");
        }
        let names: Vec<_> = offered.iter().map(|suite| format!("{suite:?}")).collect();
        assert!(!names.iter().any(|name| name.contains("CBC") || name.starts_with("TLS_RSA_")));
    }
    for only in [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384] {
        let mut provider = rustls::crypto::ring::default_provider();
        provider.cipher_suites.retain(|suite| suite.suite() == only);
        let config = rustls::ServerConfig::builder_with_provider(Arc::new(provider))
            .with_protocol_versions(&[&rustls::version::TLS12])
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain.clone(), key.clone_key())
            .unwrap();
        let receiver = RustlsReceiver::new(Arc::new(config));
        assert!(shake(&initiator, &receiver, "im.example.com").is_ok(), "{only:?}");
    }
}

impl rustls::client::ResolvesClientCert for Always {
    fn resolve(
        &self,
        _: &[&[u8]],
        _: &[rustls::SignatureScheme],
    ) -> Option<Arc<rustls::sign::CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }

    fn has_certs(&self) -> bool {
        true
    }
}

/// What people see of it in a log: how much there is, and no name.
#[test]
fn what_is_shown_of_those_who_shake_hands() {
    let root = lasting_root("a root");
    let verifier = Verifier::new(root.anchors());
    let by_verifier =
        RustlsInitiator::with_verifier(Arc::new(verifier.clone()), Service::Client, None).unwrap();
    assert!(format!("{by_verifier:?}").contains("Verifier { authorities: 1,"));
    let any = RustlsInitiator::with_any_certificate(None).unwrap();
    assert!(format!("{any:?}").contains("AfterHandshake { hints: 0, .. }"), "{any:?}");
    let shown = format!("{verifier:?}");
    for part in ["authorities: 1", "revocation_lists: 0", "IfKnown", "pinned_domains: 0"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
}
