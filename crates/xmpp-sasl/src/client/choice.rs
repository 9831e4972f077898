//! What a choice came to.

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::fmt;

use super::Pin;
use super::binding::Contradiction;
use super::exchange::{Exchange, Start};
use super::plan::Plan;
use crate::channel_binding::ChannelBindingType;
use crate::mechanism::Mechanism;
use crate::nonce::Nonce;
use crate::prepare::PrepareError;
use crate::reason::FailureReason;

/// A mechanism chosen, ready to start.
pub struct Choice {
    pub(super) mechanism: Mechanism,
    pub(super) binding: Option<ChannelBindingType>,
    pub(super) plan: Plan,
    pub(super) verdicts: Vec<Verdict>,
}

impl Choice {
    /// The mechanism.
    pub const fn mechanism(&self) -> Mechanism {
        self.mechanism
    }

    /// What the exchange will be bound to.
    pub const fn channel_binding(&self) -> Option<ChannelBindingType> {
        self.binding
    }

    /// Why each mechanism on offer was or was not taken, in the offer's order;
    /// those for tokens first.
    pub fn verdicts(&self) -> &[Verdict] {
        &self.verdicts
    }

    /// Starts the exchange.
    pub fn start(self, nonce: Nonce) -> Start {
        let Self { mechanism, binding, plan, .. } = self;
        let (initial_response, state) = plan.start(nonce);
        Start { mechanism, initial_response, exchange: Exchange { mechanism, binding, state } }
    }
}

impl fmt::Debug for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Choice")
            .field("mechanism", &self.mechanism.name())
            .field("binding", &self.binding)
            .field("verdicts", &self.verdicts)
            .finish_non_exhaustive()
    }
}

/// What became of one mechanism of an offer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verdict {
    /// Its name, as offered.
    pub mechanism: String,
    /// Why it was not taken; `None` for the one that was.
    pub refusal: Option<Refusal>,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.mechanism)?;
        match &self.refusal {
            None => f.write_str("taken"),
            Some(refusal) => refusal.fmt(f),
        }
    }
}

/// Why a mechanism was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// Neither this crate nor the policy has it.
    Unknown,
    /// The policy does not allow it.
    NotAllowed,
    /// It is not for connections without TLS.
    NeedsTls,
    /// The credentials hold nothing for it.
    NoCredentials,
    /// It is weaker than the policy's floor.
    BelowFloor,
    /// It is not bound to the connection, as the policy asks.
    NotBound,
    /// There is no channel binding that both sides have.
    NoChannelBinding,
    /// It is less than what was used before.
    Pinned(Pin),
    /// The user name cannot be prepared for it.
    Username(PrepareError),
    /// The password cannot be prepared for it.
    Password(PrepareError),
    /// The token, host or trace has characters it cannot carry.
    Malformed,
    /// The offer contradicts itself, as it would after somebody changed it.
    Contradiction(Contradiction),
    /// It has failed on this connection, or another that uses the same secret
    /// has: [`Offer::after`](super::Offer::after).
    Failed(FailureReason),
    /// It could be used, but another is better.
    LessPreferred,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unknown => "unknown",
            Self::NotAllowed => "not allowed by the policy",
            Self::NeedsTls => "only to be used over TLS",
            Self::NoCredentials => "no credentials for it",
            Self::BelowFloor => "weaker than the policy's floor",
            Self::NotBound => "not bound to the connection, as the policy asks",
            Self::NoChannelBinding => "no channel binding that both sides have",
            Self::Pinned(pin) => return write!(f, "less than what was used before ({pin})"),
            Self::Username(error) => return write!(f, "the user name cannot be used: {error}"),
            Self::Password(error) => return write!(f, "the password cannot be used: {error}"),
            Self::Malformed => "the token, host or trace has characters it cannot carry",
            Self::Contradiction(contradiction) => return contradiction.fmt(f),
            Self::Failed(reason) => return write!(f, "not to be tried again: {reason}"),
            Self::LessPreferred => "another is better",
        })
    }
}

/// No mechanism on offer can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoMechanism {
    pub(super) verdicts: Vec<Verdict>,
}

impl NoMechanism {
    /// Why, for each mechanism on offer.
    pub fn verdicts(&self) -> &[Verdict] {
        &self.verdicts
    }
}

impl fmt::Display for NoMechanism {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.verdicts.is_empty() {
            return f.write_str("no mechanism to use: none was offered");
        }
        let verdicts: Vec<String> = self.verdicts.iter().map(Verdict::to_string).collect();
        write!(f, "no mechanism to use: {}", verdicts.join("; "))
    }
}

impl core::error::Error for NoMechanism {}
