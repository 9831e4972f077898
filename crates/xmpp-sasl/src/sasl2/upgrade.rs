//! Getting keys for another hash from a client (XEP-0480).

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::num::NonZeroU32;
use core::ops::RangeInclusive;

use crate::client::{Credentials, Policy};
use crate::crypto::{Crypto, Hash};
use crate::prepare::{Preparation, PrepareError, Purpose};
use crate::scram::keys::{ScramKeys, StoredKeys};
use crate::secret::Secret;
use crate::server::Config;
use crate::shared::Shared;

/// The task `UPGR-SCRAM-…`: the server sends a salt and a count, the client
/// answers with the SaltedPassword, and the server has keys for that hash.
///
/// ```
/// # #[cfg(any(feature = "ring", feature = "rustcrypto"))] {
/// use core::num::NonZeroU32;
/// use xmpp_sasl::crypto::{self, Hash};
/// use xmpp_sasl::prepare::Saslprep;
/// use xmpp_sasl::sasl2::Upgrade;
///
/// let rounds = NonZeroU32::new(4096).unwrap();
/// let task = Upgrade::from_name("UPGR-SCRAM-SHA-256").unwrap();
/// // The client, with <salt iterations='4096'/> and the policy's bounds:
/// let salted = task
///     .salted_password(crypto::provider(), &Saslprep, "pencil", b"salt", rounds, 4096..=100_000)
///     .unwrap();
/// // The server, with <hash/>:
/// let keys = task.keys(crypto::provider(), salted.expose(), b"salt", rounds).unwrap();
/// assert!(keys.verify_password(crypto::provider(), b"pencil"));
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Upgrade {
    hash: Hash,
}

impl Upgrade {
    /// The task for that hash.
    pub const fn to(hash: Hash) -> Self {
        Self { hash }
    }

    /// The task's name.
    pub fn name(self) -> String {
        alloc::format!("UPGR-SCRAM-{}", self.hash.as_str())
    }

    /// The task of that name, if it is one.
    pub fn from_name(name: &str) -> Option<Self> {
        Hash::from_name(name.strip_prefix("UPGR-SCRAM-")?).map(Self::to)
    }

    /// The hash that there will be keys for.
    pub const fn hash(self) -> Hash {
        self.hash
    }

    /// What to offer: an upgrade to every hash that there are no keys for.
    pub fn missing(stored: &[Hash]) -> Vec<Self> {
        Hash::ALL.into_iter().filter(|hash| !stored.contains(hash)).map(Self::to).collect()
    }

    /// The client's answer: the SaltedPassword, to go into `<hash/>` in base64.
    ///
    /// # Security
    ///
    /// To be sent only to a server that has [proved](crate::client::Exchange)
    /// that it knows the password: [`Continued`](super::Continued) sees to it
    /// that no task starts before.
    ///
    /// # Errors
    ///
    /// The server's salt is empty, its count out of bounds, or the password
    /// cannot be prepared.
    pub fn salted_password(
        self,
        crypto: &dyn Crypto,
        preparation: &dyn Preparation,
        password: &str,
        salt: &[u8],
        iterations: NonZeroU32,
        bounds: RangeInclusive<u32>,
    ) -> Result<Secret, UpgradeError> {
        if salt.is_empty() {
            return Err(UpgradeError::EmptySalt);
        }
        if !bounds.contains(&iterations.get()) {
            return Err(UpgradeError::Iterations(iterations.get()));
        }
        let password =
            preparation.password(password, Purpose::Stored).map_err(UpgradeError::Password)?;
        let salted = crypto.pbkdf2(self.hash, password.as_bytes(), salt, iterations);
        Ok(Secret::new(salted.as_ref()))
    }

    /// Prepares the computation of the salted password, by the policy and the credentials
    /// of the exchange, as a value that can be moved to another thread: PBKDF2 takes its
    /// time.
    ///
    /// # Errors
    ///
    /// As [`salted_password`](Self::salted_password); and if there is no password.
    pub fn query(
        self,
        policy: &Policy,
        credentials: &Credentials,
        salt: &[u8],
        iterations: NonZeroU32,
    ) -> Result<UpgradeQuery, UpgradeError> {
        if salt.is_empty() {
            return Err(UpgradeError::EmptySalt);
        }
        if !policy.iterations.contains(&iterations.get()) {
            return Err(UpgradeError::Iterations(iterations.get()));
        }
        let password = credentials.password().ok_or(UpgradeError::NoPassword)?;
        let password = core::str::from_utf8(password.expose()).unwrap_or_default();
        let prepared = policy
            .preparation
            .password(password, Purpose::Stored)
            .map_err(UpgradeError::Password)?;
        let password = match prepared {
            Cow::Borrowed(text) => Secret::from(text),
            Cow::Owned(text) => Secret::new(text),
        };
        let (crypto, salt) = (policy.crypto.clone(), salt.into());
        Ok(UpgradeQuery { crypto, hash: self.hash, password, salt, iterations })
    }

    /// As [`keys`](Self::keys), with the configuration's provider of cryptography.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn keys_by(
        self,
        config: &Config,
        salted_password: &[u8],
        salt: &[u8],
        iterations: NonZeroU32,
    ) -> Result<StoredKeys, UpgradeError> {
        self.keys(&*config.crypto, salted_password, salt, iterations)
    }

    /// The server's gain: the keys that follow from the client's answer.
    ///
    /// # Errors
    ///
    /// The answer has not the length of the hash, or the salt is empty.
    pub fn keys(
        self,
        crypto: &dyn Crypto,
        salted_password: &[u8],
        salt: &[u8],
        iterations: NonZeroU32,
    ) -> Result<StoredKeys, UpgradeError> {
        if salted_password.len() != self.hash.output_len() {
            return Err(UpgradeError::Length);
        }
        if salt.is_empty() {
            return Err(UpgradeError::EmptySalt);
        }
        let keys =
            ScramKeys::of_salted_password(crypto, self.hash, salted_password, salt, iterations);
        Ok(keys.to_stored())
    }
}

/// What a SaltedPassword is to be derived from. It holds the password, which does
/// not show in `Debug`.
#[derive(Clone)]
#[must_use = "the task waits for the answer"]
pub struct UpgradeQuery {
    crypto: Shared<dyn Crypto>,
    hash: Hash,
    /// Prepared.
    password: Secret,
    salt: Vec<u8>,
    iterations: NonZeroU32,
}

impl UpgradeQuery {
    /// The hash that the server wants keys for.
    pub const fn hash(&self) -> Hash {
        self.hash
    }

    /// Derives the SaltedPassword: as many rounds of PBKDF2 as the server said,
    /// within the bounds of the policy.
    pub fn derive(&self) -> Secret {
        let Self { crypto, hash, password, salt, iterations } = self;
        Secret::new(crypto.pbkdf2(*hash, password.expose(), salt, *iterations).as_ref())
    }
}

impl fmt::Debug for UpgradeQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UpgradeQuery")
            .field("hash", &self.hash)
            .field("iterations", &self.iterations)
            .finish_non_exhaustive()
    }
}

/// Why an upgrade cannot be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UpgradeError {
    /// The salt is empty.
    EmptySalt,
    /// This iteration count is out of the policy's bounds.
    Iterations(u32),
    /// The password cannot be prepared.
    Password(PrepareError),
    /// The SaltedPassword has not the length of the hash.
    Length,
    /// There is no password, only keys for other hashes.
    NoPassword,
}

impl fmt::Display for UpgradeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EmptySalt => f.write_str("the salt is empty (XEP-0480 section 3)"),
            Self::Iterations(count) => write!(f, "{count} iterations are out of bounds"),
            Self::Password(error) => write!(f, "the password cannot be used: {error}"),
            Self::NoPassword => f.write_str("there is no password to upgrade"),
            Self::Length => f.write_str("the salted password has not the length of the hash"),
        }
    }
}

impl core::error::Error for UpgradeError {}
