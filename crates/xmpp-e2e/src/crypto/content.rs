//! Content encryption (RFC 3565, RFC 5084, RFC 8103).

use aws_lc_rs::cipher::{
    AES_128, AES_256, DecryptingKey, DecryptionContext, PaddedBlockDecryptingKey,
    PaddedBlockEncryptingKey, UnboundCipherKey,
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

/// What a cipher is made of.
enum Mode {
    /// It notices changes.
    Aead(&'static aead::Algorithm),
    /// It does not.
    Cbc(&'static aws_lc_rs::cipher::Algorithm),
}

/// The octets of a nonce of every AEAD here, and of a whole tag.
const NONCE: usize = 12;
const TAG: usize = 16;

/// The shortest tag: RFC 5084 section 3.2 has 12 for a default, and nothing
/// below.
const SHORTEST_TAG: usize = 12;

/// What encryption made.
pub(crate) struct Sealed {
    /// The ciphertext.
    pub(crate) ciphertext: Vec<u8>,
    /// The whole AlgorithmIdentifier.
    pub(crate) algorithm: Vec<u8>,
    /// The authentication tag, of an AEAD.
    pub(crate) mac: Option<[u8; TAG]>,
}

/// What stands in a cipher's parameters.
#[derive(Clone, Copy)]
pub(crate) struct Parameters<'a> {
    /// The nonce or IV.
    nonce: &'a [u8],
    /// The octets of the tag; 0 for a cipher without one.
    tag: usize,
}

impl ContentEncryption {
    /// Best first.
    pub(crate) const ALL: [Self; 5] = [
        Self::Aes256Gcm,
        Self::Aes128Gcm,
        Self::ChaCha20Poly1305,
        Self::Aes256Cbc,
        Self::Aes128Cbc,
    ];

    /// Whether a change of the ciphertext is noticed.
    #[must_use]
    pub const fn is_authenticated(self) -> bool {
        match self {
            Self::Aes128Cbc | Self::Aes256Cbc => false,
            Self::Aes128Gcm | Self::Aes256Gcm | Self::ChaCha20Poly1305 => true,
        }
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

    pub(crate) fn from_oid(oid: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|cipher| cipher.oid() == oid)
    }

    fn mode(self) -> Mode {
        match self {
            Self::Aes128Cbc => Mode::Cbc(&AES_128),
            Self::Aes256Cbc => Mode::Cbc(&AES_256),
            Self::Aes128Gcm => Mode::Aead(&aead::AES_128_GCM),
            Self::Aes256Gcm => Mode::Aead(&aead::AES_256_GCM),
            Self::ChaCha20Poly1305 => Mode::Aead(&aead::CHACHA20_POLY1305),
        }
    }

    pub(crate) fn encrypt(self, key: &[u8], content: &[u8]) -> Result<Sealed, NoRandomness> {
        let mut in_out = Vec::with_capacity(content.len() + TAG);
        in_out.extend_from_slice(content);
        match self.mode() {
            Mode::Aead(algorithm) => {
                let mut nonce = [0; NONCE];
                random(&mut nonce)?;
                let mac = seal(algorithm, key, nonce, &[], &mut in_out).ok_or(NoRandomness)?;
                let algorithm = self.identifier(&nonce);
                Ok(Sealed { ciphertext: in_out, algorithm, mac: Some(mac) })
            }
            Mode::Cbc(block) => {
                let key = UnboundCipherKey::new(block, key).map_err(|_| NoRandomness)?;
                let key = PaddedBlockEncryptingKey::cbc_pkcs7(key).map_err(|_| NoRandomness)?;
                let context = key.encrypt(&mut in_out).map_err(|_| NoRandomness)?;
                let iv: &[u8] = (&context).try_into().map_err(|_| NoRandomness)?;
                Ok(Sealed { ciphertext: in_out, algorithm: self.identifier(iv), mac: None })
            }
        }
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
                Self::ChaCha20Poly1305 | Self::Aes128Cbc | Self::Aes256Cbc => {
                    put(out, OCTET_STRING, nonce);
                }
            }
        });
        out
    }

    /// The parameters, if they are such as we can use.
    pub(crate) fn parameters<'a>(self, algorithm: &Algorithm<'a>) -> Option<Parameters<'a>> {
        let parameters = algorithm.parameters?;
        let expected = "the parameters of the cipher";
        let octets = |length: usize, tag| {
            let right = parameters.tag == OCTET_STRING && parameters.value.len() == length;
            right.then_some(Parameters { nonce: parameters.value, tag })
        };
        match self {
            Self::Aes128Gcm | Self::Aes256Gcm => {
                let mut fields = (parameters.tag == SEQUENCE).then(|| parameters.fields())?;
                let nonce = fields.take(OCTET_STRING, expected).ok()?.value;
                let tag = if fields.is_empty() {
                    SHORTEST_TAG
                } else {
                    usize::from(fields.small_integer(expected).ok()?)
                };
                fields.end(expected).ok()?;
                let right = nonce.len() == NONCE && (SHORTEST_TAG..=TAG).contains(&tag);
                right.then_some(Parameters { nonce, tag })
            }
            Self::ChaCha20Poly1305 => octets(NONCE, TAG),
            Self::Aes128Cbc | Self::Aes256Cbc => octets(16, 0),
        }
    }

    /// The content, or nothing: why not is nobody's business.
    pub(crate) fn decrypt(
        self,
        key: &[u8],
        parameters: Parameters<'_>,
        ciphertext: &[u8],
        mac: &[u8],
        aad: &[u8],
    ) -> Option<Vec<u8>> {
        let mut in_out = Vec::with_capacity(ciphertext.len() + TAG);
        in_out.extend_from_slice(ciphertext);
        if mac.len() != parameters.tag {
            return None;
        }
        match self.mode() {
            Mode::Aead(algorithm) if mac.len() == TAG => {
                let key = LessSafeKey::new(UnboundKey::new(algorithm, key).ok()?);
                let nonce = Nonce::try_assume_unique_for_key(parameters.nonce).ok()?;
                in_out.extend_from_slice(mac);
                let length = key.open_in_place(nonce, Aad::from(aad), &mut in_out).ok()?.len();
                in_out.truncate(length);
                Some(in_out)
            }
            Mode::Aead(algorithm) => {
                let nonce: [u8; NONCE] = parameters.nonce.try_into().ok()?;
                counter_mode(self, key, nonce, &mut in_out)?;
                let mut again = in_out.clone();
                let whole = seal(algorithm, key, nonce, aad, &mut again)?;
                // The ciphertext is the same again, so the tag is over what came.
                let same =
                    aws_lc_rs::constant_time::verify_slices_are_equal(whole.get(..mac.len())?, mac);
                same.is_ok().then_some(in_out)
            }
            Mode::Cbc(block) => {
                let key = UnboundCipherKey::new(block, key).ok()?;
                let key = PaddedBlockDecryptingKey::cbc_pkcs7(key).ok()?;
                let iv: &[u8; 16] = parameters.nonce.try_into().ok()?;
                let context = DecryptionContext::Iv128(FixedLength::from(*iv));
                let length = key.decrypt(&mut in_out, context).ok()?.len();
                in_out.truncate(length);
                Some(in_out)
            }
        }
    }
}

/// Encrypts in place; gives the whole tag.
fn seal(
    algorithm: &'static aead::Algorithm,
    key: &[u8],
    nonce: [u8; NONCE],
    aad: &[u8],
    in_out: &mut [u8],
) -> Option<[u8; TAG]> {
    let key = LessSafeKey::new(UnboundKey::new(algorithm, key).ok()?);
    let nonce = Nonce::assume_unique_for_key(nonce);
    let tag = key.seal_in_place_separate_tag(nonce, Aad::from(aad), in_out).ok()?;
    tag.as_ref().try_into().ok()
}

/// What is inside GCM (NIST SP 800-38D section 7.2): counter mode from the
/// counter 2 on. Libraries open whole tags alone; a shorter one is compared with
/// that of the same text encrypted again. Nothing is handed out before.
fn counter_mode(
    cipher: ContentEncryption,
    key: &[u8],
    nonce: [u8; NONCE],
    in_out: &mut [u8],
) -> Option<()> {
    let block = match cipher {
        ContentEncryption::Aes128Gcm => &AES_128,
        ContentEncryption::Aes256Gcm => &AES_256,
        ContentEncryption::ChaCha20Poly1305
        | ContentEncryption::Aes128Cbc
        | ContentEncryption::Aes256Cbc => return None,
    };
    let mut counter = [0; 16];
    counter[..NONCE].copy_from_slice(&nonce);
    counter[15] = 2;
    let key = DecryptingKey::ctr(UnboundCipherKey::new(block, key).ok()?).ok()?;
    let context = DecryptionContext::Iv128(FixedLength::from(counter));
    key.decrypt(in_out, context).ok()?;
    Some(())
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

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 5084 section 3.2: tags of 12 to 16 octets, 12 if nothing is said.
    #[test]
    fn short_tags_are_read_and_compared() {
        for cipher in [ContentEncryption::Aes128Gcm, ContentEncryption::Aes256Gcm] {
            let key = vec![7; cipher.key_octets()];
            let content = b"Wherefore art thou, Romeo? Deny thy father and refuse thy name";
            let sealed = cipher.encrypt(&key, content).unwrap();
            let mac = sealed.mac.unwrap();
            let nonce = sealed.algorithm.windows(2).position(|w| w == [4, 12]).unwrap() + 2;
            for tag in SHORTEST_TAG..=TAG {
                let parameters = Parameters { nonce: &sealed.algorithm[nonce..nonce + NONCE], tag };
                let open =
                    |text: &[u8], mac: &[u8]| cipher.decrypt(&key, parameters, text, mac, &[]);
                assert_eq!(open(&sealed.ciphertext, &mac[..tag]).as_deref(), Some(&content[..]));
                assert_eq!(open(&sealed.ciphertext, &mac[..tag - 1]), None, "too short");
                let mut wrong = mac;
                wrong[tag - 1] ^= 1;
                assert_eq!(open(&sealed.ciphertext, &wrong[..tag]), None);
                let mut changed = sealed.ciphertext.clone();
                changed[5] ^= 1;
                assert_eq!(open(&changed, &mac[..tag]), None);
            }
        }
    }
}
