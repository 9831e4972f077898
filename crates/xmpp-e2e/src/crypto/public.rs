//! Public keys as certificates hold them.

use super::parameters::Pss;
use super::{KeyKind, RsaSignature, SignatureAlgorithm};
use crate::asn1::{Algorithm, BIT_STRING, Element, Fields, INTEGER, Malformed, SEQUENCE, oid};

/// What an RSA key may be used for, by its own algorithm identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RsaUse {
    /// rsaEncryption: anything.
    Any,
    /// id-RSASSA-PSS (RFC 4055 section 1.2): RSASSA-PSS alone, and if it has
    /// parameters, with this digest and a salt at least this long.
    Pss(Option<Pss>),
}

/// A subject's public key, borrowed from its certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PublicKey<'a> {
    pub(crate) kind: KeyKind,
    /// The contents of the BIT STRING: an RSAPublicKey, a point, or 32 octets.
    pub(crate) octets: &'a [u8],
    pub(crate) rsa_use: RsaUse,
}

impl<'a> PublicKey<'a> {
    pub(crate) const fn new(kind: KeyKind, octets: &'a [u8]) -> Self {
        Self { kind, octets, rsa_use: RsaUse::Any }
    }

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
        if algorithm.oid == oid::RSASSA_PSS {
            let rsa_use = match algorithm.parameters {
                None => RsaUse::Pss(None),
                Some(parameters) => match Pss::read(parameters) {
                    Some(pss) if pss.mgf1 == pss.digest => RsaUse::Pss(Some(pss)),
                    _ => return Ok(None),
                },
            };
            return Ok(Some(Self { kind: KeyKind::Rsa, octets, rsa_use }));
        }
        Ok(KeyKind::of(&algorithm).map(|kind| Self::new(kind, octets)))
    }

    /// Whether the key's own algorithm identifier lets it verify such
    /// signatures (RFC 4055 section 3.3).
    pub(crate) fn allows(&self, algorithm: SignatureAlgorithm, salt: usize) -> bool {
        match (self.rsa_use, algorithm) {
            (RsaUse::Any, _) => true,
            (RsaUse::Pss(None), SignatureAlgorithm::Rsa(RsaSignature::Pss(_))) => true,
            (RsaUse::Pss(Some(own)), SignatureAlgorithm::Rsa(RsaSignature::Pss(digest))) => {
                own.digest == digest.digest() && salt >= own.salt
            }
            (RsaUse::Pss(_), _) => false,
        }
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

    /// Whether it is as long as RFC 8551 sections 4.4 and 4.5 want an RSA key to
    /// be: 2048 to 4096 bits. The others are as long as they are.
    pub(crate) fn is_long_enough(&self) -> bool {
        self.kind != KeyKind::Rsa || (2048..=4096).contains(&self.rsa_bits())
    }
}
