//! The receiving entity of a client-to-server stream, in the order that RFC
//! 6120 section 9.1 shows: header, STARTTLS, header, SASL, header, binding.

use alloc::{boxed::Box, sync::Arc, vec::Vec};
use core::mem;

use xmpp_jid::{BareJid, FullJid, Jid, Localpart, Resourcepart};
use xmpp_sasl::server::{Answer, Exchange, Offer, Pending, Step as SaslStep};
use xmpp_sasl::{ChannelBindings, FailureReason, Nonce};
use xmpp_stanza::bind::Bind;
use xmpp_stanza::sasl::{
    Abort, Auth, Challenge, Failure, Mechanisms, Response, SaslCondition, Success,
};
use xmpp_stanza::tls::{Proceed, StartTls};
use xmpp_stanza::{
    Address, Iq, IqContent, Payload, StanzaCondition, StanzaError, StreamCondition, StreamHeader,
};
use xmpp_xml::{ElementRef, Ns, Writer, ns};

use super::Connection;
use super::core::{Core, is, unexpected};
use super::machine::{Lend, Machine, Outcome};
use crate::config::{HostConfig, ServerConfig};
use crate::error::{Error, Misuse, PeerMisbehaved};
use crate::event::{BindQuery, CredentialsQuery, Event, HostQuery};
use crate::role::ServerFromClient;
use crate::time::Instant;
use crate::tls::TlsFacts;

impl Connection<ServerFromClient> {
    /// Waits for a client's stream header, or first for TLS if the
    /// configuration says so.
    ///
    /// `seed` is 32 bytes from the system's random generator, never used twice;
    /// stream ids and nonces come from it.
    pub fn accept(config: Arc<ServerConfig>, now: Instant, seed: [u8; 32]) -> Self {
        let nonzas = config.nonzas.clone();
        let core = Core::new(&config.limits, config.timeouts, nonzas, now, seed);
        let step = if config.direct_tls { Step::Tls } else { Step::Header };
        let state = State {
            config,
            step,
            host: None,
            peer: None,
            bindings: ChannelBindings::without_tls(),
            offer: Offer::default(),
            failed_logins: 0,
            failed_binds: 0,
            account: None,
            bound: None,
        };
        Self { core, state }
    }

    /// Answers [`Event::HostWanted`]: response header and features are in `tx`.
    ///
    /// # Errors
    ///
    /// [`Misuse::StaleQuery`] if the query is not the open one.
    pub fn choose_host(
        &mut self,
        query: HostQuery,
        host: Arc<HostConfig>,
        tx: &mut Vec<u8>,
    ) -> Result<(), Error> {
        self.answerable()?;
        if !matches!(self.state.step, Step::Host { serial } if serial == query.serial) {
            return Err(Misuse::StaleQuery.into());
        }
        self.state.peer = query.from;
        self.state.host = Some(host);
        respond(&mut self.core, &mut self.state, tx);
        Ok(())
    }

    /// Answers [`Event::HostWanted`] with a stream error: mostly
    /// [`StreamCondition::HostUnknown`], else `HostGone` or `SeeOtherHost`.
    ///
    /// # Errors
    ///
    /// [`Misuse::StaleQuery`] if the query is not the open one; else the error
    /// that the connection ends with.
    pub fn refuse_host(
        &mut self,
        query: HostQuery,
        condition: StreamCondition,
        tx: &mut Vec<u8>,
    ) -> Result<(), Error> {
        self.answerable()?;
        if !matches!(self.state.step, Step::Host { serial } if serial == query.serial) {
            return Err(Misuse::StaleQuery.into());
        }
        self.fail(Error::Closed(condition), tx);
        Ok(())
    }

    /// Answers [`Event::CredentialsWanted`].
    ///
    /// # Errors
    ///
    /// [`Misuse::StaleQuery`] if the query is not the open one;
    /// [`Error::TooManyFailedLogins`] if this was one failure too many.
    pub fn provide_credentials(
        &mut self,
        query: CredentialsQuery,
        answer: Answer,
        tx: &mut Vec<u8>,
    ) -> Result<(), Error> {
        self.answerable()?;
        match mem::replace(&mut self.state.step, Step::Features) {
            Step::Credentials { serial, pending } if serial == query.serial => {
                let step = pending.provide(answer);
                match handle_sasl_step(&mut self.core, &mut self.state, step, tx) {
                    Ok(Outcome::Event(event)) => {
                        self.core.queued = Some(event);
                        Ok(())
                    }
                    Ok(_) => Ok(()),
                    Err(error) => Err(self.fail(error, tx)),
                }
            }
            step => {
                self.state.step = step;
                Err(Misuse::StaleQuery.into())
            }
        }
    }

    /// Answers [`Event::BindWanted`] with the client's full address, which need
    /// not have the resource that the client asked for.
    ///
    /// # Errors
    ///
    /// [`Misuse::StaleQuery`] if the query is not the open one;
    /// [`Misuse::WrongAccount`] if `jid` belongs to another account: the query
    /// is lost then and the connection ends.
    pub fn bind(&mut self, query: BindQuery, jid: FullJid, tx: &mut Vec<u8>) -> Result<(), Error> {
        self.answerable()?;
        if jid.to_bare() != query.account {
            return Err(self.fail(Misuse::WrongAccount.into(), tx));
        }
        let iq = self.take_bind(&query)?;
        self.core.write(&iq.to_result(Some(Bind::Jid(jid.clone()))), tx);
        self.state.step = Step::Open;
        self.state.bound = Some(jid.clone());
        self.core.established();
        self.core.queued = Some(Event::Established { jid, resumed: false });
        Ok(())
    }

    /// Answers [`Event::BindWanted`] with a stanza error (RFC 6120 section
    /// 7.6.2): `resource-constraint`, `conflict`, `not-allowed`. The client may
    /// try again.
    ///
    /// # Errors
    ///
    /// [`Misuse::StaleQuery`] if the query is not the open one;
    /// [`PeerMisbehaved::TooManyBindAttempts`] if this was one refusal too many.
    pub fn refuse_bind(
        &mut self,
        query: BindQuery,
        error: StanzaError,
        tx: &mut Vec<u8>,
    ) -> Result<(), Error> {
        self.answerable()?;
        let iq = self.take_bind(&query)?;
        refuse_resource(&mut self.core, &mut self.state, &iq, error, tx)
            .map_err(|error| self.fail(error, tx))
    }

    /// The account that has authenticated.
    pub fn account(&self) -> Option<&BareJid> {
        self.state.account.as_ref()
    }

    fn take_bind(&mut self, query: &BindQuery) -> Result<Iq, Misuse> {
        match mem::replace(&mut self.state.step, Step::Bind) {
            Step::BindAnswer { serial, iq } if serial == query.serial => Ok(*iq),
            step => {
                self.state.step = step;
                Err(Misuse::StaleQuery)
            }
        }
    }
}

/// Where the negotiation stands.
pub(crate) struct State {
    config: Arc<ServerConfig>,
    step: Step,
    host: Option<Arc<HostConfig>>,
    /// Who the client says it is; for the `to` of our header.
    peer: Option<BareJid>,
    bindings: ChannelBindings,
    /// What was offered on the current stream, to the letter: XEP-0474 hashes it.
    offer: Offer,
    failed_logins: u32,
    failed_binds: u32,
    account: Option<BareJid>,
    bound: Option<FullJid>,
}

/// What the server waits for.
enum Step {
    Header,
    Host {
        serial: u32,
    },
    /// STARTTLS or SASL.
    Features,
    Tls,
    /// Boxed, since it is large and short-lived; so is the next.
    Sasl(Box<Exchange>),
    Credentials {
        serial: u32,
        pending: Box<Pending>,
    },
    Bind,
    BindAnswer {
        serial: u32,
        iq: Box<Iq>,
    },
    Open,
}

impl Machine for ServerFromClient {
    type State = State;

    const CONTENT: Ns<'static> = ns::CLIENT;

    fn wants_input(state: &State) -> bool {
        !matches!(
            state.step,
            Step::Tls | Step::Host { .. } | Step::Credentials { .. } | Step::BindAnswer { .. }
        )
    }

    fn handle_header(
        core: &mut Core,
        state: &mut State,
        header: StreamHeader,
        tx: &mut Vec<u8>,
    ) -> Result<Outcome, Error> {
        // RFC 6120 section 4.9.3.6: what is no domain is none of ours either.
        let to = match header.to {
            Address::Absent => None,
            Address::Jid(to) if to.as_str() == to.domainpart().as_str() => {
                Some(to.domainpart().into_owned())
            }
            _ => return Err(PeerMisbehaved::UnknownHost.into()),
        };
        let from = header.from.jid().map(Jid::to_bare);
        if let Some(host) = &state.host {
            // The restart after authentication: the account belongs to this host.
            if to.as_ref().is_some_and(|to| *to != host.domain) {
                return Err(PeerMisbehaved::UnknownHost.into());
            }
            state.peer = from;
            respond(core, state, tx);
        } else {
            let serial = core.next_serial();
            state.step = Step::Host { serial };
            core.queued = Some(Event::HostWanted(HostQuery { serial, to, from }));
        }
        Ok(Outcome::Lend(Lend::Header))
    }

    fn handle_element(
        core: &mut Core,
        state: &mut State,
        element: ElementRef<'_>,
        unread: usize,
        tx: &mut Vec<u8>,
    ) -> Result<Outcome, Error> {
        match &mut state.step {
            Step::Open => Ok(core.classify(element, Self::CONTENT)?),
            Step::Features if element.is(ns::TLS, "starttls") => {
                if unread > 0 {
                    return Err(PeerMisbehaved::DataAroundStartTls.into());
                }
                if state.bindings.is_tls() {
                    return Err(unexpected(element, "<auth/>").into());
                }
                core.write(&Proceed, tx);
                state.step = Step::Tls;
                Ok(Outcome::Event(Event::StartTls))
            }
            Step::Features | Step::Sasl(_) if element.has_ns(ns::SASL) => {
                handle_sasl(core, state, element, tx)
            }
            Step::Bind if element.is(ns::CLIENT, "iq") => handle_bind(core, state, element, tx),
            // 6120-4.9.3.12: stanzas before their time.
            _ if matches!(element.name(), "message" | "presence" | "iq") => {
                core.classify(element, Self::CONTENT)?;
                Err(PeerMisbehaved::NotAuthorized.into())
            }
            Step::Bind => Err(unexpected(element, "an iq with <bind/>").into()),
            _ => Err(unexpected(element, "<starttls/> or <auth/>").into()),
        }
    }

    fn tls_established(
        core: &mut Core,
        state: &mut State,
        facts: TlsFacts<'_>,
        _tx: &mut Vec<u8>,
    ) -> Result<(), Error> {
        if !matches!(state.step, Step::Tls) {
            return Err(Misuse::TlsNotPending.into());
        }
        // A client that does not read XEP-0440 (slixmpp is one) binds to tls-unique
        // under TLS 1.2, fails with every -PLUS mechanism in turn, and has no
        // attempt left for the others. Where neither tls-exporter nor tls-unique
        // can be checked, none is offered.
        let checkable = facts.exporter.is_some() || facts.unique.is_some();
        state.bindings =
            if checkable { facts.channel_bindings() } else { ChannelBindings::over_tls() };
        // 6120-5.4.3.3-03: what was said in the clear does not count.
        state.host = None;
        state.peer = None;
        state.step = Step::Header;
        core.restart();
        Ok(())
    }

    fn write_header(core: &mut Core, state: &State, tx: &mut Vec<u8>) {
        write_header(core, state, tx);
    }

    fn can_tell(state: &State) -> bool {
        !matches!(state.step, Step::Tls)
    }

    fn bound(state: &State) -> Option<&FullJid> {
        state.bound.as_ref()
    }
}

/// RFC 6120 section 4.7: the response stream header.
fn write_header(core: &mut Core, state: &State, tx: &mut Vec<u8>) {
    let mut header = StreamHeader::new(ns::CLIENT).with_id(core.random_id()).with_lang("en");
    if let Some(host) = state.host.as_deref() {
        header.from = BareJid::from(host.domain.as_ref()).into();
        header.lang = Some(host.lang.clone());
    }
    header.to = state.peer.clone().into();
    core.write_header(&header, tx);
}

/// Response header and features, in one piece (`6120-4.3.2-01`).
fn respond(core: &mut Core, state: &mut State, tx: &mut Vec<u8>) {
    write_header(core, state, tx);
    let Some(host) = state.host.as_deref() else { return };
    let tls = state.bindings.is_tls();
    let authenticated = state.account.is_some();
    if !authenticated {
        state.offer = host.policy.offer(&host.sasl, &state.bindings);
    }
    let offer = &state.offer;
    core.compose(tx, |w| {
        w.start(ns::STREAM, "features");
        if authenticated {
            w.write(&Bind::Any);
            for feature in &host.features {
                w.write(feature);
            }
        } else {
            if !tls {
                let plain_is_fine = host.dangerous_plaintext;
                let starttls = if plain_is_fine { StartTls::new() } else { StartTls::required() };
                w.write(&starttls);
            }
            if tls || host.dangerous_plaintext {
                write_offer(w, offer);
            }
        }
        w.end();
    });
    state.step = if authenticated { Step::Bind } else { Step::Features };
}

fn write_offer(w: &mut Writer<'_>, offer: &Offer) {
    w.write(&Mechanisms::new(offer.mechanisms()));
    // XEP-0440: which channel bindings can be checked here.
    if !offer.channel_bindings().is_empty() {
        w.start(ns::SASL_CHANNEL_BINDING, "sasl-channel-binding");
        for kind in offer.channel_bindings() {
            w.start(ns::SASL_CHANNEL_BINDING, "channel-binding").attr("type", kind).end();
        }
        w.end();
    }
}

fn handle_sasl(
    core: &mut Core,
    state: &mut State,
    element: ElementRef<'_>,
    tx: &mut Vec<u8>,
) -> Result<Outcome, Error> {
    let step = mem::replace(&mut state.step, Step::Features);
    let Some(host) = state.host.clone() else {
        return Err(PeerMisbehaved::NotAuthorized.into());
    };
    match step {
        // 6120-6.4.2-03: a new <auth/> takes the place of an exchange under way.
        Step::Features | Step::Sasl(_) if is::<Auth>(element) => {
            if !state.bindings.is_tls() && !host.dangerous_plaintext {
                return sasl_failure(core, state, SaslCondition::EncryptionRequired, tx);
            }
            let Ok(auth) = Auth::parse(element) else {
                return sasl_failure(core, state, SaslCondition::InvalidMechanism, tx);
            };
            let Ok(data) = auth.initial_response.decode() else {
                return sasl_failure(core, state, SaslCondition::IncorrectEncoding, tx);
            };
            let mut random = [0; Nonce::RANDOM_BYTES];
            core.fill_random(&mut random);
            let nonce = Nonce::from_random(random);
            let (offer, bindings) = (&state.offer, &state.bindings);
            let step = Exchange::start(&auth.mechanism, &host.sasl, offer, bindings, nonce)
                .and_then(|exchange| exchange.respond(data.as_ref().map(|data| data.as_slice())));
            handle_sasl_step(core, state, step, tx)
        }
        Step::Sasl(exchange) if is::<Response>(element) => {
            let decoded = Response::parse(element).and_then(|response| response.data.decode());
            let Ok(data) = decoded else {
                return sasl_failure(core, state, SaslCondition::IncorrectEncoding, tx);
            };
            let data = data.unwrap_or_default();
            handle_sasl_step(core, state, exchange.respond(Some(&data)), tx)
        }
        Step::Sasl(_) if is::<Abort>(element) => {
            sasl_failure(core, state, SaslCondition::Aborted, tx)
        }
        // RFC 6120 section 6.5.8: out of sequence.
        _ => sasl_failure(core, state, SaslCondition::MalformedRequest, tx),
    }
}

fn handle_sasl_step(
    core: &mut Core,
    state: &mut State,
    step: Result<SaslStep, xmpp_sasl::server::Failure>,
    tx: &mut Vec<u8>,
) -> Result<Outcome, Error> {
    match step {
        Ok(SaslStep::Challenge { data, exchange }) => {
            core.write(&Challenge::new(Some(&data)), tx);
            state.step = Step::Sasl(Box::new(exchange));
            Ok(Outcome::Consumed)
        }
        Ok(SaslStep::CredentialsWanted { query, pending }) => {
            let serial = core.next_serial();
            state.step = Step::Credentials { serial, pending: Box::new(pending) };
            Ok(Outcome::Event(Event::CredentialsWanted(CredentialsQuery { serial, query })))
        }
        Ok(SaslStep::Success { additional_data, authenticated }) => {
            let Some(account) = account(state, authenticated.authcid()) else {
                return sasl_failure(core, state, SaslCondition::NotAuthorized, tx);
            };
            // 6120-6.4.6-01: who the client said it is, once TLS was up, is who it is.
            if state.peer.as_ref().is_some_and(|peer| *peer != account) {
                return Err(PeerMisbehaved::WrongFrom.into());
            }
            core.write(&Success::new(additional_data.as_deref()), tx);
            state.account = Some(account.clone());
            state.step = Step::Header;
            core.authenticated();
            core.restart();
            let mechanism = authenticated.mechanism();
            Ok(Outcome::Event(Event::Authenticated { account, mechanism }))
        }
        Err(failure) => sasl_failure(core, state, condition(failure.reason()), tx),
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

/// The address of the account whose credentials were proved (RFC 6120 section 6.3.8).
fn account(state: &State, authcid: &str) -> Option<BareJid> {
    let host = state.host.as_deref()?;
    let local = Localpart::new(authcid).ok()?;
    Some(BareJid::from_parts(Some(local.as_ref()), host.domain.as_ref()))
}

/// RFC 6120 section 6.4.5: tells the client, and counts.
fn sasl_failure(
    core: &mut Core,
    state: &mut State,
    condition: SaslCondition,
    tx: &mut Vec<u8>,
) -> Result<Outcome, Error> {
    core.write(&Failure::new(condition), tx);
    state.step = Step::Features;
    state.failed_logins += 1;
    if state.failed_logins >= state.config.max_failed_logins {
        return Err(Error::TooManyFailedLogins);
    }
    Ok(Outcome::Event(Event::AuthenticationFailed { condition }))
}

/// RFC 6120 section 7.6 and 7.7.
fn handle_bind(
    core: &mut Core,
    state: &mut State,
    element: ElementRef<'_>,
    tx: &mut Vec<u8>,
) -> Result<Outcome, Error> {
    core.classify(element, ns::CLIENT)?;
    let iq = Iq::parse(element).map_err(PeerMisbehaved::Malformed)?;
    let bind = match &iq.content {
        IqContent::Set(_) => iq.payload::<Bind>().map_err(PeerMisbehaved::Malformed)?,
        _ => None,
    };
    let (Some(bind), Some(account)) = (bind, state.account.clone()) else {
        return Err(PeerMisbehaved::NotAuthorized.into());
    };
    let resource = match bind {
        Bind::Resource(resource) if !resource.is_empty() => match Resourcepart::new(&resource) {
            Ok(resource) => Some(resource),
            // RFC 6120 section 7.7.2.1.
            Err(_) => {
                let error = StanzaError::new(StanzaCondition::BadRequest);
                refuse_resource(core, state, &iq, error, tx)?;
                return Ok(Outcome::Consumed);
            }
        },
        _ => None,
    };
    let serial = core.next_serial();
    state.step = Step::BindAnswer { serial, iq: Box::new(iq) };
    Ok(Outcome::Event(Event::BindWanted(BindQuery { serial, account, resource })))
}

/// RFC 6120 section 7.7.3: tells the client, and counts.
fn refuse_resource(
    core: &mut Core,
    state: &mut State,
    iq: &Iq,
    error: StanzaError,
    tx: &mut Vec<u8>,
) -> Result<(), Error> {
    core.write(&iq.to_error(error), tx);
    state.failed_binds += 1;
    if state.failed_binds > MAX_BIND_RETRIES {
        return Err(PeerMisbehaved::TooManyBindAttempts.into());
    }
    Ok(())
}

/// 6120-7.7.3-01: at least 5 and no more than 10.
const MAX_BIND_RETRIES: u32 = 5;
