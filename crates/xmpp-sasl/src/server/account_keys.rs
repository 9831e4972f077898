//! What the stored keys of accounts look like, and those that are made up for
//! accounts that do not exist.

use alloc::vec::Vec;
use core::num::NonZeroU32;

use crate::crypto::{Crypto, Hash};
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
}

/// Which keys the accounts of a server have: for which hashes, with how many
/// iterations. SCRAM is offered with these hashes and no other, and an account
/// that does not exist looks and takes as long as one that does.
///
/// ```
/// use xmpp_sasl::crypto::Hash;
/// use xmpp_sasl::server::{AccountKeys, FakeSalt, default_iterations};
///
/// # fn secret_from_the_database() -> [u8; 32] { [1; 32] }
/// let salt = FakeSalt::new(secret_from_the_database());
/// let keys = AccountKeys::new(salt, Hash::Sha256, default_iterations(Hash::Sha256))
///     .and(Hash::Sha1, default_iterations(Hash::Sha1));
/// assert_eq!(keys.hashes().collect::<Vec<_>>(), [Hash::Sha256, Hash::Sha1]);
/// ```
#[derive(Clone, Debug)]
pub struct AccountKeys {
    fake_salt: FakeSalt,
    first: (Hash, NonZeroU32),
    more: Vec<(Hash, NonZeroU32)>,
}

impl AccountKeys {
    /// Accounts have keys for this hash. Give the count that most of them have:
    /// where it differs, so does the time. With PLAIN, passwords are compared
    /// with the keys of this hash.
    pub const fn new(fake_salt: FakeSalt, hash: Hash, iterations: NonZeroU32) -> Self {
        Self { fake_salt, first: (hash, iterations), more: Vec::new() }
    }

    /// Accounts have keys for this hash, too; for one given before, this is the
    /// count.
    #[must_use]
    pub fn and(mut self, hash: Hash, iterations: NonZeroU32) -> Self {
        if self.first.0 == hash {
            self.first.1 = iterations;
        } else {
            self.more.retain(|(other, _)| *other != hash);
            self.more.push((hash, iterations));
        }
        self
    }

    /// The hashes that accounts have keys for, the one for PLAIN first.
    pub fn hashes(&self) -> impl Iterator<Item = Hash> + '_ {
        self.all().map(|(hash, _)| hash)
    }

    fn all(&self) -> impl Iterator<Item = (Hash, NonZeroU32)> + '_ {
        core::iter::once(self.first).chain(self.more.iter().copied())
    }

    /// The hash that PLAIN's passwords are compared with.
    pub(super) const fn for_plain(&self) -> Hash {
        self.first.0
    }

    /// Keys that look like an account's; `None` if accounts have none for this
    /// hash. What they hold beside the salt is never shown.
    pub(super) fn made_up(
        &self,
        crypto: &dyn Crypto,
        hash: Hash,
        username: &str,
    ) -> Option<StoredKeys> {
        let (_, iterations) = self.all().find(|(each, _)| *each == hash)?;
        let secret = self.fake_salt.0.expose();
        let label = hash.as_str().as_bytes();
        let salt = crypto.hmac(Hash::Sha512, secret, &[label, b"\0", username.as_bytes()]);
        let bytes = salt.as_ref();
        let key: Vec<u8> = bytes.iter().rev().copied().take(hash.output_len()).collect();
        StoredKeys::from_parts(hash, bytes.get(..SALT_BYTES)?, iterations, &key, &key)
    }
}

/// As long as the salts that RFC 7677's example and OWASP have.
const SALT_BYTES: usize = 16;
