//! The exchange, step by step.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::channel_binding::ChannelBindingType;
use crate::client::{Error, KeysQuery, OwnExchange, Pin};
use crate::crypto::Digest;
use crate::mechanism::Mechanism;
use crate::scram;
use crate::scram::keys::ScramKeys;

/// What to send first, and the exchange that it begins.
#[derive(Debug)]
#[non_exhaustive]
pub struct Start {
    /// The mechanism to ask for.
    pub mechanism: Mechanism,
    /// What goes with it; where the protocol has no place for it, it is the
    /// answer to the server's first, empty challenge (RFC 4422 section 3.3).
    /// `Some` of nothing is not `None`: most protocols write it `=`.
    ///
    /// It is `None` only for an [own](super::OwnMechanism) mechanism in which
    /// the server speaks first.
    pub initial_response: Option<Vec<u8>>,
    /// What the server's answers go to.
    pub exchange: Exchange,
}

/// What comes of a challenge.
#[derive(Debug)]
#[must_use]
#[expect(clippy::exhaustive_enums, reason = "a new kind of step would have to be handled")]
pub enum Step {
    /// Send this.
    Response {
        /// The response, which may be of no length.
        response: Vec<u8>,
        /// What the server's next answer goes to.
        exchange: Exchange,
    },
    /// SCRAM needs keys that are not cached: derive them, here or elsewhere.
    KeysWanted {
        /// From what.
        query: KeysQuery,
        /// What the keys go to.
        pending: Pending,
    },
}

/// A client's exchange under way. Every call uses it up and, if the exchange
/// goes on, hands out the next.
///
/// When the server reports failure, drop it, tell [`Tried`](super::Tried) and
/// [choose](super::Policy::choose) again.
pub struct Exchange {
    pub(super) mechanism: Mechanism,
    pub(super) binding: Option<ChannelBindingType>,
    pub(super) state: State,
}

/// An exchange that waits for [`ScramKeys`].
pub struct Pending {
    mechanism: Mechanism,
    binding: Option<ChannelBindingType>,
    challenged: Box<scram::client::Challenged>,
}

/// What is large is boxed: an exchange is moved at every step.
pub(super) enum State {
    /// The mechanism has said all it has to say, and the server proves nothing,
    /// or has done so.
    Done,
    ScramFirst(Box<scram::client::FirstSent>),
    ScramFinal(Box<scram::client::FinalSent>),
    /// The server's signature came in a challenge and was right.
    ScramVerified(Box<scram::client::Outcome>),
    /// The server is to prove that it holds the token.
    TokenSent {
        expected: Digest,
    },
    BearerSent,
    /// The server told why it will fail the exchange.
    BearerRejected(String),
    Own(Box<dyn OwnExchange>),
}

impl Exchange {
    /// The mechanism in use.
    pub const fn mechanism(&self) -> Mechanism {
        self.mechanism
    }

    /// Answers a challenge, or asks for what the answer needs. It computes no
    /// more than some HMACs: PBKDF2 is [`KeysQuery::derive`]'s.
    ///
    /// # Errors
    ///
    /// The challenge is not one the mechanism allows here, or not one this side
    /// accepts. Abort the exchange.
    pub fn challenge(self, data: &[u8]) -> Result<Step, Error> {
        let Self { mechanism, binding, state } = self;
        if data.len() > MAX_MESSAGE_BYTES {
            return Err(Error::UnexpectedChallenge);
        }
        let (response, state) = match state {
            State::ScramFirst(first) => {
                let mut challenged = Box::new(first.challenge(data)?);
                if let Some(keys) = challenged.cached() {
                    let (response, last) = challenged.prove(keys);
                    (response, State::ScramFinal(Box::new(last)))
                } else {
                    let query = challenged.query()?;
                    let pending = Pending { mechanism, binding, challenged };
                    return Ok(Step::KeysWanted { query, pending });
                }
            }
            State::ScramFinal(last) => {
                (Vec::new(), State::ScramVerified(Box::new(last.verify(data)?)))
            }
            // Where success carries no data, the proof comes before it.
            State::TokenSent { expected } => {
                verify_token(&expected, data)?;
                (Vec::new(), State::Done)
            }
            State::BearerSent => {
                // RFC 7628 section 3.2.3: the client says that it has seen it.
                let json = String::from_utf8_lossy(data).into_owned();
                (alloc::vec![0x01], State::BearerRejected(json))
            }
            State::Own(mut own) => (own.challenge(data)?, State::Own(own)),
            State::Done | State::ScramVerified(_) | State::BearerRejected(_) => {
                return Err(Error::UnexpectedChallenge);
            }
        };
        Ok(Step::Response { response, exchange: Self { mechanism, binding, state } })
    }

    /// Answers a challenge and derives what the answer needs on the spot: up to
    /// the policy's bound of PBKDF2 rounds, unless the keys are cached.
    ///
    /// # Errors
    ///
    /// As [`Exchange::challenge`].
    pub fn challenge_in_place(self, data: &[u8]) -> Result<(Vec<u8>, Self), Error> {
        match self.challenge(data)? {
            Step::Response { response, exchange } => Ok((response, exchange)),
            Step::KeysWanted { query, pending } => pending.prove(query.derive()),
        }
    }

    /// Takes the server's success, with its additional data if there was any.
    ///
    /// # Errors
    ///
    /// The server has not proved what the mechanism makes it prove. The
    /// connection is not to be trusted: close it.
    pub fn success(self, additional_data: Option<&[u8]>) -> Result<Authenticated, Error> {
        let Self { mechanism, binding, state } = self;
        let outcome = match (state, additional_data) {
            (State::ScramFinal(last), Some(data)) if !data.is_empty() => {
                Some(Box::new(last.verify(data)?))
            }
            (State::ScramVerified(outcome), None | Some([])) => Some(outcome),
            (State::TokenSent { expected }, Some(data)) if !data.is_empty() => {
                verify_token(&expected, data)?;
                None
            }
            (State::Done | State::BearerSent, None | Some([])) => None,
            (State::Own(own), data) => {
                own.success(data)?;
                None
            }
            (State::BearerRejected(json), _) => return Err(Error::BearerRejected(json)),
            (State::Done | State::BearerSent | State::ScramVerified(_), Some(_)) => {
                return Err(Error::UnexpectedData);
            }
            (State::ScramFirst(_) | State::ScramFinal(_) | State::TokenSent { .. }, _) => {
                return Err(Error::SuccessWithoutProof);
            }
        };
        Ok(Authenticated { mechanism, binding, outcome })
    }
}

impl Pending {
    /// The mechanism in use.
    pub const fn mechanism(&self) -> Mechanism {
        self.mechanism
    }

    /// Whether the keys are those that the [query](KeysQuery) asks for: for that
    /// hash, salt and count.
    pub fn fits(&self, keys: &ScramKeys) -> bool {
        self.challenged.fits(keys)
    }

    /// Goes on with the keys that the [query](KeysQuery) asks for, from
    /// [`KeysQuery::derive`] or from a store of the caller's.
    ///
    /// # Errors
    ///
    /// The keys are for another hash, salt or count: a mistake of this program.
    /// Abort the exchange.
    pub fn provide(self, keys: ScramKeys) -> Result<Step, Error> {
        let (response, exchange) = self.prove(keys)?;
        Ok(Step::Response { response, exchange })
    }

    fn prove(self, keys: ScramKeys) -> Result<(Vec<u8>, Exchange), Error> {
        let Self { mechanism, binding, challenged } = self;
        if !challenged.fits(&keys) {
            return Err(Error::WrongKeys);
        }
        let (response, last) = challenged.prove(keys);
        let state = State::ScramFinal(Box::new(last));
        Ok((response, Exchange { mechanism, binding, state }))
    }
}

fn verify_token(expected: &Digest, data: &[u8]) -> Result<(), Error> {
    match Digest::new(data) {
        Some(proof) if proof == *expected => Ok(()),
        _ => Err(Error::ServerSignature),
    }
}

/// A server's SCRAM message or JSON is far below this.
const MAX_MESSAGE_BYTES: usize = 16 * 1024;

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match &self.state {
            State::Done | State::TokenSent { .. } | State::BearerSent => "awaiting the outcome",
            State::Own(_) => "under way",
            State::ScramFirst(_) => "awaiting server-first-message",
            State::ScramFinal(_) => "awaiting server-final-message",
            State::ScramVerified(_) => "server verified",
            State::BearerRejected(_) => "token rejected",
        };
        f.debug_struct("Exchange")
            .field("mechanism", &self.mechanism.name())
            .field("state", &state)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Pending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pending").field("mechanism", &self.mechanism.name()).finish_non_exhaustive()
    }
}

/// Proof that the exchange succeeded and that the server has proved all that
/// the mechanism makes it prove. Only [`Exchange::success`] makes it.
pub struct Authenticated {
    mechanism: Mechanism,
    binding: Option<ChannelBindingType>,
    outcome: Option<Box<scram::client::Outcome>>,
}

impl Authenticated {
    /// The mechanism that was used.
    pub const fn mechanism(&self) -> Mechanism {
        self.mechanism
    }

    /// What the exchange was bound to.
    pub const fn channel_binding(&self) -> Option<ChannelBindingType> {
        self.binding
    }

    /// Whether the server proved that it knows the secret, too.
    pub const fn is_mutual(&self) -> bool {
        self.mechanism.is_mutual()
    }

    /// Whether the server confirmed its offer (XEP-0474): nobody took a
    /// mechanism or channel binding out of it.
    pub fn is_offer_confirmed(&self) -> bool {
        self.outcome.as_ref().is_some_and(|outcome| outcome.offer_confirmed)
    }

    /// The keys to cache in place of the password: with them the next exchange
    /// with the same salt and count needs no PBKDF2.
    pub fn scram_keys(&self) -> Option<&ScramKeys> {
        self.outcome.as_ref().map(|outcome| &outcome.keys)
    }

    /// What to remember for the next time, so that less will not do then.
    /// `None` after an exchange with a token, which stands in for the exchange
    /// it was issued in: keep the pin of that one; and after one of an
    /// [own](super::OwnMechanism) mechanism.
    pub const fn pin(&self) -> Option<Pin> {
        match self.mechanism {
            Mechanism::HashedToken(_) | Mechanism::Own(_) => None,
            mechanism => Some(Pin { mechanism, binding: self.binding }),
        }
    }
}

impl fmt::Debug for Authenticated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authenticated")
            .field("mechanism", &self.mechanism.name())
            .field("binding", &self.binding)
            .finish_non_exhaustive()
    }
}
