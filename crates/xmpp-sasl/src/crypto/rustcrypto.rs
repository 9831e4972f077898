//! Everything in pure Rust.

use core::num::NonZeroU32;

use sha1::Sha1;
use sha2::{Sha256, Sha512};
use zeroize::Zeroize as _;

use super::pbkdf2::{self, IPAD, OPAD};
use super::{Crypto, Digest, Hash};

/// RustCrypto's hash functions, for targets where ring does not build.
#[derive(Clone, Copy, Debug, Default)]
pub struct RustCrypto;

impl Crypto for RustCrypto {
    fn digest(&self, hash: Hash, parts: &[&[u8]]) -> Digest {
        match hash {
            Hash::Sha1 => digest::<Sha1>(&[], parts),
            Hash::Sha256 => digest::<Sha256>(&[], parts),
            Hash::Sha512 => digest::<Sha512>(&[], parts),
        }
    }

    fn hmac(&self, hash: Hash, key: &[u8], parts: &[&[u8]]) -> Digest {
        let mut key = pbkdf2::padded_key(self, hash, key);
        let block = if hash == Hash::Sha512 { 128 } else { 64 };
        let (mut inner, mut outer) = (key.map(|byte| byte ^ IPAD), key.map(|byte| byte ^ OPAD));
        let (inner_key, outer_key) = (&inner[..block], &outer[..block]);
        let tag = match hash {
            Hash::Sha1 => hmac::<Sha1>(inner_key, outer_key, parts),
            Hash::Sha256 => hmac::<Sha256>(inner_key, outer_key, parts),
            Hash::Sha512 => hmac::<Sha512>(inner_key, outer_key, parts),
        };
        key.zeroize();
        inner.zeroize();
        outer.zeroize();
        tag
    }

    fn pbkdf2(&self, hash: Hash, password: &[u8], salt: &[u8], iterations: NonZeroU32) -> Digest {
        pbkdf2::derive(self, hash, password, salt, iterations)
    }
}

fn digest<D: sha2::Digest>(prefix: &[u8], parts: &[&[u8]]) -> Digest {
    let mut context = D::new_with_prefix(prefix);
    for part in parts {
        context.update(part);
    }
    super::of_bytes(&context.finalize())
}

/// `H(K XOR opad, H(K XOR ipad, text))`.
fn hmac<D: sha2::Digest>(inner_key: &[u8], outer_key: &[u8], parts: &[&[u8]]) -> Digest {
    digest::<D>(outer_key, &[digest::<D>(inner_key, parts).as_ref()])
}
