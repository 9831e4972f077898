//! X.509 certificates, as far as S/MIME and RFC 3923 look into them.

mod build;
mod names;

use core::ops::Range;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use xmpp_jid::BareJid;

use crate::asn1::{
    BIT_STRING, BOOLEAN, Element, Fields, INTEGER, Malformed, OCTET_STRING, OID, SEQUENCE,
    explicit, implicit, oid, read_time,
};
use crate::crypto::{KeyKind, PublicKey, RsaUse};
use crate::time::Timestamp;
use crate::trust::{CertificateError, Purpose};

pub use build::{BuildError, CertificateBuilder};
pub use names::{AddressForm, CertificateAddress};

/// An X.509 certificate: its octets, and what of it this crate needs.
///
/// Reading one proves nothing; whether it is to be trusted, a
/// [`TrustStore`](crate::TrustStore) says. Cloning is cheap.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate(Arc<Inner>);

#[derive(PartialEq, Eq)]
struct Inner {
    der: Vec<u8>,
    /// The issuer's Name, the serial number and the subject's Name, each a whole
    /// element.
    issuer: Range<usize>,
    serial: Range<usize>,
    subject: Range<usize>,
    key: Option<(KeyKind, Range<usize>, RsaUse)>,
    /// What is signed, by which algorithm (its contents), and the signature.
    tbs: Range<usize>,
    signed_with: Range<usize>,
    signature: Range<usize>,
    subject_key_identifier: Option<Range<usize>>,
    authority_key_identifier: Option<Range<usize>>,
    /// The bits of KeyUsage, the first being the most significant.
    key_usage: Option<u16>,
    /// Whether ExtendedKeyUsage, if there, has a purpose of ours.
    for_mail: Option<bool>,
    /// An extension is critical that nobody here understands.
    unknown_critical: bool,
    not_before: Timestamp,
    not_after: Timestamp,
    addresses: Vec<CertificateAddress>,
}

impl Certificate {
    /// Reads a certificate in DER.
    ///
    /// # Errors
    ///
    /// If it does not follow RFC 5280 as far as this crate looks: the outline,
    /// the validity, and the extensions for key identifier, key usage and names.
    pub fn from_der(der: &[u8]) -> Result<Self, Malformed> {
        let mut outer = Fields::new(der);
        let certificate = outer.take(SEQUENCE, "a Certificate (RFC 5280 section 4.1)")?;
        outer.end("the end of the Certificate")?;
        let mut fields = certificate.fields();
        let tbs_certificate = fields.take(SEQUENCE, "a TBSCertificate")?;
        let mut tbs = tbs_certificate.fields();
        let signed_with = fields.take(SEQUENCE, "signatureAlgorithm")?;
        let signature = fields.take(BIT_STRING, "signatureValue")?;
        fields.end("the end of the Certificate")?;

        tbs.optional(explicit(0), "version")?;
        let within = |octets: &[u8]| {
            let start = octets.as_ptr() as usize - der.as_ptr() as usize;
            start..start + octets.len()
        };
        let range = |element: Element<'_>| within(element.whole);
        let serial = range(tbs.take(INTEGER, "serialNumber")?);
        tbs.take(SEQUENCE, "signature")?;
        let issuer = range(tbs.take(SEQUENCE, "issuer")?);
        let mut validity = tbs.take(SEQUENCE, "validity")?.fields();
        let not_before = time(validity.any("notBefore")?)?;
        let not_after = time(validity.any("notAfter")?)?;
        let subject = range(tbs.take(SEQUENCE, "subject")?);
        let key = PublicKey::parse(tbs.take(SEQUENCE, "subjectPublicKeyInfo")?)?
            .map(|key| (key.kind, within(key.octets), key.rsa_use));
        tbs.optional(0x81, "issuerUniqueID")?;
        tbs.optional(0x82, "subjectUniqueID")?;

        let mut inner = Inner {
            der: Vec::new(),
            issuer,
            serial,
            subject,
            key,
            tbs: range(tbs_certificate),
            signed_with: within(signed_with.value),
            signature: within(signature.value.get(1..).unwrap_or_default()),
            subject_key_identifier: None,
            authority_key_identifier: None,
            key_usage: None,
            for_mail: None,
            unknown_critical: false,
            not_before,
            not_after,
            addresses: Vec::new(),
        };
        if let Some(extensions) = tbs.optional(explicit(3), "extensions")? {
            let mut list = extensions.fields().take(SEQUENCE, "Extensions")?.fields();
            let mut seen: Vec<&[u8]> = Vec::new();
            while !list.is_empty() {
                let whole = list.take(SEQUENCE, "an Extension")?;
                let mut extension = whole.fields();
                let id = extension.take(OID, "extnID")?.value;
                // RFC 5280 section 4.2: no extension twice.
                if seen.len() == MAX_EXTENSIONS || seen.contains(&id) {
                    return Err(whole.malformed("at most 64 extensions, none of them twice"));
                }
                seen.push(id);
                let critical = extension.optional(BOOLEAN, "critical")?;
                let value = extension.take(OCTET_STRING, "extnValue")?.fields();
                let understood = inner.extension(id, value, der)?;
                inner.unknown_critical |= critical.is_some_and(|c| c.value != [0]) && !understood;
            }
        }
        inner.der = der.to_vec();
        Ok(Self(Arc::new(inner)))
    }

    /// Every `CERTIFICATE` section of a PEM file, in order.
    ///
    /// # Errors
    ///
    /// [`PemError::Pem`] if a section is not closed or not base64,
    /// [`PemError::Certificate`] if one is not a certificate.
    pub fn from_pem(pem: &[u8]) -> Result<Vec<Self>, PemError> {
        CertificateDer::pem_slice_iter(pem)
            .map(|der| {
                let der = der.map_err(|_| PemError::Pem)?;
                Self::from_der(&der).map_err(PemError::Certificate)
            })
            .collect()
    }

    /// As PEM (RFC 7468).
    #[must_use]
    pub fn to_pem(&self) -> String {
        to_pem("CERTIFICATE", self.der())
    }

    /// Its octets.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.0.der
    }

    /// What kind of key it certifies; `None` if it is none of [`KeyKind`]'s.
    #[must_use]
    pub fn key_kind(&self) -> Option<KeyKind> {
        self.0.key.as_ref().map(|(kind, ..)| *kind)
    }

    /// The XMPP addresses in its subjectAltName, in order. The subject's
    /// distinguished name is not looked at (RFC 3923 section 6.3).
    #[must_use]
    pub fn addresses(&self) -> &[CertificateAddress] {
        &self.0.addresses
    }

    /// Whether one of its addresses is `address`.
    #[must_use]
    pub fn is_for(&self, address: &BareJid) -> bool {
        self.addresses().iter().any(|found| found.jid().as_ref() == Some(address))
    }

    /// Since when it is valid.
    #[must_use]
    pub fn not_before(&self) -> Timestamp {
        self.0.not_before
    }

    /// Until when it is valid.
    #[must_use]
    pub fn not_after(&self) -> Timestamp {
        self.0.not_after
    }

    /// Whether it may be used for `purpose` at `now`, by what it says itself: its
    /// dates, key usage and extended key usage (RFC 8550 section 4.4), critical
    /// extensions, the length of its key, and the algorithm it is signed with.
    /// Who signed it is another question: a
    /// [`TrustStore`](crate::TrustStore)'s.
    ///
    /// # Errors
    ///
    /// The first of these that does not allow it.
    pub fn check(&self, purpose: Purpose, now: Timestamp) -> Result<(), CertificateError> {
        let allowed = match purpose {
            Purpose::Sign => self.may_sign(),
            Purpose::Encrypt => self.may_encrypt(),
        };
        if !allowed {
            return Err(CertificateError::WrongUsage);
        }
        if !self.public_key().is_some_and(|key| key.is_long_enough()) {
            return Err(CertificateError::KeyLength);
        }
        if self.0.unknown_critical {
            return Err(CertificateError::CriticalExtension);
        }
        if !crate::trust::is_accepted(self.signed_with()) {
            return Err(CertificateError::Signature);
        }
        if now < self.not_before() {
            Err(CertificateError::NotYetValid)
        } else if now > self.not_after() {
            Err(CertificateError::Expired)
        } else {
            Ok(())
        }
    }

    /// Whether its usages let its key sign (RFC 8550 section 4.4): it is of such
    /// a kind; KeyUsage, if there, says digitalSignature or nonRepudiation; and
    /// ExtendedKeyUsage, if there, emailProtection or anyExtendedKeyUsage.
    #[must_use]
    pub fn may_sign(&self) -> bool {
        const DIGITAL_SIGNATURE: u16 = 0x8000;
        const NON_REPUDIATION: u16 = 0x4000;
        self.key_kind().is_some_and(KeyKind::can_sign)
            && self.0.key_usage.is_none_or(|bits| bits & (DIGITAL_SIGNATURE | NON_REPUDIATION) != 0)
            && self.0.for_mail.unwrap_or(true)
    }

    /// Whether its usages let one encrypt to its key: it is of such a kind;
    /// KeyUsage, if there, says keyEncipherment (RSA) or keyAgreement (the
    /// others); and ExtendedKeyUsage as in [`may_sign`](Self::may_sign).
    #[must_use]
    pub fn may_encrypt(&self) -> bool {
        const KEY_ENCIPHERMENT: u16 = 0x2000;
        const KEY_AGREEMENT: u16 = 0x0800;
        let Some((kind, _, rsa_use)) = &self.0.key else { return false };
        let wanted = if *kind == KeyKind::Rsa { KEY_ENCIPHERMENT } else { KEY_AGREEMENT };
        kind.can_encrypt()
            && *rsa_use == RsaUse::Any
            && self.0.key_usage.is_none_or(|bits| bits & wanted != 0)
            && self.0.for_mail.unwrap_or(true)
    }

    /// The contents of an IssuerAndSerialNumber that means this certificate.
    pub(crate) fn write_issuer_and_serial(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0.der[self.0.issuer.clone()]);
        out.extend_from_slice(&self.0.der[self.0.serial.clone()]);
    }

    /// Whether the contents of an IssuerAndSerialNumber mean this certificate.
    pub(crate) fn is_issuer_and_serial(&self, contents: &[u8]) -> bool {
        let issuer = &self.0.der[self.0.issuer.clone()];
        contents
            .strip_prefix(issuer)
            .is_some_and(|serial| serial == &self.0.der[self.0.serial.clone()])
    }

    /// The subject's Name, a whole element.
    pub(crate) fn subject(&self) -> &[u8] {
        &self.0.der[self.0.subject.clone()]
    }

    pub(crate) fn is_key_identifier(&self, octets: &[u8]) -> bool {
        self.0.subject_key_identifier.clone().is_some_and(|range| &self.0.der[range] == octets)
    }

    /// The issuer's Name, a whole element.
    pub(crate) fn issuer(&self) -> &[u8] {
        &self.0.der[self.0.issuer.clone()]
    }

    /// Whether the key of `issuer` is the one this says it is signed with, as far
    /// as key identifiers tell.
    pub(crate) fn names_key_of(&self, issuer: &Self) -> bool {
        match &self.0.authority_key_identifier {
            Some(range) => issuer.is_key_identifier(&self.0.der[range.clone()]),
            None => false,
        }
    }

    /// The contents of the AlgorithmIdentifier it is signed with.
    pub(crate) fn signed_with(&self) -> &[u8] {
        &self.0.der[self.0.signed_with.clone()]
    }

    /// What is signed, and the signature.
    pub(crate) fn signed(&self) -> (&[u8], &[u8]) {
        (&self.0.der[self.0.tbs.clone()], &self.0.der[self.0.signature.clone()])
    }

    pub(crate) fn public_key(&self) -> Option<PublicKey<'_>> {
        let (kind, range, rsa_use) = self.0.key.as_ref()?;
        Some(PublicKey { kind: *kind, octets: &self.0.der[range.clone()], rsa_use: *rsa_use })
    }

    pub(crate) fn to_pki(&self) -> CertificateDer<'_> {
        CertificateDer::from(self.der())
    }
}

/// More extensions than any certificate has.
const MAX_EXTENSIONS: usize = 64;

impl Inner {
    /// Takes in an extension; tells whether it is one that is understood here or
    /// by the library that validates chains.
    fn extension(
        &mut self,
        id: &[u8],
        mut value: Fields<'_>,
        der: &[u8],
    ) -> Result<bool, Malformed> {
        let range = |octets: &[u8]| {
            let start = octets.as_ptr() as usize - der.as_ptr() as usize;
            start..start + octets.len()
        };
        if id == oid::SUBJECT_KEY_IDENTIFIER {
            let octets = value.take(OCTET_STRING, "a SubjectKeyIdentifier")?.value;
            self.subject_key_identifier = Some(range(octets));
        } else if id == oid::AUTHORITY_KEY_IDENTIFIER {
            let mut fields = value.take(SEQUENCE, "an AuthorityKeyIdentifier")?.fields();
            let octets = fields.optional(implicit(0), "a keyIdentifier")?;
            self.authority_key_identifier = octets.map(|element| range(element.value));
        } else if id == oid::KEY_USAGE {
            let bits = value.take(BIT_STRING, "a KeyUsage")?;
            let octet = |i| u16::from(bits.value.get(i).copied().unwrap_or(0));
            self.key_usage = Some(octet(1) << 8 | octet(2));
        } else if id == oid::EXTENDED_KEY_USAGE {
            // RFC 8550 section 4.4.4. RFC 3923 names no purpose of its own.
            let mut purposes = value.take(SEQUENCE, "an ExtKeyUsageSyntax")?.fields();
            let mut ours = false;
            while !purposes.is_empty() {
                let purpose = purposes.take(OID, "a KeyPurposeId")?.value;
                ours |= purpose == oid::EMAIL_PROTECTION || purpose == oid::ANY_EXTENDED_KEY_USAGE;
            }
            self.for_mail = Some(ours);
        } else if id == oid::SUBJECT_ALT_NAME {
            self.addresses = names::addresses(value)?;
        } else {
            return Ok([
                oid::BASIC_CONSTRAINTS,
                oid::NAME_CONSTRAINTS,
                oid::CRL_DISTRIBUTION_POINTS,
            ]
            .contains(&id));
        }
        Ok(true)
    }
}

impl core::fmt::Debug for Certificate {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Certificate")
            .field("key", &self.key_kind())
            .field("octets", &self.0.der.len())
            .finish_non_exhaustive()
    }
}

fn time(element: Element<'_>) -> Result<Timestamp, Malformed> {
    read_time(element).ok_or_else(|| element.malformed("a Time (RFC 5280 section 4.1.2.5)"))
}

/// One section of PEM (RFC 7468), such as a `PRIVATE KEY` that was
/// [generated](crate::PrivateKey::generate).
#[must_use]
pub fn to_pem(label: &str, der: &[u8]) -> String {
    let mut out = format!("-----BEGIN {label}-----\n");
    for piece in der.chunks(48) {
        STANDARD.encode_string(piece, &mut out);
        out.push('\n');
    }
    out.push_str(&format!("-----END {label}-----\n"));
    out
}

/// Why a PEM file gives no certificates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PemError {
    /// The file is not PEM (RFC 7468).
    Pem,
    /// A section is not a certificate.
    Certificate(Malformed),
}

impl core::fmt::Display for PemError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Pem => f.write_str("a PEM section is not closed or not base64 (RFC 7468)"),
            Self::Certificate(malformed) => {
                write!(f, "a PEM section CERTIFICATE holds none: {malformed}")
            }
        }
    }
}

impl core::error::Error for PemError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Pem => None,
            Self::Certificate(malformed) => Some(malformed),
        }
    }
}
