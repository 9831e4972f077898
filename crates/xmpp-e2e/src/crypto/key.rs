//! Public keys as certificates hold them, private keys as PKCS #8 holds them.

use aws_lc_rs::agreement;
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::{KeySize, PrivateDecryptingKey};
use ring::rand::SystemRandom;
use ring::rsa::KeyPair as RsaKeyPair;
use ring::signature::{self, EcdsaKeyPair, Ed25519KeyPair, KeyPair};
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject;
use zeroize::Zeroizing;

use super::{Digest, SignatureAlgorithm, random};
use crate::asn1::{
    Algorithm, BIT_STRING, Element, Fields, INTEGER, Malformed, OCTET_STRING, OID, SEQUENCE, nest,
    oid, put, put_algorithm,
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
    /// Ed25519: signs.
    Ed25519,
    /// X25519: agrees on keys.
    X25519,
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

    fn of(algorithm: &Algorithm<'_>) -> Option<Self> {
        match algorithm.oid {
            oid if oid == oid::RSA_ENCRYPTION && algorithm.no_parameters() => Some(Self::Rsa),
            oid if oid == oid::EC_PUBLIC_KEY => {
                let curve = algorithm.parameters.filter(|p| p.tag == OID)?.value;
                if curve == oid::P256 {
                    Some(Self::P256)
                } else if curve == oid::P384 {
                    Some(Self::P384)
                } else {
                    None
                }
            }
            oid if oid == oid::ED25519 && algorithm.parameters.is_none() => Some(Self::Ed25519),
            oid if oid == oid::X25519 && algorithm.parameters.is_none() => Some(Self::X25519),
            _ => None,
        }
    }

    pub(crate) fn agreement(self) -> Option<&'static agreement::Algorithm> {
        match self {
            Self::P256 => Some(&agreement::ECDH_P256),
            Self::P384 => Some(&agreement::ECDH_P384),
            Self::X25519 => Some(&agreement::X25519),
            Self::Rsa | Self::Ed25519 => None,
        }
    }
}

impl core::fmt::Display for KeyKind {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Rsa => "RSA",
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::Ed25519 => "Ed25519",
            Self::X25519 => "X25519",
        })
    }
}

/// A subject's public key, borrowed from its certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PublicKey<'a> {
    pub(crate) kind: KeyKind,
    /// The contents of the BIT STRING: an RSAPublicKey, a point, or 32 octets.
    pub(crate) octets: &'a [u8],
}

impl<'a> PublicKey<'a> {
    /// From a `SubjectPublicKeyInfo`; nothing if the algorithm is none of ours.
    pub(crate) fn parse(info: Element<'a>) -> Result<Option<Self>, Malformed> {
        let expected = "a SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7)";
        let mut fields = info.fields();
        let algorithm = Algorithm::parse(&mut fields, expected)?;
        let bits = fields.take(BIT_STRING, expected)?;
        fields.end(expected)?;
        let Some((0, octets)) = bits.value.split_first() else {
            return Err(bits.malformed(expected));
        };
        Ok(KeyKind::of(&algorithm).map(|kind| Self { kind, octets }))
    }

    /// The bits of an RSA modulus; 0 for other keys.
    pub(crate) fn rsa_bits(&self) -> usize {
        let modulus = || {
            let mut fields = Fields::new(self.octets).take(SEQUENCE, "").ok()?.fields();
            Some(fields.take(INTEGER, "").ok()?.value)
        };
        if self.kind != KeyKind::Rsa {
            return 0;
        }
        let modulus = modulus().unwrap_or(&[]);
        let skip = modulus.iter().take_while(|&&octet| octet == 0).count();
        modulus[skip..]
            .first()
            .map_or(0, |first| (modulus.len() - skip) * 8 - first.leading_zeros() as usize)
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
        let (signing, decrypting) = match kind {
            KeyKind::Rsa => (
                Some(Signing::Rsa(RsaKeyPair::from_pkcs8(der).map_err(rejected)?)),
                Some(Decrypting::Rsa(
                    PrivateDecryptingKey::from_pkcs8(der).map_err(|_| KeyError::Rejected)?,
                )),
            ),
            KeyKind::P256 | KeyKind::P384 => {
                let signing = if kind == KeyKind::P256 {
                    &signature::ECDSA_P256_SHA256_ASN1_SIGNING
                } else {
                    &signature::ECDSA_P384_SHA384_ASN1_SIGNING
                };
                let agreement = kind.agreement().ok_or(KeyError::Unsupported)?;
                (
                    Some(Signing::Ecdsa(
                        EcdsaKeyPair::from_pkcs8(signing, der, &SystemRandom::new())
                            .map_err(rejected)?,
                    )),
                    Some(Decrypting::Agreement(
                        agreement::PrivateKey::from_private_key_der(agreement, der)
                            .map_err(|_| KeyError::Rejected)?,
                    )),
                )
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
            (Some(Signing::Ed25519(key)), _) => key.public_key().as_ref().to_vec(),
            (None, Some(Decrypting::Agreement(key))) => {
                key.compute_public_key().map_err(|_| KeyError::Rejected)?.as_ref().to_vec()
            }
            (None, _) => return Err(KeyError::Unsupported),
        };
        let bits = PublicKey { kind, octets: &public }.rsa_bits();
        if kind == KeyKind::Rsa && !(2048..=4096).contains(&bits) {
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
        let der = PrivatePkcs8KeyDer::from_pem_slice(pem).map_err(|_| KeyError::Pem)?;
        Self::from_pkcs8_der(der.secret_pkcs8_der())
    }

    /// A new key, as PKCS #8 in DER; RSA has 2048 bits.
    ///
    /// # Errors
    ///
    /// [`KeyError::Rejected`] if the system has no random octets to give.
    pub fn generate(kind: KeyKind) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let rng = SystemRandom::new();
        let failed = |_| KeyError::Rejected;
        let ecdsa = |algorithm| {
            EcdsaKeyPair::generate_pkcs8(algorithm, &rng)
                .map(|key| key.as_ref().to_vec())
                .map_err(|_| KeyError::Rejected)
        };
        Ok(Zeroizing::new(match kind {
            KeyKind::Rsa => {
                let key = aws_lc_rs::rsa::KeyPair::generate(KeySize::Rsa2048).map_err(failed)?;
                key.as_der().map_err(failed)?.as_ref().to_vec()
            }
            KeyKind::P256 => ecdsa(&signature::ECDSA_P256_SHA256_ASN1_SIGNING)?,
            KeyKind::P384 => ecdsa(&signature::ECDSA_P384_SHA384_ASN1_SIGNING)?,
            KeyKind::Ed25519 => octets_pkcs8(oid::ED25519)?,
            KeyKind::X25519 => octets_pkcs8(oid::X25519)?,
        }))
    }

    /// What kind it is of.
    #[must_use]
    pub const fn kind(&self) -> KeyKind {
        self.kind
    }

    pub(crate) fn public(&self) -> PublicKey<'_> {
        PublicKey { kind: self.kind, octets: &self.public }
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
                let own = if self.kind == KeyKind::P256 { Digest::Sha256 } else { Digest::Sha384 };
                let signature = (digest == own).then(|| key.sign(&rng, message).ok())??;
                Some(signature.as_ref().to_vec())
            }
            (Signing::Rsa(key), algorithm) => {
                let padding: &'static dyn signature::RsaEncoding = match algorithm {
                    SignatureAlgorithm::RsaPkcs1(Digest::Sha256) => &signature::RSA_PKCS1_SHA256,
                    SignatureAlgorithm::RsaPkcs1(Digest::Sha384) => &signature::RSA_PKCS1_SHA384,
                    SignatureAlgorithm::RsaPkcs1(Digest::Sha512) => &signature::RSA_PKCS1_SHA512,
                    SignatureAlgorithm::RsaPss(Digest::Sha256) => &signature::RSA_PSS_SHA256,
                    SignatureAlgorithm::RsaPss(Digest::Sha384) => &signature::RSA_PSS_SHA384,
                    SignatureAlgorithm::RsaPss(Digest::Sha512) => &signature::RSA_PSS_SHA512,
                    _ => return None,
                };
                let mut out = vec![0; key.public().modulus_len()];
                key.sign(padding, &rng, message, &mut out).ok()?;
                Some(out)
            }
            _ => None,
        }
    }
}

impl core::fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "PrivateKey({})", self.kind)
    }
}

/// RFC 8410 section 7: 32 random octets are a private key of either kind.
fn octets_pkcs8(algorithm: &[u8]) -> Result<Vec<u8>, KeyError> {
    let mut seed = Zeroizing::new([0; 32]);
    random(&mut *seed).map_err(|_| KeyError::Rejected)?;
    let mut out = Vec::with_capacity(64);
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
                f.write_str("the key is neither RSA, P-256, P-384, Ed25519 nor X25519")
            }
            Self::Rejected => f.write_str(
                "the key's numbers do not fit together, or RSA does not have 2048 to 4096 bits",
            ),
        }
    }
}

impl core::error::Error for KeyError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_made_and_read_back() {
        for kind in [KeyKind::Rsa, KeyKind::P256, KeyKind::P384, KeyKind::Ed25519, KeyKind::X25519]
        {
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
