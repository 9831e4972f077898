//! What each mechanism makes of the client's first message, and the one place
//! that all success goes through.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use super::exchange::{Account, Authenticated, Context, PendingState, Start, State};
use super::{Cause, Exchange, Failure, OwnExchange, OwnStep, Pending, Query, Step};
use crate::anonymous;
use crate::channel_binding::ChannelBindingType;
use crate::crypto::Hash;
use crate::grammar::GssFlag;
use crate::hashed_token;
use crate::mechanism::Mechanism;
use crate::oauthbearer;
use crate::plain;
use crate::prepare::Purpose;
use crate::reason::FailureReason;
use crate::scram;
use crate::secret::Secret;

impl Context {
    /// Takes the first message.
    pub(super) fn first(self, start: Start, data: &[u8]) -> Result<Step, Failure> {
        match self.mechanism {
            Mechanism::Scram { hash, plus } => self.scram(hash, plus, start, data),
            Mechanism::HashedToken(binding) => self.token(binding.channel_binding(), &start, data),
            Mechanism::Plain => self.plain(data),
            Mechanism::OauthBearer => self.bearer(data),
            Mechanism::External => self.external(data),
            Mechanism::Anonymous => self.anonymous(data),
            // It is under way from its start.
            Mechanism::Own(_) => Err(Failure::of(Cause::UnexpectedData)),
        }
    }

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
        let fake = self.config.made_up(hash, &authcid);
        let fake = fake.ok_or_else(|| Failure::of(Cause::NoAccountKeys))?;
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
        // Of the hash that accounts have: another would take another time.
        let hash = self.config.hash_for_plain();
        let fake = hash.and_then(|hash| self.config.made_up(hash, &authcid));
        let query = Query::Password { username: authcid.clone(), password: password.clone(), hash };
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

    /// What comes of a step of a mechanism of the caller's own.
    pub(super) fn own_step(
        mut self,
        own: Box<dyn OwnExchange>,
        barred: Option<Cause>,
        step: Result<OwnStep, FailureReason>,
    ) -> Result<Step, Failure> {
        match step.map_err(|reason| Failure::of(Cause::Own(reason)))? {
            OwnStep::Challenge(data) => {
                let state = State::Own(own, barred);
                Ok(Step::Challenge { data, exchange: Exchange { context: self, state } })
            }
            OwnStep::Lookup { username } => {
                let username = self.username(&username)?;
                let Mechanism::Own(mechanism) = self.mechanism else {
                    return Err(Failure::of(Cause::WrongAnswer));
                };
                let query = Query::Own { mechanism, username };
                Ok(self.ask(query, PendingState::Own(own, barred)))
            }
            OwnStep::Success { authcid, authzid, additional_data } => {
                self.binding = own.channel_binding();
                let account = Account { authcid: self.username(&authcid)?, authzid, barred };
                self.succeed(account, additional_data.filter(|data| !data.is_empty()), None)
            }
        }
    }

    /// The one place that makes [`Authenticated`]: the proof is right, now for
    /// what the account may do.
    pub(super) fn succeed(
        self,
        account: Account,
        additional_data: Option<Vec<u8>>,
        token: Option<(usize, Secret)>,
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
        let (mechanism, binding) = (self.mechanism, self.binding);
        let authenticated = Authenticated { mechanism, binding, authcid, authzid, token };
        match additional_data {
            Some(data) if !self.config.data_with_success => {
                let state = State::Proved(authenticated);
                Ok(Step::Challenge { data, exchange: Exchange { context: self, state } })
            }
            additional_data => Ok(Step::Success { additional_data, authenticated }),
        }
    }
}
