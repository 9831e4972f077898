//! What only a server can be told of another server.

use core::fmt;

use xmpp_stanza::sasl::Failure;
use xmpp_stanza::sm::Failed;
use xmpp_stanza::{StanzaCondition, StanzaError};

use crate::dialback::{Pair, Verdict};
use crate::query::{PeerQuery, ResultQuery, VerifyQuery};

/// What only a stream between servers can tell, in either role
/// ([`ServerToServer`](crate::role::ServerToServer),
/// [`ServerFromServer`](crate::role::ServerFromServer)).
#[derive(Debug)]
#[cfg_attr(test, derive(Clone))]
#[non_exhaustive]
pub enum PeerEvent {
    /// A server wants to be talked to, or has shown its certificate: answer with
    /// [`accept_peer`](crate::Connection::accept_peer) or
    /// [`refuse_peer`](crate::Connection::refuse_peer).
    PeerWanted(PeerQuery),
    /// The receiving server refused SASL EXTERNAL. The stream goes on with dialback
    /// (XEP-0178 section 3).
    AuthenticationFailed {
        /// What it said.
        failure: Failure,
    },
    /// Stanzas may go between the two domains, in that direction.
    PairAuthorised {
        /// The two domains.
        pair: Pair,
        /// Who may send.
        direction: Direction,
        /// What has proved it.
        by: ProvedBy,
    },
    /// The peer does not take stanzas for this pair. What was to be sent is to be
    /// bounced, with the condition of [`Refusal::bounce`].
    PairRefused {
        /// The two domains.
        pair: Pair,
        /// Why.
        refusal: Refusal,
    },
    /// The peer claims a domain by dialback: answer with
    /// [`answer_result`](crate::Connection::answer_result).
    ResultWanted(ResultQuery),
    /// A [`ResultQuery`] was not answered in time: the peer has been told so.
    ResultExpired {
        /// Which domain it was that was claimed.
        pair: Pair,
    },
    /// The authoritative server has answered, or has not in time.
    Verified {
        /// Which question of ours it is about.
        verification: VerificationId,
        /// What it said; in place of an answer in time
        /// [`StanzaCondition::RemoteServerTimeout`].
        verdict: Verdict,
    },
    /// A receiving server asks whether a key is ours: answer with
    /// [`answer_verify`](crate::Connection::answer_verify).
    VerifyWanted(VerifyQuery),
    /// Stream management is on (XEP-0198), for acknowledgements.
    StreamManagementEnabled,
    /// The peer offered stream management and then refused it. The stream goes on
    /// without it.
    StreamManagementRefused {
        /// What it said.
        failed: Failed,
    },
}

/// Which way stanzas go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "there are two")]
pub enum Direction {
    /// From the local domain to the remote one.
    Send,
    /// From the remote domain to the local one.
    Receive,
}

/// What has proved a domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProvedBy {
    /// SASL EXTERNAL: the certificate, as the driver has judged it.
    Certificate,
    /// Dialback.
    Dialback,
}

/// Why a pair was not authorised.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Refusal {
    /// The key was judged to be wrong. The peer mostly closes the stream.
    Invalid,
    /// There was an error (XEP-0220 section 2.4). The stream goes on.
    Error(Option<StanzaError>),
    /// Nothing came in time.
    TimedOut,
}

impl Refusal {
    /// With which condition what was to be sent goes back to who has sent it
    /// (XEP-0220 section 2.1.1).
    #[must_use]
    pub const fn bounce(&self) -> StanzaCondition {
        match self {
            Self::Invalid => StanzaCondition::InternalServerError,
            Self::Error(_) | Self::TimedOut => StanzaCondition::RemoteServerTimeout,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid => f.write_str("the dialback key was judged to be wrong"),
            Self::Error(Some(error)) => write!(f, "dialback failed: {error}"),
            Self::Error(None) => f.write_str("dialback failed"),
            Self::TimedOut => f.write_str("dialback was not answered in time"),
        }
    }
}

/// A question of ours to an authoritative server. None comes twice on one connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VerificationId(pub(crate) u32);
