//! Which algorithms are produced, and which are read.

use crate::cms::SignedForm;
use crate::crypto::{
    ContentEncryption, KeyKind, KeyTransport, RsaKeyEncryption, RsaSignature, Sha2,
    SignatureAlgorithm,
};

/// Which algorithms are produced, and which are read.
///
/// RFC 3923 section 6.10 makes algorithms of 2004 mandatory; RFC 8551 section 2
/// says which replaced them. [`modern`](Self::modern) is RFC 8551,
/// [`legacy`](Self::legacy) reads RFC 3923's as well, and
/// [`rfc3923`](Self::rfc3923) also produces them.
///
/// Each family of algorithms has a type of its own, so that no choice is there for
/// which another would have to be made up:
///
/// ```compile_fail
/// use xmpp_e2e::{Curve, KeyEncryption, Policy};
///
/// let mut policy = Policy::modern();
/// policy.rsa_key_encryption = KeyEncryption::Ecdh(Curve::P256);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Policy {
    /// How RSA keys sign.
    pub rsa_signature: RsaSignature,
    /// How keys reach RSA recipients.
    pub rsa_key_encryption: RsaKeyEncryption,
    /// The cipher for recipients whose capabilities are not known.
    pub content_encryption: ContentEncryption,
    /// What is produced at least, whatever recipients say they read. A list of
    /// capabilities that is old, or was made by somebody else, cannot bring the
    /// cipher below this.
    pub floor: CipherFloor,
    /// Which RSA key transport is decrypted.
    pub key_transport: KeyTransport,
    /// Whether signatures with SHA-1 count. They are reported as weak.
    pub accept_sha1: bool,
    /// Whether AES-CBC is decrypted. It is so only around a signature.
    pub accept_cbc: bool,
    /// Whether an object without a signature is handed out. Nobody knows then
    /// who wrote it.
    pub accept_unsigned: bool,
    /// Whether signatures stay outside of CMS (`multipart/signed`), so that text
    /// can be read without S/MIME, or go inside (`application/pkcs7-mime`).
    pub form: SignedForm,
}

/// The least that is produced to protect content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "a cipher notices changes or does not")]
pub enum CipherFloor {
    /// Ciphers that notice a change of what they encrypt.
    Authenticated,
    /// AES-CBC too, which does not.
    Cbc,
}

impl CipherFloor {
    const fn lets(self, cipher: ContentEncryption) -> bool {
        match self {
            Self::Authenticated => cipher.is_authenticated(),
            Self::Cbc => true,
        }
    }
}

impl Policy {
    /// RFC 8551: signatures by ECDSA, Ed25519 or RSASSA-PSS, keys by ECDH or
    /// RSAES-OAEP, content by AES-256-GCM and never by AES-CBC. That is read,
    /// for older peers.
    #[must_use]
    pub const fn modern() -> Self {
        Self {
            rsa_signature: RsaSignature::Pss(Sha2::Sha256),
            rsa_key_encryption: RsaKeyEncryption::Oaep(crate::crypto::Digest::Sha256),
            content_encryption: ContentEncryption::Aes256Gcm,
            floor: CipherFloor::Authenticated,
            key_transport: KeyTransport::Oaep,
            accept_sha1: false,
            accept_cbc: true,
            accept_unsigned: false,
            form: SignedForm::Detached,
        }
    }

    /// As [`modern`](Self::modern), and reads what RFC 3923 section 6.10 makes
    /// mandatory: SHA-1 and RSAES-PKCS1-v1_5.
    #[must_use]
    pub const fn legacy() -> Self {
        Self { accept_sha1: true, key_transport: KeyTransport::OaepAndPkcs1, ..Self::modern() }
    }

    /// As [`legacy`](Self::legacy), and produces RSAES-PKCS1-v1_5, AES-128-CBC
    /// and RSASSA-PKCS1-v1_5: for peers that are as old as RFC 3923, and for
    /// tests against them. The digest is SHA-256 still; signatures with SHA-1
    /// are never made.
    #[must_use]
    pub const fn rfc3923() -> Self {
        Self {
            rsa_signature: RsaSignature::Pkcs1(Sha2::Sha256),
            rsa_key_encryption: RsaKeyEncryption::Pkcs1,
            content_encryption: ContentEncryption::Aes128Cbc,
            floor: CipherFloor::Cbc,
            ..Self::legacy()
        }
    }

    /// With another [`rsa_signature`](Self::rsa_signature).
    #[must_use]
    pub const fn with_rsa_signature(mut self, how: RsaSignature) -> Self {
        self.rsa_signature = how;
        self
    }

    /// With another [`rsa_key_encryption`](Self::rsa_key_encryption).
    #[must_use]
    pub const fn with_rsa_key_encryption(mut self, how: RsaKeyEncryption) -> Self {
        self.rsa_key_encryption = how;
        self
    }

    /// With another [`content_encryption`](Self::content_encryption), and the
    /// [`floor`](Self::floor) as low as that cipher is.
    #[must_use]
    pub const fn with_content_encryption(mut self, cipher: ContentEncryption) -> Self {
        self.content_encryption = cipher;
        if !cipher.is_authenticated() {
            self.floor = CipherFloor::Cbc;
        }
        self
    }

    /// With another [`floor`](Self::floor).
    #[must_use]
    pub const fn with_floor(mut self, floor: CipherFloor) -> Self {
        self.floor = floor;
        self
    }

    /// With another [`form`](Self::form).
    #[must_use]
    pub const fn with_form(mut self, form: SignedForm) -> Self {
        self.form = form;
        self
    }

    /// With another [`accept_cbc`](Self::accept_cbc).
    #[must_use]
    pub const fn with_accept_cbc(mut self, accept: bool) -> Self {
        self.accept_cbc = accept;
        self
    }

    /// With another [`accept_unsigned`](Self::accept_unsigned).
    #[must_use]
    pub const fn with_accept_unsigned(mut self, accept: bool) -> Self {
        self.accept_unsigned = accept;
        self
    }

    /// The algorithm a key of this kind signs with; `None` if it does not sign.
    #[must_use]
    pub const fn signature(&self, kind: KeyKind) -> Option<SignatureAlgorithm> {
        match kind {
            KeyKind::Rsa => Some(SignatureAlgorithm::Rsa(self.rsa_signature)),
            KeyKind::P256 | KeyKind::P384 | KeyKind::P521 => match kind.ecdsa_digest() {
                Some(digest) => Some(SignatureAlgorithm::Ecdsa(digest)),
                None => None,
            },
            KeyKind::Ed25519 => Some(SignatureAlgorithm::Ed25519),
            KeyKind::X25519 => None,
        }
    }

    /// The cipher for recipients of these capabilities (SMIMECapabilities,
    /// RFC 8551 section 2.7.1): ours if all read it, else the best that all do
    /// and that the [`floor`](Self::floor) lets. An empty list stands for
    /// capabilities that are not known. `None` if there is no such cipher.
    #[must_use]
    pub fn choose(&self, capabilities: &[&[ContentEncryption]]) -> Option<ContentEncryption> {
        let all_read = |cipher: &ContentEncryption| {
            self.floor.lets(*cipher)
                && capabilities.iter().all(|known| known.is_empty() || known.contains(cipher))
        };
        core::iter::once(self.content_encryption).chain(ContentEncryption::ALL).find(all_read)
    }

    /// Which ciphers are read, best first: what correspondents are told as our
    /// SMIMECapabilities.
    #[must_use]
    pub fn read_ciphers(&self) -> Vec<ContentEncryption> {
        let reads = |cipher: &ContentEncryption| self.accept_cbc || cipher.is_authenticated();
        ContentEncryption::ALL.into_iter().filter(reads).collect()
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self::modern()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ContentEncryption::{Aes128Cbc, Aes128Gcm, Aes256Cbc, Aes256Gcm, ChaCha20Poly1305};

    // RFC 8551 section 2.7.1
    #[test]
    fn the_cipher_is_one_that_all_recipients_read() {
        let policy = Policy::modern();
        assert_eq!(policy.choose(&[]), Some(Aes256Gcm));
        assert_eq!(policy.choose(&[&[]]), Some(Aes256Gcm));
        let known: [&[ContentEncryption]; 2] = [&[Aes128Gcm, Aes256Cbc], &[Aes256Cbc, Aes128Gcm]];
        assert_eq!(policy.choose(&known), Some(Aes128Gcm));
        assert_eq!(Policy::rfc3923().choose(&[&[Aes256Gcm]]), Some(Aes256Gcm));
    }

    /// A list of capabilities brings the cipher down to the floor and no lower.
    #[test]
    fn nothing_below_the_floor_is_chosen() {
        for known in [&[Aes128Cbc][..], &[Aes256Cbc, Aes128Cbc]] {
            assert_eq!(Policy::modern().choose(&[known]), None);
            assert_eq!(Policy::legacy().choose(&[known, &[]]), None);
            let low = Policy::modern().with_floor(CipherFloor::Cbc);
            assert_eq!(low.choose(&[known]), Some(known[0]));
        }
    }

    /// What is announced is what is read.
    #[test]
    fn capabilities_are_those_of_the_policy() {
        let all = [Aes256Gcm, Aes128Gcm, ChaCha20Poly1305, Aes256Cbc, Aes128Cbc];
        assert_eq!(Policy::modern().read_ciphers(), all);
        assert_eq!(Policy::modern().with_accept_cbc(false).read_ciphers(), all[..3]);
    }
}
