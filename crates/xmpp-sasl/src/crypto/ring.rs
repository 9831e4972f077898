//! Digests and HMACs by ring.

use core::num::NonZeroU32;

use ring::{digest, hmac};

use super::{Crypto, Digest, Hash};

/// ring for digests and HMACs. PBKDF2 is computed by whichever library is the
/// fastest on the target; `docs/sasl.md` has the figures.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ring;

impl Crypto for Ring {
    fn digest(&self, hash: Hash, parts: &[&[u8]]) -> Digest {
        let mut context = digest::Context::new(match hash {
            Hash::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
            Hash::Sha256 => &digest::SHA256,
            Hash::Sha512 => &digest::SHA512,
        });
        for part in parts {
            context.update(part);
        }
        super::of_bytes(context.finish().as_ref())
    }

    fn hmac(&self, hash: Hash, key: &[u8], parts: &[&[u8]]) -> Digest {
        let algorithm = match hash {
            Hash::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            Hash::Sha256 => hmac::HMAC_SHA256,
            Hash::Sha512 => hmac::HMAC_SHA512,
        };
        let mut context = hmac::Context::with_key(&hmac::Key::new(algorithm, key));
        for part in parts {
            context.update(part);
        }
        super::of_bytes(context.sign().as_ref())
    }

    fn pbkdf2(&self, hash: Hash, password: &[u8], salt: &[u8], iterations: NonZeroU32) -> Digest {
        super::pbkdf2::derive(self, hash, password, salt, iterations)
    }
}
