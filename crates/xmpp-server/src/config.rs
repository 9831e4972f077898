//! What an operator decides.

use core::time::Duration;

use xmpp_im::roster;

/// Limits on what the host keeps, and what it does in conflicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Config {
    /// What happens when a client asks for a resourcepart that is in use.
    pub conflict: ConflictPolicy,
    /// What the sender of a message to an account that does not exist is told.
    pub unknown_account: UnknownAccount,
    /// How long an account's requests for subscriptions wait for their answers before they
    /// are sent again, in whole seconds. They are sent again when a
    /// resource of the account becomes available, no more often than this (RFC 6121 §3.1.2):
    /// none of these contacts has agreed to hear of the account. Default one day.
    pub repeat_requests_after: Duration,
    /// Limits on what is kept.
    pub limits: Limits,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            conflict: ConflictPolicy::default(),
            unknown_account: UnknownAccount::default(),
            repeat_requests_after: Duration::from_secs(86_400),
            limits: Limits::default(),
        }
    }
}

/// What happens when a client asks for the resourcepart of a session that lives
/// (RFC 6120 §7.7.2.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "RFC 6120 §7.7.2.2: one of these three")]
pub enum ConflictPolicy {
    /// The newcomer gets another resourcepart.
    Override,
    /// The newcomer gets the stanza error `conflict`.
    Refuse,
    /// The session that lives gets the stream error `conflict`. The default: a client that
    /// comes back after its connection broke finds its address free, and messages do not go
    /// to the connection that is dead.
    #[default]
    Terminate,
}

/// What the sender of a message to an account that does not exist is told. RFC 6121 §8.5.1
/// allows both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "RFC 6121 §8.5.1: one of these two")]
pub enum UnknownAccount {
    /// The stanza error `service-unavailable`: who mistypes an address learns of it. The
    /// default.
    #[default]
    Error,
    /// Nothing, as of an account whose user is not there: nobody can find out by messages
    /// which accounts exist.
    Silence,
}

/// Limits on what the host keeps in memory for an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Sessions of an account at a time. Default 20.
    pub max_sessions: usize,
    /// Entities to which a session has sent directed presence. Default 1,000:
    /// rooms count, of which some people are in hundreds.
    pub max_directed: usize,
    /// Messages stored for a user who is not there. Default 100.
    pub max_offline_messages: usize,
    /// Bytes of memory that all messages stored for a user hold, which can be several times
    /// what was received: see [`Element::held_bytes`](xmpp_xml::Element::held_bytes).
    /// Default 1,048,576.
    pub max_offline_bytes: usize,
    /// Limits of the roster.
    pub roster: roster::Limits,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_sessions: 20,
            max_directed: 1000,
            max_offline_messages: 100,
            max_offline_bytes: 1 << 20,
            roster: roster::Limits::default(),
        }
    }
}
