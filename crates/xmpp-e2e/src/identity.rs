//! A key with the certificates that go with it.

use crate::certificate::Certificate;
use crate::crypto::PrivateKey;

/// A private key, its certificate, and the certificates that lead from there
/// to an anchor others may have.
///
/// Whoever signs with one key and decrypts with another (Ed25519 and X25519, to
/// say) has two identities.
#[derive(Debug)]
pub struct Identity {
    key: PrivateKey,
    certificate: Certificate,
    chain: Vec<Certificate>,
}

impl Identity {
    /// `certificates` begins with that of the key; the others, intermediate
    /// authorities, are sent along with it.
    ///
    /// # Errors
    ///
    /// [`OtherKey`] if there is no certificate, or the first is for another key.
    pub fn new(
        key: PrivateKey,
        certificates: impl IntoIterator<Item = Certificate>,
    ) -> Result<Self, OtherKey> {
        let mut certificates = certificates.into_iter();
        let certificate = certificates.next().ok_or(OtherKey)?;
        if certificate.public_key() != Some(key.public()) {
            return Err(OtherKey);
        }
        Ok(Self { key, certificate, chain: certificates.collect() })
    }

    /// The key.
    #[must_use]
    pub const fn key(&self) -> &PrivateKey {
        &self.key
    }

    /// Takes the key out.
    #[must_use]
    pub fn into_key(self) -> PrivateKey {
        self.key
    }

    /// The certificate of the key.
    #[must_use]
    pub const fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// The other certificates.
    #[must_use]
    pub fn chain(&self) -> &[Certificate] {
        &self.chain
    }
}

/// The certificate is for another key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OtherKey;

impl core::fmt::Display for OtherKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("the first certificate is not that of the private key")
    }
}

impl core::error::Error for OtherKey {}
