//! What a server has to look up, and what it finds.

use alloc::string::String;
use alloc::vec::Vec;

use crate::crypto::Hash;
use crate::mechanism::Mechanism;
use crate::own::Own;
use crate::reason::FailureReason;
use crate::scram::keys::StoredKeys;
use crate::secret::Secret;

/// What has to be known before an exchange can go on. Look it up, however long
/// it takes, and [`provide`](super::Pending::provide) an [`Answer`].
///
/// User names are prepared; a lookup compares them as they are.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Query {
    /// SCRAM wants [`Answer::keys`] for this hash.
    #[non_exhaustive]
    ScramKeys {
        /// Whose.
        username: String,
        /// For which hash.
        hash: Hash,
    },
    /// PLAIN wants [`Answer::keys`] to compare with, or
    /// [`Answer::password_checked`] from a caller that can compare by itself.
    ///
    /// Give the keys for `hash` if the account has them: an account that does
    /// not exist takes as long as those do. Keys for another hash will do.
    #[non_exhaustive]
    Password {
        /// Whose.
        username: String,
        /// The password, prepared.
        password: Secret,
        /// The first of the configuration's [`AccountKeys`](super::AccountKeys).
        /// If it has none, an account that does not exist fails at once, and
        /// the time is the caller's to look after.
        hash: Option<Hash>,
    },
    /// An HT- mechanism wants [`Answer::tokens`]: those that are good for this
    /// account and this mechanism now.
    #[non_exhaustive]
    Tokens {
        /// Whose.
        username: String,
        /// For which mechanism: a token is good for one alone.
        mechanism: Mechanism,
    },
    /// OAUTHBEARER wants [`Answer::identity`] of whom the token is for, or
    /// [`Answer::bearer_rejected`].
    #[non_exhaustive]
    BearerToken {
        /// The token.
        token: Secret,
        /// Where the client says that it connected to.
        host: Option<String>,
        /// On which port.
        port: Option<u16>,
    },
    /// EXTERNAL wants [`Answer::identity`] of whom the certificate is for.
    #[non_exhaustive]
    Certificate {
        /// Whom the client wants to act as. A certificate may be for several;
        /// XEP-0178 has the rules.
        authzid: Option<String>,
    },
    /// ANONYMOUS wants [`Answer::identity`]: a name made up for the occasion.
    #[non_exhaustive]
    Anonymous {
        /// What the client left for the log: neither true nor unique.
        trace: String,
    },
    /// A mechanism of the caller's own wants [`Answer::own`].
    #[non_exhaustive]
    Own {
        /// Which.
        mechanism: Own,
        /// Whose.
        username: String,
    },
}

/// What was found.
#[derive(Clone, Debug)]
pub struct Answer {
    pub(super) found: Found,
    pub(super) barred: Option<FailureReason>,
}

#[derive(Clone, Debug)]
pub(super) enum Found {
    Keys(StoredKeys),
    PasswordChecked(bool),
    Tokens(Vec<Secret>),
    Identity(String),
    BearerRejected(String),
    Own(Secret),
    UnknownUser,
    Temporary,
}

impl Answer {
    const fn of(found: Found) -> Self {
        Self { found, barred: None }
    }

    /// The keys of the account.
    pub const fn keys(keys: StoredKeys) -> Self {
        Self::of(Found::Keys(keys))
    }

    /// Whether the password is right, from a caller that has compared it.
    pub const fn password_checked(right: bool) -> Self {
        Self::of(Found::PasswordChecked(right))
    }

    /// The tokens that are good now: at most the two slots of XEP-0484. Each is
    /// compared, whether or not one before it was right.
    pub const fn tokens(tokens: Vec<Secret>) -> Self {
        Self::of(Found::Tokens(tokens))
    }

    /// Whom the certificate, bearer token or occasion is for.
    pub fn identity(authentication_identity: impl Into<String>) -> Self {
        Self::of(Found::Identity(authentication_identity.into()))
    }

    /// The bearer token is no good: what to tell the client, in JSON with at
    /// least a `status` (RFC 7628 section 3.2.2).
    pub fn bearer_rejected(json: impl Into<String>) -> Self {
        Self::of(Found::BearerRejected(json.into()))
    }

    /// What is kept of the account for a mechanism of the caller's own.
    pub const fn own(secret: Secret) -> Self {
        Self::of(Found::Own(secret))
    }

    /// There is no such account. The exchange goes on as if there were one,
    /// and fails at its end.
    pub const fn unknown_user() -> Self {
        Self::of(Found::UnknownUser)
    }

    /// The lookup did not work out.
    pub const fn temporary_failure() -> Self {
        Self::of(Found::Temporary)
    }

    /// The account is there but not to be used: once the client has proved who
    /// it is, and not before, it is told this reason
    /// ([`FailureReason::AccountDisabled`],
    /// [`FailureReason::CredentialsExpired`]).
    #[must_use]
    pub const fn barred(mut self, reason: FailureReason) -> Self {
        self.barred = Some(reason);
        self
    }
}
