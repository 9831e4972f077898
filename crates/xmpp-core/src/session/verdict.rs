//! What is to be done about an error: retry, wait, follow, stop.

use xmpp_stanza::sasl::SaslCondition;
use xmpp_stanza::{OtherHost, StanzaCondition, StreamCondition, StreamError};

use crate::error::{Error, PeerIncompatible};
use crate::tls::TlsErrorKind;

/// What is to be done about an error that ended a connection.
///
/// [`Session`](super::Session) acts by it; a program with a loop of its own may ask.
///
/// ```
/// use xmpp_core::session::Verdict;
/// use xmpp_core::stanza::{StreamCondition, StreamError};
///
/// let ended = |condition| xmpp_core::Error::StreamError(StreamError::new(condition));
/// assert_eq!(Verdict::of(&ended(StreamCondition::SystemShutdown)), Verdict::Retry);
/// assert_eq!(Verdict::of(&ended(StreamCondition::Conflict)), Verdict::Stop);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// Connect again, after the wait of RFC 6120 section 3.3.
    Retry,
    /// Connect again, after a wait that is longer than that of a first loss.
    RetryLater,
    /// Connect to where the server points (RFC 6120 section 4.9.3.19): the certificate
    /// is still to be that of the account's domain.
    Follow(OtherHost),
    /// Do not connect again by yourself: the same would happen, or somebody is to
    /// decide.
    Stop,
}

impl Verdict {
    /// What is to be done about `error`.
    pub fn of(error: &Error) -> Self {
        match error {
            Error::StreamError(error) => Self::of_stream_error(error),
            Error::NotAuthenticated(failure) => match failure.condition {
                // RFC 6120 section 6.5.10: "at a later time".
                SaslCondition::TemporaryAuthFailure => Self::RetryLater,
                _ => Self::Stop,
            },
            // Perhaps an impostor; the password is not shown to it again and again.
            Error::ServerNotAuthenticated(_) => Self::Stop,
            Error::BindRefused(error) => match error.condition {
                StanzaCondition::ResourceConstraint
                | StanzaCondition::InternalServerError
                | StanzaCondition::ServiceUnavailable => Self::RetryLater,
                _ => Self::Stop,
            },
            Error::Tls(error) => match error.kind() {
                // RFC 6120 section 13.7.2: nothing makes a wrong certificate right.
                TlsErrorKind::CertificateName
                | TlsErrorKind::CertificateIssuer
                | TlsErrorKind::CertificateTime
                | TlsErrorKind::Certificate
                | TlsErrorKind::Configuration => Self::Stop,
                TlsErrorKind::Alert => Self::RetryLater,
                _ => Self::Retry,
            },
            Error::Incompatible(PeerIncompatible::NoAuthentication) => Self::RetryLater,
            Error::Incompatible(_)
            | Error::TooManyFailedLogins
            | Error::WrongResumption
            | Error::Closed(_) => Self::Stop,
            _ => Self::Retry,
        }
    }

    fn of_stream_error(error: &StreamError) -> Self {
        match error.condition {
            StreamCondition::SeeOtherHost => match error.other_host() {
                Ok(Some(host)) => Self::Follow(host),
                _ => Self::RetryLater,
            },
            // Another session of the account has taken over; or the account, or the
            // domain, is not served any more.
            StreamCondition::Conflict
            | StreamCondition::HostGone
            | StreamCondition::HostUnknown
            | StreamCondition::NotAuthorized
            | StreamCondition::UnsupportedVersion => Self::Stop,
            StreamCondition::PolicyViolation | StreamCondition::ResourceConstraint => {
                Self::RetryLater
            }
            _ if blames_us(error.condition) => Self::RetryLater,
            _ => Self::Retry,
        }
    }

    /// Which of two places' errors counts when both were tried.
    pub(super) const fn gravity(&self) -> u8 {
        match self {
            Self::Follow(_) => 0,
            Self::Retry => 1,
            Self::RetryLater => 2,
            Self::Stop => 3,
        }
    }
}

/// Whether a stream error says that what we sent was wrong. It would be wrong again:
/// a stream that is resumed begins with the same stanzas.
pub(super) const fn blames_us(condition: StreamCondition) -> bool {
    matches!(
        condition,
        StreamCondition::BadFormat
            | StreamCondition::BadNamespacePrefix
            | StreamCondition::ImproperAddressing
            | StreamCondition::InvalidFrom
            | StreamCondition::InvalidNamespace
            | StreamCondition::InvalidXml
            | StreamCondition::NotWellFormed
            | StreamCondition::PolicyViolation
            | StreamCondition::RestrictedXml
            | StreamCondition::UnsupportedEncoding
            | StreamCondition::UnsupportedFeature
            | StreamCondition::UnsupportedStanzaType
    )
}
