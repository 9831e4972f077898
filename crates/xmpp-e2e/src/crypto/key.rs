//! Kinds of keys, and private keys as PKCS #8 holds them.

use aws_lc_rs::agreement;
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::{KeySize, PrivateDecryptingKey};
use aws_lc_rs::signature as wide;
use ring::rand::SystemRandom;
use ring::rsa::KeyPair as RsaKeyPair;
use ring::signature::{self, EcdsaKeyPair, Ed25519KeyPair, KeyPair};
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject;
use zeroize::{Zeroize as _, Zeroizing};

use super::{PublicKey, RsaSignature, Sha2, SignatureAlgorithm, random};
use crate::asn1::{
    Algorithm, Fields, INTEGER, Malformed, OCTET_STRING, OID, SEQUENCE, nest, oid, put,
    put_algorithm,
};

/// What a key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyKind {
    /// RSA: signs, and decrypts content-encryption keys.
    Rsa,
    /// The curve P-256: signs, and agrees on keys.
    P256,
    /// The curve P-384: signs, and agrees on keys.
    P384,
    /// The curve P-521: signs, and agrees on keys.
    P521,
    /// Ed25519: signs.
    Ed25519,
    /// X25519: agrees on keys.
    X25519,
}

/// A curve that keys are agreed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Curve {
    /// P-256.
    P256,
    /// P-384.
    P384,
    /// P-521.
    P521,
    /// X25519.
    X25519,
}

impl Curve {
    #[cfg(test)]
    pub(crate) const ALL: [Self; 4] = [Self::P256, Self::P384, Self::P521, Self::X25519];

    /// The kind of key it has.
    #[must_use]
    pub const fn kind(self) -> KeyKind {
        match self {
            Self::P256 => KeyKind::P256,
            Self::P384 => KeyKind::P384,
            Self::P521 => KeyKind::P521,
            Self::X25519 => KeyKind::X25519,
        }
    }

    pub(crate) fn agreement(self) -> &'static agreement::Algorithm {
        match self {
            Self::P256 => &agreement::ECDH_P256,
            Self::P384 => &agreement::ECDH_P384,
            Self::P521 => &agreement::ECDH_P521,
            Self::X25519 => &agreement::X25519,
        }
    }
}

impl core::fmt::Display for Curve {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.kind().fmt(f)
    }
}

impl KeyKind {
    /// Whether such a key makes signatures.
    #[must_use]
    pub const fn can_sign(self) -> bool {
        !matches!(self, Self::X25519)
    }

    /// Whether one can encrypt to such a key.
    #[must_use]
    pub const fn can_encrypt(self) -> bool {
        !matches!(self, Self::Ed25519)
    }

    /// The curve such a key agrees on keys with; `None` if it does not.
    #[must_use]
    pub const fn curve(self) -> Option<Curve> {
        match self {
            Self::P256 => Some(Curve::P256),
            Self::P384 => Some(Curve::P384),
            Self::P521 => Some(Curve::P521),
            Self::X25519 => Some(Curve::X25519),
            Self::Rsa | Self::Ed25519 => None,
        }
    }

    /// The digest that ECDSA goes with on the curve (RFC 5480 section 4).
    pub(crate) const fn ecdsa_digest(self) -> Option<Sha2> {
        match self {
            Self::P256 => Some(Sha2::Sha256),
            Self::P384 => Some(Sha2::Sha384),
            Self::P521 => Some(Sha2::Sha512),
            Self::Rsa | Self::Ed25519 | Self::X25519 => None,
        }
    }

    pub(crate) fn of(algorithm: &Algorithm<'_>) -> Option<Self> {
        match algorithm.oid {
            oid if oid == oid::RSA_ENCRYPTION && algorithm.no_parameters() => Some(Self::Rsa),
            oid if oid == oid::EC_PUBLIC_KEY => {
                let curve = algorithm.parameters.filter(|p| p.tag == OID)?.value;
                [(oid::P256, Self::P256), (oid::P384, Self::P384), (oid::P521, Self::P521)]
                    .into_iter()
                    .find_map(|(known, kind)| (known == curve).then_some(kind))
            }
            oid if oid == oid::ED25519 && algorithm.parameters.is_none() => Some(Self::Ed25519),
            oid if oid == oid::X25519 && algorithm.parameters.is_none() => Some(Self::X25519),
            _ => None,
        }
    }
}

impl core::fmt::Display for KeyKind {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Rsa => "RSA",
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
            Self::Ed25519 => "Ed25519",
            Self::X25519 => "X25519",
        })
    }
}

/// A private key: it signs, decrypts, or both, as its [`KeyKind`] allows.
///
/// `Debug` shows its kind and nothing else.
pub struct PrivateKey {
    kind: KeyKind,
    public: Vec<u8>,
    signing: Option<Signing>,
    decrypting: Option<Decrypting>,
}

enum Signing {
    Rsa(RsaKeyPair),
    Ecdsa(EcdsaKeyPair),
    P521(wide::EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

pub(crate) enum Decrypting {
    Rsa(PrivateDecryptingKey),
    Agreement(agreement::PrivateKey),
}

impl PrivateKey {
    /// From PKCS #8 (RFC 5958) in DER, unencrypted.
    ///
    /// # Errors
    ///
    /// [`KeyError::Malformed`] if it is no PKCS #8, [`KeyError::Unsupported`] if
    /// the algorithm is none of [`KeyKind`]'s, [`KeyError::Rejected`] if the
    /// numbers are wrong or RSA has less than 2048 or more than 4096 bits.
    pub fn from_pkcs8_der(der: &[u8]) -> Result<Self, KeyError> {
        let expected = "a PrivateKeyInfo (RFC 5958)";
        let outer = Fields::new(der).take(SEQUENCE, expected)?;
        let mut fields = outer.fields();
        fields.small_integer(expected)?;
        let algorithm = Algorithm::parse(&mut fields, expected)?;
        let kind = KeyKind::of(&algorithm).ok_or(KeyError::Unsupported)?;
        let agrees = |curve: Curve| {
            agreement::PrivateKey::from_private_key_der(curve.agreement(), der)
                .map(|key| Some(Decrypting::Agreement(key)))
                .map_err(|_| KeyError::Rejected)
        };
        let ecdsa = |algorithm| {
            EcdsaKeyPair::from_pkcs8(algorithm, der, &SystemRandom::new())
                .map(|key| Some(Signing::Ecdsa(key)))
                .map_err(rejected)
        };
        let (signing, decrypting) = match kind {
            KeyKind::Rsa => (
                Some(Signing::Rsa(RsaKeyPair::from_pkcs8(der).map_err(rejected)?)),
                Some(Decrypting::Rsa(
                    PrivateDecryptingKey::from_pkcs8(der).map_err(|_| KeyError::Rejected)?,
                )),
            ),
            KeyKind::P256 => {
                (ecdsa(&signature::ECDSA_P256_SHA256_ASN1_SIGNING)?, agrees(Curve::P256)?)
            }
            KeyKind::P384 => {
                (ecdsa(&signature::ECDSA_P384_SHA384_ASN1_SIGNING)?, agrees(Curve::P384)?)
            }
            KeyKind::P521 => {
                let algorithm = &wide::ECDSA_P521_SHA512_ASN1_SIGNING;
                let key = wide::EcdsaKeyPair::from_pkcs8(algorithm, der)
                    .map_err(|_| KeyError::Rejected)?;
                (Some(Signing::P521(key)), agrees(Curve::P521)?)
            }
            KeyKind::Ed25519 => (
                Some(Signing::Ed25519(
                    Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).map_err(rejected)?,
                )),
                None,
            ),
            KeyKind::X25519 => {
                // RFC 8410 section 7: an OCTET STRING within the OCTET STRING.
                let outer = fields.take(OCTET_STRING, expected)?;
                let inner = outer.fields().take(OCTET_STRING, expected)?;
                let key = agreement::PrivateKey::from_private_key(&agreement::X25519, inner.value)
                    .map_err(|_| KeyError::Rejected)?;
                (None, Some(Decrypting::Agreement(key)))
            }
        };
        let public = match (&signing, &decrypting) {
            (Some(Signing::Rsa(key)), _) => key.public_key().as_ref().to_vec(),
            (Some(Signing::Ecdsa(key)), _) => key.public_key().as_ref().to_vec(),
            (Some(Signing::P521(key)), _) => wide::KeyPair::public_key(key).as_ref().to_vec(),
            (Some(Signing::Ed25519(key)), _) => key.public_key().as_ref().to_vec(),
            (None, Some(Decrypting::Agreement(key))) => {
                key.compute_public_key().map_err(|_| KeyError::Rejected)?.as_ref().to_vec()
            }
            (None, _) => return Err(KeyError::Unsupported),
        };
        if !PublicKey::new(kind, &public).is_long_enough() {
            return Err(KeyError::Rejected);
        }
        Ok(Self { kind, public, signing, decrypting })
    }

    /// From the first `PRIVATE KEY` section of a PEM file.
    ///
    /// # Errors
    ///
    /// As [`Self::from_pkcs8_der`]; [`KeyError::Pem`] if there is no such
    /// section, which is also so for encrypted keys.
    pub fn from_pem(pem: &[u8]) -> Result<Self, KeyError> {
        let mut der = PrivatePkcs8KeyDer::from_pem_slice(pem).map_err(|_| KeyError::Pem)?;
        let key = Self::from_pkcs8_der(der.secret_pkcs8_der());
        der.zeroize();
        key
    }

    /// A new key, as PKCS #8 in DER; RSA has 2048 bits.
    ///
    /// # Errors
    ///
    /// [`KeyError::Rejected`] if the system has no random octets to give.
    pub fn generate(kind: KeyKind) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let failed = |_| KeyError::Rejected;
        // What the library hands out is wiped when dropped, its copy here too.
        let ecdsa = |algorithm| {
            wide::EcdsaKeyPair::generate(algorithm)
                .and_then(|key| key.to_pkcs8v1())
                .map(|document| Zeroizing::new(document.as_ref().to_vec()))
                .map_err(failed)
        };
        match kind {
            KeyKind::Rsa => {
                let key = aws_lc_rs::rsa::KeyPair::generate(KeySize::Rsa2048).map_err(failed)?;
                Ok(Zeroizing::new(key.as_der().map_err(failed)?.as_ref().to_vec()))
            }
            KeyKind::P256 => ecdsa(&wide::ECDSA_P256_SHA256_ASN1_SIGNING),
            KeyKind::P384 => ecdsa(&wide::ECDSA_P384_SHA384_ASN1_SIGNING),
            KeyKind::P521 => ecdsa(&wide::ECDSA_P521_SHA512_ASN1_SIGNING),
            KeyKind::Ed25519 => octets_pkcs8(oid::ED25519),
            KeyKind::X25519 => octets_pkcs8(oid::X25519),
        }
    }

    /// What kind it is of.
    #[must_use]
    pub const fn kind(&self) -> KeyKind {
        self.kind
    }

    pub(crate) fn public(&self) -> PublicKey<'_> {
        PublicKey::new(self.kind, &self.public)
    }

    pub(crate) fn decrypting(&self) -> Option<&Decrypting> {
        self.decrypting.as_ref()
    }

    /// Signs, if the key and the algorithm go together.
    pub(crate) fn sign(&self, algorithm: SignatureAlgorithm, message: &[u8]) -> Option<Vec<u8>> {
        let rng = SystemRandom::new();
        match (self.signing.as_ref()?, algorithm) {
            (Signing::Ed25519(key), SignatureAlgorithm::Ed25519) => {
                Some(key.sign(message).as_ref().to_vec())
            }
            (Signing::Ecdsa(key), SignatureAlgorithm::Ecdsa(digest)) => {
                let own = self.kind.ecdsa_digest() == Some(digest);
                Some(own.then(|| key.sign(&rng, message).ok())??.as_ref().to_vec())
            }
            (Signing::P521(key), SignatureAlgorithm::Ecdsa(Sha2::Sha512)) => {
                let rng = aws_lc_rs::rand::SystemRandom::new();
                Some(key.sign(&rng, message).ok()?.as_ref().to_vec())
            }
            (Signing::Rsa(key), SignatureAlgorithm::Rsa(how)) => {
                let padding: &'static dyn signature::RsaEncoding = match how {
                    RsaSignature::Pkcs1(Sha2::Sha256) => &signature::RSA_PKCS1_SHA256,
                    RsaSignature::Pkcs1(Sha2::Sha384) => &signature::RSA_PKCS1_SHA384,
                    RsaSignature::Pkcs1(Sha2::Sha512) => &signature::RSA_PKCS1_SHA512,
                    RsaSignature::Pss(Sha2::Sha256) => &signature::RSA_PSS_SHA256,
                    RsaSignature::Pss(Sha2::Sha384) => &signature::RSA_PSS_SHA384,
                    RsaSignature::Pss(Sha2::Sha512) => &signature::RSA_PSS_SHA512,
                };
                let mut out = vec![0; key.public().modulus_len()];
                key.sign(padding, &rng, message, &mut out).ok()?;
                Some(out)
            }
            // The algorithm is not one of this key's.
            (
                Signing::Ed25519(_) | Signing::Ecdsa(_) | Signing::P521(_) | Signing::Rsa(_),
                SignatureAlgorithm::Ed25519
                | SignatureAlgorithm::Ecdsa(_)
                | SignatureAlgorithm::Rsa(_)
                | SignatureAlgorithm::RsaPkcs1Sha1,
            ) => None,
        }
    }
}

impl core::fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "PrivateKey({})", self.kind)
    }
}

/// RFC 8410 section 7: 32 random octets are a private key of either kind.
fn octets_pkcs8(algorithm: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let mut seed = Zeroizing::new([0; 32]);
    random(&mut *seed).map_err(|_| KeyError::Rejected)?;
    // Long enough never to move and leave a copy behind.
    let mut out = Zeroizing::new(Vec::with_capacity(64));
    nest(&mut out, SEQUENCE, |out| {
        put(out, INTEGER, &[0]);
        put_algorithm(out, algorithm);
        nest(out, OCTET_STRING, |out| put(out, OCTET_STRING, &*seed));
    });
    Ok(out)
}

fn rejected(_: ring::error::KeyRejected) -> KeyError {
    KeyError::Rejected
}

/// Why a private key cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyError {
    /// Not PKCS #8.
    Malformed(Malformed),
    /// No PEM section `PRIVATE KEY`.
    Pem,
    /// An algorithm or curve other than [`KeyKind`]'s.
    Unsupported,
    /// The numbers are not those of a valid key, or an RSA modulus does not have
    /// 2048 to 4096 bits (RFC 8551 sections 4.2 to 4.5).
    Rejected,
}

impl From<Malformed> for KeyError {
    fn from(malformed: Malformed) -> Self {
        Self::Malformed(malformed)
    }
}

impl core::fmt::Display for KeyError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Malformed(malformed) => write!(f, "the key is not PKCS #8: {malformed}"),
            Self::Pem => f.write_str("the PEM has no section PRIVATE KEY (unencrypted PKCS #8)"),
            Self::Unsupported => {
                f.write_str("the key is neither RSA, P-256, P-384, P-521, Ed25519 nor X25519")
            }
            Self::Rejected => f.write_str(
                "the key's numbers do not fit together, or RSA does not have 2048 to 4096 bits",
            ),
        }
    }
}

impl core::error::Error for KeyError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Malformed(malformed) => Some(malformed),
            Self::Pem | Self::Unsupported | Self::Rejected => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_made_and_read_back() {
        for kind in [
            KeyKind::Rsa,
            KeyKind::P256,
            KeyKind::P384,
            KeyKind::P521,
            KeyKind::Ed25519,
            KeyKind::X25519,
        ] {
            let key = PrivateKey::from_pkcs8_der(&PrivateKey::generate(kind).unwrap()).unwrap();
            assert_eq!(key.kind(), kind);
            assert_eq!(key.decrypting().is_some(), kind.can_encrypt());
            assert_eq!(key.signing.is_some(), kind.can_sign());
            assert_eq!(format!("{key:?}"), format!("PrivateKey({kind})"));
            let bits = key.public().rsa_bits();
            assert_eq!(bits, if kind == KeyKind::Rsa { 2048 } else { 0 });
        }
    }
}
