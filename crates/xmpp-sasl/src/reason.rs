//! Why an exchange failed, for every protocol that SASL is part of.

use core::fmt;

/// Why an exchange failed, as far as the other side is told. Each protocol has
/// its own words and finer or coarser ones:
///
/// | | XMPP (RFC 6120 section 6.5) | IMAP (RFC 5530) | SMTP (RFC 4954) | LDAP (RFC 4511) |
/// |---|---|---|---|---|
/// | [`Aborted`](Self::Aborted) | `aborted` | `BAD` | 501 | |
/// | [`AccountDisabled`](Self::AccountDisabled) | `account-disabled` | `CONTACTADMIN` | 535 | `invalidCredentials` |
/// | [`CredentialsExpired`](Self::CredentialsExpired) | `credentials-expired` | `EXPIRED` | 535 | `invalidCredentials` |
/// | [`EncryptionRequired`](Self::EncryptionRequired) | `encryption-required` | `PRIVACYREQUIRED` | 538 | `confidentialityRequired` |
/// | [`IncorrectEncoding`](Self::IncorrectEncoding) | `incorrect-encoding` | `BAD` | 501 | `protocolError` |
/// | [`AuthorizationDenied`](Self::AuthorizationDenied) | `invalid-authzid` | `AUTHORIZATIONFAILED` | 535 | `invalidCredentials` |
/// | [`MechanismUnavailable`](Self::MechanismUnavailable) | `invalid-mechanism` | `NO` | 504 | `authMethodNotSupported` |
/// | [`Malformed`](Self::Malformed) | `malformed-request` | `BAD` | 501 | `protocolError` |
/// | [`MechanismTooWeak`](Self::MechanismTooWeak) | `mechanism-too-weak` | `NO` | 534 | `inappropriateAuthentication` |
/// | [`CredentialsRejected`](Self::CredentialsRejected) | `not-authorized` | `AUTHENTICATIONFAILED` | 535 | `invalidCredentials` |
/// | [`Temporary`](Self::Temporary) | `temporary-auth-failure` | `UNAVAILABLE` | 454 | `busy` |
///
/// A server's [`Failure`](crate::server::Failure) has one; a client tells
/// [`Tried`](crate::client::Tried) which it received, with
/// `CredentialsRejected` for what it does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "each protocol has to have a word for each")]
pub enum FailureReason {
    /// The client gave up. No exchange of this crate says so; it is for the
    /// caller that receives an abort (RFC 4422 section 3.5).
    Aborted,
    /// The account is not to be used for the time being.
    AccountDisabled,
    /// The credentials were right once.
    CredentialsExpired,
    /// The mechanism needs a connection that is protected by TLS.
    EncryptionRequired,
    /// What carried the message could not be decoded. No exchange of this crate
    /// says so; it is for the caller that decodes base64.
    IncorrectEncoding,
    /// The client has proved who it is, and may not act as whom it asked for.
    AuthorizationDenied,
    /// The mechanism is not on offer.
    MechanismUnavailable,
    /// The message violates the mechanism's syntax.
    Malformed,
    /// The mechanism is weaker than what is asked of this account.
    MechanismTooWeak,
    /// The proof is wrong, or the reason is not to be told.
    CredentialsRejected,
    /// The server could not find out. Another time it may.
    Temporary,
}

impl FailureReason {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Aborted,
        Self::AccountDisabled,
        Self::CredentialsExpired,
        Self::EncryptionRequired,
        Self::IncorrectEncoding,
        Self::AuthorizationDenied,
        Self::MechanismUnavailable,
        Self::Malformed,
        Self::MechanismTooWeak,
        Self::CredentialsRejected,
        Self::Temporary,
    ];
}

impl fmt::Display for FailureReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Aborted => "the client gave up",
            Self::AccountDisabled => "the account is disabled",
            Self::CredentialsExpired => "the credentials have expired",
            Self::EncryptionRequired => "the mechanism needs TLS",
            Self::IncorrectEncoding => "the message is not encoded as it should be",
            Self::AuthorizationDenied => "not allowed to act as the authorization identity",
            Self::MechanismUnavailable => "the mechanism is not on offer",
            Self::Malformed => "the message is malformed",
            Self::MechanismTooWeak => "the mechanism is too weak for the account",
            Self::CredentialsRejected => "the credentials were rejected",
            Self::Temporary => "a temporary failure of the server",
        })
    }
}
