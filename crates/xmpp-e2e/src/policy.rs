//! Which algorithms are produced, and which are read.

use crate::crypto::{ContentEncryption, Digest, KeyEncryption, KeyKind, SignatureAlgorithm};

/// Which algorithms are produced, and which are read.
///
/// RFC 3923 section 6.10 makes algorithms of 2004 mandatory; RFC 8551 section 2
/// says which replaced them. [`modern`](Self::modern) is RFC 8551,
/// [`legacy`](Self::legacy) reads RFC 3923's as well, and
/// [`rfc3923`](Self::rfc3923) also produces them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Policy {
    /// How RSA keys sign.
    pub rsa_signature: SignatureAlgorithm,
    /// How keys reach RSA recipients.
    pub rsa_key_encryption: KeyEncryption,
    /// The cipher for recipients whose capabilities are not known.
    pub content_encryption: ContentEncryption,
    /// Whether signatures with SHA-1 count. They are reported as weak.
    pub accept_sha1: bool,
    /// Whether RSAES-PKCS1-v1_5 is decrypted.
    pub accept_rsa_pkcs1_key_transport: bool,
    /// Whether AES-CBC is decrypted. It is so only around a signature.
    pub accept_cbc: bool,
    /// Whether an object without a signature is handed out. Nobody knows then
    /// who wrote it.
    pub accept_unsigned: bool,
    /// Whether signatures stay outside of CMS (`multipart/signed`), so that text
    /// can be read without S/MIME, or go inside (`application/pkcs7-mime`).
    pub detached: bool,
}

impl Policy {
    /// RFC 8551: signatures by ECDSA, Ed25519 or RSASSA-PSS, keys by ECDH or
    /// RSAES-OAEP, content by AES-256-GCM. AES-CBC is read for older peers.
    #[must_use]
    pub const fn modern() -> Self {
        Self {
            rsa_signature: SignatureAlgorithm::RsaPss(Digest::Sha256),
            rsa_key_encryption: KeyEncryption::RsaOaep(Digest::Sha256),
            content_encryption: ContentEncryption::Aes256Gcm,
            accept_sha1: false,
            accept_rsa_pkcs1_key_transport: false,
            accept_cbc: true,
            accept_unsigned: false,
            detached: true,
        }
    }

    /// As [`modern`](Self::modern), and reads what RFC 3923 section 6.10 makes
    /// mandatory: SHA-1 and RSAES-PKCS1-v1_5.
    #[must_use]
    pub const fn legacy() -> Self {
        Self { accept_sha1: true, accept_rsa_pkcs1_key_transport: true, ..Self::modern() }
    }

    /// As [`legacy`](Self::legacy), and produces RSAES-PKCS1-v1_5, AES-128-CBC
    /// and RSASSA-PKCS1-v1_5: for peers that are as old as RFC 3923, and for
    /// tests against them. The digest is SHA-256 still; signatures with SHA-1
    /// are never made.
    #[must_use]
    pub const fn rfc3923() -> Self {
        Self {
            rsa_signature: SignatureAlgorithm::RsaPkcs1(Digest::Sha256),
            rsa_key_encryption: KeyEncryption::RsaPkcs1,
            content_encryption: ContentEncryption::Aes128Cbc,
            ..Self::legacy()
        }
    }

    /// The algorithm a key of this kind signs with.
    #[must_use]
    pub const fn signature(&self, kind: KeyKind) -> SignatureAlgorithm {
        match kind {
            KeyKind::Rsa => self.rsa_signature,
            KeyKind::P256 => SignatureAlgorithm::Ecdsa(Digest::Sha256),
            KeyKind::P384 => SignatureAlgorithm::Ecdsa(Digest::Sha384),
            KeyKind::Ed25519 | KeyKind::X25519 => SignatureAlgorithm::Ed25519,
        }
    }

    /// The cipher for recipients of these capabilities (SMIMECapabilities,
    /// RFC 8551 section 2.7.1): ours if all read it, else the best that all do.
    /// An empty list stands for capabilities that are not known.
    #[must_use]
    pub fn choose(&self, capabilities: &[&[ContentEncryption]]) -> ContentEncryption {
        let all_read = |cipher: &ContentEncryption| {
            capabilities.iter().all(|known| known.is_empty() || known.contains(cipher))
        };
        core::iter::once(self.content_encryption)
            .chain(READ_CIPHERS)
            .find(all_read)
            .unwrap_or(self.content_encryption)
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self::modern()
    }
}

/// What we read, best first: told to others as our SMIMECapabilities.
pub(crate) const READ_CIPHERS: [ContentEncryption; 5] = [
    ContentEncryption::Aes256Gcm,
    ContentEncryption::Aes128Gcm,
    ContentEncryption::ChaCha20Poly1305,
    ContentEncryption::Aes256Cbc,
    ContentEncryption::Aes128Cbc,
];

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 8551 section 2.7.1
    #[test]
    fn the_cipher_is_one_that_all_recipients_read() {
        use ContentEncryption::{Aes128Cbc, Aes128Gcm, Aes256Cbc, Aes256Gcm};
        let policy = Policy::modern();
        assert_eq!(policy.choose(&[]), Aes256Gcm);
        assert_eq!(policy.choose(&[&[]]), Aes256Gcm);
        assert_eq!(policy.choose(&[&[Aes128Cbc], &[]]), Aes128Cbc);
        assert_eq!(policy.choose(&[&[Aes128Gcm, Aes256Cbc], &[Aes256Cbc, Aes128Gcm]]), Aes128Gcm);
        assert_eq!(Policy::rfc3923().choose(&[&[Aes256Gcm]]), Aes256Gcm);
    }
}
