//! The exchange, step by step.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::query::Found;
use super::{Answer, Cause, Config, Failure, Offer, OwnExchange, Query};
use crate::channel_binding::{ChannelBindingType, ChannelBindings};
use crate::crypto::Digest;
use crate::hashed_token::{self, Prover};
use crate::mechanism::Mechanism;
use crate::nonce::Nonce;
use crate::oauthbearer;
use crate::scram;
use crate::scram::keys::StoredKeys;
use crate::secret::Secret;

/// What comes of a client's message.
#[derive(Debug)]
#[must_use]
#[expect(clippy::exhaustive_enums, reason = "a new kind of step would have to be handled")]
pub enum Step {
    /// Send this.
    Challenge {
        /// The challenge.
        data: Vec<u8>,
        /// What the client's response goes to.
        exchange: Exchange,
    },
    /// Look this up.
    CredentialsWanted {
        /// What.
        query: Query,
        /// What the answer goes to.
        pending: Pending,
    },
    /// The client has proved who it is.
    Success {
        /// What goes with success. `Some` of nothing does not occur, and with
        /// [`Config::data_with_success`] turned off neither does `Some`.
        additional_data: Option<Vec<u8>>,
        /// The proof.
        authenticated: Authenticated,
    },
}

/// A server's exchange under way. Every call uses it up and, if the exchange
/// goes on, hands out the next.
pub struct Exchange {
    pub(super) context: Context,
    pub(super) state: State,
}

/// An exchange that waits for an [`Answer`].
pub struct Pending {
    pub(super) context: Context,
    pub(super) state: PendingState,
}

pub(super) struct Context {
    pub(super) config: Config,
    pub(super) mechanism: Mechanism,
    pub(super) binding: Option<ChannelBindingType>,
}

pub(super) enum State {
    /// Nothing has come yet.
    Start(Start),
    ScramFinal {
        first: scram::server::FirstSent,
        account: Account,
    },
    /// The client has to acknowledge that its token was rejected.
    BearerRejected,
    /// The client has to acknowledge what went before success.
    Proved(Authenticated),
    Own(Box<dyn OwnExchange>, Option<Cause>),
}

/// What the first message is judged by.
pub(super) struct Start {
    pub(super) bindings: ChannelBindings,
    pub(super) nonce: Nonce,
    pub(super) plus_offered: bool,
    pub(super) offer_hash: Option<String>,
}

/// Whom an exchange is about.
pub(super) struct Account {
    pub(super) authcid: String,
    pub(super) authzid: Option<String>,
    pub(super) barred: Option<Cause>,
}

pub(super) enum PendingState {
    Scram { challenge: scram::server::Challenge, fake: StoredKeys, account: Account },
    Plain { password: Secret, fake: Option<StoredKeys>, account: Account },
    Token { proof: Digest, binding: Vec<u8>, account: Account },
    Identity { authzid: Option<String> },
    Own(Box<dyn OwnExchange>, Option<Cause>),
}

impl Exchange {
    /// Starts the exchange that the client asks for by name. Its initial
    /// response goes to [`Exchange::respond`].
    ///
    /// `offer` is what was sent on this connection.
    ///
    /// # Errors
    ///
    /// The mechanism was not offered, or needs TLS.
    pub fn start(
        mechanism: &str,
        config: &Config,
        offer: &Offer,
        bindings: &ChannelBindings,
        nonce: Nonce,
    ) -> Result<Self, Failure> {
        let offered = offer.mechanisms.iter().chain(&offer.token_mechanisms);
        let own = config.own(mechanism);
        let known = own.map(|own| Mechanism::Own(own.describe()));
        let known = known.or_else(|| Mechanism::from_name(mechanism));
        if !offered.into_iter().any(|name| name == mechanism) {
            let secret = !matches!(known, None | Some(Mechanism::Anonymous));
            let cause =
                if secret && !bindings.is_tls() { Cause::NeedsTls } else { Cause::NotOffered };
            return Err(Failure::of(cause));
        }
        let mechanism = known.ok_or_else(|| Failure::of(Cause::NotOffered))?;
        let context = Context { config: config.clone(), mechanism, binding: None };
        if let Some(own) = own {
            return Ok(Self { context, state: State::Own(own.start(bindings, nonce), None) });
        }
        let plus_offered = offer.mechanisms.iter().any(|name| name.ends_with("-PLUS"));
        let offer_hash = match mechanism {
            Mechanism::Scram { hash, .. } if config.confirm_offer => Some({
                let mechanisms: Vec<&str> = offer.mechanisms.iter().map(String::as_str).collect();
                let types: Vec<&str> = offer.channel_bindings.iter().map(String::as_str).collect();
                let types = (!types.is_empty()).then_some(types.as_slice());
                scram::downgrade::hash_of_offer(&*config.crypto, hash, &mechanisms, types)
            }),
            _ => None,
        };
        let start = Start { bindings: bindings.clone(), nonce, plus_offered, offer_hash };
        Ok(Self { context, state: State::Start(start) })
    }

    /// The mechanism in use.
    pub const fn mechanism(&self) -> Mechanism {
        self.context.mechanism
    }

    /// Takes the initial response, or a response to a challenge. `None` is the
    /// absence of an initial response; the client is then asked for it (RFC 4422
    /// section 3.3).
    ///
    /// # Errors
    ///
    /// The exchange failed.
    pub fn respond(self, response: Option<&[u8]>) -> Result<Step, Failure> {
        let Self { context, state } = self;
        if response.is_some_and(|data| data.len() > context.config.max_message_bytes) {
            return Err(Failure::of(Cause::TooLong));
        }
        let (state, data) = match (state, response) {
            (State::Own(mut own, barred), response) => {
                let step = own.respond(response);
                return context.own_step(own, barred, step);
            }
            (State::Proved(authenticated), None | Some([])) => {
                return Ok(Step::Success { additional_data: None, authenticated });
            }
            (state @ State::Start(_), None) => {
                return Ok(Step::Challenge { data: Vec::new(), exchange: Self { context, state } });
            }
            (_, None) => return Err(Failure::of(Cause::MissingData)),
            (state, Some(data)) => (state, data),
        };
        match state {
            State::Start(start) => context.first(start, data),
            State::ScramFinal { first, account } => {
                let verifier = first.verify(&*context.config.crypto, data)?;
                context.succeed(account, Some(verifier), None)
            }
            State::BearerRejected if data == oauthbearer::ACKNOWLEDGEMENT => {
                Err(Failure::of(Cause::BearerRejected))
            }
            State::BearerRejected | State::Proved(_) | State::Own(..) => {
                Err(Failure::of(Cause::UnexpectedData))
            }
        }
    }
}

impl Account {
    pub(super) fn new(authcid: String, authzid: Option<Cow<'_, str>>) -> Self {
        Self { authcid, authzid: authzid.map(Cow::into_owned), barred: None }
    }
}

impl Pending {
    /// The mechanism in use.
    pub const fn mechanism(&self) -> Mechanism {
        self.context.mechanism
    }

    /// Goes on with what was found.
    ///
    /// For PLAIN with [`Answer::keys`] this is where PBKDF2 runs, as many
    /// rounds as the keys have; for an unknown user, as many as accounts have.
    ///
    /// # Errors
    ///
    /// The exchange failed.
    pub fn provide(self, answer: Answer) -> Result<Step, Failure> {
        let Self { context, state } = self;
        let Answer { found, barred } = answer;
        let bar = |mut account: Account| {
            account.barred = barred.map(Cause::Barred);
            account
        };
        if matches!(found, Found::Temporary) {
            return Err(Failure::of(Cause::Lookup));
        }
        match (state, found) {
            (PendingState::Scram { challenge, fake, account }, found) => {
                let (keys, known) = match found {
                    Found::Keys(keys) if keys.hash() == challenge.hash => (keys, true),
                    // A copy, as the caller makes one of an account's keys: the
                    // original is dropped below in both cases.
                    Found::UnknownUser => (fake.clone(), false),
                    _ => return Err(Failure::of(Cause::WrongAnswer)),
                };
                drop(fake);
                let (data, first) = challenge.send(keys, known);
                let state = State::ScramFinal { first, account: bar(account) };
                Ok(Step::Challenge { data, exchange: Exchange { context, state } })
            }
            (PendingState::Plain { password, fake, account }, found) => {
                let crypto = &*context.config.crypto;
                let right = match found {
                    Found::Keys(keys) => keys.verify_password(crypto, password.expose()),
                    Found::UnknownUser => {
                        if let Some(fake) = fake {
                            fake.verify_password(crypto, password.expose());
                        }
                        return Err(Failure::of(Cause::UnknownUser));
                    }
                    Found::PasswordChecked(right) => right,
                    _ => return Err(Failure::of(Cause::WrongAnswer)),
                };
                if !right {
                    return Err(Failure::of(Cause::Proof));
                }
                context.succeed(bar(account), None, None)
            }
            (PendingState::Token { proof, binding, account }, found) => {
                let tokens = match found {
                    Found::Tokens(tokens) => tokens,
                    Found::UnknownUser => Vec::new(),
                    _ => return Err(Failure::of(Cause::WrongAnswer)),
                };
                let crypto = &*context.config.crypto;
                let mut right = None;
                // As many in any case, so that an account that does not exist,
                // or has one token, takes as long as one with two.
                for index in 0..tokens.len().max(TOKENS_OF_AN_ACCOUNT) {
                    let token = tokens.get(index).map_or(&[0; 32][..], Secret::expose);
                    let prove = |prover| hashed_token::proof(crypto, prover, token, &binding);
                    // Both in any case: which one matched is not to be timed.
                    let (initiator, responder) =
                        (prove(Prover::Initiator), prove(Prover::Responder));
                    if initiator == proof && index < tokens.len() {
                        right = Some((index, responder));
                    }
                }
                let (index, responder) = right.ok_or_else(|| Failure::of(Cause::Proof))?;
                let token = tokens.into_iter().nth(index).map(|token| (index, token));
                context.succeed(bar(account), Some(responder.as_ref().into()), token)
            }
            (PendingState::Identity { authzid }, Found::Identity(authcid)) => {
                let account = Account { authcid, authzid, barred: None };
                context.succeed(bar(account), None, None)
            }
            (PendingState::Identity { .. }, Found::BearerRejected(json))
                if context.mechanism == Mechanism::OauthBearer =>
            {
                let state = State::BearerRejected;
                let data = json.into_bytes();
                Ok(Step::Challenge { data, exchange: Exchange { context, state } })
            }
            (PendingState::Own(mut own, before), found) => {
                let step = match found {
                    Found::Own(secret) => own.provide(Some(secret)),
                    Found::UnknownUser => own.provide(None),
                    _ => return Err(Failure::of(Cause::WrongAnswer)),
                };
                context.own_step(own, barred.map(Cause::Barred).or(before), step)
            }
            (PendingState::Identity { .. }, Found::UnknownUser) => {
                Err(Failure::of(Cause::UnknownUser))
            }
            (PendingState::Identity { .. }, _) => Err(Failure::of(Cause::WrongAnswer)),
        }
    }
}

/// The slots of XEP-0484 section 6.1.
const TOKENS_OF_AN_ACCOUNT: usize = 2;

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match &self.state {
            State::Start(_) => "awaiting the first message",
            State::ScramFinal { .. } => "awaiting client-final-message",
            State::BearerRejected => "token rejected",
            State::Proved(_) => "client verified",
            State::Own(..) => "under way",
        };
        f.debug_struct("Exchange")
            .field("mechanism", &self.context.mechanism.name())
            .field("state", &state)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Pending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pending")
            .field("mechanism", &self.context.mechanism.name())
            .finish_non_exhaustive()
    }
}

/// Proof that a client is who it says, and may act as whom it asked for. Only
/// an exchange makes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authenticated {
    pub(super) mechanism: Mechanism,
    pub(super) binding: Option<ChannelBindingType>,
    pub(super) authcid: String,
    pub(super) authzid: Option<String>,
    pub(super) token: Option<(usize, Secret)>,
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

    /// The authentication identity: who the client is, as prepared.
    pub fn authcid(&self) -> &str {
        &self.authcid
    }

    /// The authorization identity: whom the client asked to act as, if it
    /// asked, as received. The configuration's rule permits it.
    pub fn authzid(&self) -> Option<&str> {
        self.authzid.as_deref()
    }

    /// Which of the tokens of [`Answer::tokens`] it was, if it was one.
    pub fn token_index(&self) -> Option<usize> {
        self.token.as_ref().map(|(index, _)| *index)
    }

    /// The token that the client has proved to hold, if it was one.
    pub fn token(&self) -> Option<&Secret> {
        self.token.as_ref().map(|(_, token)| token)
    }
}
