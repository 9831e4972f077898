//! How a content-encryption key reaches a recipient: RSA key transport
//! (RFC 8017 section 7, RFC 3370, RFC 3560, RFC 4055), and the names of it.

use aws_lc_rs::rsa::{
    OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OAEP_SHA384_MGF1SHA384, OAEP_SHA512_MGF1SHA512,
    OaepAlgorithm, OaepPrivateDecryptingKey, OaepPublicEncryptingKey, Pkcs1PrivateDecryptingKey,
    Pkcs1PublicEncryptingKey, PrivateDecryptingKey, PublicEncryptingKey,
};
use zeroize::Zeroizing;

use super::parameters::Oaep;
use super::{Curve, Digest, PublicKey, random};
use crate::asn1::{Algorithm, BIT_STRING, OID, SEQUENCE, nest, oid, put, put_algorithm_null};

/// How a content-encryption key reached a recipient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyEncryption {
    /// Encrypted with RSA.
    Rsa(RsaKeyEncryption),
    /// Ephemeral-static ECDH on this curve (RFC 5753, RFC 8418).
    Ecdh(Curve),
}

/// How a content-encryption key is encrypted with RSA.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "RFC 8017 section 7 has these two")]
pub enum RsaKeyEncryption {
    /// RSAES-PKCS1-v1_5: mandatory in RFC 3923 section 6.10, and a source of
    /// padding oracles ever since. Produced and read by a legacy policy alone.
    Pkcs1,
    /// RSAES-OAEP with MGF1 over the same digest and an empty label.
    Oaep(Digest),
}

/// Which RSA key transport is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "RFC 8017 section 7 has two schemes")]
pub enum KeyTransport {
    /// RSAES-OAEP.
    #[default]
    Oaep,
    /// RSAES-OAEP, and RSAES-PKCS1-v1_5 too.
    OaepAndPkcs1,
}

impl core::fmt::Display for KeyEncryption {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Rsa(RsaKeyEncryption::Pkcs1) => f.write_str("RSAES-PKCS1-v1_5"),
            Self::Rsa(RsaKeyEncryption::Oaep(digest)) => {
                write!(f, "RSAES-OAEP with {}", digest.micalg())
            }
            Self::Ecdh(curve) => write!(f, "ECDH with {curve}"),
        }
    }
}

impl RsaKeyEncryption {
    /// The algorithm of a `KeyTransRecipientInfo`. MGF1 with another digest than
    /// OAEP's own is not read: see the book's chapter on this crate.
    pub(crate) fn read(algorithm: &Algorithm<'_>) -> Option<Self> {
        if algorithm.oid == oid::RSA_ENCRYPTION && algorithm.no_parameters() {
            return Some(Self::Pkcs1);
        }
        if algorithm.oid != oid::RSAES_OAEP {
            return None;
        }
        let Oaep { digest, mgf1 } = Oaep::read(algorithm.parameters?)?;
        (digest == mgf1).then_some(Self::Oaep(digest))
    }

    pub(crate) fn write(self, out: &mut Vec<u8>) {
        match self {
            Self::Pkcs1 => put_algorithm_null(out, oid::RSA_ENCRYPTION),
            Self::Oaep(digest) => nest(out, SEQUENCE, |out| {
                put(out, OID, oid::RSAES_OAEP);
                Oaep { digest, mgf1: digest }.write(out);
            }),
        }
    }
}

/// Encrypts `key` to the owner of `recipient`.
pub(crate) fn encrypt(
    recipient: &PublicKey<'_>,
    how: RsaKeyEncryption,
    key: &[u8],
) -> Option<Vec<u8>> {
    let mut info = Vec::with_capacity(recipient.octets.len() + 32);
    nest(&mut info, SEQUENCE, |out| {
        put_algorithm_null(out, oid::RSA_ENCRYPTION);
        nest(out, BIT_STRING, |out| {
            out.push(0);
            out.extend_from_slice(recipient.octets);
        });
    });
    let public = PublicEncryptingKey::from_der(&info).ok()?;
    let mut out = vec![0; public.key_size_bytes()];
    let length = match how {
        RsaKeyEncryption::Oaep(digest) => OaepPublicEncryptingKey::new(public)
            .ok()?
            .encrypt(oaep(digest), key, &mut out, None)
            .ok()?
            .len(),
        RsaKeyEncryption::Pkcs1 => {
            Pkcs1PublicEncryptingKey::new(public).ok()?.encrypt(key, &mut out).ok()?.len()
        }
    };
    out.truncate(length);
    Some(out)
}

/// The content-encryption key of `octets` octets.
pub(crate) fn decrypt(
    own: &PrivateDecryptingKey,
    how: RsaKeyEncryption,
    encrypted: &[u8],
    octets: usize,
) -> Option<Zeroizing<Vec<u8>>> {
    match how {
        RsaKeyEncryption::Oaep(digest) => {
            let mut out = Zeroizing::new(vec![0; own.key_size_bytes()]);
            let private = OaepPrivateDecryptingKey::new(own.clone()).ok()?;
            let length = private.decrypt(oaep(digest), encrypted, &mut out, None).ok()?.len();
            out.truncate(length);
            (length == octets).then_some(out)
        }
        RsaKeyEncryption::Pkcs1 => decrypt_pkcs1(own, encrypted, octets),
    }
}

/// With PKCS #1 v1.5 the answer is always a key: what was encrypted, or random
/// octets if the padding or the length is wrong (RFC 3218 section 2.3.2), so
/// that the difference is not seen before the content fails to decrypt, which
/// it does for a wrong key of a right padding just the same.
fn decrypt_pkcs1(
    own: &PrivateDecryptingKey,
    encrypted: &[u8],
    octets: usize,
) -> Option<Zeroizing<Vec<u8>>> {
    let mut out = Zeroizing::new(vec![0; own.key_size_bytes()]);
    // The random key is made before anything can fail.
    let mut key = Zeroizing::new(vec![0; octets]);
    random(&mut key).ok()?;
    let private = Pkcs1PrivateDecryptingKey::new(own.clone()).ok()?;
    let found = private.decrypt(encrypted, &mut out).map_or(0, |found| found.len());
    let good = (found == octets) as u8;
    let mask = 0u8.wrapping_sub(good);
    for (octet, found) in key.iter_mut().zip(out.iter()) {
        *octet = (found & mask) | (*octet & !mask);
    }
    Some(key)
}

fn oaep(digest: Digest) -> &'static OaepAlgorithm {
    match digest {
        Digest::Sha1 => &OAEP_SHA1_MGF1SHA1,
        Digest::Sha256 => &OAEP_SHA256_MGF1SHA256,
        Digest::Sha384 => &OAEP_SHA384_MGF1SHA384,
        Digest::Sha512 => &OAEP_SHA512_MGF1SHA512,
    }
}
