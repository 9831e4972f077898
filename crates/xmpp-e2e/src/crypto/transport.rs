//! RSA key transport (RFC 8017 section 7, RFC 3370, RFC 3560, RFC 4055).

use aws_lc_rs::rsa::{
    OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OAEP_SHA384_MGF1SHA384, OAEP_SHA512_MGF1SHA512,
    OaepAlgorithm, OaepPrivateDecryptingKey, OaepPublicEncryptingKey, Pkcs1PrivateDecryptingKey,
    Pkcs1PublicEncryptingKey, PrivateDecryptingKey, PublicEncryptingKey,
};
use zeroize::Zeroizing;

use super::key::PublicKey;
use super::signature::{mgf1_digest, write_mgf1};
use super::{Digest, KeyKind, random};
use crate::asn1::{
    Algorithm, BIT_STRING, OCTET_STRING, OID, SEQUENCE, explicit, nest, oid, put,
    put_algorithm_null,
};

/// How a content-encryption key reaches a recipient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyEncryption {
    /// RSAES-PKCS1-v1_5: mandatory in RFC 3923 section 6.10, and a source of
    /// padding oracles ever since. Produced and read by a legacy policy alone.
    RsaPkcs1,
    /// RSAES-OAEP with MGF1 over the same digest and an empty label.
    RsaOaep(Digest),
    /// Ephemeral-static ECDH with a key of this kind (RFC 5753, RFC 8418).
    Ecdh(KeyKind),
}

impl core::fmt::Display for KeyEncryption {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::RsaPkcs1 => f.write_str("RSAES-PKCS1-v1_5"),
            Self::RsaOaep(digest) => write!(f, "RSAES-OAEP with {}", digest.micalg()),
            Self::Ecdh(kind) => write!(f, "ECDH with {kind}"),
        }
    }
}

impl KeyEncryption {
    /// The algorithm of a `KeyTransRecipientInfo`.
    pub(crate) fn transport(algorithm: &Algorithm<'_>) -> Option<Self> {
        if algorithm.oid == oid::RSA_ENCRYPTION && algorithm.no_parameters() {
            return Some(Self::RsaPkcs1);
        }
        if algorithm.oid != oid::RSAES_OAEP {
            return None;
        }
        // RFC 4055 section 4.1: what is absent is SHA-1, MGF1 with SHA-1, and
        // the empty label.
        let parameters = algorithm.parameters.filter(|p| p.tag == SEQUENCE)?;
        let mut fields = parameters.fields();
        let expected = "RSAES-OAEP-params";
        let (mut hash, mut mask) = (Digest::Sha1, Digest::Sha1);
        if let Some(element) = fields.optional(explicit(0), expected).ok()? {
            hash =
                Digest::from_algorithm(&Algorithm::parse(&mut element.fields(), expected).ok()?)?;
        }
        if let Some(element) = fields.optional(explicit(1), expected).ok()? {
            mask = mgf1_digest(&Algorithm::parse(&mut element.fields(), expected).ok()?)?;
        }
        if let Some(element) = fields.optional(explicit(2), expected).ok()? {
            let source = Algorithm::parse(&mut element.fields(), expected).ok()?;
            let label = source.parameters.filter(|p| p.tag == OCTET_STRING)?;
            if source.oid != oid::P_SPECIFIED || !label.value.is_empty() {
                return None;
            }
        }
        (fields.is_empty() && hash == mask).then_some(Self::RsaOaep(hash))
    }

    pub(crate) fn write_transport(self, out: &mut Vec<u8>) {
        let Self::RsaOaep(digest) = self else {
            return put_algorithm_null(out, oid::RSA_ENCRYPTION);
        };
        nest(out, SEQUENCE, |out| {
            put(out, OID, oid::RSAES_OAEP);
            nest(out, SEQUENCE, |out| {
                if digest != Digest::Sha1 {
                    nest(out, explicit(0), |out| put_algorithm_null(out, digest.oid()));
                    nest(out, explicit(1), |out| write_mgf1(out, digest));
                }
            });
        });
    }
}

/// Encrypts `key` to the owner of `recipient`.
pub(crate) fn encrypt(
    recipient: &PublicKey<'_>,
    how: KeyEncryption,
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
        KeyEncryption::RsaOaep(digest) => OaepPublicEncryptingKey::new(public)
            .ok()?
            .encrypt(oaep(digest), key, &mut out, None)
            .ok()?
            .len(),
        _ => Pkcs1PublicEncryptingKey::new(public).ok()?.encrypt(key, &mut out).ok()?.len(),
    };
    out.truncate(length);
    Some(out)
}

/// The content-encryption key of `octets` octets.
///
/// With PKCS #1 v1.5 the answer is always a key: what was encrypted, or random
/// octets if the padding or the length is wrong (RFC 3218 section 2.3.2), so
/// that the difference is not seen before the content fails to decrypt, which
/// it does for a wrong key of a right padding just the same.
pub(crate) fn decrypt(
    own: &PrivateDecryptingKey,
    how: KeyEncryption,
    encrypted: &[u8],
    octets: usize,
) -> Option<Zeroizing<Vec<u8>>> {
    let mut out = Zeroizing::new(vec![0; own.key_size_bytes()]);
    if let KeyEncryption::RsaOaep(digest) = how {
        let private = OaepPrivateDecryptingKey::new(own.clone()).ok()?;
        let length = private.decrypt(oaep(digest), encrypted, &mut out, None).ok()?.len();
        out.truncate(length);
        return (length == octets).then_some(out);
    }
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
