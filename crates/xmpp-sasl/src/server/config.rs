//! What a server decides once.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::{AccountKeys, AuthorizationRule, OnlyOneself, OwnMechanism};
use crate::crypto::{Crypto, Hash};
use crate::mechanism::Mechanism;
use crate::prepare::{Preparation, Saslprep};
use crate::scram::keys::StoredKeys;
use crate::shared::Shared;

/// What a server decides once, for all its exchanges. Cheap to clone.
///
/// SCRAM needs to know [what keys accounts have](AccountKeys), and is not
/// offered as long as it does not; nor can PLAIN then hide which accounts exist.
///
/// ```
/// # #[cfg(any(feature = "ring", feature = "rustcrypto"))] {
/// use xmpp_sasl::crypto::Hash;
/// use xmpp_sasl::server::{AccountKeys, AuthcidAt, Config, FakeSalt, default_iterations};
///
/// # fn secret_from_the_database() -> [u8; 32] { [1; 32] }
/// let salt = FakeSalt::new(secret_from_the_database());
/// let keys = AccountKeys::new(salt, Hash::Sha256, default_iterations(Hash::Sha256));
/// let config = Config::new().account_keys(keys).authorization(AuthcidAt::new("capulet.example"));
///
/// // For certificates and bearer tokens alone:
/// let config = Config::new();
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Config {
    pub(crate) crypto: Shared<dyn Crypto>,
    pub(super) preparation: Shared<dyn Preparation>,
    pub(super) authorization: Arc<dyn AuthorizationRule>,
    accounts: Option<Arc<AccountKeys>>,
    own: Arc<Vec<Arc<dyn OwnMechanism>>>,
    pub(super) confirm_offer: bool,
    pub(super) data_with_success: bool,
    pub(super) max_message_bytes: usize,
}

#[cfg(any(feature = "ring", feature = "rustcrypto"))]
impl Default for Config {
    fn default() -> Self {
        Self::new()
    }
}

impl Config {
    /// How long a message of a client may be unless [told
    /// otherwise](Self::max_message_bytes), in bytes: room for bearer tokens,
    /// the longest thing there is.
    pub const MAX_MESSAGE_BYTES: usize = 16 * 1024;

    /// A configuration with the [default provider](crate::crypto::provider).
    #[cfg(any(feature = "ring", feature = "rustcrypto"))]
    pub fn new() -> Self {
        Self::with_crypto(crate::crypto::provider())
    }

    /// A configuration with a provider of cryptography of one's own.
    pub fn with_crypto(crypto: impl Into<Shared<dyn Crypto>>) -> Self {
        Self {
            crypto: crypto.into(),
            preparation: Shared::from(&Saslprep),
            authorization: Arc::new(OnlyOneself),
            accounts: None,
            own: Arc::default(),
            confirm_offer: true,
            data_with_success: true,
            max_message_bytes: Self::MAX_MESSAGE_BYTES,
        }
    }

    /// Tells which keys accounts have, for SCRAM and for PLAIN.
    #[must_use]
    pub fn account_keys(mut self, keys: AccountKeys) -> Self {
        self.accounts = Some(Arc::new(keys));
        self
    }

    /// Adds a mechanism of the caller's own, which is offered by that as far as
    /// the [policy](super::Policy) permits.
    #[must_use]
    pub fn with_mechanism(mut self, mechanism: Arc<dyn OwnMechanism>) -> Self {
        let name = mechanism.describe().name();
        let own = Arc::make_mut(&mut self.own);
        own.retain(|other| other.describe().name() != name);
        own.push(mechanism);
        self
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
    pub fn preparation(mut self, preparation: impl Into<Shared<dyn Preparation>>) -> Self {
        self.preparation = preparation.into();
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

    /// Whether the protocol can carry data with success, as XMPP, LDAP and
    /// ManageSieve do. In IMAP, POP3 and SMTP it cannot: turned off, what the
    /// server has to prove goes in a last challenge, which the client answers
    /// with an empty response (RFC 4422 section 5, item 2b).
    #[must_use]
    pub const fn data_with_success(mut self, possible: bool) -> Self {
        self.data_with_success = possible;
        self
    }

    /// How long a message of a client may be, in bytes.
    #[must_use]
    pub const fn max_message_bytes(mut self, bytes: usize) -> Self {
        self.max_message_bytes = bytes;
        self
    }

    pub(super) fn has_keys(&self, hash: Hash) -> bool {
        self.accounts.as_ref().is_some_and(|keys| keys.hashes().any(|each| each == hash))
    }

    pub(super) fn made_up(&self, hash: Hash, username: &str) -> Option<StoredKeys> {
        self.accounts.as_ref()?.made_up(&*self.crypto, hash, username)
    }

    pub(super) fn hash_for_plain(&self) -> Option<Hash> {
        self.accounts.as_ref().map(|keys| keys.for_plain())
    }

    pub(super) fn own(&self, name: &str) -> Option<&dyn OwnMechanism> {
        self.own.iter().find(|own| own.describe().name() == name).map(|own| &**own)
    }

    /// All that this configuration knows how to speak.
    pub(super) fn mechanisms(&self) -> impl Iterator<Item = Mechanism> + '_ {
        let own = self.own.iter().map(|own| Mechanism::Own(own.describe()));
        Mechanism::ALL.into_iter().chain(own)
    }
}
