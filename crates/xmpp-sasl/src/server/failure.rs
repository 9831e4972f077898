//! How an exchange fails: what the client is told, and what the log is.

use core::fmt;

use crate::grammar::MessageError;
use crate::prepare::PrepareError;
use crate::reason::FailureReason;

/// An exchange that failed. Tell the client the [reason](Failure::reason), in
/// the words of the protocol; keep the [cause](Failure::cause) for the log, because it tells
/// more than a client should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    reason: FailureReason,
    cause: Cause,
}

impl Failure {
    /// What to tell the client.
    pub const fn reason(&self) -> FailureReason {
        self.reason
    }

    /// What went wrong.
    pub const fn cause(&self) -> &Cause {
        &self.cause
    }

    pub(crate) const fn of(cause: Cause) -> Self {
        let reason = match &cause {
            Cause::NotOffered => FailureReason::MechanismUnavailable,
            Cause::NeedsTls => FailureReason::EncryptionRequired,
            Cause::Message(_)
            | Cause::TooLong
            | Cause::UnexpectedData
            | Cause::MissingData
            | Cause::FlagMismatch => FailureReason::Malformed,
            Cause::Username(_)
            | Cause::Password(_)
            | Cause::Nonce
            | Cause::ChannelBindingType
            | Cause::ChannelBinding
            | Cause::Downgrade
            | Cause::UnknownUser
            | Cause::Proof
            | Cause::BearerRejected => FailureReason::CredentialsRejected,
            Cause::Authorization => FailureReason::AuthorizationDenied,
            Cause::Lookup | Cause::WrongAnswer | Cause::NoAccountKeys => FailureReason::Temporary,
            Cause::Barred(reason) | Cause::Own(reason) => *reason,
        };
        Self { reason, cause }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.reason, self.cause)
    }
}

impl core::error::Error for Failure {}

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cause {
    /// The mechanism was not offered on this connection.
    NotOffered,
    /// The mechanism is not for connections without TLS.
    NeedsTls,
    /// A message that the mechanism's grammar refuses.
    Message(MessageError),
    /// A message over the configured bound.
    TooLong,
    /// Data that the mechanism has no place for.
    UnexpectedData,
    /// No data where the mechanism needs some.
    MissingData,
    /// The user name cannot be prepared.
    Username(PrepareError),
    /// The password cannot be prepared.
    Password(PrepareError),
    /// The client did not repeat the nonce.
    Nonce,
    /// -PLUS without a channel binding, or a channel binding without -PLUS.
    FlagMismatch,
    /// A type of channel binding that this connection has no data for.
    ChannelBindingType,
    /// The channel binding is another connection's.
    ChannelBinding,
    /// The client thinks that -PLUS was not offered, but it was: somebody took
    /// it out on the way (RFC 5802 section 6).
    Downgrade,
    /// There is no such account.
    UnknownUser,
    /// The proof, password or token is wrong.
    Proof,
    /// The bearer token is no good.
    BearerRejected,
    /// The client may not act as whom it asked for.
    Authorization,
    /// The lookup failed.
    Lookup,
    /// The lookup's answer does not fit the query: a mistake of this program.
    WrongAnswer,
    /// SCRAM was offered, but the configuration does not say what keys accounts
    /// have: a mistake of this program.
    NoAccountKeys,
    /// The account is not to be used now.
    Barred(FailureReason),
    /// An [own](super::OwnMechanism) mechanism says so.
    Own(FailureReason),
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotOffered => "the mechanism was not offered",
            Self::NeedsTls => "the mechanism needs TLS",
            Self::Message(error) => return write!(f, "malformed message {error}"),
            Self::TooLong => "the message is too long",
            Self::UnexpectedData => "data that the mechanism has no place for",
            Self::MissingData => "no data where the mechanism needs some",
            Self::Username(error) => return write!(f, "the user name cannot be used: {error}"),
            Self::Password(error) => return write!(f, "the password cannot be used: {error}"),
            Self::Nonce => "the nonce is not the one of this exchange (RFC 5802 section 5.1)",
            Self::FlagMismatch => {
                "the mechanism and the channel binding flag contradict each other \
                 (RFC 5802 section 6)"
            }
            Self::ChannelBindingType => "no channel binding of that type on this connection",
            Self::ChannelBinding => "the channel binding is another connection's",
            Self::Downgrade => {
                "the client did not see the -PLUS that was offered (RFC 5802 section 6)"
            }
            Self::UnknownUser => "no such account",
            Self::Proof => "the proof is wrong",
            Self::BearerRejected => "the bearer token was rejected",
            Self::Authorization => "not allowed to act as the authorization identity",
            Self::Lookup => "the lookup failed",
            Self::WrongAnswer => "the answer does not fit the query",
            Self::NoAccountKeys => "the configuration does not say what keys accounts have",
            Self::Barred(reason) => return write!(f, "barred: {reason}"),
            Self::Own(reason) => return reason.fmt(f),
        })
    }
}
