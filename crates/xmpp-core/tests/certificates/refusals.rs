//! What is told of certificates that are refused: to people, to drivers, to the peer.

use std::sync::{Arc, Mutex};

use rustls::client::ResolvesClientCert;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error, PeerIncompatible, SignatureScheme};
use xmpp_core::certificate::{
    CertificateQuery, CertificateRef, MAX_CERTIFICATES, Purpose, Refused, Verifier,
};
use xmpp_core::jid::Domainpart;
use xmpp_core::tls::TlsErrorKind;
use xmpp_core::tls::rustls::{RustlsInitiator, RustlsReceiver};

use super::handshakes::{lasting, own, refused, shake};
use super::make::{Authority, NOW, San, USUAL, leaf, self_signed};

/// The first few names of a certificate for others, and how many there are beside them.
#[test]
fn people_are_told_whom_a_certificate_is_for() {
    const NAMES: [San; 6] = [
        San::Dns("a.example"),
        San::Srv("_xmpp-client.b.example"),
        San::Xmpp("c.example"),
        San::Dns("d.example"),
        San::Dns("e.example"),
        San::Dns("f.example"),
    ];
    let four = "DNS-ID a.example, SRV-ID _xmpp-client.b.example, xmppAddr c.example, \
                DNS-ID d.example";
    let told = |names: &[San], why| {
        let domain = Domainpart::new("im.example.com").unwrap();
        let chain = self_signed(&leaf(names));
        CertificateQuery::new(Purpose::ClientToServer, domain.as_ref(), &chain, why).to_string()
    };
    for (names, list) in [
        (0, "it has none that counts".to_owned()),
        (1, "DNS-ID a.example".to_owned()),
        (4, four.to_owned()),
        (5, format!("{four} and 1 more")),
        (6, format!("{four} and 2 more")),
    ] {
        let expected = format!("the certificate is for another name: {list}");
        assert_eq!(told(&NAMES[..names], Refused::Name), expected);
    }
    // Of another fault, the names say nothing.
    assert_eq!(told(&NAMES, Refused::SelfSigned), Refused::SelfSigned.to_string());
}

#[test]
fn as_many_certificates_are_looked_at_as_the_limit() {
    let root = Authority::root("a root");
    let first = root.chain(&leaf(USUAL)).remove(0);
    let verifier = Verifier::new(root.anchors());
    let domain = Domainpart::new("im.example.com").unwrap();
    for count in [1, MAX_CERTIFICATES - 1, MAX_CERTIFICATES, MAX_CERTIFICATES + 1] {
        let chain = vec![first.clone(); count];
        let verdict = verifier.verify(Purpose::ClientToServer, &chain, domain.as_ref(), NOW);
        let expected =
            if count > MAX_CERTIFICATES { Err(Refused::TooManyCertificates) } else { Ok(()) };
        assert_eq!(verdict.map(|_| ()), expected, "{count}");
    }
}

#[test]
fn a_certificate_shows_whose_it_is_and_until_when() {
    let chain = self_signed(&leaf(USUAL));
    let shown = format!("{:?}", CertificateRef::read(&chain[0]).unwrap());
    let begin = format!(
        "CertificateRef {{ bytes: {}, not_before: 1735689600, not_after: 2051222400, identities: Ok(",
        chain[0].len()
    );
    assert!(shown.starts_with(&begin), "{shown}");
    assert!(shown.contains("im.example.com") && shown.contains("juliet@"), "{shown}");
}

/// Verifies nothing, and finds this wrong.
#[derive(Debug)]
struct Finds(Error);

impl ServerCertVerifier for Finds {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Err(self.0.clone())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ECDSA_NISTP256_SHA256, SignatureScheme::ECDSA_NISTP384_SHA384]
    }
}

/// Of a rustls with a verifier of somebody else's: each error has the kind by which a
/// session decides whether to come back.
#[test]
fn errors_of_tls_have_their_kind() {
    use CertificateError as Wrong;

    let (chain, key) = Authority::root("a root").sign(&lasting(USUAL));
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let receiver = RustlsReceiver::with_certificate(chain, key).unwrap();
    let at = |seconds| UnixTime::since_unix_epoch(core::time::Duration::from_secs(seconds));
    for (error, kind) in [
        (Error::InvalidCertificate(Wrong::NotValidForName), TlsErrorKind::CertificateName),
        (Error::InvalidCertificate(Wrong::UnknownIssuer), TlsErrorKind::CertificateIssuer),
        (Error::InvalidCertificate(Wrong::BadSignature), TlsErrorKind::CertificateIssuer),
        (Error::InvalidCertificate(Wrong::Expired), TlsErrorKind::CertificateTime),
        (Error::InvalidCertificate(Wrong::NotValidYet), TlsErrorKind::CertificateTime),
        (
            Error::InvalidCertificate(Wrong::ExpiredContext { time: at(2), not_after: at(1) }),
            TlsErrorKind::CertificateTime,
        ),
        (
            Error::InvalidCertificate(Wrong::NotValidYetContext { time: at(1), not_before: at(2) }),
            TlsErrorKind::CertificateTime,
        ),
        (Error::InvalidCertificate(Wrong::Revoked), TlsErrorKind::Certificate),
        (Error::InvalidCertificate(Wrong::InvalidPurpose), TlsErrorKind::Certificate),
        (Error::NoCertificatesPresented, TlsErrorKind::Certificate),
        (
            Error::PeerIncompatible(PeerIncompatible::NoCipherSuitesInCommon),
            TlsErrorKind::Incompatible,
        ),
        (Error::General("no keys".into()), TlsErrorKind::Configuration),
        (Error::FailedToGetRandomBytes, TlsErrorKind::Configuration),
        (Error::FailedToGetCurrentTime, TlsErrorKind::Configuration),
        (Error::DecryptError, TlsErrorKind::Misbehaved),
    ] {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Finds(error.clone())))
            .with_no_client_auth();
        let initiator = RustlsInitiator::new(Arc::new(config));
        let told = refused(shake(&initiator, &receiver, "im.example.com"));
        assert_eq!(told.kind(), kind, "{error:?}");
        assert!(told.to_string().ends_with(&error.to_string()), "{told}");
    }
}

/// Looks at what it is told, and has no certificate.
#[derive(Debug, Default)]
struct Hinted(Mutex<Vec<Vec<u8>>>);

impl ResolvesClientCert for Hinted {
    fn resolve(
        &self,
        hints: &[&[u8]],
        _: &[SignatureScheme],
    ) -> Option<Arc<rustls::sign::CertifiedKey>> {
        self.0.lock().unwrap().extend(hints.iter().map(|hint| hint.to_vec()));
        None
    }

    fn has_certs(&self) -> bool {
        true
    }
}

/// RFC 8446 section 4.2.4: who has several certificates is told which authorities count.
#[test]
fn the_authorities_are_named_to_who_is_asked_for_a_certificate() {
    let root = Authority::root("a root");
    let subject = CertificateRef::read(root.root_der()).unwrap().subject().to_vec();
    let verifier = Verifier::new(root.anchors());
    for (hints, expected) in [(Some(&verifier), vec![subject]), (None, Vec::new())] {
        let own = own(root.sign(&lasting(&[San::Dns("b.example.com")])));
        let receiver = RustlsReceiver::asking_for_certificates(own, hints).unwrap();
        let asked = Arc::new(Hinted::default());
        let any = RustlsInitiator::with_any_certificate(None).unwrap();
        let mut config = rustls::ClientConfig::clone(any.config());
        config.client_auth_cert_resolver = Arc::clone(&asked) as Arc<dyn ResolvesClientCert>;
        let initiator = RustlsInitiator::new(Arc::new(config));
        assert!(shake(&initiator, &receiver, "b.example.com").is_ok());
        assert_eq!(*asked.0.lock().unwrap(), expected);
    }
}
