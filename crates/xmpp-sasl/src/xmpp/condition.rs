//! Why authentication failed, in the words of RFC 6120 section 6.5.

use core::fmt;

/// A defined condition of `<failure/>`, in both profiles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FailureCondition {
    /// Section 6.5.1: the client aborted.
    Aborted,
    /// Section 6.5.2: the account has been disabled.
    AccountDisabled,
    /// Section 6.5.3: the credentials have expired.
    CredentialsExpired,
    /// Section 6.5.4: the mechanism needs TLS.
    EncryptionRequired,
    /// Section 6.5.5: the base64 is wrong.
    IncorrectEncoding,
    /// Section 6.5.6: not allowed to act as that authorization identity.
    InvalidAuthzid,
    /// Section 6.5.7: the mechanism was not offered.
    InvalidMechanism,
    /// Section 6.5.8: the data violates the mechanism's syntax.
    MalformedRequest,
    /// Section 6.5.9: the mechanism is weaker than the server permits.
    MechanismTooWeak,
    /// Section 6.5.10: wrong credentials, or anything that is not to be told.
    NotAuthorized,
    /// Section 6.5.11: try again later.
    TemporaryAuthFailure,
}

impl FailureCondition {
    /// All of them, in the RFC's order.
    pub const ALL: [Self; 11] = [
        Self::Aborted,
        Self::AccountDisabled,
        Self::CredentialsExpired,
        Self::EncryptionRequired,
        Self::IncorrectEncoding,
        Self::InvalidAuthzid,
        Self::InvalidMechanism,
        Self::MalformedRequest,
        Self::MechanismTooWeak,
        Self::NotAuthorized,
        Self::TemporaryAuthFailure,
    ];

    /// The element's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Aborted => "aborted",
            Self::AccountDisabled => "account-disabled",
            Self::CredentialsExpired => "credentials-expired",
            Self::EncryptionRequired => "encryption-required",
            Self::IncorrectEncoding => "incorrect-encoding",
            Self::InvalidAuthzid => "invalid-authzid",
            Self::InvalidMechanism => "invalid-mechanism",
            Self::MalformedRequest => "malformed-request",
            Self::MechanismTooWeak => "mechanism-too-weak",
            Self::NotAuthorized => "not-authorized",
            Self::TemporaryAuthFailure => "temporary-auth-failure",
        }
    }

    /// The condition of that name, if it is a defined one.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|each| each.as_str() == name)
    }

    /// The condition that a client takes an element for: an unknown one counts
    /// as [`NotAuthorized`](Self::NotAuthorized) (6120-6.5-03).
    pub fn received(name: &str) -> Self {
        Self::from_name(name).unwrap_or(Self::NotAuthorized)
    }
}

impl fmt::Display for FailureCondition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
