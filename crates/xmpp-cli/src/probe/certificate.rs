//! What a certificate says, and whether it is trusted for a domain.

use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use rustls::ClientConfig;
use rustls::pki_types::{CertificateDer, ServerName};
use serde_json::{Value, json};
use x509_parser::prelude::FromDer;
use x509_parser::x509::X509Name;
use xmpp_core::certificate::{CertificateRef, Identity, Purpose, Refused, Verifier};
use xmpp_core::jid::Domainpart;
use xmpp_core::tls::rustls::RustlsInitiator;
use xmpp_stanza::DateTime;

use super::Kind;
use crate::net::certificates;
use crate::out;

/// How many identities are shown.
const MAX_SHOWN: usize = 32;

/// Whom to trust.
pub(super) struct Trust {
    verifier: Verifier,
    /// TLS that looks at everything and believes nothing: nothing secret is sent, and the
    /// chain is judged afterwards.
    initiator: RustlsInitiator,
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
        let initiator =
            RustlsInitiator::with_any_certificate(None).map_err(|error| error.to_string())?;
        Ok(Self { verifier: Verifier::new(certificates::roots(ca)?.roots), initiator })
    }

    pub(super) fn tls(&self, alpn: Option<&'static str>) -> Arc<ClientConfig> {
        let mut config = ClientConfig::clone(self.initiator.config());
        config.alpn_protocols = alpn.map(|name| name.as_bytes().to_vec()).into_iter().collect();
        Arc::new(config)
    }

    /// What is to be said of a chain, end entity first, that was shown for a domain.
    pub(super) fn judge(
        &self,
        chain: &[CertificateDer<'_>],
        domain: &Domainpart,
        kind: Kind,
    ) -> Judged {
        let Some(end_entity) = chain.first() else {
            return Judged { shown: Value::Null, problem: Some("no certificate".into()) };
        };
        let purpose = match kind {
            Kind::Client => Purpose::ClientToServer,
            Kind::Server => Purpose::ServerToServer,
        };
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let refused = self.verifier.verify(purpose, chain, domain.as_ref(), now).err();
        let (chain_problem, name_problem) = match &refused {
            None => (None, None),
            Some(Refused::Name) => (None, Some(format!("the certificate is not for {domain}"))),
            Some(other) => (Some(other.to_string()), None),
        };
        let problem = chain_problem.clone().or_else(|| name_problem.clone());
        let certificate = CertificateRef::read(end_entity).ok();
        let identities = certificate.and_then(|certificate| certificate.identities().ok());
        let identities = identities.unwrap_or_default();
        let names = identities.as_slice();
        let shown = json!({
            "identities": names.iter().take(MAX_SHOWN).map(shown).collect::<Vec<_>>(),
            "more": names.len().saturating_sub(MAX_SHOWN),
            "ignored": identities.ignored(),
            "not_before": certificate.and_then(|certificate| time(certificate.not_before())),
            "not_after": certificate.and_then(|certificate| time(certificate.not_after())),
            "issuer": certificate.and_then(|certificate| name(certificate.issuer())),
            "certificates": chain.len(),
            "trusted": problem.is_none(),
            "chain": chain_problem,
            "name": name_problem,
        });
        Judged { shown, problem }
    }
}

/// An identity as `DNS:example.com`, `SRV:_xmpp-server.example.com`, ...
fn shown(identity: &Identity) -> String {
    let text = match identity {
        Identity::DnsId(name) => format!("DNS:{name}"),
        Identity::SrvId { service, domain, .. } => format!("SRV:{service}.{domain}"),
        Identity::XmppAddr(jid) => format!("XMPP:{jid}"),
        Identity::IpAddress(ip) => format!("IP:{ip}"),
        other => other.to_string(),
    };
    out::message(&text)
}

/// A `Name`, for people.
fn name(der: &[u8]) -> Option<String> {
    let (_, name) = X509Name::from_der(der).ok()?;
    Some(out::message(&name.to_string()))
}

/// As XEP-0082 writes times.
fn time(seconds: u64) -> Option<String> {
    DateTime::from_unix(i64::try_from(seconds).ok()?, 0).map(|time| time.to_string())
}

/// A domain as TLS names it.
pub(super) fn server_name(domain: &Domainpart) -> Result<ServerName<'static>, String> {
    RustlsInitiator::server_name(domain.as_ref()).map_err(|error| error.to_string())
}
