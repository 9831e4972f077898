//! What an operator decides.

use xmpp_im::roster;

/// Limits on what the host keeps, and what it does in conflicts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Config {
    /// What happens when a client asks for a resourcepart that is in use.
    pub conflict: ConflictPolicy,
    /// Limits on what is kept.
    pub limits: Limits,
}

/// What happens when a client asks for the resourcepart of a session that lives
/// (RFC 6120 §7.7.2.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "RFC 6120 §7.7.2.2: one of these three")]
pub enum ConflictPolicy {
    /// The newcomer gets another resourcepart; the RFC encourages this. The default.
    #[default]
    Override,
    /// The newcomer gets the stanza error `conflict`.
    Refuse,
    /// The session that lives gets the stream error `conflict`.
    Terminate,
}

/// Limits on what the host keeps in memory for an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Sessions of an account at a time. Default 20.
    pub max_sessions: usize,
    /// Entities to which a session has sent directed presence. Default 100.
    pub max_directed: usize,
    /// Messages stored for a user who is not there. Default 100.
    pub max_offline_messages: usize,
    /// Bytes of all messages stored for a user. Default 262,144.
    pub max_offline_bytes: usize,
    /// Limits of the roster.
    pub roster: roster::Limits,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_sessions: 20,
            max_directed: 100,
            max_offline_messages: 100,
            max_offline_bytes: 262_144,
            roster: roster::Limits::default(),
        }
    }
}
