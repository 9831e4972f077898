//! What is kept of a password: on the server so that nobody can log in with
//! it, on the client so that PBKDF2 need not run again.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::num::NonZeroU32;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::crypto::{Crypto, Digest, Hash};

/// The client's keys for one password, salt and iteration count: what logging
/// in needs, so that caching them saves PBKDF2 at the next login (RFC 5802
/// section 5.1, on the salt).
///
/// They are as good as the password for this one account; keep them as
/// carefully.
///
/// ```
/// # #[cfg(any(feature = "ring", feature = "rustcrypto"))] {
/// use core::num::NonZeroU32;
/// use xmpp_sasl::crypto::{self, Hash};
/// use xmpp_sasl::{ScramKeys, StoredKeys};
///
/// let rounds = NonZeroU32::new(4096).unwrap();
/// let keys = ScramKeys::derive(crypto::provider(), Hash::Sha256, b"pencil", b"salt", rounds);
/// // What the server's database holds:
/// let stored = keys.to_stored();
/// assert_eq!(StoredKeys::from_text(&stored.to_text()), Some(stored));
/// # }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct ScramKeys {
    pub(crate) hash: Hash,
    pub(crate) salt: Vec<u8>,
    pub(crate) iterations: NonZeroU32,
    pub(crate) client_key: Digest,
    pub(crate) stored_key: Digest,
    pub(crate) server_key: Digest,
}

impl ScramKeys {
    /// Derives the keys from a password that has been prepared already (see
    /// [`crate::prepare`]). Costs `iterations` rounds of PBKDF2.
    pub fn derive(
        crypto: &dyn Crypto,
        hash: Hash,
        password: &[u8],
        salt: &[u8],
        iterations: NonZeroU32,
    ) -> Self {
        let salted = crypto.pbkdf2(hash, password, salt, iterations);
        Self::of_salted_password(crypto, hash, salted.as_ref(), salt, iterations)
    }

    /// The keys that follow from a `SaltedPassword` (RFC 5802 section 3), as
    /// the SCRAM upgrade task of XEP-0480 hands it over.
    pub fn of_salted_password(
        crypto: &dyn Crypto,
        hash: Hash,
        salted_password: &[u8],
        salt: &[u8],
        iterations: NonZeroU32,
    ) -> Self {
        let client_key = crypto.hmac(hash, salted_password, &[b"Client Key"]);
        Self {
            hash,
            salt: salt.into(),
            iterations,
            stored_key: crypto.digest(hash, &[client_key.as_ref()]),
            server_key: crypto.hmac(hash, salted_password, &[b"Server Key"]),
            client_key,
        }
    }

    /// The hash they are for.
    pub const fn hash(&self) -> Hash {
        self.hash
    }

    /// The part that a server keeps.
    pub fn to_stored(&self) -> StoredKeys {
        StoredKeys {
            hash: self.hash,
            salt: self.salt.clone(),
            iterations: self.iterations,
            stored_key: self.stored_key.clone(),
            server_key: self.server_key.clone(),
        }
    }

    /// A text form for the client's own store: the [text form of the stored
    /// keys](StoredKeys::to_text) and, after a further `:`, the ClientKey.
    pub fn to_text(&self) -> String {
        let mut text = self.to_stored().to_text();
        text.push(':');
        STANDARD.encode_string(&self.client_key, &mut text);
        text
    }

    /// Reads what [`ScramKeys::to_text`] wrote; `None` if it is anything else,
    /// keys that do not belong together included.
    pub fn from_text(crypto: &dyn Crypto, text: &str) -> Option<Self> {
        let (stored, client_key) = text.rsplit_once(':')?;
        let stored = StoredKeys::from_text(stored)?;
        let client_key = key(stored.hash, client_key)?;
        (crypto.digest(stored.hash, &[client_key.as_ref()]) == stored.stored_key).then_some(Self {
            hash: stored.hash,
            salt: stored.salt,
            iterations: stored.iterations,
            client_key,
            stored_key: stored.stored_key,
            server_key: stored.server_key,
        })
    }
}

impl fmt::Debug for ScramKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScramKeys")
            .field("hash", &self.hash)
            .field("iterations", &self.iterations)
            .finish_non_exhaustive()
    }
}

/// What a server keeps of an account's password, one for each hash it offers.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredKeys {
    pub(crate) hash: Hash,
    pub(crate) salt: Vec<u8>,
    pub(crate) iterations: NonZeroU32,
    pub(crate) stored_key: Digest,
    pub(crate) server_key: Digest,
}

impl StoredKeys {
    /// Keys as another server's database has them. `None` if the salt is empty
    /// or a key has not the length of the hash.
    pub fn from_parts(
        hash: Hash,
        salt: &[u8],
        iterations: NonZeroU32,
        stored_key: &[u8],
        server_key: &[u8],
    ) -> Option<Self> {
        let fits = |key: &[u8]| key.len() == hash.output_len();
        (!salt.is_empty() && fits(stored_key) && fits(server_key)).then_some(())?;
        Some(Self {
            hash,
            salt: salt.into(),
            iterations,
            stored_key: Digest::new(stored_key)?,
            server_key: Digest::new(server_key)?,
        })
    }

    /// The hash they are for.
    pub const fn hash(&self) -> Hash {
        self.hash
    }

    /// The iteration count the client will be asked for.
    pub const fn iterations(&self) -> NonZeroU32 {
        self.iterations
    }

    /// Whether `password`, prepared already, is the one these keys were
    /// derived from. Costs as many rounds of PBKDF2 as the keys did.
    pub fn verify_password(&self, crypto: &dyn Crypto, password: &[u8]) -> bool {
        let derived = ScramKeys::derive(crypto, self.hash, password, &self.salt, self.iterations);
        derived.stored_key == self.stored_key
    }

    /// A stable text form:
    /// `SCRAM-SHA-256$4096:SALT$STOREDKEY:SERVERKEY` with base64 in capitals'
    /// place. PostgreSQL writes the same in `pg_authid`, as RFC 5803 suggests.
    pub fn to_text(&self) -> String {
        let mut text = alloc::format!("SCRAM-{}${}:", self.hash.as_str(), self.iterations);
        STANDARD.encode_string(&self.salt, &mut text);
        text.push('$');
        STANDARD.encode_string(&self.stored_key, &mut text);
        text.push(':');
        STANDARD.encode_string(&self.server_key, &mut text);
        text
    }

    /// Reads what [`StoredKeys::to_text`] wrote; `None` if it is anything else.
    pub fn from_text(text: &str) -> Option<Self> {
        let (hash, rest) = text.strip_prefix("SCRAM-")?.split_once('$')?;
        let hash = Hash::from_name(hash)?;
        let (parameters, keys) = rest.split_once('$')?;
        let (iterations, salt) = parameters.split_once(':')?;
        let (stored_key, server_key) = keys.split_once(':')?;
        let digits = iterations.bytes().all(|byte| byte.is_ascii_digit());
        let salt = STANDARD.decode(salt).ok()?;
        (digits && !salt.is_empty()).then_some(Self {
            hash,
            salt,
            iterations: iterations.parse().ok()?,
            stored_key: key(hash, stored_key)?,
            server_key: key(hash, server_key)?,
        })
    }
}

impl fmt::Debug for StoredKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredKeys")
            .field("hash", &self.hash)
            .field("iterations", &self.iterations)
            .finish_non_exhaustive()
    }
}

fn key(hash: Hash, base64: &str) -> Option<Digest> {
    let mut bytes = STANDARD.decode(base64).ok()?;
    let key = (bytes.len() == hash.output_len()).then(|| Digest::new(&bytes))?;
    zeroize::Zeroize::zeroize(&mut bytes);
    key
}
