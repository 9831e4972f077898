//! Calls that cannot be served, and stanzas that cannot be sent.

use core::fmt;

/// A call that the connection cannot serve now: a mistake in the calling
/// program, never the effect of untrusted data. It does no harm: the connection
/// is as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Misuse {
    /// `tls_established` without a `StartTls` event before it.
    TlsNotPending,
    /// The query was answered already, or belongs to another connection.
    StaleQuery,
    /// The address to be bound is not one of the authenticated account.
    WrongAccount,
    /// The stream to be resumed is of another account, or not the one that was
    /// asked for.
    WrongResumption,
    /// The keys are for another hash, salt or iteration count than was asked for.
    WrongKeys,
    /// The host to be chosen is not the one that the client has authenticated with.
    WrongHost,
    /// The task to begin is not among those that were asked for.
    WrongTask,
}

impl core::error::Error for Misuse {}

impl fmt::Display for Misuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TlsNotPending => "tls_established was called though no StartTls event came",
            Self::StaleQuery => "a query was answered that this connection does not wait for",
            Self::WrongAccount => "the address to bind does not belong to the account",
            Self::WrongResumption => {
                "the stream to resume is not the account's, or not the one asked for"
            }
            Self::WrongKeys => "the keys are not those that were asked for",
            Self::WrongTask => "the task to begin is not one of those asked for",
            Self::WrongHost => "the host is not the one that the client has authenticated with",
        })
    }
}

/// Why a stanza was not sent. Nothing of it is in the send buffer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SendError {
    /// The stream is not established yet.
    NotEstablished,
    /// The stream is closed or closing from our side.
    Closed,
    /// It would be over the limit of [`Limits`](crate::config::StreamLimits).
    TooLarge {
        /// The limit, in bytes.
        limit: usize,
    },
    /// As many stanzas wait for the peer's acknowledgement as are kept
    /// ([`StreamManagement`](crate::stream_management::StreamManagement)). It has
    /// been asked for one; send again once some have been acknowledged. Of a session:
    /// also, as many wait for the next time online as are kept
    /// ([`QueueLimits`](crate::session::QueueLimits)).
    QueueFull {
        /// How many stanzas wait.
        stanzas: usize,
        /// How many bytes they are.
        bytes: usize,
    },
    /// It is not exactly one first-level element of its kind: a message, presence
    /// or iq in the content namespace for a stanza, anything else for a nonza.
    NotOneElement,
    /// The addresses are not those that the stream allows: what a component sends
    /// has a `to` and a `from` at its own domain (XEP-0114 section 3). Or the `to` of a
    /// request is none.
    Address,
    /// The domains of its addresses are none that stanzas may go between on this stream,
    /// as long as the peer has not [authorised](crate::PeerEvent::PairAuthorised) them.
    /// Of streams between servers.
    PairNotAuthorised,
    /// To be answered, an iq has to be of type `get` or `set`.
    NotARequest,
    /// As many requests wait for an answer as may.
    TooManyRequests {
        /// The limit.
        max: usize,
    },
    /// It is no XML.
    Xml(xmpp_xml::WriteError),
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotEstablished => f.write_str("the stream is not established yet"),
            Self::Closed => f.write_str("the stream is closed"),
            Self::TooLarge { limit } => {
                write!(f, "the stanza is larger than {limit} bytes, the limit for sending")
            }
            Self::QueueFull { stanzas, bytes } => {
                write!(
                    f,
                    "the queue is full: {stanzas} stanzas of {bytes} bytes are not acknowledged yet"
                )
            }
            Self::NotOneElement => f.write_str("not exactly one first-level element of its kind"),
            Self::Address => f.write_str(
                "the stanza has no `to`, or a `from` that is not at the component's domain",
            ),
            Self::PairNotAuthorised => f.write_str(
                "the peer has not authorised stanzas between the domains of the addresses",
            ),
            Self::NotARequest => f.write_str("an iq that is no request gets no answer"),
            Self::TooManyRequests { max } => {
                write!(f, "{max} requests wait for an answer already")
            }
            Self::Xml(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for SendError {}
