//! Message digests (RFC 5754, RFC 3370).

use crate::asn1::{Algorithm, oid};

/// A message digest algorithm, of those that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Digest {
    /// SHA-1, which RFC 3923 section 6.10 makes mandatory and which no longer
    /// resists collisions: no signature is made with it, and a legacy policy
    /// alone reads those that others made.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

/// The digests of the SHA-2 family: what signatures are made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "RFC 5754 section 2 has these and SHA-224")]
pub enum Sha2 {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl Sha2 {
    pub(crate) const ALL: [Self; 3] = [Self::Sha256, Self::Sha384, Self::Sha512];

    /// This function as a [`Digest`], which also knows SHA-1.
    #[must_use]
    pub const fn digest(self) -> Digest {
        match self {
            Self::Sha256 => Digest::Sha256,
            Self::Sha384 => Digest::Sha384,
            Self::Sha512 => Digest::Sha512,
        }
    }

    /// How many octets it gives.
    pub(crate) const fn octets(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }
}

impl core::fmt::Display for Sha2 {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.digest().micalg())
    }
}

impl Digest {
    const ALL: [Self; 4] = [Self::Sha1, Self::Sha256, Self::Sha384, Self::Sha512];

    /// The value of `micalg` (RFC 8551 section 3.5.3.2).
    #[must_use]
    pub const fn micalg(self) -> &'static str {
        match self {
            Self::Sha1 => "sha-1",
            Self::Sha256 => "sha-256",
            Self::Sha384 => "sha-384",
            Self::Sha512 => "sha-512",
        }
    }

    /// This function as a [`Sha2`]; `None` for SHA-1.
    pub(crate) const fn sha2(self) -> Option<Sha2> {
        match self {
            Self::Sha1 => None,
            Self::Sha256 => Some(Sha2::Sha256),
            Self::Sha384 => Some(Sha2::Sha384),
            Self::Sha512 => Some(Sha2::Sha512),
        }
    }

    pub(crate) fn compute(self, data: &[u8]) -> ring::digest::Digest {
        ring::digest::digest(self.ring(), data)
    }

    pub(crate) fn ring(self) -> &'static ring::digest::Algorithm {
        match self {
            Self::Sha1 => &ring::digest::SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => &ring::digest::SHA256,
            Self::Sha384 => &ring::digest::SHA384,
            Self::Sha512 => &ring::digest::SHA512,
        }
    }

    pub(crate) const fn oid(self) -> &'static [u8] {
        match self {
            Self::Sha1 => oid::SHA1,
            Self::Sha256 => oid::SHA256,
            Self::Sha384 => oid::SHA384,
            Self::Sha512 => oid::SHA512,
        }
    }

    pub(crate) fn from_algorithm(algorithm: &Algorithm<'_>) -> Option<Self> {
        if !algorithm.no_parameters() {
            return None;
        }
        Self::ALL.into_iter().find(|digest| digest.oid() == algorithm.oid)
    }
}
