//! What a certificate says, and whether it is trusted for a domain.
//!
//! The whole judgement of certificates is in this file, so that it can be replaced.

use std::path::Path;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use serde_json::{Value, json};
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};
use xmpp_core::jid::Domainpart;
use xmpp_stanza::DateTime;

use super::Kind;
use crate::net::certificates;
use crate::out;

/// How many identities are shown.
const MAX_SHOWN: usize = 32;

/// id-on-dnsSRV (RFC 4985) and id-on-xmppAddr (RFC 6120 section 13.7.1.4).
const SRV_NAME: &str = "1.3.6.1.5.5.7.8.7";
const XMPP_ADDR: &str = "1.3.6.1.5.5.7.8.5";

/// Whom to trust.
pub(super) struct Trust {
    roots: RootCertStore,
    provider: Arc<CryptoProvider>,
}

/// What came of looking at a chain.
pub(super) struct Judged {
    pub(super) shown: Value,
    /// Why it is not trusted.
    pub(super) problem: Option<String>,
}

impl Trust {
    /// The authorities in a PEM file, or those of the system.
    pub(super) fn new(ca: Option<&Path>) -> Result<Self, String> {
        Ok(Self { roots: certificates::roots(ca)?, provider: Arc::new(ring::default_provider()) })
    }

    /// TLS that looks at everything and believes nothing: the chain is judged afterwards.
    pub(super) fn tls(&self, alpn: Option<&'static str>) -> Result<Arc<ClientConfig>, String> {
        let mut config = ClientConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Onlooker(Arc::clone(&self.provider))))
            .with_no_client_auth();
        config.alpn_protocols = alpn.map(|name| name.as_bytes().to_vec()).into_iter().collect();
        Ok(Arc::new(config))
    }

    /// What is to be said of a chain, leaf first, that was shown for a domain.
    pub(super) fn judge(
        &self,
        chain: &[CertificateDer<'_>],
        domain: &Domainpart,
        kind: Kind,
    ) -> Judged {
        let Some((leaf, intermediates)) = chain.split_first() else {
            return Judged { shown: Value::Null, problem: Some("no certificate".into()) };
        };
        let now = UnixTime::now();
        let untrusted = ParsedCertificate::try_from(leaf).and_then(|parsed| {
            verify_server_cert_signed_by_trust_anchor(
                &parsed,
                &self.roots,
                intermediates,
                now,
                self.provider.signature_verification_algorithms.all,
            )
        });
        let identities = Identities::read(leaf);
        let is_for = identities.are_for(leaf, domain, kind);
        let chain_problem = untrusted.err().map(|error| error.to_string());
        let name_problem =
            (!is_for).then(|| format!("the certificate is not for {}", domain.as_str()));
        let problem = chain_problem.clone().or_else(|| name_problem.clone());
        let shown = json!({
            "identities": identities.shown.iter().take(MAX_SHOWN).collect::<Vec<_>>(),
            "more": identities.shown.len().saturating_sub(MAX_SHOWN),
            "not_before": identities.not_before,
            "not_after": identities.not_after,
            "issuer": identities.issuer,
            "certificates": chain.len(),
            "trusted": problem.is_none(),
            "chain": chain_problem,
            "name": name_problem,
        });
        Judged { shown, problem }
    }
}

/// What is read from a certificate, for people.
#[derive(Default)]
struct Identities {
    /// As `DNS:example.com`, `SRV:_xmpp-server.example.com`, ...
    shown: Vec<String>,
    srv: Vec<String>,
    not_before: Option<String>,
    not_after: Option<String>,
    issuer: Option<String>,
}

impl Identities {
    fn read(der: &CertificateDer<'_>) -> Self {
        let Ok((_, certificate)) = X509Certificate::from_der(der) else { return Self::default() };
        let mut this = Self {
            not_before: time(certificate.validity().not_before.timestamp()),
            not_after: time(certificate.validity().not_after.timestamp()),
            issuer: Some(out::message(&certificate.issuer().to_string())),
            ..Self::default()
        };
        let Ok(Some(names)) = certificate.subject_alternative_name() else { return this };
        for name in &names.value.general_names {
            let (label, text) = match name {
                GeneralName::DNSName(name) => ("DNS", (*name).to_owned()),
                GeneralName::IPAddress(bytes) => ("IP", address(bytes)),
                GeneralName::URI(uri) => ("URI", (*uri).to_owned()),
                GeneralName::RFC822Name(name) => ("email", (*name).to_owned()),
                GeneralName::OtherName(oid, value) => {
                    let text = string_within(value);
                    match oid.to_id_string().as_str() {
                        SRV_NAME => {
                            this.srv.extend(text.clone());
                            ("SRV", text.unwrap_or_default())
                        }
                        XMPP_ADDR => ("XMPP", text.unwrap_or_default()),
                        other => ("other", other.to_owned()),
                    }
                }
                _ => continue,
            };
            this.shown.push(out::message(&format!("{label}:{text}")));
        }
        this
    }

    /// RFC 6120 section 13.7.2.1: a DNS-ID, with or without a wildcard, or the SRV-ID of
    /// the service; never the common name.
    fn are_for(&self, leaf: &CertificateDer<'_>, domain: &Domainpart, kind: Kind) -> bool {
        let ascii = domain.to_ascii();
        let service = match kind {
            Kind::Client => "_xmpp-client.",
            Kind::Server => "_xmpp-server.",
        };
        let is_srv = |name: &String| {
            let name = name.to_ascii_lowercase();
            name.strip_prefix(service).is_some_and(|rest| rest.eq_ignore_ascii_case(&ascii))
        };
        let by_dns = || {
            let name = server_name(domain)?;
            let parsed = ParsedCertificate::try_from(leaf).ok()?;
            verify_server_name(&parsed, &name).ok()
        };
        self.srv.iter().any(is_srv) || by_dns().is_some()
    }
}

/// A domain as TLS names it.
pub(super) fn server_name(domain: &Domainpart) -> Option<ServerName<'static>> {
    let ascii = domain.to_ascii();
    let bare = ascii.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(&ascii);
    ServerName::try_from(bare.to_owned()).ok()
}

/// The text in an explicit tag, as otherName has it: one string, of whichever type.
fn string_within(value: &[u8]) -> Option<String> {
    let (_, explicit) = x509_parser::der_parser::parse_der(value).ok()?;
    let inner = match explicit.content.as_slice() {
        Ok(bytes)
            if explicit.header.class()
                == x509_parser::der_parser::asn1_rs::Class::ContextSpecific =>
        {
            x509_parser::der_parser::parse_der(bytes).ok()?.1
        }
        _ => explicit,
    };
    inner.as_slice().ok().and_then(|bytes| str::from_utf8(bytes).ok()).map(str::to_owned)
}

fn address(bytes: &[u8]) -> String {
    if let Ok(four) = <[u8; 4]>::try_from(bytes) {
        return core::net::Ipv4Addr::from(four).to_string();
    }
    match <[u8; 16]>::try_from(bytes) {
        Ok(six) => core::net::Ipv6Addr::from(six).to_string(),
        Err(_) => "(no address)".into(),
    }
}

/// As XEP-0082 writes times.
fn time(seconds: i64) -> Option<String> {
    DateTime::from_unix(seconds, 0).map(|time| time.to_string())
}

/// Takes any certificate, since nothing secret is sent. That the peer has the key to it is
/// checked all the same.
#[derive(Debug)]
struct Onlooker(Arc<CryptoProvider>);

impl ServerCertVerifier for Onlooker {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
