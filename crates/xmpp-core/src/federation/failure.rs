//! Why a stanza cannot go to another domain, and how its sender is told: RFC 6120
//! sections 8.3.3 and 10.4.3.

use core::fmt;

use xmpp_stanza::{ErrorType, StanzaCondition, StanzaError};

/// Why a stanza, or a question about a dialback key, cannot go to another domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Failure {
    /// The domain says that it has no such service: an SRV record whose target is `.`.
    NotOffered,
    /// No address of the domain's server could be found.
    NotFound,
    /// The addresses that were found are none that we connect to
    /// ([`AddressPolicy`](super::AddressPolicy)).
    AddressRefused,
    /// There are addresses, but no transport could be opened to any.
    Unreachable,
    /// A transport was opened, but no stream could be negotiated on it.
    NotNegotiated,
    /// The server there could not be authenticated, or does without TLS what we demand
    /// TLS for.
    Untrusted,
    /// The server there does not accept stanzas of this pair of domains.
    PairRefused,
    /// Nothing was decided in time.
    TimedOut,
    /// The stream ended, and what was sent last need not have arrived.
    Lost,
    /// Our own configuration does not want to speak with this domain.
    NotAllowed,
    /// A limit of ours is reached.
    Full,
    /// This server ends.
    ShutDown,
}

impl Failure {
    /// Whether trying again soon is of no use: the domain has decided, or we have.
    pub(super) const fn is_final(self) -> bool {
        matches!(self, Self::NotOffered | Self::AddressRefused | Self::NotAllowed)
    }

    /// The condition that tells the sender.
    ///
    /// `remote-server-not-found` where the domain could not be resolved (`6120-10.4.3-02`),
    /// `remote-server-timeout` where it could, but no stream came of it (`6120-10.4.3-03`).
    pub const fn condition(self) -> StanzaCondition {
        match self {
            Self::NotOffered | Self::NotFound | Self::AddressRefused => {
                StanzaCondition::RemoteServerNotFound
            }
            Self::Unreachable
            | Self::NotNegotiated
            | Self::Untrusted
            | Self::PairRefused
            | Self::TimedOut
            | Self::Lost
            | Self::ShutDown => StanzaCondition::RemoteServerTimeout,
            Self::NotAllowed => StanzaCondition::NotAllowed,
            Self::Full => StanzaCondition::ResourceConstraint,
        }
    }

    /// The stanza error that tells the sender: its condition, and the type `cancel` where
    /// the same will happen the next time (RFC 6120 section 8.3.3.17).
    ///
    /// `StanzaRef::error_reply` makes the answer of it, and makes none where none may be.
    pub fn error(self) -> StanzaError {
        let error = StanzaError::new(self.condition());
        match self {
            Self::Untrusted | Self::PairRefused => error.with_type(ErrorType::Cancel),
            _ => error,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotOffered => "the domain offers no server-to-server service",
            Self::NotFound => "no address of the domain's server was found",
            Self::AddressRefused => "the addresses of the domain's server are not public ones",
            Self::Unreachable => "the domain's server cannot be reached",
            Self::NotNegotiated => "no stream could be negotiated with the domain's server",
            Self::Untrusted => "the domain's server could not be authenticated",
            Self::PairRefused => "the domain's server does not accept stanzas of our domain",
            Self::TimedOut => "the domain's server could not be spoken to in time",
            Self::Lost => "the stream to the domain's server was lost",
            Self::NotAllowed => "this server does not speak with the domain",
            Self::Full => "too much is waiting for the domain",
            Self::ShutDown => "this server is shutting down",
        })
    }
}

impl core::error::Error for Failure {}
