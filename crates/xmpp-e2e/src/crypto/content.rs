//! Content encryption (RFC 3565, RFC 5084, RFC 8103).

use aws_lc_rs::cipher::{
    AES_128, AES_256, DecryptionContext, PaddedBlockDecryptingKey, PaddedBlockEncryptingKey,
    UnboundCipherKey,
};
use aws_lc_rs::iv::FixedLength;
use ring::aead::{self, Aad, LessSafeKey, Nonce, UnboundKey};

use super::{NoRandomness, random};
use crate::asn1::{Algorithm, INTEGER, OCTET_STRING, OID, SEQUENCE, nest, oid, put};

/// A cipher for the content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ContentEncryption {
    /// AES-128-CBC in EnvelopedData: mandatory in RFC 3923 section 6.10. It does
    /// not protect what it encrypts from change, so it is read only around a
    /// signature.
    Aes128Cbc,
    /// AES-256-CBC in EnvelopedData; as [`Self::Aes128Cbc`].
    Aes256Cbc,
    /// AES-128-GCM in AuthEnvelopedData.
    Aes128Gcm,
    /// AES-256-GCM in AuthEnvelopedData.
    Aes256Gcm,
    /// ChaCha20-Poly1305 in AuthEnvelopedData.
    ChaCha20Poly1305,
}

/// The octets of a nonce of every AEAD here, and of a GCM tag.
const NONCE: usize = 12;
const TAG: usize = 16;

/// What encryption made.
pub(crate) struct Sealed {
    /// The ciphertext.
    pub(crate) ciphertext: Vec<u8>,
    /// The whole AlgorithmIdentifier.
    pub(crate) algorithm: Vec<u8>,
    /// The authentication tag, of an AEAD.
    pub(crate) mac: Option<[u8; TAG]>,
}

impl ContentEncryption {
    /// Whether a change of the ciphertext is noticed.
    #[must_use]
    pub const fn is_authenticated(self) -> bool {
        !matches!(self, Self::Aes128Cbc | Self::Aes256Cbc)
    }

    pub(crate) const fn key_octets(self) -> usize {
        match self {
            Self::Aes128Cbc | Self::Aes128Gcm => 16,
            Self::Aes256Cbc | Self::Aes256Gcm | Self::ChaCha20Poly1305 => 32,
        }
    }

    pub(crate) const fn oid(self) -> &'static [u8] {
        match self {
            Self::Aes128Cbc => oid::AES128_CBC,
            Self::Aes256Cbc => oid::AES256_CBC,
            Self::Aes128Gcm => oid::AES128_GCM,
            Self::Aes256Gcm => oid::AES256_GCM,
            Self::ChaCha20Poly1305 => oid::CHACHA20_POLY1305,
        }
    }

    pub(crate) fn from_algorithm(algorithm: &Algorithm<'_>) -> Option<Self> {
        [Self::Aes128Cbc, Self::Aes256Cbc, Self::Aes128Gcm, Self::Aes256Gcm, Self::ChaCha20Poly1305]
            .into_iter()
            .find(|cipher| cipher.oid() == algorithm.oid)
    }

    fn aead(self) -> &'static aead::Algorithm {
        match self {
            Self::Aes128Gcm => &aead::AES_128_GCM,
            Self::ChaCha20Poly1305 => &aead::CHACHA20_POLY1305,
            _ => &aead::AES_256_GCM,
        }
    }

    fn block(self) -> &'static aws_lc_rs::cipher::Algorithm {
        if self.key_octets() == 16 { &AES_128 } else { &AES_256 }
    }

    pub(crate) fn encrypt(self, key: &[u8], content: &[u8]) -> Result<Sealed, NoRandomness> {
        let mut in_out = Vec::with_capacity(content.len() + TAG);
        in_out.extend_from_slice(content);
        if self.is_authenticated() {
            let mut nonce = [0; NONCE];
            random(&mut nonce)?;
            let key = UnboundKey::new(self.aead(), key).map_err(|_| NoRandomness)?;
            let tag = LessSafeKey::new(key)
                .seal_in_place_separate_tag(
                    Nonce::assume_unique_for_key(nonce),
                    Aad::empty(),
                    &mut in_out,
                )
                .map_err(|_| NoRandomness)?;
            let mut mac = [0; TAG];
            mac.copy_from_slice(tag.as_ref());
            return Ok(Sealed {
                ciphertext: in_out,
                algorithm: self.identifier(&nonce),
                mac: Some(mac),
            });
        }
        let key = UnboundCipherKey::new(self.block(), key).map_err(|_| NoRandomness)?;
        let key = PaddedBlockEncryptingKey::cbc_pkcs7(key).map_err(|_| NoRandomness)?;
        let context = key.encrypt(&mut in_out).map_err(|_| NoRandomness)?;
        let iv: &[u8] = (&context).try_into().map_err(|_| NoRandomness)?;
        Ok(Sealed { ciphertext: in_out, algorithm: self.identifier(iv), mac: None })
    }

    fn identifier(self, nonce: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(48);
        nest(&mut out, SEQUENCE, |out| {
            put(out, OID, self.oid());
            match self {
                Self::Aes128Gcm | Self::Aes256Gcm => nest(out, SEQUENCE, |out| {
                    put(out, OCTET_STRING, nonce);
                    // RFC 5084 section 3.2: absent, it would mean 12.
                    put(out, INTEGER, &[TAG as u8]);
                }),
                _ => put(out, OCTET_STRING, nonce),
            }
        });
        out
    }

    /// The nonce or IV in the parameters, if they are such as we can use.
    pub(crate) fn nonce<'a>(self, algorithm: &Algorithm<'a>) -> Option<&'a [u8]> {
        let parameters = algorithm.parameters?;
        let expected = "the parameters of the cipher";
        match self {
            Self::Aes128Gcm | Self::Aes256Gcm => {
                let mut fields = (parameters.tag == SEQUENCE).then(|| parameters.fields())?;
                let nonce = fields.take(OCTET_STRING, expected).ok()?.value;
                let octets = fields.small_integer(expected).ok()?;
                fields.end(expected).ok()?;
                (nonce.len() == NONCE && usize::from(octets) == TAG).then_some(nonce)
            }
            Self::ChaCha20Poly1305 => (parameters.tag == OCTET_STRING
                && parameters.value.len() == NONCE)
                .then_some(parameters.value),
            Self::Aes128Cbc | Self::Aes256Cbc => (parameters.tag == OCTET_STRING
                && parameters.value.len() == 16)
                .then_some(parameters.value),
        }
    }

    /// The content, or nothing: why not is nobody's business.
    pub(crate) fn decrypt(
        self,
        key: &[u8],
        nonce: &[u8],
        ciphertext: &[u8],
        mac: &[u8],
        aad: &[u8],
    ) -> Option<Vec<u8>> {
        let mut in_out = Vec::with_capacity(ciphertext.len() + TAG);
        in_out.extend_from_slice(ciphertext);
        if self.is_authenticated() {
            let key = LessSafeKey::new(UnboundKey::new(self.aead(), key).ok()?);
            let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
            if mac.len() != TAG {
                return None;
            }
            in_out.extend_from_slice(mac);
            let length = key.open_in_place(nonce, Aad::from(aad), &mut in_out).ok()?.len();
            in_out.truncate(length);
            return Some(in_out);
        }
        let key = UnboundCipherKey::new(self.block(), key).ok()?;
        let key = PaddedBlockDecryptingKey::cbc_pkcs7(key).ok()?;
        let iv: &[u8; 16] = nonce.try_into().ok()?;
        let context = DecryptionContext::Iv128(FixedLength::from(*iv));
        let length = key.decrypt(&mut in_out, context).ok()?.len();
        in_out.truncate(length);
        Some(in_out)
    }
}

impl core::fmt::Display for ContentEncryption {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Aes128Cbc => "AES-128-CBC",
            Self::Aes256Cbc => "AES-256-CBC",
            Self::Aes128Gcm => "AES-128-GCM",
            Self::Aes256Gcm => "AES-256-GCM",
            Self::ChaCha20Poly1305 => "ChaCha20-Poly1305",
        })
    }
}
