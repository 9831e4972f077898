//! A server's end of a client's stream: header, STARTTLS, header, SASL, header,
//! binding (RFC 6120 section 9.1); or all from SASL on at once (XEP-0388, XEP-0386).

use alloc::{boxed::Box, sync::Arc};

use xmpp_jid::{BareJid, DomainpartRef, FullJid, Jid};
use xmpp_sasl::ChannelBindings;
use xmpp_sasl::sasl2::Tasks;
use xmpp_sasl::server::Authenticated;
use xmpp_stanza::sasl::Success;
use xmpp_stanza::sm::{Enable, Failed, Resume};
use xmpp_stanza::{Address, Iq, Payload, StanzaCondition, StreamHeader};
use xmpp_xml::{ElementRef, Framing, Ns, SendBuffer, ns};

mod answers;
mod binding;
mod response;
mod sasl2;
mod tasks;

use self::binding::{handle_bind, handle_resume};
use self::response::{respond, write_header};
use self::sasl2::WaitingForToken;
use self::tasks::WaitingForTasks;
use super::{Role, ServerFromClient};
use crate::config::{HostConfig, ServerConfig, TlsMode};
use crate::connection::Connection;
use crate::connection::core::{Core, judge_content, judge_version, unexpected};
use crate::connection::gate::classify;
use crate::connection::machine::{Lend, Machine, Outcome};
use crate::error::{Error, PeerMisbehaved};
use crate::event::{Event, ServerEvent};
use crate::negotiation::sasl::{Judge, Profile, Receiving, Verdict};
use crate::negotiation::sasl2::{Login, ReceivingTask, Request};
use crate::negotiation::sm;
use crate::negotiation::{bind, starttls};
use crate::query::HostQuery;
use crate::requests::Asker;
use crate::time::Instant;
use crate::tls::TlsFacts;

impl Role for ServerFromClient {
    type Event<'b> = ServerEvent;
    type Address = FullJid;
}

impl Connection<ServerFromClient> {
    /// Waits for a client's stream header, or first for TLS if the
    /// configuration says so.
    ///
    /// `seed` is 32 bytes from the system's random generator, never used twice;
    /// stream ids and nonces come from it.
    pub fn accept(
        config: Arc<ServerConfig>,
        framing: Framing,
        now: Instant,
        seed: [u8; 32],
    ) -> Self {
        let tls = config.tls;
        Self::accept_by(config, tls, framing, now, seed)
    }

    pub(crate) fn accept_by(
        config: Arc<ServerConfig>,
        tls: TlsMode,
        framing: Framing,
        now: Instant,
        seed: [u8; 32],
    ) -> Self {
        let nonzas = config.nonzas.clone();
        let mut core = Core::new(&config.limits, config.timeouts, framing, nonzas, now, seed);
        core.drops_space = config.space_behind_starttls;
        // RFC 7395 section 3.10: a WebSocket has its TLS below it, and no STARTTLS.
        let tls = match framing {
            Framing::WebSocket if tls == TlsMode::StartTls => TlsMode::Direct,
            _ => tls,
        };
        let step = if tls == TlsMode::Direct { Step::Tls } else { Step::Header };
        let state = State {
            config,
            tls,
            step,
            host: None,
            peer: None,
            bindings: ChannelBindings::without_tls(),
            certified: false,
            sasl: None,
            bind: bind::Receiving::default(),
            account: None,
            bound: None,
            news: None,
        };
        Self::new(core, state)
    }

    /// The account that the client acts as, once it has authenticated.
    pub fn account(&self) -> Option<&BareJid> {
        self.state.account.as_ref()
    }
}

/// Where the negotiation stands.
pub(crate) struct State {
    config: Arc<ServerConfig>,
    tls: TlsMode,
    step: Step,
    host: Option<Arc<HostConfig>>,
    /// Who the client says it is; for the `to` of our header.
    peer: Option<BareJid>,
    bindings: ChannelBindings,
    /// Whether the client has presented a certificate.
    certified: bool,
    /// Boxed: it is of no use once the client is bound.
    sasl: Option<Box<Receiving>>,
    bind: bind::Receiving,
    account: Option<BareJid>,
    bound: Option<FullJid>,
    /// What is told next.
    news: Option<Box<ServerEvent>>,
}

/// Of an exchange of credentials there is no second one.
#[cfg(test)]
impl Clone for State {
    fn clone(&self) -> Self {
        let step = match &self.step {
            Step::Bind => Step::Bind,
            Step::Open => Step::Open,
            _ => unreachable!("a server that has not authenticated its client"),
        };
        Self {
            config: Arc::clone(&self.config),
            tls: self.tls,
            step,
            host: self.host.clone(),
            peer: self.peer.clone(),
            bindings: self.bindings.clone(),
            certified: self.certified,
            sasl: None,
            bind: bind::Receiving::default(),
            account: self.account.clone(),
            bound: self.bound.clone(),
            // All is told by then.
            news: None,
        }
    }
}

/// What the server waits for.
enum Step {
    Header,
    Host {
        serial: u32,
    },
    Tls,
    /// SASL, or STARTTLS before it.
    Sasl,
    /// What the client has to do is asked about.
    Tasks(Box<WaitingForTasks>),
    /// A task between the exchange and success (XEP-0388). Boxed, since it is large
    /// and short-lived; so are the next.
    Task(Box<ReceivingTask>),
    /// The driver is told of its gain.
    TaskDone(Box<(Login, Tasks)>),
    Token(Box<WaitingForToken>),
    /// The driver is told, the client not yet.
    Authenticated(Box<Login>),
    Bind,
    BindAnswer {
        serial: u32,
        to: BindFor,
    },
    ResumeAnswer {
        serial: u32,
        /// Of a client that has asked inline (XEP-0198 section 9.2).
        login: Option<Box<Login>>,
    },
    Open,
}

/// What a resource is the answer to.
enum BindFor {
    Iq(Box<Iq<'static>>),
    /// Bind 2 (XEP-0386).
    Inline(Box<Login>),
}

impl Machine for ServerFromClient {
    type State = State;

    const CONTENT: Ns<'static> = ns::CLIENT;
    const INITIATES: bool = false;
    const ALPN: Option<&'static [u8]> = Some(b"xmpp-client");

    fn wants_input(state: &State) -> bool {
        match &state.step {
            Step::Tls
            | Step::Host { .. }
            | Step::Tasks(_)
            | Step::TaskDone(_)
            | Step::Token(_)
            | Step::Authenticated(_)
            | Step::BindAnswer { .. }
            | Step::ResumeAnswer { .. } => false,
            Step::Sasl => state.sasl.as_ref().is_none_or(|sasl| sasl.wants_input()),
            Step::Task(task) => task.wants_input(),
            Step::Header | Step::Bind | Step::Open => true,
        }
    }

    fn note_peer(state: &mut State, from: Option<BareJid>) {
        state.peer = from;
    }

    fn judge_header(_state: &State, header: &StreamHeader) -> Result<(), PeerMisbehaved> {
        judge_content(header, Self::CONTENT)?;
        judge_version(header)
    }

    fn handle_header(
        core: &mut Core,
        state: &mut State,
        header: StreamHeader,
        tx: &mut SendBuffer,
    ) -> Result<Outcome<Self>, Error> {
        let from = header.from.jid().map(Jid::to_bare);
        // RFC 6120 section 4.9.3.6: what is no domain is none of ours either.
        let to = match header.to {
            Address::Absent => None,
            Address::Jid(to) if to.as_str() == to.domainpart().as_str() => {
                Some(to.domainpart().into_owned())
            }
            _ => return Err(PeerMisbehaved::UnknownHost.into()),
        };
        let Some(host) = &state.host else {
            let serial = core.next_serial();
            state.step = Step::Host { serial };
            let query = HostQuery { serial, to, from };
            let wanted = Event::Role(ServerEvent::HostWanted(query));
            return Ok(Outcome { lend: Some(Lend::Header), then: Some(Box::new(wanted)) });
        };
        // The restart after authentication: the account belongs to this host, and
        // the client is who it has proved to be (RFC 6120 section 4.9.3.9).
        if to.as_ref().is_some_and(|to| *to != host.domain) {
            return Err(PeerMisbehaved::UnknownHost.into());
        }
        state.peer.clone_from(&state.account);
        if header.from.is_malformed() || (from.is_some() && from != state.account) {
            return Err(PeerMisbehaved::WrongFrom.into());
        }
        respond(core, state, tx);
        Ok(Outcome::lend(Lend::Header))
    }

    fn handle_element(
        core: &mut Core,
        state: &mut State,
        element: ElementRef<'_>,
        unread: usize,
        tx: &mut SendBuffer,
    ) -> Result<Outcome<Self>, Error> {
        match &mut state.step {
            Step::Sasl if element.is(ns::TLS, "starttls") => {
                if state.tls != TlsMode::StartTls || state.bindings.is_tls() {
                    return Err(unexpected(element, "<auth/>").into());
                }
                starttls::handle_request(core, unread, tx)?;
                state.step = Step::Tls;
                Ok(Outcome::event(Event::StartTls))
            }
            Step::Sasl if Profile::of(element).is_some() => {
                let Some(host) = &state.host else {
                    return Err(PeerMisbehaved::NotAuthorized.into());
                };
                let judge = judge(host, &state.config, &state.bindings, state.tls);
                let sasl = state.sasl.get_or_insert_default();
                let verdict = sasl.handle_element(core, element, &judge, tx)?;
                take_verdict(core, state, verdict, tx)
            }
            Step::Task(_) if element.has_ns(ns::SASL2) => tasks::handle(core, state, element, tx),
            Step::Bind if element.is(ns::CLIENT, "iq") => handle_bind(core, state, element, tx),
            Step::Bind if Resume::matches(element) => handle_resume(core, state, element, tx),
            // XEP-0198 section 3: not before a resource is bound.
            Step::Bind | Step::Sasl if Enable::matches(element) || Resume::matches(element) => {
                sm::refuse(core, &Failed::new(StanzaCondition::UnexpectedRequest), tx)?;
                Ok(Outcome::CONSUMED)
            }
            // 6120-4.9.3.12: stanzas before their time.
            _ if matches!(element.name(), "message" | "presence" | "iq") => {
                classify(core, element, Self::CONTENT)?;
                Err(PeerMisbehaved::NotAuthorized.into())
            }
            Step::Bind => Err(unexpected(element, "an iq with <bind/>").into()),
            _ => Err(unexpected(element, "<starttls/> or <auth/>").into()),
        }
    }

    fn go_on(
        core: &mut Core,
        state: &mut State,
        tx: &mut SendBuffer,
    ) -> Result<Option<Event<'static, Self>>, Error> {
        sasl2::go_on(core, state, tx)
    }

    fn handle_management(
        core: &mut Core,
        state: &mut State,
        element: ElementRef<'_>,
        tx: &mut SendBuffer,
    ) -> Result<Outcome<Self>, Error> {
        if Enable::matches(element) {
            let again = core.management.ledger.is_some();
            let config = state.host.as_ref().and_then(|host| host.stream_management.as_ref());
            match sm::accept_enable(core, config, element, tx.context()) {
                Ok(enabled) => {
                    core.write(&enabled, tx);
                    let resumable = enabled.resume;
                    return Ok(Outcome::role(ServerEvent::StreamManagementEnabled { resumable }));
                }
                Err(failed) => sm::refuse(core, &failed, tx)?,
            }
            if again {
                return Err(PeerMisbehaved::EnabledTwice.into());
            }
        } else if Resume::matches(element) {
            sm::refuse(core, &Failed::new(StanzaCondition::UnexpectedRequest), tx)?;
        } else {
            sm::handle(core, element)?;
        }
        Ok(Outcome::CONSUMED)
    }

    fn wants_tls(state: &State) -> bool {
        matches!(state.step, Step::Tls)
    }

    fn tls_established(
        core: &mut Core,
        state: &mut State,
        facts: TlsFacts<'_>,
        _tx: &mut SendBuffer,
    ) {
        // XEP-0440 rule 1: `tls-server-end-point` alone is worth a -PLUS, too.
        state.bindings = facts.channel_bindings();
        state.certified = facts.peer_certificate.is_some();
        // 6120-5.4.3.3-03: what was said in the clear does not count.
        state.host = None;
        state.peer = None;
        state.step = Step::Header;
        core.restart();
    }

    fn write_header(core: &mut Core, state: &State, tx: &mut SendBuffer) {
        write_header(core, state, tx);
    }

    fn can_tell(state: &State) -> bool {
        !matches!(state.step, Step::Tls)
    }

    fn bound(state: &State) -> Option<&FullJid> {
        state.bound.as_ref()
    }

    fn max_requests(state: &State) -> usize {
        state.config.limits.requests
    }

    fn asker(_state: &State) -> Asker<'_> {
        Asker::Server
    }

    /// `6120-8.1.2.1-02`: what the server says for itself is from its domain.
    fn address(state: &State, from: &mut Address, to: &mut Address) {
        let Some((server, client)) = Self::probe(state) else { return };
        for (address, default) in [(from, server), (to, client)] {
            if address.is_absent() {
                *address = default;
            }
        }
    }

    fn probe(state: &State) -> Option<(Address, Address)> {
        let bound = state.bound.as_ref()?;
        Some((BareJid::from(bound.domainpart()).into(), bound.clone().into()))
    }

    fn tls_host(state: &State) -> Option<DomainpartRef<'_>> {
        state.host.as_ref().map(|host| host.domain.as_ref())
    }

    fn shorten<'b>(event: <Self as Role>::Event<'static>) -> <Self as Role>::Event<'b> {
        event
    }

    fn share(event: ServerEvent) -> ServerEvent {
        event
    }
}

fn judge<'a>(
    host: &'a HostConfig,
    config: &ServerConfig,
    bindings: &'a ChannelBindings,
    tls: TlsMode,
) -> Judge<'a> {
    Judge {
        host,
        bindings,
        plaintext: tls == TlsMode::DangerousPlaintext,
        max_failed: config.max_failed_logins,
    }
}

fn take_verdict(
    core: &mut Core,
    state: &mut State,
    verdict: Verdict,
    tx: &mut SendBuffer,
) -> Result<Outcome<ServerFromClient>, Error> {
    Ok(match verdict {
        Verdict::Sent => Outcome::CONSUMED,
        Verdict::CredentialsWanted(mut query) => {
            query.from.clone_from(&state.peer);
            Outcome::role(ServerEvent::CredentialsWanted(query))
        }
        Verdict::Failed { condition, cause } => {
            Outcome::role(ServerEvent::AuthenticationFailed { condition, cause })
        }
        Verdict::Authenticated {
            account,
            identity,
            proof,
            additional_data,
            request: Some(request),
        } => {
            let login = tasks::login(account, identity, additional_data, *request);
            return tasks::begin(core, state, login, proof, tx);
        }
        Verdict::Authenticated { account, identity, proof, additional_data, request: None } => {
            // 6120-6.4.6-01: who the client said it is, once TLS was up, is who it
            // is, or whom it acts as.
            let is_one = |peer: &BareJid| *peer == account || Some(peer) == identity.as_ref();
            if !state.peer.as_ref().is_none_or(is_one) {
                return Err(PeerMisbehaved::WrongFrom.into());
            }
            let login = tasks::login(account, identity, additional_data, Request::default());
            return tasks::ask(core, state, login, proof, Profile::Rfc6120, tx);
        }
    })
}

/// RFC 6120 section 6.4.6: success, and another stream over the same connection.
fn succeed(
    core: &mut Core,
    state: &mut State,
    login: Login,
    proof: Authenticated,
    tx: &mut SendBuffer,
) -> Outcome<ServerFromClient> {
    core.write(&Success::new(login.additional_data.as_deref()), tx);
    let account = login.account;
    state.account = Some(account.clone());
    state.step = Step::Header;
    core.authenticated();
    core.restart();
    Outcome::role(ServerEvent::Authenticated { account, proof })
}
