//! Which certificates are trusted: chains to given anchors (RFC 5280 section 6,
//! by `rustls-webpki`), and certificates that were pinned; and which no more.

mod chain;

use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateRevocationListDer, SignatureVerificationAlgorithm, TrustAnchor};
use webpki::aws_lc_rs as wide;
use webpki::ring as algorithms;
use webpki::{CertRevocationList, OwnedCertRevocationList};

use crate::budget::Budget;
use crate::certificate::Certificate;
use crate::crypto::KeyKind;
use crate::time::Timestamp;

/// What a certificate is looked at for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "CMS does these two with a certificate")]
pub enum Purpose {
    /// To verify a signature.
    Sign,
    /// To encrypt.
    Encrypt,
}

/// The certificates that are trusted from the start, and those that are so no
/// more.
///
/// A certificate is good if it is pinned, or if a chain of at most six
/// intermediate authorities leads from it to an anchor; if what it says of
/// itself allows the purpose at the time ([`Certificate::check`]); and if it was
/// not revoked.
#[derive(Clone, Debug, Default)]
pub struct TrustStore {
    anchors: Vec<Anchor>,
    pinned: Vec<Certificate>,
    revoked: Vec<Certificate>,
    lists: Vec<Revocations>,
}

#[derive(Clone, Debug)]
struct Anchor {
    anchor: TrustAnchor<'static>,
    /// Its Name, a whole element.
    subject: Vec<u8>,
    key: Option<KeyKind>,
}

/// A list of revoked certificates. It is shared: they can be long.
#[derive(Clone)]
struct Revocations(std::sync::Arc<CertRevocationList<'static>>);

impl core::fmt::Debug for Revocations {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("CertRevocationList")
    }
}

impl TrustStore {
    /// One that trusts nobody.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Trusts what this certification authority certifies, directly or through
    /// others.
    ///
    /// # Errors
    ///
    /// [`CertificateError::Malformed`] if its name, key or constraints cannot be
    /// read.
    pub fn add_anchor(&mut self, authority: &Certificate) -> Result<(), CertificateError> {
        let der = authority.to_pki();
        let anchor = webpki::anchor_from_trusted_cert(&der)
            .map_err(|_| CertificateError::Malformed)?
            .to_owned();
        let (subject, key) = (authority.subject().to_vec(), authority.key_kind());
        self.anchors.push(Anchor { anchor, subject, key });
        Ok(())
    }

    /// Trusts this very certificate, whoever issued it: for self-signed ones
    /// whose fingerprints people have compared.
    pub fn pin(&mut self, certificate: Certificate) {
        self.pinned.push(certificate);
    }

    /// Trusts this very certificate no more, whoever issued it and whether it is
    /// pinned or not.
    pub fn revoke(&mut self, certificate: Certificate) {
        if !self.revoked.contains(&certificate) {
            self.revoked.push(certificate);
        }
    }

    /// Trusts the certificates on this list no more (a CertificateList,
    /// RFC 5280 section 5, in DER or PEM). It counts for what its issuer issued, if the issuer
    /// signed it, which is checked where it is used. What is on an outdated list
    /// stays revoked; what is on none is not. Fetching newer ones is the
    /// application's.
    ///
    /// # Errors
    ///
    /// [`CertificateError::Malformed`] if it is no such list, or one of a kind
    /// that is not supported, such as a delta.
    pub fn add_revocation_list(&mut self, list: &[u8]) -> Result<(), CertificateError> {
        let pem = CertificateRevocationListDer::from_pem_slice(list).ok();
        let list = OwnedCertRevocationList::from_der(pem.as_deref().unwrap_or(list))
            .map_err(|_| CertificateError::Malformed)?;
        self.lists.push(Revocations(std::sync::Arc::new(list.into())));
        Ok(())
    }

    /// Whether `certificate` may be used for `purpose` at `now`; `others` are
    /// the certificates at hand that may link it to an anchor. At most eight of
    /// them are looked at.
    ///
    /// # Errors
    ///
    /// Each variant of [`CertificateError`] says for what.
    pub fn check(
        &self,
        certificate: &Certificate,
        others: &[Certificate],
        purpose: Purpose,
        now: Timestamp,
    ) -> Result<(), CertificateError> {
        let others: Vec<&Certificate> = others.iter().collect();
        self.check_within(certificate, &others, purpose, now, &mut Budget::new())
    }

    /// [`check`](Self::check) as a part of a longer piece of work.
    pub(crate) fn check_within(
        &self,
        certificate: &Certificate,
        others: &[&Certificate],
        purpose: Purpose,
        now: Timestamp,
        budget: &mut Budget,
    ) -> Result<(), CertificateError> {
        certificate.check(purpose, now)?;
        if self.revoked.contains(certificate) {
            return Err(CertificateError::Revoked);
        }
        if self.pinned.contains(certificate) {
            return Ok(());
        }
        chain::find(self, certificate, others, now, budget)
    }
}

/// What certificates may be signed with: RFC 8550 section 4.3 without what is
/// historic there, SHA-1 and RSA below 2048 bits above all.
const SIGNATURES: &[&dyn SignatureVerificationAlgorithm] = &[
    algorithms::ECDSA_P256_SHA256,
    algorithms::ECDSA_P256_SHA384,
    algorithms::ECDSA_P384_SHA256,
    algorithms::ECDSA_P384_SHA384,
    algorithms::ED25519,
    algorithms::RSA_PKCS1_2048_8192_SHA256,
    algorithms::RSA_PKCS1_2048_8192_SHA384,
    algorithms::RSA_PKCS1_2048_8192_SHA512,
    algorithms::RSA_PSS_2048_8192_SHA256_LEGACY_KEY,
    algorithms::RSA_PSS_2048_8192_SHA384_LEGACY_KEY,
    algorithms::RSA_PSS_2048_8192_SHA512_LEGACY_KEY,
    // What ring has not.
    wide::ECDSA_P256_SHA512,
    wide::ECDSA_P384_SHA512,
    wide::ECDSA_P521_SHA256,
    wide::ECDSA_P521_SHA384,
    wide::ECDSA_P521_SHA512,
];

/// Whether certificates may be signed with the algorithm of these contents of an
/// AlgorithmIdentifier.
pub(crate) fn is_accepted(algorithm: &[u8]) -> bool {
    SIGNATURES.iter().any(|known| known.signature_alg_id().as_ref() == algorithm)
}

/// Why a certificate is not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CertificateError {
    /// It, or one on its chain, is not what RFC 5280 says.
    Malformed,
    /// It, or one on its chain, has expired.
    Expired,
    /// It, or one on its chain, is not valid yet.
    NotYetValid,
    /// It, or one on its chain, was revoked.
    Revoked,
    /// No chain leads from it to an anchor, and it is not pinned.
    UnknownIssuer,
    /// Its usages do not allow the purpose.
    WrongUsage,
    /// Its key is RSA of less than 2048 or more than 4096 bits.
    KeyLength,
    /// It has a critical extension that is not understood.
    CriticalExtension,
    /// The signature of a certificate on the chain is wrong, or its algorithm is
    /// not accepted.
    Signature,
    /// So many certificates came that finding out costs too much.
    TooCostly,
    /// Another rule of RFC 5280 section 6 is broken, in `webpki`'s words.
    Path(String),
}

impl From<crate::budget::Exhausted> for CertificateError {
    fn from(_: crate::budget::Exhausted) -> Self {
        Self::TooCostly
    }
}

impl core::fmt::Display for CertificateError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Malformed => "a certificate is malformed (RFC 5280 section 4)",
            Self::Expired => "a certificate has expired",
            Self::NotYetValid => "a certificate is not valid yet",
            Self::Revoked => "a certificate was revoked",
            Self::UnknownIssuer => "no chain leads from the certificate to a trust anchor",
            Self::WrongUsage => {
                "the certificate's key usage does not allow this (RFC 8550 section 4.4)"
            }
            Self::KeyLength => {
                "the certificate's RSA key does not have 2048 to 4096 bits (RFC 8551 section 4.5)"
            }
            Self::CriticalExtension => {
                "the certificate has a critical extension that is not understood \
                 (RFC 5280 section 4.2)"
            }
            Self::Signature => "a certificate's signature is wrong or not accepted",
            Self::TooCostly => "so many certificates came that to find a chain costs too much",
            Self::Path(why) => {
                return write!(f, "the chain is not valid (RFC 5280 section 6): {why}");
            }
        })
    }
}

impl core::error::Error for CertificateError {}
