//! X.509 certificates, as far as S/MIME and RFC 3923 look into them.

mod build;
mod names;

use core::ops::Range;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use der::Decode;
use der::asn1::{GeneralizedTime, UtcTime};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use xmpp_jid::BareJid;

use crate::asn1::{
    BIT_STRING, Element, Fields, INTEGER, Malformed, OCTET_STRING, OID, SEQUENCE, explicit, oid,
};
use crate::crypto::{KeyKind, PublicKey};
use crate::time::Timestamp;

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
    key: Option<(KeyKind, Range<usize>)>,
    subject_key_identifier: Option<Range<usize>>,
    /// The bits of KeyUsage, the first being the most significant.
    key_usage: Option<u16>,
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
        let mut tbs = fields.take(SEQUENCE, "a TBSCertificate")?.fields();
        fields.take(SEQUENCE, "signatureAlgorithm")?;
        fields.take(BIT_STRING, "signatureValue")?;
        fields.end("the end of the Certificate")?;

        tbs.optional(explicit(0), "version")?;
        let range = |element: Element<'_>| {
            let start = element.whole.as_ptr() as usize - der.as_ptr() as usize;
            start..start + element.whole.len()
        };
        let serial = range(tbs.take(INTEGER, "serialNumber")?);
        tbs.take(SEQUENCE, "signature")?;
        let issuer = range(tbs.take(SEQUENCE, "issuer")?);
        let mut validity = tbs.take(SEQUENCE, "validity")?.fields();
        let not_before = time(validity.any("notBefore")?)?;
        let not_after = time(validity.any("notAfter")?)?;
        let subject = range(tbs.take(SEQUENCE, "subject")?);
        let key = PublicKey::parse(tbs.take(SEQUENCE, "subjectPublicKeyInfo")?)?.map(|key| {
            let start = key.octets.as_ptr() as usize - der.as_ptr() as usize;
            (key.kind, start..start + key.octets.len())
        });
        tbs.optional(0x81, "issuerUniqueID")?;
        tbs.optional(0x82, "subjectUniqueID")?;

        let mut inner = Inner {
            der: Vec::new(),
            issuer,
            serial,
            subject,
            key,
            subject_key_identifier: None,
            key_usage: None,
            not_before,
            not_after,
            addresses: Vec::new(),
        };
        if let Some(extensions) = tbs.optional(explicit(3), "extensions")? {
            let mut list = extensions.fields().take(SEQUENCE, "Extensions")?.fields();
            while !list.is_empty() {
                let mut extension = list.take(SEQUENCE, "an Extension")?.fields();
                let id = extension.take(OID, "extnID")?.value;
                extension.optional(0x01, "critical")?;
                let value = extension.take(OCTET_STRING, "extnValue")?.fields();
                inner.extension(id, value, der)?;
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
        self.0.key.as_ref().map(|(kind, _)| *kind)
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

    /// Whether its key may sign (RFC 8550 section 4.4.2): it is of such a kind,
    /// and KeyUsage, if there, says digitalSignature or nonRepudiation.
    #[must_use]
    pub fn may_sign(&self) -> bool {
        const DIGITAL_SIGNATURE: u16 = 0x8000;
        const NON_REPUDIATION: u16 = 0x4000;
        self.key_kind().is_some_and(KeyKind::can_sign)
            && self.0.key_usage.is_none_or(|bits| bits & (DIGITAL_SIGNATURE | NON_REPUDIATION) != 0)
    }

    /// Whether one may encrypt to its key: it is of such a kind, and KeyUsage,
    /// if there, says keyEncipherment (RSA) or keyAgreement (the others).
    #[must_use]
    pub fn may_encrypt(&self) -> bool {
        const KEY_ENCIPHERMENT: u16 = 0x2000;
        const KEY_AGREEMENT: u16 = 0x0800;
        let Some(kind) = self.key_kind().filter(|kind| kind.can_encrypt()) else { return false };
        let wanted = if kind == KeyKind::Rsa { KEY_ENCIPHERMENT } else { KEY_AGREEMENT };
        self.0.key_usage.is_none_or(|bits| bits & wanted != 0)
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

    pub(crate) fn public_key(&self) -> Option<PublicKey<'_>> {
        let (kind, range) = self.0.key.as_ref()?;
        Some(PublicKey { kind: *kind, octets: &self.0.der[range.clone()] })
    }

    pub(crate) fn to_pki(&self) -> CertificateDer<'_> {
        CertificateDer::from(self.der())
    }
}

impl Inner {
    fn extension(&mut self, id: &[u8], mut value: Fields<'_>, der: &[u8]) -> Result<(), Malformed> {
        if id == oid::SUBJECT_KEY_IDENTIFIER {
            let octets = value.take(OCTET_STRING, "a SubjectKeyIdentifier")?.value;
            let start = octets.as_ptr() as usize - der.as_ptr() as usize;
            self.subject_key_identifier = Some(start..start + octets.len());
        } else if id == oid::KEY_USAGE {
            let bits = value.take(BIT_STRING, "a KeyUsage")?;
            let octet = |i| u16::from(bits.value.get(i).copied().unwrap_or(0));
            self.key_usage = Some(octet(1) << 8 | octet(2));
        } else if id == oid::SUBJECT_ALT_NAME {
            self.addresses = names::addresses(value)?;
        }
        Ok(())
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

/// `Time` (RFC 5280 section 4.1.2.5).
fn time(element: Element<'_>) -> Result<Timestamp, Malformed> {
    UtcTime::from_der(element.whole)
        .map(|time| time.to_unix_duration())
        .or_else(|_| GeneralizedTime::from_der(element.whole).map(|time| time.to_unix_duration()))
        .map(Timestamp::from_unix)
        .map_err(|_| element.malformed("a Time (RFC 5280 section 4.1.2.5)"))
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

impl core::error::Error for PemError {}
