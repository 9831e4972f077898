//! Why a connection ended, sorted by whose fault it is.

mod misuse;
mod pair;
mod peer;

use core::fmt;

use xmpp_stanza::sasl::Failure;
use xmpp_stanza::{StanzaError, StreamCondition, StreamError};
use xmpp_xml::ErrorKind;

pub use self::misuse::{Misuse, SendError};
pub use self::pair::PairError;
pub use self::peer::{MessageFault, PeerIncompatible, PeerMisbehaved};
use crate::time::TimerReason;
use crate::tls::TlsError;

/// Why a connection ended.
///
/// An error is told twice: by [`Event::Closed`](crate::Event::Closed) as soon as
/// it is known, after all that was received before it; and as the result of the
/// poll, again and again, once all that the peer is owed has been sent. The
/// stream error that tells the peer is written by the connection.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Error {
    /// What the peer sent is not XML, not the XML that RFC 6120 section 11
    /// allows, or over a limit.
    Xml(xmpp_xml::Error),
    /// The peer broke a rule of XMPP.
    Peer(PeerMisbehaved),
    /// The peer keeps the rules, but offers nothing that we accept.
    Incompatible(PeerIncompatible),
    /// The peer sent a stream error (RFC 6120 section 4.9).
    StreamError(StreamError),
    /// The receiving entity refused our authentication (RFC 6120 section 6.5).
    NotAuthenticated(Failure),
    /// The receiving entity failed to prove that it knows our credentials, or
    /// broke the rules of the SASL mechanism. It may be an impostor.
    ServerNotAuthenticated(xmpp_sasl::client::Error),
    /// The receiving entity refused to bind a resource (RFC 6120 section 7.6.2).
    BindRefused(StanzaError),
    /// The initiating entity failed to authenticate too often.
    TooManyFailedLogins,
    /// A deadline passed.
    TimedOut(TimerReason),
    /// TLS ended the session.
    Tls(TlsError),
    /// The transport ended before the stream did.
    UncleanEof,
    /// The stream to be resumed is of another account than the configuration. Of a
    /// call that begins a connection, never of a connection.
    WrongResumption,
    /// The caller closed the stream with this error.
    Closed(StreamError),
}

impl Error {
    /// The stream error that tells the peer, if it is owed one.
    pub fn stream_error(&self) -> Option<StreamError> {
        match self {
            Self::Closed(error) => Some(error.clone()),
            Self::Peer(peer) => peer.stream_error(),
            _ => self.stream_condition().map(StreamError::new),
        }
    }

    /// The condition of [`stream_error`](Self::stream_error).
    pub fn stream_condition(&self) -> Option<StreamCondition> {
        match self {
            Self::Xml(error) => Some(match error.kind() {
                // On a stream RFC 6120 names these two otherwise than the reader
                // does for XML at large: 6120-11.3-04 and section 4.9.3.22.
                ErrorKind::UnboundPrefix => StreamCondition::NotWellFormed,
                ErrorKind::InvalidUtf8 => StreamCondition::UnsupportedEncoding,
                _ => StreamCondition::from_name(error.condition().as_str())
                    .unwrap_or(StreamCondition::NotWellFormed),
            }),
            Self::Peer(peer) => peer.stream_condition(),
            Self::Incompatible(what) => what.stream_condition(),
            Self::TooManyFailedLogins => Some(StreamCondition::PolicyViolation),
            // 6120-4.9.3.4-01: who does not answer what it was sent.
            Self::TimedOut(
                TimerReason::Negotiation | TimerReason::Pong | TimerReason::Acknowledgement,
            ) => Some(StreamCondition::ConnectionTimeout),
            // 6120-4.6.3-02: who has nothing to say for longer than it may.
            Self::TimedOut(TimerReason::Idle) => Some(StreamCondition::PolicyViolation),
            Self::Closed(error) => Some(error.condition),
            _ => None,
        }
    }
}

impl From<xmpp_xml::Error> for Error {
    fn from(error: xmpp_xml::Error) -> Self {
        Self::Xml(error)
    }
}

impl From<PeerMisbehaved> for Error {
    fn from(what: PeerMisbehaved) -> Self {
        Self::Peer(what)
    }
}

impl From<PeerIncompatible> for Error {
    fn from(what: PeerIncompatible) -> Self {
        Self::Incompatible(what)
    }
}

impl From<TlsError> for Error {
    fn from(error: TlsError) -> Self {
        Self::Tls(error)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Xml(error) => write!(f, "the peer's XML was refused: {error}"),
            Self::Peer(what) => write!(f, "the peer broke a rule: {what}"),
            Self::Incompatible(what) => what.fmt(f),
            Self::StreamError(error) => write!(f, "the peer ended the stream: {error}"),
            Self::NotAuthenticated(failure) => {
                write!(f, "the server refused the authentication: {failure}")
            }
            Self::ServerNotAuthenticated(error) => {
                write!(f, "the server did not prove who it is: {error}")
            }
            Self::BindRefused(error) => write!(f, "the server bound no resource: {error}"),
            Self::TooManyFailedLogins => {
                f.write_str("too many failed attempts to authenticate (RFC 6120 section 6.4.5)")
            }
            Self::TimedOut(reason) => f.write_str(match reason {
                TimerReason::Negotiation => "the stream negotiation took too long",
                TimerReason::Keepalive
                | TimerReason::Idle
                | TimerReason::AcknowledgementRequest
                | TimerReason::Acknowledgement => "the peer has been silent too long",
                TimerReason::Ping | TimerReason::Pong => "the peer does not answer pings",
                TimerReason::Dialback => "dialback was not answered in time",
                TimerReason::Expiry => "what has proved who the peer is has expired",
                TimerReason::Request => "a request was not answered in time",
                TimerReason::CloseHandshake | TimerReason::Drain | TimerReason::Quiet => {
                    "the peer did not close its stream in time"
                }
                TimerReason::Lookup | TimerReason::Connect | TimerReason::Reconnect => {
                    "connecting took too long"
                }
            }),
            Self::Tls(error) => error.fmt(f),
            Self::UncleanEof => f.write_str("the transport ended before the stream was closed"),
            Self::WrongResumption => Misuse::WrongResumption.fmt(f),
            Self::Closed(error) => write!(f, "the stream was closed here: {error}"),
        }
    }
}

impl core::error::Error for Error {}
