//! A certificate where it lies.

use core::fmt;

use super::der::{self, Values, explicit};
use super::{Identities, IdentitiesError, Unreadable};

/// A certificate in DER (RFC 5280 section 4.1), read where it lies: the fields that
/// XMPP looks at. Nothing of it is verified.
///
/// The subject's common name is not among them: it names no peer (RFC 9525
/// section 2).
#[derive(Clone, Copy)]
pub struct CertificateRef<'a> {
    der: &'a [u8],
    serial: &'a [u8],
    issuer: &'a [u8],
    subject: &'a [u8],
    public_key: &'a [u8],
    signature_algorithm: &'a [u8],
    not_before: u64,
    not_after: u64,
    extensions: Option<&'a [u8]>,
}

/// `id-ce-subjectAltName`, 2.5.29.17.
const SUBJECT_ALT_NAME: [u8; 3] = [0x55, 0x1d, 0x11];
/// `id-ce-nameConstraints`, 2.5.29.30.
#[cfg(feature = "tls")]
const NAME_CONSTRAINTS: [u8; 3] = [0x55, 0x1d, 0x1e];

impl<'a> CertificateRef<'a> {
    /// Reads a certificate, which has to be all of `der`.
    ///
    /// # Errors
    ///
    /// If it is none.
    pub fn read(der: &'a [u8]) -> Result<Self, Unreadable> {
        let mut outer = Values::of(der::only(der, der::SEQUENCE)?.contents)?;
        let signed = outer.expect(der::SEQUENCE)?;
        let algorithm = outer.expect(der::SEQUENCE)?;
        let signature_algorithm = Values::of(algorithm.contents)?.expect(der::OID)?.contents;

        let mut fields = Values::of(signed.contents)?;
        let mut serial = fields.next()?.ok_or(Unreadable)?;
        if serial.tag == explicit(0) {
            serial = fields.next()?.ok_or(Unreadable)?;
        }
        fields.expect(der::SEQUENCE)?;
        let issuer = fields.expect(der::SEQUENCE)?.whole;
        let mut validity = Values::of(fields.expect(der::SEQUENCE)?.contents)?;
        let not_before = der::time(validity.next()?.ok_or(Unreadable)?)?;
        let not_after = der::time(validity.next()?.ok_or(Unreadable)?)?;
        let subject = fields.expect(der::SEQUENCE)?.whole;
        let public_key = fields.expect(der::SEQUENCE)?.whole;
        let mut extensions = None;
        while let Some(field) = fields.next()? {
            if field.tag == explicit(3) {
                extensions = Some(der::only(field.contents, der::SEQUENCE)?.contents);
            }
        }
        Ok(Self {
            der,
            serial: serial.contents,
            issuer,
            subject,
            public_key,
            signature_algorithm,
            not_before,
            not_after,
            extensions,
        })
    }

    /// The certificate itself.
    pub const fn der(&self) -> &'a [u8] {
        self.der
    }

    /// The serial number, as the contents of an INTEGER.
    pub const fn serial(&self) -> &'a [u8] {
        self.serial
    }

    /// The issuer's `Name` in DER.
    pub const fn issuer(&self) -> &'a [u8] {
        self.issuer
    }

    /// The subject's `Name` in DER: for a lookup of a user whose certificate has no
    /// address in it (RFC 6120 section 13.7.2.2.1, sub-case 3).
    pub const fn subject(&self) -> &'a [u8] {
        self.subject
    }

    /// The `SubjectPublicKeyInfo` in DER.
    pub const fn public_key(&self) -> &'a [u8] {
        self.public_key
    }

    /// The object identifier of the signature on it: the contents of the DER.
    pub const fn signature_algorithm(&self) -> &'a [u8] {
        self.signature_algorithm
    }

    /// From when on it is valid: seconds since 1970-01-01T00:00:00Z.
    pub const fn not_before(&self) -> u64 {
        self.not_before
    }

    /// The last second in which it is valid: since 1970-01-01T00:00:00Z.
    pub const fn not_after(&self) -> u64 {
        self.not_after
    }

    /// Whether subject and issuer are the same. That the signature is its own is not
    /// verified.
    pub fn is_self_issued(&self) -> bool {
        self.issuer == self.subject
    }

    /// Whom it is for, from its `subjectAltName`.
    ///
    /// # Errors
    ///
    /// If that extension cannot be read, or has more in it than
    /// [`Identities::MAX`].
    pub fn identities(&self) -> Result<Identities, IdentitiesError> {
        match der::extension(self.extensions, &SUBJECT_ALT_NAME)? {
            Some(value) => Identities::read(value),
            None => Ok(Identities::default()),
        }
    }

    /// The value of the extension `nameConstraints`.
    #[cfg(feature = "tls")]
    pub(super) fn name_constraints(&self) -> Result<Option<&'a [u8]>, Unreadable> {
        der::extension(self.extensions, &NAME_CONSTRAINTS)
    }
}

impl fmt::Debug for CertificateRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CertificateRef")
            .field("bytes", &self.der.len())
            .field("not_before", &self.not_before)
            .field("not_after", &self.not_after)
            .field("identities", &self.identities())
            .finish_non_exhaustive()
    }
}
