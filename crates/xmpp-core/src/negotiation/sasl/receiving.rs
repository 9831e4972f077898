//! The receiving side: RFC 6120 sections 6.4.1 to 6.4.6, and the same exchange in
//! the elements of XEP-0388.

use alloc::{boxed::Box, vec::Vec};
use core::mem;

use xmpp_jid::{BareJid, Localpart};
use xmpp_sasl::server::{
    Answer, Authenticated, Cause, Exchange, Failure as SaslFailure, Offer, Pending, Query, Step,
};
use xmpp_sasl::{ChannelBindings, FailureReason, Nonce};
use xmpp_stanza::sasl::{Auth, Mechanisms, SaslCondition};
use xmpp_stanza::sasl2::{Authenticate, Data};
use xmpp_stanza::{Payload, Rule};
use xmpp_xml::{ElementRef, SendBuffer, Writer, ns};

use super::profile::{Profile, decoded};
use crate::config::HostConfig;
use crate::connection::core::{Core, is, unexpected};
use crate::error::{Error, Misuse};
use crate::negotiation::sasl2::Request;
use crate::query::CredentialsQuery;

/// Attempts of a client to authenticate on one connection.
#[derive(Default)]
pub(crate) struct Receiving {
    /// What was offered on the current stream, to the letter: XEP-0474 hashes it.
    pub(crate) offer: Offer,
    state: State,
    /// That of the latest attempt, and what was asked for with it.
    profile: Profile,
    request: Option<Box<Request>>,
    failed: u32,
    /// How often a channel binding was asked for that is not announced.
    wrong_types: u32,
}

/// How many attempts at a -PLUS mechanism with a type of channel binding that is not
/// announced count as none. A client that does not read XEP-0440 binds to tls-unique
/// under TLS 1.2 with each mechanism in turn (slixmpp is one), and would have no attempt
/// left for those without -PLUS. Nothing of a password is tried by it.
const FREE_WRONG_TYPES: u32 = 4;

#[derive(Default)]
enum State {
    #[default]
    Idle,
    /// Boxed, since it is large and short-lived; so is the next.
    Exchange(Box<Exchange>),
    Credentials {
        serial: u32,
        pending: Box<Pending>,
    },
}

/// What the attempts are judged by.
pub(crate) struct Judge<'a> {
    pub(crate) host: &'a HostConfig,
    pub(crate) bindings: &'a ChannelBindings,
    /// Whether clients may authenticate in the clear.
    pub(crate) plaintext: bool,
    pub(crate) max_failed: u32,
}

/// What came of an element or an answer.
pub(crate) enum Verdict {
    /// Something was sent.
    Sent,
    CredentialsWanted(CredentialsQuery),
    Failed {
        condition: SaslCondition,
        cause: Option<SaslFailure>,
    },
    /// Not yet told to the client.
    Authenticated {
        account: BareJid,
        /// The account that it is itself, which may be another.
        identity: Option<BareJid>,
        proof: Authenticated,
        additional_data: Option<Vec<u8>>,
        /// What else the client asked for, in the profile of XEP-0388.
        request: Option<Box<Request>>,
    },
}

impl Receiving {
    /// Whether it waits for the client.
    pub(crate) const fn wants_input(&self) -> bool {
        !matches!(self.state, State::Credentials { .. })
    }

    pub(crate) fn handle_element(
        &mut self,
        core: &mut Core,
        element: ElementRef<'_>,
        judge: &Judge<'_>,
        tx: &mut SendBuffer,
    ) -> Result<Verdict, Error> {
        let state = mem::take(&mut self.state);
        let profile = Profile::of(element).unwrap_or_default();
        if let State::Exchange(_) = &state {
            let goes_on = ["response", "abort"].iter().any(|name| self.profile.has(element, name));
            // XEP-0388, "During Authentication": whoever says anything else is
            // disconnected at once.
            if !goes_on && (self.profile == Profile::Sasl2 || profile == Profile::Sasl2) {
                return Err(unexpected(element, "<response/> or <abort/>").into());
            }
        }
        self.profile = profile;
        if is::<Auth>(element) || is::<Authenticate>(element) {
            // 6120-6.4.2-03: a new <auth/> takes the place of an exchange under way,
            // which thereby has failed.
            if matches!(state, State::Exchange(_)) {
                self.count(judge)?;
            }
            return match profile {
                Profile::Rfc6120 => self.auth(core, element, judge, tx),
                Profile::Sasl2 => self.authenticate(core, element, judge, tx),
            };
        }
        match state {
            State::Exchange(exchange) if profile.has(element, "response") => {
                let Ok(data) = profile.data(element) else {
                    return self.fail(core, SaslCondition::IncorrectEncoding, None, judge, tx);
                };
                let step = exchange.respond(Some(data.as_ref()));
                self.take_step(core, step, judge, tx)
            }
            State::Exchange(_) if profile.has(element, "abort") => {
                self.fail(core, SaslCondition::Aborted, None, judge, tx)
            }
            // Section 6.5.8: out of sequence.
            _ => self.fail(core, SaslCondition::MalformedRequest, None, judge, tx),
        }
    }

    /// Section 6.4.2.
    fn auth(
        &mut self,
        core: &mut Core,
        element: ElementRef<'_>,
        judge: &Judge<'_>,
        tx: &mut SendBuffer,
    ) -> Result<Verdict, Error> {
        self.request = None;
        let Ok(auth) = Auth::parse(element) else {
            return self.fail(core, SaslCondition::InvalidMechanism, None, judge, tx);
        };
        let Ok(data) = auth.initial_response.decode() else {
            return self.fail(core, SaslCondition::IncorrectEncoding, None, judge, tx);
        };
        // XEP-0484: tokens are for the other profile.
        if self.offer.token_mechanisms().contains(&auth.mechanism) {
            return self.fail(core, SaslCondition::InvalidMechanism, None, judge, tx);
        }
        self.begin(core, &auth.mechanism, decoded(data.as_ref()), judge, tx)
    }

    /// XEP-0388, "Initiation".
    fn authenticate(
        &mut self,
        core: &mut Core,
        element: ElementRef<'_>,
        judge: &Judge<'_>,
        tx: &mut SendBuffer,
    ) -> Result<Verdict, Error> {
        self.request = None;
        if !judge.host.sasl2.enabled {
            return Err(unexpected(element, "<auth/>").into());
        }
        let read = Authenticate::parse(element).map_err(|invalid| match invalid.rule() {
            Rule::MissingAttribute => SaslCondition::InvalidMechanism,
            _ => SaslCondition::MalformedRequest,
        });
        let read = read.and_then(|authenticate| {
            let data = authenticate.initial_response.as_ref().map(Data::decode).transpose();
            let data = data.map_err(|_| SaslCondition::IncorrectEncoding)?;
            Ok((Request::read(&authenticate, &self.offer)?, authenticate.mechanism, data))
        });
        match read {
            Ok((request, mechanism, data)) => {
                self.request = Some(Box::new(request));
                self.begin(core, &mechanism, decoded(data.as_ref()), judge, tx)
            }
            Err(condition) => self.fail(core, condition, None, judge, tx),
        }
    }

    fn begin(
        &mut self,
        core: &mut Core,
        mechanism: &str,
        data: Option<&[u8]>,
        judge: &Judge<'_>,
        tx: &mut SendBuffer,
    ) -> Result<Verdict, Error> {
        if !judge.bindings.is_tls() && !judge.plaintext {
            return self.fail(core, SaslCondition::EncryptionRequired, None, judge, tx);
        }
        let mut random = [0; Nonce::RANDOM_BYTES];
        core.fill_random(&mut random);
        let nonce = Nonce::from_random(random);
        let (sasl, bindings) = (&judge.host.sasl, judge.bindings);
        let step = Exchange::start(mechanism, sasl, &self.offer, bindings, nonce)
            .and_then(|exchange| exchange.respond(data));
        self.take_step(core, step, judge, tx)
    }

    /// The answer to [`Verdict::CredentialsWanted`].
    pub(crate) fn provide(
        &mut self,
        core: &mut Core,
        query: &CredentialsQuery,
        answer: Answer,
        judge: &Judge<'_>,
        tx: &mut SendBuffer,
    ) -> Result<Result<Verdict, Error>, Misuse> {
        match mem::take(&mut self.state) {
            State::Credentials { serial, pending } if serial == query.serial => {
                Ok(self.take_step(core, pending.provide(answer), judge, tx))
            }
            state => {
                self.state = state;
                Err(Misuse::StaleQuery)
            }
        }
    }

    fn take_step(
        &mut self,
        core: &mut Core,
        step: Result<Step, SaslFailure>,
        judge: &Judge<'_>,
        tx: &mut SendBuffer,
    ) -> Result<Verdict, Error> {
        match step {
            Ok(Step::Challenge { data, exchange }) => {
                self.profile.write_challenge(core, &data, tx);
                self.state = State::Exchange(Box::new(exchange));
                Ok(Verdict::Sent)
            }
            Ok(Step::CredentialsWanted { query, pending }) => {
                let username = match &query {
                    Query::ScramKeys { username, .. }
                    | Query::Password { username, .. }
                    | Query::Tokens { username, .. } => Some(username),
                    _ => None,
                };
                let account = match username.map(|name| account_of(name, judge.host)) {
                    // Nobody can have this name: no need to ask.
                    Some(None) => {
                        let step = pending.provide(Answer::unknown_user());
                        return self.take_step(core, step, judge, tx);
                    }
                    account => account.flatten(),
                };
                let serial = core.next_serial();
                self.state = State::Credentials { serial, pending: Box::new(pending) };
                let user_agent = self.request.as_ref().and_then(|it| it.user_agent.clone());
                let query = CredentialsQuery { serial, account, query, user_agent, from: None };
                Ok(Verdict::CredentialsWanted(query))
            }
            Ok(Step::Success { additional_data, authenticated }) => {
                match acting_as(&authenticated, judge.host) {
                    Some(account) => Ok(Verdict::Authenticated {
                        account,
                        identity: account_of(authenticated.authcid(), judge.host),
                        proof: authenticated,
                        additional_data,
                        request: self.request.take(),
                    }),
                    None => self.fail(core, SaslCondition::InvalidAuthzid, None, judge, tx),
                }
            }
            Err(failure) => {
                let condition = condition(failure.reason());
                self.fail(core, condition, Some(failure), judge, tx)
            }
        }
    }

    /// Section 6.4.5: tells the client, and counts.
    pub(crate) fn fail(
        &mut self,
        core: &mut Core,
        condition: SaslCondition,
        cause: Option<SaslFailure>,
        judge: &Judge<'_>,
        tx: &mut SendBuffer,
    ) -> Result<Verdict, Error> {
        self.profile.write_failure(core, condition, tx);
        self.state = State::Idle;
        self.request = None;
        let wrong_type = cause.as_ref().is_some_and(|c| *c.cause() == Cause::ChannelBindingType);
        self.wrong_types += u32::from(wrong_type);
        if !wrong_type || self.wrong_types > FREE_WRONG_TYPES {
            self.count(judge)?;
        }
        Ok(Verdict::Failed { condition, cause })
    }

    fn count(&mut self, judge: &Judge<'_>) -> Result<(), Error> {
        self.failed += 1;
        if self.failed >= judge.max_failed { Err(Error::TooManyFailedLogins) } else { Ok(()) }
    }
}

/// The words of RFC 6120 section 6.5.
const fn condition(reason: FailureReason) -> SaslCondition {
    match reason {
        FailureReason::Aborted => SaslCondition::Aborted,
        FailureReason::AccountDisabled => SaslCondition::AccountDisabled,
        FailureReason::CredentialsExpired => SaslCondition::CredentialsExpired,
        FailureReason::EncryptionRequired => SaslCondition::EncryptionRequired,
        FailureReason::IncorrectEncoding => SaslCondition::IncorrectEncoding,
        FailureReason::AuthorizationDenied => SaslCondition::InvalidAuthzid,
        FailureReason::MechanismUnavailable => SaslCondition::InvalidMechanism,
        FailureReason::Malformed => SaslCondition::MalformedRequest,
        FailureReason::MechanismTooWeak => SaslCondition::MechanismTooWeak,
        FailureReason::CredentialsRejected => SaslCondition::NotAuthorized,
        FailureReason::Temporary => SaslCondition::TemporaryAuthFailure,
    }
}

/// The address of an account of this host (RFC 6120 section 6.3.7).
fn account_of(username: &str, host: &HostConfig) -> Option<BareJid> {
    let local = Localpart::new(username).ok()?;
    Some(BareJid::from_parts(Some(local.as_ref()), host.domain.as_ref()))
}

/// Whom the client acts as (RFC 6120 section 6.3.8): the authorization identity,
/// which the configured rule has permitted, if it named one; else itself.
fn acting_as(proof: &Authenticated, host: &HostConfig) -> Option<BareJid> {
    match proof.authzid().filter(|authzid| !authzid.is_empty()) {
        Some(authzid) => {
            let jid = BareJid::new(authzid).ok()?;
            let here = jid.domainpart().as_str() == host.domain.as_str();
            (here && jid.localpart().is_some()).then_some(jid)
        }
        None => account_of(proof.authcid(), host),
    }
}

/// Section 6.3.3: what is offered, and which channel bindings can be checked
/// here (XEP-0440).
pub(crate) fn write_offer(w: &mut Writer<'_>, offer: &Offer) {
    w.write(&Mechanisms::new(offer.mechanisms()));
    if !offer.channel_bindings().is_empty() {
        w.start(ns::SASL_CHANNEL_BINDING, "sasl-channel-binding");
        for kind in offer.channel_bindings() {
            w.start(ns::SASL_CHANNEL_BINDING, "channel-binding").attr("type", kind).end();
        }
        w.end();
    }
}
