//! From a peer's certificates to what they prove (RFC 6120 section 13.7.2).

use alloc::{boxed::Box, collections::BTreeMap, string::ToString as _, sync::Arc, vec::Vec};
use core::fmt;
use core::time::Duration;

use ::rustls::crypto::WebPkiSupportedAlgorithms;
use ::rustls::pki_types::{CertificateDer, TrustAnchor, UnixTime};
use webpki::{
    CertRevocationList, EndEntityCert, ExpirationPolicy, OwnedCertRevocationList,
    RevocationOptionsBuilder, UnknownStatusPolicy, VerifiedPath,
};
use xmpp_jid::{Domainpart, DomainpartRef};

use super::reference::Reference;
use super::usage::Usage;
use super::{
    CertificateQuery, CertificateRef, Identities, Identity, MAX_CERTIFICATES, Pin, Proved,
    ProvedBy, Purpose, Refused, constraints,
};

/// Checks peers' certificates: whom they are for, and that a trusted authority says so.
///
/// A value, made once and shared; it holds no clock. The authorities it trusts for users
/// are mostly others than those for servers: then have two.
///
/// ```
/// use xmpp_core::certificate::{Purpose, Refused, Verifier};
/// use xmpp_core::jid::DomainpartRef;
///
/// let verifier = Verifier::new(Vec::new());
/// let none: [&[u8]; 0] = [];
/// let domain = DomainpartRef::new("example.com")?;
/// let verdict = verifier.verify(Purpose::ServerFromServer, &none, domain, 1_700_000_000);
/// assert_eq!(verdict, Err(Refused::NoCertificate));
/// # Ok::<(), xmpp_core::jid::Error>(())
/// ```
#[derive(Clone)]
pub struct Verifier {
    anchors: Vec<TrustAnchor<'static>>,
    lists: Vec<Arc<CertRevocationList<'static>>>,
    revocation: Revocation,
    server_auth_of_initiators: bool,
    pins: BTreeMap<Reference, Pins>,
    algorithms: WebPkiSupportedAlgorithms,
}

#[derive(Clone, Default)]
struct Pins {
    trusted: Vec<Pin>,
    required: Vec<Pin>,
}

/// What it takes for a certificate not to be revoked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Revocation {
    /// No list that was [handed in](Verifier::with_revocation_list) has it. Of an
    /// authority without a list, nothing is revoked.
    #[default]
    IfKnown,
    /// A list says that it is not, for each certificate of the chain.
    Required,
}

impl Verifier {
    /// Trusts these authorities, say [`RootCertStore::roots`](::rustls::RootCertStore).
    pub fn new(authorities: Vec<TrustAnchor<'static>>) -> Self {
        Self {
            anchors: authorities,
            lists: Vec::new(),
            revocation: Revocation::default(),
            server_auth_of_initiators: false,
            pins: BTreeMap::new(),
            algorithms: ::rustls::crypto::ring::default_provider()
                .signature_verification_algorithms,
        }
    }

    /// Takes a server's certificate that is for `serverAuth` alone from an initiating
    /// server, too ([`Purpose::ServerFromServer`]).
    ///
    /// Off, as RFC 5280 section 4.2.1.12 has it. Federation with servers whose
    /// certificates are from a public authority needs it: since 2026 the large ones sign
    /// no `clientAuth` beside `serverAuth` any more. Users are not affected.
    #[must_use]
    pub const fn accept_server_auth_of_initiating_servers(mut self, accept: bool) -> Self {
        self.server_auth_of_initiators = accept;
        self
    }

    /// With a certificate revocation list in DER (RFC 5280 section 5). It counts for the
    /// certificates of its authority, whose signature on it is checked with theirs.
    /// Once its `nextUpdate` has passed, they are refused.
    ///
    /// # Errors
    ///
    /// [`Refused::Unreadable`] if it is none.
    pub fn with_revocation_list(mut self, der: &[u8]) -> Result<Self, Refused> {
        let list = OwnedCertRevocationList::from_der(der).map_err(|_| Refused::Unreadable)?;
        self.lists.push(Arc::new(list.into()));
        Ok(self)
    }

    /// What it takes for a certificate not to be revoked.
    #[must_use]
    pub const fn with_revocation(mut self, revocation: Revocation) -> Self {
        self.revocation = revocation;
        self
    }

    /// Trusts a certificate or key for `domain`, whoever has issued it, whatever names are
    /// in it and whatever it is limited to. It must be valid now. Others may still prove
    /// the domain by an authority.
    #[must_use]
    pub fn trust(mut self, domain: DomainpartRef<'_>, pin: Pin) -> Self {
        self.pins.entry(Reference::of(domain)).or_default().trusted.push(pin);
        self
    }

    /// Accepts no certificate for `domain` but this, and the others that are required
    /// for it, beside all else that is checked.
    #[must_use]
    pub fn require(mut self, domain: DomainpartRef<'_>, pin: Pin) -> Self {
        self.pins.entry(Reference::of(domain)).or_default().required.push(pin);
        self
    }

    /// What `chain` proves, end entity first. `domain` is whom the peer claims to be: the
    /// `to` of the stream header that an initiating entity has sent, the `from` of one that a
    /// receiving entity has got (RFC 6120 section 13.7.2.1); never a name that DNS gave.
    /// For [`Purpose::ServerFromClient`] it is the domain of the host, and what is proved
    /// is that an authority stands for what is in it; see [`Proved::account`].
    ///
    /// `now` is in seconds since 1970-01-01T00:00:00Z. That the peer has the key is for
    /// the TLS handshake to check.
    ///
    /// A stream that carries several domains asks once for each.
    ///
    /// # Errors
    ///
    /// What is wrong.
    pub fn verify<C: AsRef<[u8]>>(
        &self,
        purpose: Purpose,
        chain: &[C],
        domain: DomainpartRef<'_>,
        now: u64,
    ) -> Result<Proved, Refused> {
        let reference = Reference::of(domain);
        let end_entity = chain.first().ok_or(Refused::NoCertificate)?.as_ref();
        if chain.len() > MAX_CERTIFICATES {
            return Err(Refused::TooManyCertificates);
        }
        let certificate = CertificateRef::read(end_entity)?;
        let identities = certificate.identities()?;
        let pins = self.pins.get(&reference);
        let has = |list: &[Pin]| list.iter().find(|pin| pin.is_of(&certificate)).copied();
        let (by, valid_until) = if let Some(pin) = pins.and_then(|pins| has(&pins.trusted)) {
            check_time(&certificate, now)?;
            (ProvedBy::Pin(pin), certificate.not_after())
        } else {
            let path = self.path(purpose, chain, &certificate, now)?;
            let by = match purpose {
                Purpose::ServerFromClient => {
                    for account in identities.accounts(domain) {
                        path.allow(&Reference::of(account.domainpart()))?;
                    }
                    ProvedBy::Authority
                }
                _ => ProvedBy::Identity(path.identity(&identities, &reference, purpose)?.clone()),
            };
            (by, path.valid_until)
        };
        let required = pins.map_or(&[][..], |pins| &pins.required);
        if !required.is_empty() && has(required).is_none() {
            return Err(Refused::Pin);
        }
        Ok(Proved { purpose, domain: domain.into_owned(), by, valid_until, identities })
    }

    /// Verifies as [`verify`](Self::verify) does, and makes a question to the driver of a
    /// certificate that is refused.
    ///
    /// # Errors
    ///
    /// The question.
    pub fn verify_or_ask<C: AsRef<[u8]>>(
        &self,
        purpose: Purpose,
        chain: &[C],
        domain: DomainpartRef<'_>,
        now: u64,
    ) -> Result<Proved, Box<CertificateQuery>> {
        self.verify(purpose, chain, domain, now)
            .map_err(|refused| Box::new(CertificateQuery::new(purpose, domain, chain, refused)))
    }

    /// The names of the authorities in DER: a hint for TLS clients that have several
    /// certificates.
    pub(crate) fn authorities(&self) -> impl Iterator<Item = &[u8]> {
        self.anchors.iter().map(|anchor| anchor.subject.as_ref())
    }

    pub(crate) const fn algorithms(&self) -> &WebPkiSupportedAlgorithms {
        &self.algorithms
    }

    /// A chain to an authority (RFC 5280 section 6).
    fn path<C: AsRef<[u8]>>(
        &self,
        purpose: Purpose,
        chain: &[C],
        certificate: &CertificateRef<'_>,
        now: u64,
    ) -> Result<Path, Refused> {
        let der = CertificateDer::from(certificate.der());
        let others = chain.iter().skip(1).map(|other| CertificateDer::from(other.as_ref()));
        let others: Vec<CertificateDer<'_>> = others.collect();
        let end_entity = EndEntityCert::try_from(&der).map_err(explain)?;
        let lists: Vec<&CertRevocationList<'_>> = self.lists.iter().map(|list| &**list).collect();
        let revocation = match RevocationOptionsBuilder::new(&lists) {
            Ok(builder) => Some(
                builder
                    .with_status_policy(match self.revocation {
                        Revocation::IfKnown => UnknownStatusPolicy::Allow,
                        Revocation::Required => UnknownStatusPolicy::Deny,
                    })
                    .with_expiration_policy(ExpirationPolicy::Enforce)
                    .build(),
            ),
            Err(_) if self.revocation == Revocation::Required => {
                return Err(Refused::RevocationUnknown);
            }
            Err(_) => None,
        };
        let usage = Usage::new(purpose, self.server_auth_of_initiators);
        let time = UnixTime::since_unix_epoch(Duration::from_secs(now));
        let found = end_entity.verify_for_usage(
            self.algorithms.all,
            &self.anchors,
            &others,
            time,
            usage,
            revocation,
            None,
        );
        match found {
            Ok(path) => Path::of(certificate, &path),
            Err(error) => Err(match explain(error) {
                Refused::UnknownAuthority if certificate.is_self_issued() => Refused::SelfSigned,
                refused => refused,
            }),
        }
    }
}

/// What is kept of a chain that was found.
struct Path {
    constraints: Vec<Vec<u8>>,
    valid_until: u64,
}

impl Path {
    fn of(certificate: &CertificateRef<'_>, path: &VerifiedPath<'_>) -> Result<Self, Refused> {
        let mut valid_until = certificate.not_after();
        let anchor = path.anchor().name_constraints.as_ref();
        let mut constraints: Vec<Vec<u8>> = anchor.map(|der| der.to_vec()).into_iter().collect();
        for other in path.intermediate_certificates() {
            let der = other.der();
            let other = CertificateRef::read(&der)?;
            valid_until = valid_until.min(other.not_after());
            constraints.extend(other.name_constraints()?.map(<[u8]>::to_vec));
        }
        Ok(Self { constraints, valid_until })
    }

    /// An identity of `reference`, which the authorities may sign.
    fn identity<'i>(
        &self,
        identities: &'i Identities,
        reference: &Reference,
        purpose: Purpose,
    ) -> Result<&'i Identity, Refused> {
        let found = identities.of_reference(reference, purpose).ok_or(Refused::Name)?;
        // Those of the others were checked with the chain.
        if matches!(found, Identity::SrvId { .. } | Identity::XmppAddr(_)) {
            self.allow(reference)?;
        }
        Ok(found)
    }

    fn allow(&self, reference: &Reference) -> Result<(), Refused> {
        let Reference::Name(name) = reference else { return Ok(()) };
        for constraints in &self.constraints {
            if !constraints::allow(constraints, name)? {
                return Err(Refused::NameConstraints);
            }
        }
        Ok(())
    }
}

fn check_time(certificate: &CertificateRef<'_>, now: u64) -> Result<(), Refused> {
    if now < certificate.not_before() {
        return Err(Refused::NotYetValid { from: certificate.not_before() });
    }
    if now > certificate.not_after() {
        return Err(Refused::Expired { at: certificate.not_after() });
    }
    Ok(())
}

fn explain(error: webpki::Error) -> Refused {
    use webpki::Error;
    match error {
        Error::CertExpired { not_after, .. } => Refused::Expired { at: not_after.as_secs() },
        Error::CertNotValidYet { not_before, .. } => {
            Refused::NotYetValid { from: not_before.as_secs() }
        }
        Error::UnknownIssuer => Refused::UnknownAuthority,
        Error::InvalidSignatureForPublicKey | Error::InvalidCrlSignatureForPublicKey => {
            Refused::BadSignature
        }
        Error::CaUsedAsEndEntity => Refused::AuthorityAsLeaf,
        Error::EndEntityUsedAsCa => Refused::LeafAsAuthority,
        Error::RequiredEkuNotFoundContext(_) | Error::EmptyEkuExtension => Refused::Usage,
        Error::NameConstraintViolation => Refused::NameConstraints,
        Error::PathLenConstraintViolated => Refused::PathLength,
        Error::CertRevoked => Refused::Revoked,
        Error::UnknownRevocationStatus => Refused::RevocationUnknown,
        Error::CrlExpired { .. } => Refused::RevocationListExpired,
        Error::UnsupportedSignatureAlgorithmContext(_)
        | Error::UnsupportedSignatureAlgorithmForPublicKeyContext(_)
        | Error::UnsupportedCrlSignatureAlgorithmContext(_)
        | Error::UnsupportedCrlSignatureAlgorithmForPublicKeyContext(_)
        | Error::SignatureAlgorithmMismatch => Refused::UnsupportedAlgorithm,
        Error::UnsupportedCriticalExtension => Refused::CriticalExtension,
        Error::MaximumNameConstraintComparisonsExceeded
        | Error::MaximumPathBuildCallsExceeded
        | Error::MaximumPathDepthExceeded
        | Error::MaximumSignatureChecksExceeded => Refused::TooCostly,
        Error::InvalidCertValidity => Refused::NeverValid,
        Error::BadDer
        | Error::BadDerTime
        | Error::ExtensionValueInvalid
        | Error::InvalidSerialNumber
        | Error::MalformedExtensions
        | Error::TrailingData(_)
        | Error::UnsupportedCertVersion => Refused::Unreadable,
        other => Refused::Other(other.to_string()),
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier")
            .field("authorities", &self.anchors.len())
            .field("revocation_lists", &self.lists.len())
            .field("revocation", &self.revocation)
            .field("server_auth_of_initiators", &self.server_auth_of_initiators)
            .field("pinned_domains", &self.pins.len())
            .finish_non_exhaustive()
    }
}

/// The domain that a name of TLS is.
pub(crate) fn domain_of(name: &::rustls::pki_types::ServerName<'_>) -> Option<Domainpart> {
    use ::rustls::pki_types::ServerName;
    let text = match name {
        ServerName::DnsName(name) => name.as_ref().to_string(),
        ServerName::IpAddress(ip) => match core::net::IpAddr::from(*ip) {
            core::net::IpAddr::V4(ip) => ip.to_string(),
            core::net::IpAddr::V6(ip) => alloc::format!("[{ip}]"),
        },
        _ => return None,
    };
    Domainpart::new(&text).ok()
}
