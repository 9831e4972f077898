//! The three functions SASL needs of cryptography, and who computes them.

use core::fmt;
use core::num::NonZeroU32;

use subtle::ConstantTimeEq as _;
use zeroize::Zeroize as _;

#[cfg(any(feature = "ring", feature = "rustcrypto"))]
mod pbkdf2;
#[cfg(feature = "ring")]
mod ring;
#[cfg(feature = "rustcrypto")]
mod rustcrypto;

#[cfg(feature = "ring")]
pub use self::ring::Ring;
#[cfg(feature = "rustcrypto")]
pub use self::rustcrypto::RustCrypto;

/// A hash function that a SCRAM mechanism is named after.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(
    clippy::exhaustive_enums,
    reason = "every implementation of `Crypto` has to know them all"
)]
pub enum Hash {
    /// SHA-1, which is not broken where SCRAM uses it (RFC 5802 section 9).
    Sha1,
    /// SHA-256 (RFC 7677).
    Sha256,
    /// SHA-512.
    Sha512,
}

impl Hash {
    /// All of them, the strongest last.
    pub const ALL: [Self; 3] = [Self::Sha1, Self::Sha256, Self::Sha512];

    /// The name that IANA registered, as in the mechanism's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sha1 => "SHA-1",
            Self::Sha256 => "SHA-256",
            Self::Sha512 => "SHA-512",
        }
    }

    /// The hash of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|each| each.as_str() == name)
    }

    /// The length of its output in bytes.
    pub const fn output_len(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }
}

/// What a hash, an HMAC or PBKDF2 came to: a secret as far as anybody knows.
#[derive(Clone)]
pub struct Digest {
    bytes: [u8; 64],
    len: usize,
}

impl Digest {
    /// A digest of these bytes; `None` if there are more than 64.
    pub fn new(bytes: &[u8]) -> Option<Self> {
        let mut digest = Self { bytes: [0; 64], len: bytes.len() };
        digest.bytes.get_mut(..bytes.len())?.copy_from_slice(bytes);
        Some(digest)
    }

    pub(crate) fn xor(&self, other: &Self) -> Self {
        let mut out = self.clone();
        for (byte, other) in out.bytes.iter_mut().zip(&other.bytes) {
            *byte ^= other;
        }
        out
    }
}

impl AsRef<[u8]> for Digest {
    fn as_ref(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

impl Drop for Digest {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

#[cfg(any(feature = "ring", feature = "rustcrypto"))]
fn of_bytes(bytes: &[u8]) -> Digest {
    Digest::new(bytes).expect("no hash of this crate is longer than 64 bytes")
}

/// In constant time.
impl PartialEq for Digest {
    fn eq(&self, other: &Self) -> bool {
        self.as_ref().ct_eq(other.as_ref()).into()
    }
}

impl Eq for Digest {}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// A provider of cryptography. Implement it to bring your own (a certified
/// module, a hardware engine); the crate's own are [`provider`]'s.
///
/// Every digest returned has [`Hash::output_len`] bytes.
pub trait Crypto: fmt::Debug + Send + Sync {
    /// The hash of the parts one after the other.
    fn digest(&self, hash: Hash, parts: &[&[u8]]) -> Digest;

    /// HMAC (RFC 2104) of the parts one after the other.
    fn hmac(&self, hash: Hash, key: &[u8], parts: &[&[u8]]) -> Digest;

    /// PBKDF2 (RFC 8018) with HMAC and one block of output: `Hi()` of RFC 5802
    /// section 2.2. This is what takes the time.
    fn pbkdf2(&self, hash: Hash, password: &[u8], salt: &[u8], iterations: NonZeroU32) -> Digest;
}

/// The provider that the enabled features make the default: [`Ring`] with the
/// feature `ring`, else `RustCrypto`.
#[cfg(feature = "ring")]
pub fn provider() -> &'static dyn Crypto {
    &Ring
}

/// The provider that the enabled features make the default: `Ring` with the
/// feature `ring`, else [`RustCrypto`].
#[cfg(all(feature = "rustcrypto", not(feature = "ring")))]
pub fn provider() -> &'static dyn Crypto {
    &RustCrypto
}

#[cfg(all(test, feature = "ring", feature = "rustcrypto"))]
mod tests {
    use super::*;

    #[test]
    fn the_providers_agree() {
        let text = [7; 300];
        for hash in Hash::ALL {
            for len in [0, 1, 63, 64, 65, 127, 128, 129, 300] {
                let (key, parts) = (&text[..len], [&text[..len], &text[len..]]);
                assert_eq!(Ring.digest(hash, &parts), RustCrypto.digest(hash, &parts));
                assert_eq!(Ring.hmac(hash, key, &parts), RustCrypto.hmac(hash, key, &parts));
                let rounds = NonZeroU32::new(3).expect("three is not zero");
                assert_eq!(
                    Ring.pbkdf2(hash, key, &text, rounds),
                    RustCrypto.pbkdf2(hash, key, &text, rounds)
                );
            }
        }
    }
}
