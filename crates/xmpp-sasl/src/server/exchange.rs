//! The exchange, step by step.

use alloc::borrow::Cow;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::fmt;

use super::query::Found;
use super::{Answer, Cause, Config, Failure, Offer, Query};
use crate::anonymous;
use crate::channel_binding::{ChannelBindingType, ChannelBindings};
use crate::crypto::{Digest, Hash};
use crate::grammar::GssFlag;
use crate::hashed_token::{self, Prover};
use crate::mechanism::Mechanism;
use crate::nonce::Nonce;
use crate::oauthbearer;
use crate::plain;
use crate::prepare::Purpose;
use crate::scram;
use crate::scram::keys::StoredKeys;
use crate::secret::Secret;

/// What comes of a client's message.
#[derive(Debug)]
#[must_use]
#[expect(clippy::exhaustive_enums, reason = "a new kind of step would have to be handled")]
pub enum Step {
    /// Send this in `<challenge/>`.
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
    /// Send this in `<success/>`; the client has proved who it is.
    Success {
        /// `Some` of nothing does not occur.
        additional_data: Option<Vec<u8>>,
        /// The proof.
        authenticated: Authenticated,
    },
}

/// A server's exchange under way. Every call uses it up and, if the exchange
/// goes on, hands out the next.
pub struct Exchange {
    context: Context,
    state: State,
}

/// An exchange that waits for an [`Answer`].
pub struct Pending {
    context: Context,
    state: PendingState,
}

struct Context {
    config: Config,
    mechanism: Mechanism,
    binding: Option<ChannelBindingType>,
}

enum State {
    /// Nothing has come yet.
    Start(Start),
    ScramFinal {
        first: scram::server::FirstSent,
        account: Account,
    },
    /// The client has to acknowledge that its token was rejected.
    BearerRejected,
}

/// What the first message is judged by.
struct Start {
    bindings: ChannelBindings,
    nonce: Nonce,
    plus_offered: bool,
    offer_hash: Option<String>,
}

/// Whom an exchange is about.
struct Account {
    authcid: String,
    authzid: Option<String>,
    barred: Option<Cause>,
}

enum PendingState {
    Scram { challenge: scram::server::Challenge, fake: StoredKeys, account: Account },
    Plain { password: Secret, fake: StoredKeys, account: Account },
    Token { proof: Digest, binding: Vec<u8>, account: Account },
    Identity { authzid: Option<String> },
}

impl Exchange {
    /// Starts the exchange that `<auth/>` or `<authenticate/>` asks for by
    /// name. Its initial response goes to [`Exchange::respond`].
    ///
    /// `offer` is what was sent on this connection, in the profile that the
    /// client uses.
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
        let known = Mechanism::from_name(mechanism);
        if !offered.into_iter().any(|name| name == mechanism) {
            let secret = !matches!(known, None | Some(Mechanism::Anonymous));
            let cause =
                if secret && !bindings.is_tls() { Cause::NeedsTls } else { Cause::NotOffered };
            return Err(Failure::of(cause));
        }
        let mechanism = known.ok_or_else(|| Failure::of(Cause::NotOffered))?;
        let plus_offered = offer.mechanisms.iter().any(|name| name.ends_with("-PLUS"));
        let offer_hash = match mechanism {
            Mechanism::Scram { hash, .. } if config.confirm_offer => Some({
                let mechanisms: Vec<&str> = offer.mechanisms.iter().map(String::as_str).collect();
                let types: Vec<&str> = offer.channel_bindings.iter().map(String::as_str).collect();
                let types = (!types.is_empty()).then_some(types.as_slice());
                scram::downgrade::hash_of_offer(config.crypto, hash, &mechanisms, types)
            }),
            _ => None,
        };
        let context = Context { config: config.clone(), mechanism, binding: None };
        let start = Start { bindings: bindings.clone(), nonce, plus_offered, offer_hash };
        Ok(Self { context, state: State::Start(start) })
    }

    /// The mechanism in use.
    pub const fn mechanism(&self) -> Mechanism {
        self.context.mechanism
    }

    /// Takes the initial response of `<auth/>`, or a `<response/>`. `None` is
    /// an `<auth/>` without an initial response; the client is then asked for
    /// it (RFC 4422 section 3.3).
    ///
    /// # Errors
    ///
    /// The exchange failed.
    pub fn respond(self, response: Option<&[u8]>) -> Result<Step, Failure> {
        let Self { context, state } = self;
        let Some(data) = response else {
            return match state {
                State::Start(_) => {
                    Ok(Step::Challenge { data: Vec::new(), exchange: Self { context, state } })
                }
                State::ScramFinal { .. } | State::BearerRejected => {
                    Err(Failure::of(Cause::MissingData))
                }
            };
        };
        if data.len() > context.config.max_message_bytes {
            return Err(Failure::of(Cause::TooLong));
        }
        match state {
            State::Start(start) => match context.mechanism {
                Mechanism::Scram { hash, plus } => context.scram(hash, plus, start, data),
                Mechanism::HashedToken(binding) => {
                    context.token(binding.channel_binding(), &start, data)
                }
                Mechanism::Plain => context.plain(data),
                Mechanism::OauthBearer => context.bearer(data),
                Mechanism::External => context.external(data),
                Mechanism::Anonymous => context.anonymous(data),
            },
            State::ScramFinal { first, account } => {
                let verifier = first.verify(context.config.crypto, data)?;
                context.succeed(account, Some(verifier), None)
            }
            State::BearerRejected if data == oauthbearer::ACKNOWLEDGEMENT => {
                Err(Failure::of(Cause::BearerRejected))
            }
            State::BearerRejected => Err(Failure::of(Cause::UnexpectedData)),
        }
    }
}

impl Context {
    fn scram(mut self, hash: Hash, plus: bool, start: Start, data: &[u8]) -> Result<Step, Failure> {
        let first =
            scram::message::client_first(data).map_err(|e| Failure::of(Cause::Message(e)))?;
        let header = first.gs2_header;
        let mut channel_binding: Vec<u8> = header.text.into();
        match (plus, &header.flag) {
            (true, GssFlag::Used(name)) => {
                let data = ChannelBindingType::from_name(name)
                    .and_then(|kind| Some((kind, start.bindings.data(kind)?)));
                // 5802-6-09
                let (kind, data) = data.ok_or_else(|| Failure::of(Cause::ChannelBindingType))?;
                channel_binding.extend_from_slice(data);
                self.binding = Some(kind);
            }
            // 5802-6-08
            (false, GssFlag::NotOffered) if start.plus_offered => {
                return Err(Failure::of(Cause::Downgrade));
            }
            (false, GssFlag::NotOffered | GssFlag::NotSupported) => {}
            (true, _) | (false, GssFlag::Used(_)) => return Err(Failure::of(Cause::FlagMismatch)),
        }
        let authcid = self.username(&first.username)?;
        // Made up in any case, so that it takes its time in any case.
        let fake = self.config.fake_keys(hash, &authcid);
        let challenge = scram::server::Challenge {
            hash,
            client_nonce: first.nonce.into(),
            server_nonce: start.nonce.into_text(),
            client_first_bare: first.bare.into(),
            channel_binding,
            offer_hash: start.offer_hash,
        };
        let query = Query::ScramKeys { username: authcid.clone(), hash };
        let account = Account::new(authcid, header.authzid);
        Ok(self.ask(query, PendingState::Scram { challenge, fake, account }))
    }

    fn token(
        mut self,
        kind: Option<ChannelBindingType>,
        start: &Start,
        data: &[u8],
    ) -> Result<Step, Failure> {
        let message =
            hashed_token::Message::read(data).map_err(|e| Failure::of(Cause::Message(e)))?;
        let binding = match kind {
            Some(kind) => start.bindings.data(kind),
            None => Some(&[][..]),
        };
        let binding = binding.ok_or_else(|| Failure::of(Cause::ChannelBindingType))?.into();
        self.binding = kind;
        let authcid = self.username(message.authcid)?;
        let query = Query::Tokens { username: authcid.clone(), mechanism: self.mechanism };
        let account = Account::new(authcid, None);
        Ok(self.ask(query, PendingState::Token { proof: message.proof, binding, account }))
    }

    fn plain(self, data: &[u8]) -> Result<Step, Failure> {
        let message = plain::Message::read(data).map_err(|e| Failure::of(Cause::Message(e)))?;
        let authcid = self.username(message.authcid)?;
        let password = self
            .config
            .preparation
            .password(message.password, Purpose::Query)
            .map_err(|error| Failure::of(Cause::Password(error)))?;
        let password = match password {
            Cow::Borrowed(text) => Secret::from(text),
            Cow::Owned(text) => Secret::new(text),
        };
        let fake = self.config.fake_keys(Hash::Sha256, &authcid);
        let query = Query::Password { username: authcid.clone(), password: password.clone() };
        let account = Account::new(authcid, message.authzid.map(Cow::Borrowed));
        Ok(self.ask(query, PendingState::Plain { password, fake, account }))
    }

    fn bearer(self, data: &[u8]) -> Result<Step, Failure> {
        let response =
            oauthbearer::Response::read(data).map_err(|e| Failure::of(Cause::Message(e)))?;
        let query = Query::BearerToken {
            token: Secret::from(response.token),
            host: response.host.map(Into::into),
            port: response.port,
        };
        let authzid = response.authzid.map(Cow::into_owned);
        Ok(self.ask(query, PendingState::Identity { authzid }))
    }

    fn external(self, data: &[u8]) -> Result<Step, Failure> {
        let authzid = core::str::from_utf8(data).ok().filter(|text| !text.contains('\0'));
        let authzid = authzid.ok_or_else(|| Failure::of(Cause::UnexpectedData))?;
        let authzid = (!authzid.is_empty()).then(|| authzid.to_string());
        let query = Query::Certificate { authzid: authzid.clone() };
        Ok(self.ask(query, PendingState::Identity { authzid }))
    }

    fn anonymous(self, data: &[u8]) -> Result<Step, Failure> {
        let trace = anonymous::read(data).map_err(|e| Failure::of(Cause::Message(e)))?;
        let query = Query::Anonymous { trace: trace.into() };
        Ok(self.ask(query, PendingState::Identity { authzid: None }))
    }

    /// 5802-5.1-04, 5802-5.1-05.
    fn username(&self, name: &str) -> Result<String, Failure> {
        self.config
            .preparation
            .username(name, Purpose::Query)
            .map(Cow::into_owned)
            .map_err(|error| Failure::of(Cause::Username(error)))
    }

    const fn ask(self, query: Query, state: PendingState) -> Step {
        Step::CredentialsWanted { query, pending: Pending { context: self, state } }
    }

    /// The one place that makes [`Authenticated`]: the proof is right, now for
    /// what the account may do.
    fn succeed(
        self,
        account: Account,
        additional_data: Option<Vec<u8>>,
        token: Option<usize>,
    ) -> Result<Step, Failure> {
        let Account { authcid, authzid, barred } = account;
        if let Some(cause) = barred {
            return Err(Failure::of(cause));
        }
        if let Some(authzid) = &authzid
            && !self.config.authorization.permits(&authcid, authzid)
        {
            return Err(Failure::of(Cause::Authorization));
        }
        let Self { mechanism, binding, .. } = self;
        let authenticated = Authenticated { mechanism, binding, authcid, authzid, token };
        Ok(Step::Success { additional_data, authenticated })
    }
}

impl Account {
    fn new(authcid: String, authzid: Option<Cow<'_, str>>) -> Self {
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
                let crypto = context.config.crypto;
                let right = match found {
                    Found::Keys(keys) => keys.verify_password(crypto, password.expose()),
                    Found::UnknownUser => {
                        fake.verify_password(crypto, password.expose());
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
                let crypto = context.config.crypto;
                let mut right = None;
                for (index, token) in tokens.iter().enumerate() {
                    let prove =
                        |prover| hashed_token::proof(crypto, prover, token.expose(), &binding);
                    // Both in any case: which one matched is not to be timed.
                    let (initiator, responder) =
                        (prove(Prover::Initiator), prove(Prover::Responder));
                    if initiator == proof {
                        right = Some((index, responder));
                    }
                }
                let (index, responder) = right.ok_or_else(|| Failure::of(Cause::Proof))?;
                context.succeed(bar(account), Some(responder.as_ref().into()), Some(index))
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
            (PendingState::Identity { .. }, Found::UnknownUser) => {
                Err(Failure::of(Cause::UnknownUser))
            }
            (PendingState::Identity { .. }, _) => Err(Failure::of(Cause::WrongAnswer)),
        }
    }
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match &self.state {
            State::Start(_) => "awaiting the first message",
            State::ScramFinal { .. } => "awaiting client-final-message",
            State::BearerRejected => "token rejected",
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
    mechanism: Mechanism,
    binding: Option<ChannelBindingType>,
    authcid: String,
    authzid: Option<String>,
    token: Option<usize>,
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
    pub const fn token_index(&self) -> Option<usize> {
        self.token
    }
}
