//! What a peer did wrong, and what it does not offer.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use xmpp_stanza::sm::HandledCountTooHigh;
use xmpp_stanza::{LangText, Payload, StreamCondition, StreamError};

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
    /// A stanza, or an element of the content namespace in it, with a namespace
    /// prefix (`6120-4.8.5-03`).
    PrefixedStanza,
    /// The `version` attribute is absent, malformed or below 1.0 (RFC 6120 section 4.7.5).
    UnsupportedVersion,
    /// The `from` of a stream header or of a stanza is not who is at the other
    /// end (RFC 6120 sections 4.9.3.9 and 6.4.6); or the server bound an address
    /// of another account than the one that has authenticated.
    WrongFrom,
    /// A stanza without a `from` or without a `to` where both have to be (RFC 6120
    /// section 4.9.3.7).
    ImproperAddressing,
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
    /// A stanza from a domain that is proved to one that is served here, but not between
    /// these two (XEP-0220 section 2.2.1).
    PairNotAuthorised,
    /// More requests of dialback that had to be refused than are allowed.
    TooManyDialbacks,
    /// More attempts to bind a resource than are allowed (RFC 6120 section 7.7.3).
    TooManyBindAttempts,
    /// A component's handshake that does not prove that it knows the secret
    /// (XEP-0114 section 3).
    WrongHandshake,
    /// The application protocol that TLS negotiated (ALPN) is not that of the
    /// stream (XEP-0368).
    WrongAlpn,
    /// It acknowledged more stanzas than it was sent (XEP-0198 section 6).
    HandledCountTooHigh {
        /// How many it acknowledged, modulo 2^32.
        h: u32,
        /// How many it was sent.
        send_count: u32,
    },
    /// At a resumption it has handled fewer stanzas than it had acknowledged
    /// before: those in between are lost, since nobody has them any more.
    HandledCountReversed {
        /// How many it has handled, modulo 2^32.
        h: u32,
        /// How many it had acknowledged.
        acknowledged: u32,
    },
    /// It resumed another stream than the one that was asked for.
    WrongResumption,
    /// More requests for stream management out of turn, or for streams that cannot
    /// be resumed, than are allowed.
    TooManyResumptions,
    /// More tasks, or more elements in them, than a client goes along with (XEP-0388).
    TooManyTasks,
    /// A second `<enable/>` (XEP-0198 section 3).
    EnabledTwice,
    /// A message of a WebSocket that cannot be one of XMPP (RFC 7395 section 3.2).
    Message(MessageFault),
    /// The receiving entity answered `<starttls/>` with a failure (RFC 6120 section 5.4.2.2).
    StartTlsRefused,
}

/// Why a message of a WebSocket cannot be read at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MessageFault {
    /// It is larger than any first-level element may be.
    TooLarge,
    /// It is binary (`7395-3.2-01`).
    NotText,
}

/// What the peer does not offer.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum PeerIncompatible {
    /// TLS is required here and not offered there, nor begun when it was asked for
    /// nevertheless (RFC 7590 section 3.1). Perhaps somebody between the
    /// two took the offer away.
    NoStartTls,
    /// None of the SASL mechanisms passes the policy; each is explained.
    NoMechanism(xmpp_sasl::client::NoMechanism),
    /// No SASL mechanisms, though the stream is ready for them.
    NoAuthentication,
    /// No resource binding after authentication.
    NoBind,
    /// Authentication is to go on with tasks (XEP-0388) of which this client can do
    /// none: a second factor, a new password. These are the first few.
    UnknownTasks(Vec<String>),
    /// The driver gave up a task (XEP-0388) that the server insists on.
    TaskDeclined,
    /// The task of an upgrade (XEP-0480) that this client's policy does not allow.
    Upgrade(xmpp_sasl::sasl2::UpgradeError),
    /// Nothing that we know how to negotiate, but a feature that is mandatory to
    /// negotiate (RFC 6120 section 4.9.3.23). One that is unknown beside those that are
    /// known does not get in the way of them.
    UnsupportedFeature {
        /// Its local name.
        name: String,
        /// Its namespace.
        ns: String,
    },
}

impl PeerIncompatible {
    pub(super) const fn stream_condition(&self) -> Option<StreamCondition> {
        match self {
            Self::UnsupportedFeature { .. } => Some(StreamCondition::UnsupportedFeature),
            _ => None,
        }
    }
}

impl PeerMisbehaved {
    /// The stream error that tells it.
    pub(super) fn stream_error(&self) -> Option<StreamError> {
        let error = StreamError::new(self.stream_condition()?);
        Some(match *self {
            Self::HandledCountTooHigh { h, send_count } => {
                let text = format!(
                    "You acknowledged {h} stanzas, but I only sent you {send_count} so far."
                );
                let error = error.with_text(LangText::in_lang("en", text));
                match HandledCountTooHigh::new(h, send_count).to_element() {
                    Ok(condition) => error.with_extension(condition),
                    Err(_) => error,
                }
            }
            _ => error,
        })
    }

    pub(super) fn stream_condition(&self) -> Option<StreamCondition> {
        Some(match self {
            Self::DataAroundStartTls => StreamCondition::PolicyViolation,
            Self::WrongNamespace => StreamCondition::InvalidNamespace,
            Self::PrefixedStanza => StreamCondition::BadNamespacePrefix,
            Self::UnsupportedVersion => StreamCondition::UnsupportedVersion,
            Self::WrongFrom | Self::PairNotAuthorised => StreamCondition::InvalidFrom,
            Self::TooManyDialbacks => StreamCondition::PolicyViolation,
            Self::ImproperAddressing => StreamCondition::ImproperAddressing,
            // 6120-4.9.3.21-01: beside the condition of XEP-0198, and nowhere else.
            Self::HandledCountTooHigh { .. } => StreamCondition::UndefinedCondition,
            Self::HandledCountReversed { .. }
            | Self::WrongResumption
            | Self::TooManyResumptions
            | Self::EnabledTwice
            | Self::TooManyTasks => StreamCondition::PolicyViolation,
            Self::WrongHandshake => StreamCondition::NotAuthorized,
            Self::WrongAlpn => StreamCondition::PolicyViolation,
            Self::UnknownHost => StreamCondition::HostUnknown,
            Self::NotAuthorized => StreamCondition::NotAuthorized,
            Self::UnexpectedElement { .. } => StreamCondition::UnsupportedStanzaType,
            Self::TooManyBindAttempts => StreamCondition::PolicyViolation,
            Self::Malformed(invalid) => invalid.stream_condition(),
            Self::Message(MessageFault::TooLarge) => StreamCondition::PolicyViolation,
            Self::Message(MessageFault::NotText) => StreamCondition::BadFormat,
            Self::StartTlsRefused => return None,
        })
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
                "an address is not that of who is at the other end (RFC 6120 section 4.9.3.9)",
            ),
            Self::PairNotAuthorised => f.write_str(
                "a stanza between two domains that were not proved together (XEP-0220 section 2)",
            ),
            Self::TooManyDialbacks => {
                f.write_str("too many requests of dialback that were refused")
            }
            Self::ImproperAddressing => f.write_str(
                "a stanza lacks a `from` or a `to` that it must have (RFC 6120 section 4.9.3.7)",
            ),
            Self::WrongHandshake => f.write_str(
                "the handshake does not prove that the component knows the secret \
                 (XEP-0114 section 3)",
            ),
            Self::WrongAlpn => f.write_str(
                "the application protocol that TLS negotiated is not that of the stream (XEP-0368)",
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
            Self::Message(MessageFault::TooLarge) => {
                f.write_str("a WebSocket message is larger than any element may be")
            }
            Self::Message(MessageFault::NotText) => {
                f.write_str("a WebSocket message is binary (RFC 7395 section 3.2)")
            }
            Self::TooManyBindAttempts => {
                f.write_str("too many attempts to bind a resource (RFC 6120 section 7.7.3)")
            }
            Self::HandledCountTooHigh { h, send_count } => write!(
                f,
                "it acknowledged {h} stanzas where {send_count} were sent (XEP-0198 section 6)"
            ),
            Self::HandledCountReversed { h, acknowledged } => write!(
                f,
                "it has handled {h} stanzas where it had acknowledged {acknowledged} \
                 (XEP-0198 section 5)"
            ),
            Self::WrongResumption => {
                f.write_str("it resumed another stream than was asked for (XEP-0198 section 5)")
            }
            Self::TooManyResumptions => {
                f.write_str("too many requests for stream management that were refused")
            }
            Self::TooManyTasks => {
                f.write_str("its tasks do not come to an end (XEP-0388)")
            }
            Self::EnabledTwice => {
                f.write_str("stream management was enabled twice (XEP-0198 section 3)")
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
            Self::UnknownTasks(tasks) if tasks.is_empty() => f.write_str(
                "the server wants a task done before it lets anybody in, and names none",
            ),
            Self::UnknownTasks(tasks) => write!(
                f,
                "the server wants a task done that this client does not know: {}",
                tasks.join(", ")
            ),
            Self::TaskDeclined => {
                f.write_str("the server wants a task done, which was given up here")
            }
            Self::Upgrade(error) => write!(f, "the server's upgrade is not to be done: {error}"),
            Self::UnsupportedFeature { name, ns } => write!(
                f,
                "the server insists on <{name}/> of {ns:?}, which is not known here \
                 (RFC 6120 section 4.9.3.23)"
            ),
        }
    }
}
