//! Everything in pure Rust.

use core::num::NonZeroU32;

use super::{Crypto, Digest, Hash, pbkdf2};

/// RustCrypto's hash functions, for targets where ring does not build.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct RustCrypto;

impl Crypto for RustCrypto {
    fn digest(&self, hash: Hash, parts: &[&[u8]]) -> Digest {
        pbkdf2::digest(hash, parts)
    }

    fn hmac(&self, hash: Hash, key: &[u8], parts: &[&[u8]]) -> Digest {
        pbkdf2::hmac(hash, key, parts)
    }

    fn pbkdf2(&self, hash: Hash, password: &[u8], salt: &[u8], iterations: NonZeroU32) -> Digest {
        pbkdf2::derive(hash, password, salt, iterations)
    }
}
