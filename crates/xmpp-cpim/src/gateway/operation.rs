//! The operations of the abstract services of RFC 3859 and RFC 3860: what the
//! driver turns into its own protocol and back.

use alloc::string::String;
use core::fmt;
use core::time::Duration;

use xmpp_jid::BareJid;

use crate::Uri;
use crate::pidf::Document;

/// Correlates an operation with its response. Up to 40 octets, which gateways
/// should be capable of (RFC 3859 §3.1).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TransId(String);

/// Refers to a subscription, in refreshing and in ending it. Up to 40 octets.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SubscriptId(String);

/// Octets that a TransID or a SubscriptID has at most.
const MAX_ID_BYTES: usize = 40;

macro_rules! id {
    ($Id:ident) => {
        impl $Id {
            /// The id of this text.
            ///
            /// # Errors
            ///
            /// A text that is empty or longer than 40 octets.
            pub fn new(text: impl Into<String>) -> Result<Self, IdError> {
                let text = text.into();
                if text.is_empty() || text.len() > MAX_ID_BYTES {
                    return Err(IdError);
                }
                Ok(Self(text))
            }

            /// An id of our own making: of a prefix of at most 19 octets and a
            /// number in hexadecimal.
            pub(super) fn made(text: String) -> Self {
                debug_assert!((1..=MAX_ID_BYTES).contains(&text.len()));
                Self(text)
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $Id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}
id!(TransId);
id!(SubscriptId);

/// An id has 1 to 40 octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct IdError;

impl fmt::Display for IdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an id has 1 to 40 octets (RFC 3859 §3.1)")
    }
}

impl core::error::Error for IdError {}

/// The subscribe operation (RFC 3859 §3.4.1).
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "RFC 3859 §3.1 has these attributes")]
pub struct Subscribe {
    /// Who wants to see.
    pub watcher: Uri<'static>,
    /// Whose presence.
    pub target: Uri<'static>,
    /// For how long, in whole seconds; zero ends a subscription, or asks once.
    pub duration: Duration,
    /// Which subscription.
    pub subscript_id: SubscriptId,
    /// What the response will bear.
    pub trans_id: TransId,
}

/// The response operation (RFC 3859 §3.1).
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "RFC 3859 §3.1 has these attributes")]
pub struct Response {
    /// Which operation it answers.
    pub trans_id: TransId,
    /// Whether it succeeded.
    pub status: Status,
    /// For how long the subscription will be active, if not as long as asked.
    pub duration: Option<Duration>,
}

/// Whether an operation succeeded. CPP knows success and failure; the reasons
/// are those that RFC 3922 §6.1 tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Status {
    /// It did.
    Success,
    /// The target has said no.
    Denied,
    /// There is no such presentity.
    NoSuchPresentity,
    /// Access rules do not let the watcher ask.
    Forbidden,
    /// There is a subscription already, or one is being asked for.
    Conflict,
    /// It failed for a reason of the moment.
    Failure,
}

/// The notify operation (RFC 3859 §3.4.2), with its content.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "RFC 3859 §3.1 has these attributes")]
pub struct Notify {
    /// Who is told.
    pub watcher: Uri<'static>,
    /// Whose presence it is.
    pub target: Uri<'static>,
    /// Tells this notification from others.
    pub trans_id: TransId,
    /// The presence.
    pub document: Document,
}

/// The message operation (RFC 3860 §3.4.1) but for its content.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "RFC 3860 §3.1 has these attributes")]
pub struct MessageOperation {
    /// Who sends.
    pub source: Uri<'static>,
    /// Who receives.
    pub destination: Uri<'static>,
    /// How many gateways it may still pass. Starts reasonably large, over a
    /// hundred (RFC 3860 §3.4.2).
    pub max_forwards: u32,
    /// What the response will bear.
    pub trans_id: TransId,
}

impl MessageOperation {
    /// The operation as it goes on from this gateway: one hop less.
    ///
    /// # Errors
    ///
    /// It has passed as many as it may and is taken to go round in circles:
    /// discard it and invoke a failure (RFC 3860 §3.4.2).
    pub fn relayed(self) -> Result<Self, Looped> {
        match self.max_forwards.checked_sub(1) {
            Some(max_forwards) => Ok(Self { max_forwards, ..self }),
            None => Err(Looped),
        }
    }
}

/// What became of a message (RFC 3860 §3.4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "RFC 3860 §3.4.1 has these three")]
pub enum MessageStatus {
    /// It was delivered.
    Success,
    /// It was not.
    Failure,
    /// It was handed on, and nobody will tell: what RFC 3860 calls
    /// indeterminant.
    Indeterminant,
}

/// A message has passed as many gateways as it may (RFC 3860 §3.4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Looped;

impl fmt::Display for Looped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the message has passed as many gateways as it may (RFC 3860 §3.4.2)")
    }
}

impl core::error::Error for Looped {}

/// A watcher and a target.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Pair {
    pub(super) watcher: BareJid,
    pub(super) target: BareJid,
}
