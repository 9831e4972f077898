//! Signatures over CMS content (RFC 5754, RFC 4056, RFC 8419).

use aws_lc_rs::signature as wide;
use ring::signature::{self, VerificationAlgorithm};

use super::Digest;
use super::key::{KeyKind, PublicKey};
use crate::asn1::{
    Algorithm, INTEGER, SEQUENCE, explicit, nest, oid, put, put_algorithm, put_algorithm_null,
};

/// A signature algorithm with its digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SignatureAlgorithm {
    /// RSASSA-PKCS1-v1_5 (RFC 8017 section 8.2).
    RsaPkcs1(Digest),
    /// RSASSA-PSS (RFC 8017 section 8.1) with MGF1 over the same digest and a
    /// salt of the digest's length.
    RsaPss(Digest),
    /// ECDSA with P-256 or P-384.
    Ecdsa(Digest),
    /// Ed25519 (RFC 8419), with SHA-512 as the digest of the content.
    Ed25519,
}

impl SignatureAlgorithm {
    /// The digest that goes over the content.
    #[must_use]
    pub const fn digest(self) -> Digest {
        match self {
            Self::RsaPkcs1(digest) | Self::RsaPss(digest) | Self::Ecdsa(digest) => digest,
            Self::Ed25519 => Digest::Sha512,
        }
    }

    /// Whether collisions can be made for its digest.
    #[must_use]
    pub const fn is_weak(self) -> bool {
        matches!(self.digest(), Digest::Sha1)
    }

    /// The algorithm of a `SignerInfo`, whose digest is known.
    pub(crate) fn from_algorithm(algorithm: &Algorithm<'_>, digest: Digest) -> Option<Self> {
        let found = match algorithm.oid {
            oid if oid == oid::RSASSA_PSS => return pss(algorithm, digest),
            // RFC 3370 section 3.2: the digest is in the field beside it.
            oid if oid == oid::RSA_ENCRYPTION => Self::RsaPkcs1(digest),
            oid if oid == oid::SHA1_WITH_RSA => Self::RsaPkcs1(Digest::Sha1),
            oid if oid == oid::SHA256_WITH_RSA => Self::RsaPkcs1(Digest::Sha256),
            oid if oid == oid::SHA384_WITH_RSA => Self::RsaPkcs1(Digest::Sha384),
            oid if oid == oid::SHA512_WITH_RSA => Self::RsaPkcs1(Digest::Sha512),
            oid if oid == oid::ECDSA_SHA256 => Self::Ecdsa(Digest::Sha256),
            oid if oid == oid::ECDSA_SHA384 => Self::Ecdsa(Digest::Sha384),
            oid if oid == oid::ECDSA_SHA512 => Self::Ecdsa(Digest::Sha512),
            oid if oid == oid::ED25519 => Self::Ed25519,
            _ => return None,
        };
        // RFC 8419 section 3 asks for SHA-512 beside Ed25519 when there are
        // signed attributes; a different digest is another algorithm.
        (algorithm.no_parameters() && found.digest() == digest).then_some(found)
    }

    pub(crate) fn write(self, out: &mut Vec<u8>) {
        match self {
            Self::RsaPkcs1(Digest::Sha1) => put_algorithm_null(out, oid::SHA1_WITH_RSA),
            Self::RsaPkcs1(Digest::Sha256) => put_algorithm_null(out, oid::SHA256_WITH_RSA),
            Self::RsaPkcs1(Digest::Sha384) => put_algorithm_null(out, oid::SHA384_WITH_RSA),
            Self::RsaPkcs1(Digest::Sha512) => put_algorithm_null(out, oid::SHA512_WITH_RSA),
            Self::RsaPss(digest) => nest(out, SEQUENCE, |out| {
                put(out, crate::asn1::OID, oid::RSASSA_PSS);
                nest(out, SEQUENCE, |out| {
                    nest(out, explicit(0), |out| put_algorithm_null(out, digest.oid()));
                    nest(out, explicit(1), |out| write_mgf1(out, digest));
                    nest(out, explicit(2), |out| {
                        put(out, INTEGER, &[digest.ring().output_len() as u8]);
                    });
                });
            }),
            Self::Ecdsa(Digest::Sha384) => put_algorithm(out, oid::ECDSA_SHA384),
            Self::Ecdsa(Digest::Sha512) => put_algorithm(out, oid::ECDSA_SHA512),
            Self::Ecdsa(_) => put_algorithm(out, oid::ECDSA_SHA256),
            Self::Ed25519 => put_algorithm(out, oid::ED25519),
        }
    }

    /// Whether `signature` over `message` is by the owner of `key`.
    pub(crate) fn verify(self, key: &PublicKey<'_>, message: &[u8], signature: &[u8]) -> bool {
        // ring has no ECDSA with SHA-512.
        let wide = match (self, key.kind) {
            (Self::Ecdsa(Digest::Sha512), KeyKind::P256) => Some(&wide::ECDSA_P256_SHA512_ASN1),
            (Self::Ecdsa(Digest::Sha512), KeyKind::P384) => Some(&wide::ECDSA_P384_SHA512_ASN1),
            _ => None,
        };
        if let Some(algorithm) = wide {
            return wide::UnparsedPublicKey::new(algorithm, key.octets)
                .verify(message, signature)
                .is_ok();
        }
        let Some(algorithm) = self.verification(key.kind) else { return false };
        signature::UnparsedPublicKey::new(algorithm, key.octets).verify(message, signature).is_ok()
    }

    fn verification(self, key: KeyKind) -> Option<&'static dyn VerificationAlgorithm> {
        use Digest::{Sha1, Sha256, Sha384, Sha512};
        Some(match (self, key) {
            (Self::RsaPkcs1(Sha1), KeyKind::Rsa) => {
                &signature::RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY
            }
            (Self::RsaPkcs1(Sha256), KeyKind::Rsa) => &signature::RSA_PKCS1_2048_8192_SHA256,
            (Self::RsaPkcs1(Sha384), KeyKind::Rsa) => &signature::RSA_PKCS1_2048_8192_SHA384,
            (Self::RsaPkcs1(Sha512), KeyKind::Rsa) => &signature::RSA_PKCS1_2048_8192_SHA512,
            (Self::RsaPss(Sha256), KeyKind::Rsa) => &signature::RSA_PSS_2048_8192_SHA256,
            (Self::RsaPss(Sha384), KeyKind::Rsa) => &signature::RSA_PSS_2048_8192_SHA384,
            (Self::RsaPss(Sha512), KeyKind::Rsa) => &signature::RSA_PSS_2048_8192_SHA512,
            (Self::Ecdsa(Sha256), KeyKind::P256) => &signature::ECDSA_P256_SHA256_ASN1,
            (Self::Ecdsa(Sha384), KeyKind::P256) => &signature::ECDSA_P256_SHA384_ASN1,
            (Self::Ecdsa(Sha256), KeyKind::P384) => &signature::ECDSA_P384_SHA256_ASN1,
            (Self::Ecdsa(Sha384), KeyKind::P384) => &signature::ECDSA_P384_SHA384_ASN1,
            (Self::Ed25519, KeyKind::Ed25519) => &signature::ED25519,
            _ => return None,
        })
    }
}

impl core::fmt::Display for SignatureAlgorithm {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::RsaPkcs1(digest) => write!(f, "RSASSA-PKCS1-v1_5 with {}", digest.micalg()),
            Self::RsaPss(digest) => write!(f, "RSASSA-PSS with {}", digest.micalg()),
            Self::Ecdsa(digest) => write!(f, "ECDSA with {}", digest.micalg()),
            Self::Ed25519 => f.write_str("Ed25519"),
        }
    }
}

pub(crate) fn write_mgf1(out: &mut Vec<u8>, digest: Digest) {
    nest(out, SEQUENCE, |out| {
        put(out, crate::asn1::OID, oid::MGF1);
        put_algorithm_null(out, digest.oid());
    });
}

/// The digest of an MGF1 `AlgorithmIdentifier`.
pub(crate) fn mgf1_digest(algorithm: &Algorithm<'_>) -> Option<Digest> {
    if algorithm.oid != oid::MGF1 {
        return None;
    }
    Digest::from_algorithm(&Algorithm::of(algorithm.parameters?, "HashAlgorithm").ok()?)
}

/// RFC 4055 section 3.1. What is absent is SHA-1, MGF1 with SHA-1, 20, 1; other
/// trailers, or a salt whose length is not the digest's, are not supported.
fn pss(algorithm: &Algorithm<'_>, digest: Digest) -> Option<SignatureAlgorithm> {
    let parameters = algorithm.parameters.filter(|p| p.tag == SEQUENCE)?;
    let mut fields = parameters.fields();
    let expected = "RSASSA-PSS-params";
    let (mut hash, mut mask, mut salt, mut trailer) = (Digest::Sha1, Digest::Sha1, 20, 1);
    if let Some(element) = fields.optional(explicit(0), expected).ok()? {
        hash = Digest::from_algorithm(&Algorithm::parse(&mut element.fields(), expected).ok()?)?;
    }
    if let Some(element) = fields.optional(explicit(1), expected).ok()? {
        mask = mgf1_digest(&Algorithm::parse(&mut element.fields(), expected).ok()?)?;
    }
    if let Some(element) = fields.optional(explicit(2), expected).ok()? {
        salt = element.fields().small_integer(expected).ok()?;
    }
    if let Some(element) = fields.optional(explicit(3), expected).ok()? {
        trailer = element.fields().small_integer(expected).ok()?;
    }
    let consistent = fields.is_empty()
        && (hash, mask, trailer) == (digest, digest, 1)
        && usize::from(salt) == digest.ring().output_len()
        && digest != Digest::Sha1;
    consistent.then_some(SignatureAlgorithm::RsaPss(digest))
}
