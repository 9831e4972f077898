//! What a server decides once.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::num::NonZeroU32;

use super::{AuthorizationRule, OnlyOneself};
use crate::crypto::{Crypto, Hash};
use crate::prepare::{Preparation, Saslprep};
use crate::scram::keys::StoredKeys;
use crate::secret::Secret;

/// The iteration count for new keys: what the OWASP Password Storage Cheat
/// Sheet recommends for PBKDF2 (read in 2026): 1,300,000 with HMAC-SHA-1,
/// 600,000 with HMAC-SHA-256, 210,000 with HMAC-SHA-512. The RFCs' 4096 of 2010
/// and 2015 is a lower bound, not advice.
///
/// It is the clients that pay, once a login or once a password, if they cache
/// their keys.
pub const fn default_iterations(hash: Hash) -> NonZeroU32 {
    let count = match hash {
        Hash::Sha1 => 1_300_000,
        Hash::Sha256 => 600_000,
        Hash::Sha512 => 210_000,
    };
    NonZeroU32::new(count).unwrap()
}

/// A secret that gives every account that does not exist a salt of its own,
/// the same one each time, so that nobody learns which accounts exist.
///
/// Make it once from a random generator, and keep it as long as the accounts:
/// if the salts of some accounts change, those were not accounts.
#[derive(Clone, Debug)]
pub struct FakeSalt(Secret);

impl FakeSalt {
    /// Out of 32 random bytes.
    pub fn new(secret: [u8; 32]) -> Self {
        Self(Secret::new(secret))
    }

    /// Keys that look like an account's. What they hold beside the salt is
    /// never shown.
    pub(crate) fn keys(
        &self,
        crypto: &dyn Crypto,
        hash: Hash,
        iterations: NonZeroU32,
        username: &str,
    ) -> StoredKeys {
        let label = hash.as_str().as_bytes();
        let salt = crypto.hmac(Hash::Sha512, self.0.expose(), &[label, b"\0", username.as_bytes()]);
        let bytes = salt.as_ref();
        let key: Vec<u8> = bytes.iter().rev().copied().take(hash.output_len()).collect();
        StoredKeys::from_parts(hash, &bytes[..SALT_BYTES], iterations, &key, &key)
            .expect("the salt is not empty and the keys have the length of the hash")
    }
}

/// As long as the salts that RFC 7677's example and OWASP have.
const SALT_BYTES: usize = 16;

/// What a server decides once, for all its exchanges. Cheap to clone.
///
/// ```
/// # #[cfg(any(feature = "ring", feature = "rustcrypto"))] {
/// use xmpp_sasl::server::{Config, FakeSalt, LocalpartAt};
///
/// # fn secret_from_the_database() -> [u8; 32] { [1; 32] }
/// let config = Config::new(FakeSalt::new(secret_from_the_database()))
///     .authorization(LocalpartAt::new("capulet.example"));
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Config {
    pub(super) crypto: &'static dyn Crypto,
    pub(super) preparation: &'static dyn Preparation,
    pub(super) authorization: Arc<dyn AuthorizationRule>,
    fake_salt: Arc<FakeSalt>,
    fake_iterations: [NonZeroU32; 3],
    pub(super) confirm_offer: bool,
    pub(super) max_message_bytes: usize,
}

impl Config {
    /// How long a message of a client may be unless [told
    /// otherwise](Self::max_message_bytes), in bytes: room for bearer tokens,
    /// the longest thing there is.
    pub const MAX_MESSAGE_BYTES: usize = 16 * 1024;

    /// A configuration with the [default provider](crate::crypto::provider).
    #[cfg(any(feature = "ring", feature = "rustcrypto"))]
    pub fn new(fake_salt: FakeSalt) -> Self {
        Self::with_crypto(fake_salt, crate::crypto::provider())
    }

    /// A configuration with a provider of cryptography of one's own.
    pub fn with_crypto(fake_salt: FakeSalt, crypto: &'static dyn Crypto) -> Self {
        Self {
            crypto,
            preparation: &Saslprep,
            authorization: Arc::new(OnlyOneself),
            fake_salt: Arc::new(fake_salt),
            fake_iterations: Hash::ALL.map(default_iterations),
            confirm_offer: true,
            max_message_bytes: Self::MAX_MESSAGE_BYTES,
        }
    }

    /// Decides about authorization identities by another rule than
    /// [`OnlyOneself`].
    #[must_use]
    pub fn authorization(mut self, rule: impl AuthorizationRule + 'static) -> Self {
        self.authorization = Arc::new(rule);
        self
    }

    /// Prepares user names and passwords by another profile than [`Saslprep`].
    #[must_use]
    pub const fn preparation(mut self, preparation: &'static dyn Preparation) -> Self {
        self.preparation = preparation;
        self
    }

    /// The iteration count that accounts have, for the accounts that do not
    /// exist. Give the count that most accounts have; it begins as
    /// [`default_iterations`].
    #[must_use]
    pub const fn account_iterations(mut self, hash: Hash, iterations: NonZeroU32) -> Self {
        self.fake_iterations[hash as usize] = iterations;
        self
    }

    /// Whether SCRAM confirms to the client what was offered (XEP-0474, the
    /// attribute `h`). On unless turned off here; clients that do not know it
    /// ignore it.
    #[must_use]
    pub const fn confirm_offer(mut self, confirm: bool) -> Self {
        self.confirm_offer = confirm;
        self
    }

    /// How long a message of a client may be, in bytes.
    #[must_use]
    pub const fn max_message_bytes(mut self, bytes: usize) -> Self {
        self.max_message_bytes = bytes;
        self
    }

    pub(super) fn fake_keys(&self, hash: Hash, username: &str) -> StoredKeys {
        let iterations = self.fake_iterations[hash as usize];
        self.fake_salt.keys(self.crypto, hash, iterations, username)
    }
}
