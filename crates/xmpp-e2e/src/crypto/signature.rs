//! Signatures over CMS content (RFC 5754, RFC 4056, RFC 8419).

use aws_lc_rs::signature as wide;
use ring::signature::{self, VerificationAlgorithm};
use rsa::pkcs1::DecodeRsaPublicKey as _;

use super::parameters::Pss;
use super::{Digest, KeyKind, PublicKey, Sha2};
use crate::asn1::{Algorithm, OID, SEQUENCE, nest, oid, put, put_algorithm, put_algorithm_null};

/// A signature algorithm with its digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SignatureAlgorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-1, which RFC 3923 section 6.10 makes mandatory:
    /// never produced, read by a legacy policy alone.
    RsaPkcs1Sha1,
    /// RSA with a digest of the SHA-2 family.
    Rsa(RsaSignature),
    /// ECDSA with P-256, P-384 or P-521.
    Ecdsa(Sha2),
    /// Ed25519 (RFC 8419), with SHA-512 as the digest of the content.
    Ed25519,
}

/// How an RSA key signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "RFC 8017 section 8 has these two")]
pub enum RsaSignature {
    /// RSASSA-PKCS1-v1_5 (RFC 8017 section 8.2).
    Pkcs1(Sha2),
    /// RSASSA-PSS (RFC 8017 section 8.1) with MGF1 over the same digest. A salt
    /// of the digest's length is produced, others are read.
    Pss(Sha2),
}

/// A signature algorithm as it was read: with the salt of RSASSA-PSS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stated {
    pub(crate) algorithm: SignatureAlgorithm,
    /// Octets of the salt; 0 for what has none.
    salt: usize,
}

impl RsaSignature {
    /// The digest that goes over the content.
    #[must_use]
    pub const fn digest(self) -> Sha2 {
        match self {
            Self::Pkcs1(digest) | Self::Pss(digest) => digest,
        }
    }
}

impl SignatureAlgorithm {
    /// The digest that goes over the content.
    #[must_use]
    pub const fn digest(self) -> Digest {
        match self {
            Self::RsaPkcs1Sha1 => Digest::Sha1,
            Self::Rsa(how) => how.digest().digest(),
            Self::Ecdsa(digest) => digest.digest(),
            Self::Ed25519 => Digest::Sha512,
        }
    }

    /// Whether collisions can be made for its digest.
    #[must_use]
    pub const fn is_weak(self) -> bool {
        matches!(self, Self::RsaPkcs1Sha1)
    }

    pub(crate) fn write(self, out: &mut Vec<u8>) {
        match self {
            Self::RsaPkcs1Sha1 => put_algorithm_null(out, oid::SHA1_WITH_RSA),
            Self::Rsa(RsaSignature::Pkcs1(digest)) => put_algorithm_null(out, pkcs1_oid(digest)),
            Self::Rsa(RsaSignature::Pss(digest)) => nest(out, SEQUENCE, |out| {
                put(out, OID, oid::RSASSA_PSS);
                let (salt, digest) = (digest.octets(), digest.digest());
                Pss { digest, mgf1: digest, salt }.write(out);
            }),
            Self::Ecdsa(digest) => put_algorithm(out, ecdsa_oid(digest)),
            Self::Ed25519 => put_algorithm(out, oid::ED25519),
        }
    }
}

const fn pkcs1_oid(digest: Sha2) -> &'static [u8] {
    match digest {
        Sha2::Sha256 => oid::SHA256_WITH_RSA,
        Sha2::Sha384 => oid::SHA384_WITH_RSA,
        Sha2::Sha512 => oid::SHA512_WITH_RSA,
    }
}

const fn ecdsa_oid(digest: Sha2) -> &'static [u8] {
    match digest {
        Sha2::Sha256 => oid::ECDSA_SHA256,
        Sha2::Sha384 => oid::ECDSA_SHA384,
        Sha2::Sha512 => oid::ECDSA_SHA512,
    }
}

impl Stated {
    /// The algorithm of a `SignerInfo`, whose digest is known.
    pub(crate) fn read(algorithm: &Algorithm<'_>, digest: Digest) -> Option<Self> {
        let id = algorithm.oid;
        if id == oid::RSASSA_PSS {
            let Pss { digest: own, mgf1, salt } = Pss::read(algorithm.parameters?)?;
            let how = RsaSignature::Pss(digest.sha2()?);
            let consistent = own == digest && mgf1 == digest;
            return consistent.then_some(Self { algorithm: SignatureAlgorithm::Rsa(how), salt });
        }
        let pkcs1 = |digest| SignatureAlgorithm::Rsa(RsaSignature::Pkcs1(digest));
        let found = if id == oid::RSA_ENCRYPTION {
            // RFC 3370 section 3.2: the digest is in the field beside it.
            digest.sha2().map_or(SignatureAlgorithm::RsaPkcs1Sha1, pkcs1)
        } else if id == oid::SHA1_WITH_RSA {
            SignatureAlgorithm::RsaPkcs1Sha1
        } else if id == oid::ED25519 {
            SignatureAlgorithm::Ed25519
        } else if let Some(digest) = Sha2::ALL.into_iter().find(|d| pkcs1_oid(*d) == id) {
            pkcs1(digest)
        } else {
            let digest = Sha2::ALL.into_iter().find(|d| ecdsa_oid(*d) == id)?;
            SignatureAlgorithm::Ecdsa(digest)
        };
        // RFC 8419 section 3 asks for SHA-512 beside Ed25519 when there are
        // signed attributes; a different digest is another algorithm.
        let right = algorithm.no_parameters() && found.digest() == digest;
        right.then_some(Self { algorithm: found, salt: 0 })
    }

    /// Whether `signature` over `message` is by the owner of `key`.
    pub(crate) fn verify(self, key: &PublicKey<'_>, message: &[u8], signature: &[u8]) -> bool {
        // RFC 8551 section 4.5: 2048 to 4096 bits.
        if key.kind == KeyKind::Rsa && !(2048..=4096).contains(&key.rsa_bits()) {
            return false;
        }
        if !key.allows(self.algorithm, self.salt) {
            return false;
        }
        match self.algorithm {
            SignatureAlgorithm::Rsa(RsaSignature::Pss(digest)) if self.salt != digest.octets() => {
                key.kind == KeyKind::Rsa
                    && pss_of_any_salt(key.octets, digest, self.salt, message, signature)
            }
            algorithm => match verification(algorithm, key.kind) {
                Some(Library::Ring(algorithm)) => {
                    signature::UnparsedPublicKey::new(algorithm, key.octets)
                        .verify(message, signature)
                        .is_ok()
                }
                Some(Library::AwsLc(algorithm)) => {
                    wide::UnparsedPublicKey::new(algorithm, key.octets)
                        .verify(message, signature)
                        .is_ok()
                }
                None => false,
            },
        }
    }
}

/// Which library verifies: ring, and for what it has not, aws-lc-rs.
enum Library {
    Ring(&'static dyn VerificationAlgorithm),
    AwsLc(&'static dyn wide::VerificationAlgorithm),
}

fn verification(algorithm: SignatureAlgorithm, key: KeyKind) -> Option<Library> {
    use Sha2::{Sha256, Sha384, Sha512};
    let ring = |algorithm| Some(Library::Ring(algorithm));
    let wide = |algorithm| Some(Library::AwsLc(algorithm));
    match (algorithm, key) {
        (SignatureAlgorithm::RsaPkcs1Sha1, KeyKind::Rsa) => {
            ring(&signature::RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY)
        }
        (SignatureAlgorithm::Rsa(how), KeyKind::Rsa) => ring(match how {
            RsaSignature::Pkcs1(Sha256) => &signature::RSA_PKCS1_2048_8192_SHA256,
            RsaSignature::Pkcs1(Sha384) => &signature::RSA_PKCS1_2048_8192_SHA384,
            RsaSignature::Pkcs1(Sha512) => &signature::RSA_PKCS1_2048_8192_SHA512,
            RsaSignature::Pss(Sha256) => &signature::RSA_PSS_2048_8192_SHA256,
            RsaSignature::Pss(Sha384) => &signature::RSA_PSS_2048_8192_SHA384,
            RsaSignature::Pss(Sha512) => &signature::RSA_PSS_2048_8192_SHA512,
        }),
        (SignatureAlgorithm::Ecdsa(digest), KeyKind::P256) => match digest {
            Sha256 => ring(&signature::ECDSA_P256_SHA256_ASN1),
            Sha384 => ring(&signature::ECDSA_P256_SHA384_ASN1),
            Sha512 => wide(&wide::ECDSA_P256_SHA512_ASN1),
        },
        (SignatureAlgorithm::Ecdsa(digest), KeyKind::P384) => match digest {
            Sha256 => ring(&signature::ECDSA_P384_SHA256_ASN1),
            Sha384 => ring(&signature::ECDSA_P384_SHA384_ASN1),
            Sha512 => wide(&wide::ECDSA_P384_SHA512_ASN1),
        },
        (SignatureAlgorithm::Ecdsa(digest), KeyKind::P521) => match digest {
            Sha256 => wide(&wide::ECDSA_P521_SHA256_ASN1),
            Sha384 => wide(&wide::ECDSA_P521_SHA384_ASN1),
            Sha512 => wide(&wide::ECDSA_P521_SHA512_ASN1),
        },
        (SignatureAlgorithm::Ed25519, KeyKind::Ed25519) => ring(&signature::ED25519),
        // The key is of another kind than the algorithm: there is no such
        // signature.
        (
            SignatureAlgorithm::RsaPkcs1Sha1
            | SignatureAlgorithm::Rsa(_)
            | SignatureAlgorithm::Ecdsa(_)
            | SignatureAlgorithm::Ed25519,
            _,
        ) => None,
    }
}

/// RSASSA-PSS with a salt of another length than the digest's, which neither
/// library verifies: OpenSSL makes it as long as the key has room for, which is
/// 222 octets for 2048 bits. Verifying has no secrets, so that the timing of the
/// `rsa` crate (RUSTSEC-2023-0071) tells nothing here.
fn pss_of_any_salt(
    key: &[u8],
    digest: Sha2,
    salt: usize,
    message: &[u8],
    signature: &[u8],
) -> bool {
    let Ok(key) = rsa::RsaPublicKey::from_pkcs1_der(key) else { return false };
    let scheme = match digest {
        Sha2::Sha256 => rsa::Pss::new_with_salt::<rsa::sha2::Sha256>(salt),
        Sha2::Sha384 => rsa::Pss::new_with_salt::<rsa::sha2::Sha384>(salt),
        Sha2::Sha512 => rsa::Pss::new_with_salt::<rsa::sha2::Sha512>(salt),
    };
    key.verify(scheme, digest.digest().compute(message).as_ref(), signature).is_ok()
}

impl core::fmt::Display for SignatureAlgorithm {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::RsaPkcs1Sha1 => f.write_str("RSASSA-PKCS1-v1_5 with sha-1"),
            Self::Rsa(RsaSignature::Pkcs1(digest)) => {
                write!(f, "RSASSA-PKCS1-v1_5 with {digest}")
            }
            Self::Rsa(RsaSignature::Pss(digest)) => write!(f, "RSASSA-PSS with {digest}"),
            Self::Ecdsa(digest) => write!(f, "ECDSA with {digest}"),
            Self::Ed25519 => f.write_str("Ed25519"),
        }
    }
}
