//! The algorithms, by the names the RFCs give them, over `ring` where it has
//! them and `aws-lc-rs` where it has not.

pub(crate) mod agreement;
pub(crate) mod content;
pub(crate) mod digest;
pub(crate) mod key;
pub(crate) mod parameters;
mod public;
pub(crate) mod signature;
pub(crate) mod transport;

pub use content::ContentEncryption;
pub use digest::{Digest, Sha2};
pub use key::{Curve, KeyError, KeyKind, PrivateKey};
pub(crate) use public::{PublicKey, RsaUse};
pub use signature::{RsaSignature, SignatureAlgorithm};
pub use transport::{KeyEncryption, KeyTransport, RsaKeyEncryption};

use ring::rand::{SecureRandom, SystemRandom};

/// The system gave no random octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NoRandomness;

/// Fills `out` from the system's generator.
pub(crate) fn random(out: &mut [u8]) -> Result<(), NoRandomness> {
    SystemRandom::new().fill(out).map_err(|_| NoRandomness)
}
