//! The packaged tier under real TLS: two servers with certificates of one authority.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use xmpp_core::config::TlsMode;
use xmpp_core::dialback::Verdict;
use xmpp_core::role::PeerRole;
use xmpp_core::tls::rustls::{RustlsInitiator, RustlsReceiver};
use xmpp_core::{
    Direction, Endpoint, Event, FederationConfig, InboundPeer, OutboundPeer, Output, PeerAnswer,
    PeerEvent, Purpose,
};

use crate::ends::{LOCAL, REMOTE, T0, config, message, pair};

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

    fn roots(&self) -> Arc<RootCertStore> {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.clone()).unwrap();
        Arc::new(roots)
    }

    fn issue(&self, name: &str) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        (vec![certificate.der().clone()], PrivateKeyDer::try_from(key.serialize_der()).unwrap())
    }

    fn initiator(&self, name: Option<&str>) -> Arc<RustlsInitiator> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(self.roots());
        let config = match name.map(|name| self.issue(name)) {
            Some((chain, key)) => builder.with_client_auth_cert(chain, key).unwrap(),
            None => builder.with_no_client_auth(),
        };
        Arc::new(RustlsInitiator::new(Arc::new(config)))
    }

    fn receiver(&self, name: &str) -> Arc<RustlsReceiver> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier =
            WebPkiClientVerifier::builder_with_provider(self.roots(), Arc::clone(&provider))
                .allow_unauthenticated()
                .build()
                .unwrap();
        let (chain, key) = self.issue(name);
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_client_cert_verifier(verifier)
            .with_single_cert(chain, key)
            .unwrap();
        Arc::new(RustlsReceiver::new(Arc::new(config)))
    }
}

/// Does what the endpoint says until it waits; gives what it sends and the stanzas.
fn turn<R: PeerRole>(peer: &mut Endpoint<R>, stanzas: &mut Vec<String>) -> Vec<u8> {
    let mut sent = Vec::new();
    loop {
        match peer.poll(T0) {
            Ok(Output::Event(event)) => match event {
                Event::Role(PeerEvent::PeerWanted(query)) => {
                    // The chain was checked by TLS; the name is checked by nobody here.
                    let answer = match query.certificate() {
                        Some(_) => PeerAnswer::Proved,
                        None => PeerAnswer::NotProved,
                    };
                    peer.accept_peer(query, answer).unwrap();
                }
                Event::Role(PeerEvent::ResultWanted(query)) => {
                    peer.answer_result(query, Verdict::Valid).unwrap();
                }
                Event::Stanza(stanza) => {
                    stanzas.push(stanza.element().attr("id").unwrap().into_owned());
                }
                _ => {}
            },
            Ok(Output::Transmit(bytes)) => {
                sent.extend_from_slice(bytes);
                let n = bytes.len();
                peer.transmitted(n);
            }
            Ok(Output::Shutdown) => {}
            Ok(Output::Wait(_) | Output::Closed) | Err(_) => return sent,
        }
    }
}

fn feed<R: PeerRole>(
    peer: &mut Endpoint<R>,
    mut bytes: &[u8],
    stanzas: &mut Vec<String>,
) -> Vec<u8> {
    let mut sent = Vec::new();
    while !bytes.is_empty() {
        let room = peer.recv_buf().expect("room");
        let n = room.len().min(bytes.len());
        room[..n].copy_from_slice(&bytes[..n]);
        peer.handle_read(n);
        bytes = &bytes[n..];
        sent.append(&mut turn(peer, stanzas));
    }
    sent
}

struct Peers {
    out: OutboundPeer,
    inn: InboundPeer,
    stanzas: [Vec<String>; 2],
}

impl Peers {
    fn new(config: FederationConfig, certificate: Option<&str>) -> Self {
        let authority = Authority::new();
        let config = Arc::new(config);
        let initiator = authority.initiator(certificate);
        let receiver = authority.receiver(REMOTE);
        let pair = pair(LOCAL, REMOTE);
        let out = OutboundPeer::connect_server(
            Arc::clone(&config),
            pair,
            Purpose::Stanzas,
            initiator,
            T0,
            [1; 32],
        );
        let inn = InboundPeer::accept_server(config, receiver, T0, [2; 32]);
        Self { out: out.unwrap(), inn: inn.unwrap(), stanzas: [vec![], vec![]] }
    }

    fn drive(&mut self) {
        let [at_out, at_in] = &mut self.stanzas;
        let (mut to_in, mut to_out) = (turn(&mut self.out, at_out), turn(&mut self.inn, at_in));
        while !to_in.is_empty() || !to_out.is_empty() {
            to_out.append(&mut feed(&mut self.inn, &core::mem::take(&mut to_in), at_in));
            to_in = feed(&mut self.out, &core::mem::take(&mut to_out), at_out);
        }
    }
}

/// 6120-security-mti-both-external: TLS and SASL EXTERNAL, between servers.
#[test]
fn two_servers_talk_under_tls() {
    for (mode, certificate, external) in [
        (TlsMode::StartTls, Some(LOCAL), true),
        (TlsMode::Direct, Some(LOCAL), true),
        (TlsMode::StartTls, None, false),
        (TlsMode::Direct, None, false),
    ] {
        let mut config = config();
        config.tls = mode;
        let mut peers = Peers::new(config, certificate);
        peers.drive();
        assert!(peers.out.is_authorised(&pair(LOCAL, REMOTE), Direction::Send), "{mode:?}");
        let has_external = peers.out.tls_facts().is_some();
        assert!(has_external);
        peers.out.send(&message("a@montague.example", "b@capulet.example", "1")).unwrap();
        peers.inn.send(&message("b@capulet.example", "a@montague.example", "2")).unwrap();
        peers.drive();
        assert_eq!(peers.stanzas, [["2"], ["1"]], "{mode:?} {external}");
        assert_eq!(peers.inn.tls_facts().unwrap().peer_certificate.is_some(), external);
        if mode == TlsMode::Direct {
            // XEP-0368
            assert_eq!(peers.inn.tls_facts().unwrap().alpn, Some(&b"xmpp-server"[..]));
        }
    }
}
