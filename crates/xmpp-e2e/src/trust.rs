//! Which certificates are trusted: chains to given anchors (RFC 5280 section 6,
//! by `rustls-webpki`), and certificates that were pinned.

use rustls_pki_types::{SignatureVerificationAlgorithm, TrustAnchor, UnixTime};
use webpki::ring as algorithms;
use webpki::{
    EndEntityCert, ExtendedKeyUsageValidator, KeyPurposeId, KeyPurposeIdIter, KeyUsage,
    RequiredEkuNotFoundContext,
};

use crate::asn1::oid;
use crate::certificate::Certificate;
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

/// The certificates that are trusted from the start.
///
/// A certificate is good if it is pinned, or if a chain leads from it to an
/// anchor; and if it is valid now, and its usages allow the purpose.
#[derive(Clone, Debug, Default)]
pub struct TrustStore {
    anchors: Vec<TrustAnchor<'static>>,
    pinned: Vec<Certificate>,
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
        let anchor =
            webpki::anchor_from_trusted_cert(&der).map_err(|_| CertificateError::Malformed)?;
        self.anchors.push(anchor.to_owned());
        Ok(())
    }

    /// Trusts this very certificate, whoever issued it: for self-signed ones
    /// whose fingerprints people have compared.
    pub fn pin(&mut self, certificate: Certificate) {
        self.pinned.push(certificate);
    }

    /// Whether `certificate` may be used for `purpose` at `now`; `others` are
    /// the certificates at hand that may link it to an anchor.
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
        let allowed = match purpose {
            Purpose::Sign => certificate.may_sign(),
            Purpose::Encrypt => certificate.may_encrypt(),
        };
        if !allowed {
            return Err(CertificateError::WrongUsage);
        }
        if self.pinned.contains(certificate) {
            return if now < certificate.not_before() {
                Err(CertificateError::NotYetValid)
            } else if now > certificate.not_after() {
                Err(CertificateError::Expired)
            } else {
                Ok(())
            };
        }
        let der = certificate.to_pki();
        let end_entity = EndEntityCert::try_from(&der).map_err(explain)?;
        let others: Vec<_> = others.iter().map(Certificate::to_pki).collect();
        end_entity
            .verify_for_usage(
                SIGNATURES,
                &self.anchors,
                &others,
                UnixTime::since_unix_epoch(now.since_unix()),
                Usage,
                None,
                None,
            )
            .map_err(explain)?;
        Ok(())
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
];

/// RFC 8550 section 4.4.4: if extended key usage is there, it says
/// emailProtection or anyExtendedKeyUsage. RFC 3923 names no purpose of its own.
struct Usage;

impl ExtendedKeyUsageValidator for Usage {
    fn validate(&self, purposes: KeyPurposeIdIter<'_, '_>) -> Result<(), webpki::Error> {
        let wanted = [
            KeyPurposeId::new(oid::EMAIL_PROTECTION),
            KeyPurposeId::new(oid::ANY_EXTENDED_KEY_USAGE),
        ];
        let mut present = Vec::new();
        for purpose in purposes {
            let purpose = purpose?;
            if wanted.contains(&purpose) {
                return Ok(());
            }
            present.push(purpose.to_decoded_oid());
        }
        if present.is_empty() {
            return Ok(());
        }
        let required = KeyUsage::required(oid::EMAIL_PROTECTION);
        Err(webpki::Error::RequiredEkuNotFoundContext(RequiredEkuNotFoundContext {
            required,
            present,
        }))
    }
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
    /// No chain leads from it to an anchor, and it is not pinned.
    UnknownIssuer,
    /// Its usages do not allow the purpose.
    WrongUsage,
    /// The signature of a certificate on the chain is wrong, or its algorithm is
    /// not accepted.
    Signature,
    /// Another rule of RFC 5280 section 6 is broken, in `webpki`'s words.
    Path(String),
}

fn explain(error: webpki::Error) -> CertificateError {
    use webpki::Error;
    match error {
        Error::CertExpired { .. } => CertificateError::Expired,
        Error::CertNotValidYet { .. } => CertificateError::NotYetValid,
        Error::UnknownIssuer => CertificateError::UnknownIssuer,
        Error::RequiredEkuNotFoundContext(_) => CertificateError::WrongUsage,
        Error::InvalidSignatureForPublicKey
        | Error::UnsupportedSignatureAlgorithmContext(_)
        | Error::UnsupportedSignatureAlgorithmForPublicKeyContext(_)
        | Error::SignatureAlgorithmMismatch => CertificateError::Signature,
        Error::BadDer | Error::BadDerTime | Error::TrailingData(_) => CertificateError::Malformed,
        other => CertificateError::Path(format!("{other:?}")),
    }
}

impl core::fmt::Display for CertificateError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Malformed => f.write_str("a certificate is malformed (RFC 5280 section 4)"),
            Self::Expired => f.write_str("a certificate has expired"),
            Self::NotYetValid => f.write_str("a certificate is not valid yet"),
            Self::UnknownIssuer => {
                f.write_str("no chain leads from the certificate to a trust anchor")
            }
            Self::WrongUsage => f.write_str(
                "the certificate's key usage does not allow this (RFC 8550 section 4.4)",
            ),
            Self::Signature => f.write_str("a certificate's signature is wrong or not accepted"),
            Self::Path(why) => write!(f, "the chain is not valid (RFC 5280 section 6): {why}"),
        }
    }
}

impl core::error::Error for CertificateError {}
