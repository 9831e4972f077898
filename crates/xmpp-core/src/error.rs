//! Why a connection ended, sorted by whose fault it is.

use alloc::string::String;
use core::fmt;

use xmpp_stanza::sasl::Failure;
use xmpp_stanza::{StanzaError, StreamCondition, StreamError};
use xmpp_xml::ErrorKind;

use crate::time::TimerReason;
use crate::tls::TlsError;

/// Why a connection ended.
///
/// An error is sticky: once a call has returned one, every later call that can
/// fail returns the same. If the peer is owed a stream error, it is in `tx`
/// already, with the closing stream tag behind it: send what is there, then
/// close the transport.
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
    /// A call that this connection cannot serve now: a mistake in the calling
    /// program, never the effect of untrusted data.
    Misuse(Misuse),
    /// The caller closed the stream with this condition.
    Closed(StreamCondition),
}

/// A rule of XMPP that the peer broke.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum PeerMisbehaved {
    /// Bytes in the clear between `<starttls/>` and the TLS handshake. Whoever
    /// put them there wants them to be taken for protected ones.
    DataAroundStartTls,
    /// The root element is not `<stream/>` in the stream namespace, or the
    /// content namespace, of the header or of a stanza, is not that of the role
    /// (RFC 6120 section 4.8).
    WrongNamespace,
    /// A stanza with a namespace prefix (`6120-4.8.5-03`).
    PrefixedStanza,
    /// The `version` attribute is absent, malformed or below 1.0 (RFC 6120 section 4.7.5).
    UnsupportedVersion,
    /// The `from` of the response stream header is not the domainpart that we
    /// asked for, or that of the initial one is not the account that then
    /// authenticated (RFC 6120 sections 4.9.3.9 and 6.4.6).
    WrongFrom,
    /// The `to` of the stream header changed over a restart, or is not served here.
    UnknownHost,
    /// A stanza before the stream was authenticated or a resource bound
    /// (RFC 6120 section 4.9.3.12).
    NotAuthorized,
    /// A first-level element that means nothing here (RFC 6120 section 4.9.3.24).
    UnexpectedElement {
        /// Its local name.
        name: String,
        /// What was waited for.
        expected: &'static str,
    },
    /// An element of the negotiation that breaks its own rules.
    Malformed(xmpp_stanza::Invalid),
    /// More attempts to bind a resource than are allowed (RFC 6120 section 7.7.3).
    TooManyBindAttempts,
    /// The receiving entity answered `<starttls/>` with a failure (RFC 6120 section 5.4.2.2).
    StartTlsRefused,
}

/// What the peer does not offer.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum PeerIncompatible {
    /// TLS is required here and not offered there. Perhaps somebody between the
    /// two took the offer away.
    NoStartTls,
    /// None of the SASL mechanisms passes the policy; each is explained.
    NoMechanism(xmpp_sasl::client::NoMechanism),
    /// No SASL mechanisms, though the stream is ready for them.
    NoAuthentication,
    /// No resource binding after authentication.
    NoBind,
}

/// A call at the wrong time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Misuse {
    /// `tls_established` without a `StartTls` event before it.
    TlsNotPending,
    /// The query was answered already, or belongs to another connection.
    StaleQuery,
    /// The address to be bound is not one of the authenticated account.
    WrongAccount,
}

impl Error {
    /// The stream error condition that tells the peer, if it is owed one.
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
            Self::TooManyFailedLogins => Some(StreamCondition::PolicyViolation),
            Self::TimedOut(TimerReason::CloseHandshake | TimerReason::Keepalive) => None,
            Self::TimedOut(_) => Some(StreamCondition::ConnectionTimeout),
            Self::Closed(condition) => Some(*condition),
            _ => None,
        }
    }
}

impl PeerMisbehaved {
    fn stream_condition(&self) -> Option<StreamCondition> {
        Some(match self {
            Self::DataAroundStartTls => StreamCondition::PolicyViolation,
            Self::WrongNamespace => StreamCondition::InvalidNamespace,
            Self::PrefixedStanza => StreamCondition::BadNamespacePrefix,
            Self::UnsupportedVersion => StreamCondition::UnsupportedVersion,
            Self::WrongFrom => StreamCondition::InvalidFrom,
            Self::UnknownHost => StreamCondition::HostUnknown,
            Self::NotAuthorized => StreamCondition::NotAuthorized,
            Self::UnexpectedElement { .. } => StreamCondition::UnsupportedStanzaType,
            Self::TooManyBindAttempts => StreamCondition::PolicyViolation,
            Self::Malformed(invalid) => invalid.stream_condition(),
            Self::StartTlsRefused => return None,
        })
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

impl From<Misuse> for Error {
    fn from(what: Misuse) -> Self {
        Self::Misuse(what)
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
                TimerReason::Keepalive | TimerReason::Idle => "the peer has been silent too long",
                TimerReason::CloseHandshake => "the peer did not close its stream in time",
            }),
            Self::Tls(error) => error.fmt(f),
            Self::UncleanEof => f.write_str("the transport ended before the stream was closed"),
            Self::Misuse(what) => what.fmt(f),
            Self::Closed(condition) => {
                write!(f, "the stream was closed here with <{}/>", condition.as_str())
            }
        }
    }
}

impl fmt::Display for PeerMisbehaved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DataAroundStartTls => f.write_str(
                "bytes in the clear between STARTTLS and the TLS handshake (RFC 6120 section 5.3.1)",
            ),
            Self::WrongNamespace => f.write_str(
                "the stream header or a stanza has a wrong name or namespace (RFC 6120 section 4.8)",
            ),
            Self::PrefixedStanza => {
                f.write_str("a stanza has a namespace prefix (RFC 6120 section 4.8.5)")
            }
            Self::UnsupportedVersion => {
                f.write_str("the stream header has no version from 1.0 on (RFC 6120 section 4.7.5)")
            }
            Self::WrongFrom => f.write_str(
                "the `from` of the stream header is not who is at the other end \
                 (RFC 6120 section 4.9.3.9)",
            ),
            Self::UnknownHost => f.write_str(
                "the stream header is to a domain that is not served here (RFC 6120 section 4.9.3.6)",
            ),
            Self::NotAuthorized => f.write_str(
                "a stanza before authentication and resource binding (RFC 6120 section 4.9.3.12)",
            ),
            Self::UnexpectedElement { name, expected } => {
                write!(f, "<{name}/> where {expected} was expected (RFC 6120 section 4.9.3.24)")
            }
            Self::Malformed(invalid) => invalid.fmt(f),
            Self::TooManyBindAttempts => {
                f.write_str("too many attempts to bind a resource (RFC 6120 section 7.7.3)")
            }
            Self::StartTlsRefused => {
                f.write_str("it answered STARTTLS with a failure (RFC 6120 section 5.4.2.2)")
            }
        }
    }
}

impl fmt::Display for PeerIncompatible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoStartTls => {
                f.write_str("TLS is required here, and the server does not offer STARTTLS")
            }
            Self::NoMechanism(why) => why.fmt(f),
            Self::NoAuthentication => f.write_str("the server offers no SASL mechanisms"),
            Self::NoBind => f.write_str("the server does not offer resource binding"),
        }
    }
}

impl fmt::Display for Misuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TlsNotPending => "tls_established was called though no StartTls event came",
            Self::StaleQuery => "a query was answered that this connection does not wait for",
            Self::WrongAccount => "the address to bind does not belong to the account",
        })
    }
}

impl core::error::Error for Error {}

/// Why a stanza was not sent. Nothing of it is in `tx`.
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
            Self::Xml(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for SendError {}
