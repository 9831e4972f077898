//! Ephemeral-static key agreement and key wrap (RFC 5753, RFC 8418, RFC 3394).

use aws_lc_rs::agreement::{self, PrivateKey, UnparsedPublicKey};
use aws_lc_rs::key_wrap::{self, AesKek, KeyWrap};
use zeroize::Zeroizing;

use super::{ContentEncryption, Curve, Digest, PublicKey, Sha2};
use crate::asn1::{Algorithm, OCTET_STRING, SEQUENCE, explicit, nest, oid, put, put_algorithm};

/// How the key-encryption key is derived from the shared secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kdf {
    /// ANSI X9.63 (RFC 5753).
    X963(Digest),
    /// HKDF (RFC 8418).
    Hkdf(Sha2),
}

/// AES key wrap, by the octets of its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Wrap {
    Aes128,
    Aes256,
}

impl Kdf {
    /// What we use on this curve: RFC 8551 section 2.3, RFC 5753 section 8.
    pub(crate) const fn for_curve(curve: Curve) -> Self {
        match curve {
            Curve::X25519 => Self::Hkdf(Sha2::Sha256),
            Curve::P256 => Self::X963(Digest::Sha256),
            Curve::P384 => Self::X963(Digest::Sha384),
            Curve::P521 => Self::X963(Digest::Sha512),
        }
    }

    pub(crate) const fn oid(self) -> &'static [u8] {
        match self {
            Self::X963(Digest::Sha1) => oid::ECDH_SHA1_KDF,
            Self::X963(Digest::Sha256) => oid::ECDH_SHA256_KDF,
            Self::X963(Digest::Sha384) => oid::ECDH_SHA384_KDF,
            Self::X963(Digest::Sha512) => oid::ECDH_SHA512_KDF,
            Self::Hkdf(Sha2::Sha256) => oid::ECDH_HKDF_SHA256,
            Self::Hkdf(Sha2::Sha384) => oid::ECDH_HKDF_SHA384,
            Self::Hkdf(Sha2::Sha512) => oid::ECDH_HKDF_SHA512,
        }
    }

    fn from_oid(oid: &[u8]) -> Option<Self> {
        [
            Self::X963(Digest::Sha1),
            Self::X963(Digest::Sha256),
            Self::X963(Digest::Sha384),
            Self::X963(Digest::Sha512),
            Self::Hkdf(Sha2::Sha256),
            Self::Hkdf(Sha2::Sha384),
            Self::Hkdf(Sha2::Sha512),
        ]
        .into_iter()
        .find(|kdf| kdf.oid() == oid)
    }
}

impl Wrap {
    /// The wrap that is as strong as the cipher whose key it wraps.
    pub(crate) const fn for_cipher(cipher: ContentEncryption) -> Self {
        match cipher {
            ContentEncryption::Aes128Cbc | ContentEncryption::Aes128Gcm => Self::Aes128,
            ContentEncryption::Aes256Cbc
            | ContentEncryption::Aes256Gcm
            | ContentEncryption::ChaCha20Poly1305 => Self::Aes256,
        }
    }

    pub(crate) const fn oid(self) -> &'static [u8] {
        match self {
            Self::Aes128 => oid::AES128_WRAP,
            Self::Aes256 => oid::AES256_WRAP,
        }
    }

    const fn octets(self) -> usize {
        match self {
            Self::Aes128 => 16,
            Self::Aes256 => 32,
        }
    }

    fn from_algorithm(algorithm: &Algorithm<'_>) -> Option<Self> {
        // RFC 3565 section 2.3.2: the parameters are absent; some write NULL.
        [Self::Aes128, Self::Aes256]
            .into_iter()
            .find(|wrap| wrap.oid() == algorithm.oid && algorithm.no_parameters())
    }

    fn kek(self, key: &[u8]) -> Option<AesKek> {
        let cipher = match self {
            Self::Aes128 => &key_wrap::AES_128,
            Self::Aes256 => &key_wrap::AES_256,
        };
        AesKek::new(cipher, key).ok()
    }
}

/// The two algorithms of a `keyEncryptionAlgorithm`, and the octets of the
/// second as they stand, since they go into the derivation.
pub(crate) fn scheme<'a>(algorithm: &Algorithm<'a>) -> Option<(Kdf, Wrap, &'a [u8])> {
    let kdf = Kdf::from_oid(algorithm.oid)?;
    let wrap = Algorithm::of(algorithm.parameters.filter(|p| p.tag == SEQUENCE)?, "wrap").ok()?;
    Some((kdf, Wrap::from_algorithm(&wrap)?, wrap.whole))
}

/// A content-encryption key wrapped for one recipient.
pub(crate) struct Agreed {
    /// The ephemeral public key.
    pub(crate) ephemeral: Vec<u8>,
    pub(crate) wrapped: Vec<u8>,
}

/// Wraps `key` for the owner of `recipient`.
pub(crate) fn wrap(recipient: &PublicKey<'_>, kdf: Kdf, wrap: Wrap, key: &[u8]) -> Option<Agreed> {
    let curve = recipient.kind.curve()?.agreement();
    let own = PrivateKey::generate(curve).ok()?;
    let ephemeral = own.compute_public_key().ok()?.as_ref().to_vec();
    let mut identifier = Vec::with_capacity(16);
    put_algorithm(&mut identifier, wrap.oid());
    let kek = agree(&own, curve, recipient.octets, kdf, wrap, &identifier, None)?;
    let mut wrapped = vec![0; key.len() + 8];
    let length = wrap.kek(&kek)?.wrap(key, &mut wrapped).ok()?.len();
    wrapped.truncate(length);
    Some(Agreed { ephemeral, wrapped })
}

/// What the sender sent along for the agreement.
pub(crate) struct Offer<'a> {
    pub(crate) ephemeral: &'a [u8],
    pub(crate) kdf: Kdf,
    pub(crate) wrap: Wrap,
    /// The wrap's AlgorithmIdentifier as it stood.
    pub(crate) identifier: &'a [u8],
    /// User keying material.
    pub(crate) ukm: Option<&'a [u8]>,
}

/// The wrapped key, if the offer was made to `own`.
pub(crate) fn unwrap(
    own: &PrivateKey,
    offer: &Offer<'_>,
    wrapped: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let Offer { ephemeral, kdf, wrap, identifier, ukm } = *offer;
    // One point, one spelling. RFC 5480 section 2.2: uncompressed, where the
    // library takes the hybrid form too. RFC 7748 section 5: the last bit of an
    // X25519 key is ignored; no sender sets it.
    let canonical = if *own.algorithm() == agreement::X25519 {
        ephemeral.last().is_some_and(|&octet| octet < 0x80)
    } else {
        ephemeral.first() == Some(&4)
    };
    if !canonical {
        return None;
    }
    let kek = agree(own, own.algorithm(), ephemeral, kdf, wrap, identifier, ukm)?;
    let mut key = Zeroizing::new(vec![0; wrapped.len()]);
    let length = wrap.kek(&kek)?.unwrap(wrapped, &mut key).ok()?.len();
    key.truncate(length);
    Some(key)
}

fn agree(
    own: &PrivateKey,
    curve: &'static agreement::Algorithm,
    peer: &[u8],
    kdf: Kdf,
    wrap: Wrap,
    identifier: &[u8],
    ukm: Option<&[u8]>,
) -> Option<Zeroizing<Vec<u8>>> {
    let info = shared_info(wrap, identifier, ukm);
    agreement::agree(own, UnparsedPublicKey::new(curve, peer), (), |secret| {
        Ok(match kdf {
            Kdf::X963(digest) => x963(digest, secret, &info, wrap.octets()),
            Kdf::Hkdf(digest) => hkdf(digest, secret, ukm.unwrap_or(&[]), &info, wrap.octets()),
        })
    })
    .ok()
}

/// `ECC-CMS-SharedInfo` (RFC 5753 section 7.2).
fn shared_info(wrap: Wrap, identifier: &[u8], ukm: Option<&[u8]>) -> Vec<u8> {
    let mut out = Vec::with_capacity(64);
    nest(&mut out, SEQUENCE, |out| {
        out.extend_from_slice(identifier);
        if let Some(ukm) = ukm {
            nest(out, explicit(0), |out| put(out, OCTET_STRING, ukm));
        }
        let bits = (wrap.octets() as u32 * 8).to_be_bytes();
        nest(out, explicit(2), |out| put(out, OCTET_STRING, &bits));
    });
    out
}

/// ANSI X9.63 key derivation (SEC 1 section 3.6.1).
fn x963(digest: Digest, secret: &[u8], info: &[u8], octets: usize) -> Zeroizing<Vec<u8>> {
    let mut key = Zeroizing::new(Vec::with_capacity(octets + 64));
    for counter in 1u32.. {
        let mut context = ring::digest::Context::new(digest.ring());
        context.update(secret);
        context.update(&counter.to_be_bytes());
        context.update(info);
        // ring does not let its own copy, on the stack, be wiped.
        key.extend_from_slice(context.finish().as_ref());
        if key.len() >= octets {
            break;
        }
    }
    key.truncate(octets);
    key
}

/// RFC 8418 section 2.2: the user keying material is the salt as well.
fn hkdf(
    digest: Sha2,
    secret: &[u8],
    salt: &[u8],
    info: &[u8],
    octets: usize,
) -> Zeroizing<Vec<u8>> {
    let algorithm = match digest {
        Sha2::Sha256 => ring::hmac::HMAC_SHA256,
        Sha2::Sha384 => ring::hmac::HMAC_SHA384,
        Sha2::Sha512 => ring::hmac::HMAC_SHA512,
    };
    // RFC 5869 section 2; one block of output is enough, for no key is longer
    // than a digest.
    let extracted = ring::hmac::sign(&ring::hmac::Key::new(algorithm, salt), secret);
    let mut context =
        ring::hmac::Context::with_key(&ring::hmac::Key::new(algorithm, extracted.as_ref()));
    context.update(info);
    context.update(&[1]);
    let mut key = Zeroizing::new(context.sign().as_ref().to_vec());
    key.truncate(octets);
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        (0..text.len())
            .step_by(2)
            .map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap())
            .collect()
    }

    /// RFC 5869 appendix A.1 and A.3, cut to a block.
    #[test]
    fn hkdf_of_rfc_5869() {
        let secret = [0x0b; 22];
        let salt = hex("000102030405060708090a0b0c");
        let info = hex("f0f1f2f3f4f5f6f7f8f9");
        let okm = hex("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf");
        assert_eq!(*hkdf(Sha2::Sha256, &secret, &salt, &info, 32), okm);
        let okm = hex("8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d");
        assert_eq!(*hkdf(Sha2::Sha256, &secret, &[], &[], 32), okm);
    }

    #[test]
    fn wrapped_keys_come_back_to_their_owner_alone() {
        for own in Curve::ALL {
            let curve = own.agreement();
            let owner = PrivateKey::generate(curve).unwrap();
            let other = PrivateKey::generate(curve).unwrap();
            let octets = owner.compute_public_key().unwrap().as_ref().to_vec();
            let recipient = PublicKey::new(own.kind(), &octets);
            let key = [9; 32];
            let (kdf, how) = (Kdf::for_curve(own), Wrap::Aes256);
            let agreed = wrap(&recipient, kdf, how, &key).unwrap();
            let mut identifier = Vec::new();
            put_algorithm(&mut identifier, how.oid());
            let offer = Offer {
                ephemeral: &agreed.ephemeral,
                kdf,
                wrap: how,
                identifier: &identifier,
                ukm: None,
            };
            assert_eq!(unwrap(&owner, &offer, &agreed.wrapped).unwrap()[..], key);
            assert!(unwrap(&other, &offer, &agreed.wrapped).is_none());
            let salted = Offer { ukm: Some(b"other"), ..offer };
            assert!(unwrap(&owner, &salted, &agreed.wrapped).is_none());
        }
    }
}
