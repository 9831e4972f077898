//! Certificates and keys that are known beforehand.

use core::fmt;

/// One certificate, or one key whatever certificate it is in; by its SHA-256.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(clippy::exhaustive_enums, reason = "the two selectors of RFC 6698 section 2.1.2")]
pub enum Pin {
    /// The whole certificate in DER.
    Certificate([u8; 32]),
    /// Its `SubjectPublicKeyInfo` in DER: outlives renewals that keep the key.
    PublicKey([u8; 32]),
}

#[cfg(feature = "tls")]
impl Pin {
    /// Of a certificate in DER.
    pub fn of_certificate(der: &[u8]) -> Self {
        Self::Certificate(sha256(der))
    }

    /// Of the key in a certificate.
    pub fn of_public_key(certificate: &super::CertificateRef<'_>) -> Self {
        Self::PublicKey(sha256(certificate.public_key()))
    }

    pub(super) fn is_of(&self, certificate: &super::CertificateRef<'_>) -> bool {
        match self {
            Self::Certificate(hash) => *hash == sha256(certificate.der()),
            Self::PublicKey(hash) => *hash == sha256(certificate.public_key()),
        }
    }
}

#[cfg(feature = "tls")]
fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    let digest = ring::digest::digest(&ring::digest::SHA256, bytes);
    hash.iter_mut().zip(digest.as_ref()).for_each(|(to, from)| *to = *from);
    hash
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, hash) = match self {
            Self::Certificate(hash) => ("Certificate", hash),
            Self::PublicKey(hash) => ("PublicKey", hash),
        };
        write!(f, "{name}(")?;
        hash.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_str(")")
    }
}
