//! A client: header, STARTTLS, header, SASL, header, binding (RFC 6120 section
//! 9.1); or where the server can, all from SASL on at once (XEP-0388, XEP-0386).

use alloc::{boxed::Box, collections::VecDeque, string::String, sync::Arc};

use xmpp_jid::{BareJid, BareJidRef, FullJid};
use xmpp_sasl::ChannelBindings;
use xmpp_stanza::Payload;
use xmpp_stanza::sm::{Enabled, Failed, Resumed};
use xmpp_stanza::{Address, StreamError, StreamHeader};
use xmpp_xml::{ElementRef, Framing, Ns, SendBuffer, ns};

mod answers;
mod features;
mod inline;

use self::features::{begin_binding, enable_management, handle_features, wanted};
use super::{ClientToServer, Role};
use crate::config::{ClientConfig, TlsMode};
use crate::connection::Connection;
use crate::connection::core::{Core, judge_content, judge_version, unexpected};
use crate::connection::machine::{Lend, Machine, Outcome};
use crate::error::{Error, Misuse, PeerMisbehaved};
use crate::event::{ClientEvent, Event, Received};
use crate::negotiation::sasl::{Initiating, Means, Progress};
use crate::negotiation::sasl2::Succeeded;
use crate::negotiation::sm;
use crate::negotiation::{bind, starttls};
use crate::requests::Asker;
use crate::stream_management::Resumption;
use crate::time::Instant;
use crate::tls::TlsFacts;

impl Role for ClientToServer {
    type Event<'b> = ClientEvent<'b>;
    type Address = FullJid;
}

impl Connection<ClientToServer> {
    /// Begins a stream: the header is in `tx`, unless TLS comes first. The
    /// [framing](SendBuffer::framing) of `tx` is that of the connection.
    ///
    /// `seed` is 32 bytes from the system's random generator, never used twice;
    /// nonces and ids come from it.
    pub fn connect(
        config: Arc<ClientConfig>,
        now: Instant,
        seed: [u8; 32],
        tx: &mut SendBuffer,
    ) -> Self {
        let tls = config.tls;
        Self::connect_by(config, tls, now, seed, tx)
    }

    /// Begins a stream in which an earlier one is to go on (XEP-0198 section 5): the
    /// same as [`connect`](Self::connect), but that once it has authenticated the
    /// client asks for the resumption before anything else. If the server agrees,
    /// [`Event::Established`] says so, and what the server had not handled is in
    /// `tx` again. If not, [`ClientEvent::ResumptionFailed`] tells, and the
    /// connection goes on to bind a resource.
    ///
    /// # Errors
    ///
    /// [`Misuse::WrongResumption`] if the resumption is of another account than the
    /// configuration.
    pub fn resume(
        config: Arc<ClientConfig>,
        resumption: Resumption,
        now: Instant,
        seed: [u8; 32],
        tx: &mut SendBuffer,
    ) -> Result<Self, Misuse> {
        if !bind::is_of(&resumption.jid().to_bare(), &config.account) {
            return Err(Misuse::WrongResumption);
        }
        let mut connection = Self::connect(config, now, seed, tx);
        connection.resume_by(resumption, tx.framing());
        Ok(connection)
    }

    /// Of a connection that has just begun, for the account of the resumption.
    pub(crate) fn resume_by(&mut self, resumption: Resumption, framing: Framing) {
        self.core.management.want(resumption.framed(framing));
    }

    pub(crate) fn connect_by(
        config: Arc<ClientConfig>,
        tls: TlsMode,
        now: Instant,
        seed: [u8; 32],
        tx: &mut SendBuffer,
    ) -> Self {
        let nonzas = config.nonzas.clone();
        let (limits, timeouts) = (&config.limits, config.timeouts);
        let mut core = Core::new(limits, timeouts, tx.framing(), nonzas, now, seed);
        core.set_unanswered(config.unanswered);
        // RFC 7395 section 3.10: a WebSocket has its TLS below it, and no STARTTLS.
        let tls = match tx.framing() {
            Framing::WebSocket if tls == TlsMode::StartTls => TlsMode::Direct,
            _ => tls,
        };
        let step = match tls {
            TlsMode::Direct => Step::Tls,
            TlsMode::StartTls | TlsMode::DangerousPlaintext => Step::Header,
        };
        let state = State {
            config,
            tls,
            step,
            authenticated: false,
            offers_management: false,
            bindings: ChannelBindings::without_tls(),
            bound: None,
            late_features: false,
            news: VecDeque::new(),
        };
        tx.set_content(ns::CLIENT);
        if matches!(state.step, Step::Header) {
            write_header(&mut core, &state, tx);
        }
        Self::new(core, state)
    }
}

/// Where the negotiation stands.
pub(crate) struct State {
    config: Arc<ClientConfig>,
    tls: TlsMode,
    step: Step,
    authenticated: bool,
    /// Whether the server offers stream management.
    offers_management: bool,
    bindings: ChannelBindings,
    bound: Option<FullJid>,
    /// Whether features may still come.
    late_features: bool,
    /// What has come inline and is told one by one.
    news: VecDeque<ClientEvent<'static>>,
}

/// Of an exchange of credentials there is no second one.
#[cfg(test)]
impl Clone for State {
    fn clone(&self) -> Self {
        let step = match &self.step {
            Step::Features => Step::Features,
            Step::Resumption { offers_bind } => Step::Resumption { offers_bind: *offers_bind },
            Step::BindResult { id } => Step::BindResult { id: id.clone() },
            Step::Open => Step::Open,
            step => unreachable!("a client that waits for {}", step.expected()),
        };
        Self {
            config: Arc::clone(&self.config),
            tls: self.tls,
            step,
            authenticated: self.authenticated,
            offers_management: self.offers_management,
            bindings: self.bindings.clone(),
            bound: self.bound.clone(),
            late_features: self.late_features,
            // All is told by then.
            news: VecDeque::new(),
        }
    }
}

/// What the client waits for.
enum Step {
    Header,
    Features,
    /// The answer to `<starttls/>`, and whether that was offered.
    Proceed {
        offered: bool,
    },
    Tls,
    /// Boxed, since it is large and short-lived.
    Sasl(Box<Initiating>),
    /// The answer to `<resume/>`, and whether a resource can be bound if it is no.
    Resumption {
        offers_bind: bool,
    },
    BindResult {
        id: String,
    },
    /// The earlier stream goes on; the driver is about to be told.
    Resumed,
    Open,
}

impl Step {
    const fn expected(&self) -> &'static str {
        match self {
            Self::Header => "a stream header",
            Self::Features => "<features/>",
            Self::Proceed { .. } => "<proceed/>",
            Self::Tls => "TLS",
            Self::Sasl(_) => "a SASL challenge, success or failure",
            Self::Resumption { .. } => "<resumed/> or <failed/>",
            Self::BindResult { .. } => "the result of resource binding",
            Self::Resumed | Self::Open => "a stanza",
        }
    }
}

impl Machine for ClientToServer {
    type State = State;

    const CONTENT: Ns<'static> = ns::CLIENT;
    const INITIATES: bool = true;
    const ALPN: Option<&'static [u8]> = Some(b"xmpp-client");

    fn wants_input(state: &State) -> bool {
        match &state.step {
            Step::Tls => false,
            Step::Sasl(attempts) => attempts.wants_input(),
            _ => true,
        }
    }

    /// RFC 6120 section 4.7.1: the response comes from the domain asked for.
    /// Absent is tolerated (`6120-4.7.1-05`), another one is not (section 4.9.3.9).
    fn judge_header(state: &State, header: &StreamHeader) -> Result<(), PeerMisbehaved> {
        judge_content(header, Self::CONTENT)?;
        judge_version(header)?;
        let domain = state.config.account.domainpart();
        match &header.from {
            Address::Absent => Ok(()),
            Address::Jid(from) if from.as_str() == domain.as_str() => Ok(()),
            _ => Err(PeerMisbehaved::WrongFrom),
        }
    }

    fn handle_header(
        _core: &mut Core,
        state: &mut State,
        _header: StreamHeader,
        _tx: &mut SendBuffer,
    ) -> Result<Outcome<Self>, Error> {
        state.step = Step::Features;
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
            Step::Features if element.is(ns::STREAM, "features") => {
                let then = handle_features(core, state, element, tx)?;
                Ok(Outcome { lend: Some(Lend::Role), then: then.map(Box::new) })
            }
            Step::Proceed { offered } => {
                starttls::handle_answer(element, unread, *offered)?;
                state.step = Step::Tls;
                Ok(Outcome::event(Event::StartTls))
            }
            Step::Sasl(attempts) => {
                let means = means(&state.config, state.tls, &state.bindings);
                let progress = attempts.handle_element(core, element, &means, tx)?;
                take_progress(core, state, progress, tx)
            }
            Step::Resumption { .. } if Resumed::matches(element) => {
                let jid = sm::handle_resumed(core, &wanted(&state.config), element)?;
                state.step = Step::Open;
                state.bound = Some(jid.clone());
                core.established();
                sm::resend(core, tx);
                Ok(Outcome::event(Event::Established { jid, resumed: true }))
            }
            Step::Resumption { offers_bind } if Failed::matches(element) => {
                let failed = Some(core.management.handle_not_resumed(element)?);
                let offers_bind = *offers_bind;
                begin_binding(core, state, offers_bind, tx)?;
                Ok(Outcome::role(ClientEvent::ResumptionFailed { failed }))
            }
            Step::BindResult { id } if bind::is_answer(element, id, &state.config.account) => {
                let bound = bind::handle_result(element, &state.config.account)?;
                let jid = bound.clone();
                state.step = Step::Open;
                state.bound = Some(bound);
                core.established();
                enable_management(core, state, tx);
                Ok(Outcome::event(Event::Established { jid, resumed: false }))
            }
            step => Err(unexpected(element, step.expected()).into()),
        }
    }

    fn go_on(
        core: &mut Core,
        state: &mut State,
        tx: &mut SendBuffer,
    ) -> Result<Option<Event<'static, Self>>, Error> {
        Ok(inline::go_on(core, state, tx))
    }

    /// XEP-0198 section 9.2: behind a stream that was resumed inline there are none.
    /// Prosody's mod_sasl2 sends them all the same, as XEP-0388 has it of any success.
    fn takes_late_features(state: &mut State) -> bool {
        core::mem::take(&mut state.late_features)
    }

    fn handle_management(
        core: &mut Core,
        _state: &mut State,
        element: ElementRef<'_>,
        _tx: &mut SendBuffer,
    ) -> Result<Outcome<Self>, Error> {
        if Enabled::matches(element) {
            let resumable = sm::handle_enabled(core, element)?;
            return Ok(Outcome::role(ClientEvent::StreamManagementEnabled { resumable }));
        }
        if Failed::matches(element) {
            let failed = core.management.handle_not_enabled(element)?;
            return Ok(Outcome::role(ClientEvent::StreamManagementRefused { failed }));
        }
        sm::handle(core, element)?;
        Ok(Outcome::CONSUMED)
    }

    fn wants_tls(state: &State) -> bool {
        matches!(state.step, Step::Tls)
    }

    fn tls_established(
        core: &mut Core,
        state: &mut State,
        facts: TlsFacts<'_>,
        tx: &mut SendBuffer,
    ) {
        state.bindings = facts.channel_bindings();
        state.step = Step::Header;
        core.restart();
        write_header(core, state, tx);
    }

    fn write_header(core: &mut Core, state: &State, tx: &mut SendBuffer) {
        write_header(core, state, tx);
    }

    fn can_tell(state: &State) -> bool {
        // After <starttls/> the peer speaks TLS or nothing.
        !matches!(state.step, Step::Tls | Step::Proceed { .. })
    }

    fn told(state: &State, error: StreamError) -> Error {
        match state.step {
            Step::Proceed { offered: false } => starttls::refused(error),
            _ => Error::StreamError(error),
        }
    }

    fn bound(state: &State) -> Option<&FullJid> {
        state.bound.as_ref()
    }

    fn max_requests(state: &State) -> usize {
        state.config.limits.requests
    }

    fn asker(state: &State) -> Asker<'_> {
        Asker::Client(account(state))
    }

    fn probe(state: &State) -> Option<(Address, Address)> {
        let server = BareJid::from(state.config.account.domainpart());
        Some((Address::Absent, server.into()))
    }

    fn lend(element: Received<'_>) -> Event<'_, Self> {
        Event::Role(if element.element().has_ns(ns::SASL2) {
            ClientEvent::SuccessReceived(element)
        } else {
            ClientEvent::FeaturesReceived(element)
        })
    }

    fn shorten<'b>(event: <Self as Role>::Event<'static>) -> <Self as Role>::Event<'b> {
        event
    }

    fn share(event: ClientEvent<'_>) -> ClientEvent<'static> {
        match event {
            ClientEvent::FeaturesReceived(features) => {
                ClientEvent::FeaturesReceived(features.into_shared())
            }
            ClientEvent::SuccessReceived(success) => {
                ClientEvent::SuccessReceived(success.into_shared())
            }
            ClientEvent::KeysWanted(query) => ClientEvent::KeysWanted(query),
            ClientEvent::UpgradeWanted(query) => ClientEvent::UpgradeWanted(query),
            ClientEvent::TaskWanted(query) => ClientEvent::TaskWanted(query),
            ClientEvent::TaskDataReceived(query) => ClientEvent::TaskDataReceived(query),
            ClientEvent::AuthenticationFailed { mechanism, failure } => {
                ClientEvent::AuthenticationFailed { mechanism, failure }
            }
            ClientEvent::Authenticated { account, proof, token } => {
                ClientEvent::Authenticated { account, proof, token }
            }
            ClientEvent::StreamManagementEnabled { resumable } => {
                ClientEvent::StreamManagementEnabled { resumable }
            }
            ClientEvent::StreamManagementRefused { failed } => {
                ClientEvent::StreamManagementRefused { failed }
            }
            ClientEvent::ResumptionFailed { failed } => ClientEvent::ResumptionFailed { failed },
        }
    }
}

/// The account that the server has bound a resource of; before, the one of the
/// configuration, which an anonymous client does not know.
fn account(state: &State) -> BareJidRef<'_> {
    state.bound.as_ref().map_or(state.config.account.as_ref(), |bound| bound.as_ref().to_bare())
}

fn write_header(core: &mut Core, state: &State, tx: &mut SendBuffer) {
    let account = &state.config.account;
    let mut header = StreamHeader::new(ns::CLIENT).with_to(BareJid::from(account.domainpart()));
    // RFC 6120 section 4.7.1: who we are is told once nobody else can read it. An
    // account that the server is to make up is nobody yet.
    if state.bindings.is_tls() && account.localpart().is_some() {
        header.from = account.clone().into();
    }
    header.lang.clone_from(&state.config.lang);
    core.write_header(&header, tx);
}

fn means<'a>(config: &'a ClientConfig, tls: TlsMode, bindings: &'a ChannelBindings) -> Means<'a> {
    Means {
        account: &config.account,
        plaintext: tls == TlsMode::DangerousPlaintext,
        policy: &config.sasl,
        credentials: &config.credentials,
        sasl2: &config.sasl2,
        management: config.stream_management.as_ref(),
        binds_inline: config.resource.is_none(),
        bindings,
        key_derivation: config.key_derivation,
        max_failed: config.max_failed_logins as usize,
    }
}

fn take_progress(
    core: &mut Core,
    state: &mut State,
    progress: Progress,
    tx: &mut SendBuffer,
) -> Result<Outcome<ClientToServer>, Error> {
    Ok(match progress {
        Progress::Sent => Outcome::CONSUMED,
        Progress::KeysWanted(query) => Outcome::role(ClientEvent::KeysWanted(query)),
        Progress::UpgradeWanted(query) => Outcome::role(ClientEvent::UpgradeWanted(query)),
        Progress::TaskWanted(query) => Outcome::role(ClientEvent::TaskWanted(query)),
        Progress::TaskDataReceived(query) => Outcome::role(ClientEvent::TaskDataReceived(query)),
        Progress::Retried(mechanism, failure) => {
            Outcome::role(ClientEvent::AuthenticationFailed { mechanism, failure })
        }
        Progress::Authenticated(proof) => {
            // RFC 6120 section 6.4.6: a new stream, over the same connection.
            state.authenticated = true;
            state.step = Step::Header;
            core.authenticated();
            core.restart();
            write_header(core, state, tx);
            let account = state.config.account.clone();
            Outcome::role(ClientEvent::Authenticated { account, proof: *proof, token: None })
        }
        Progress::Succeeded(succeeded) => {
            // XEP-0388, "Success": features follow, on the same stream.
            let Succeeded { proof, bound, token, resumption, management } = *succeeded;
            state.authenticated = true;
            state.bound = bound;
            state.step = Step::Features;
            core.authenticated();
            inline::take_resumption(core, state, resumption)?;
            inline::take_management(core, state, management, tx.context())?;
            core.has_more = !state.news.is_empty() || matches!(state.step, Step::Resumed);
            let account = state.config.account.clone();
            let event = Event::Role(ClientEvent::Authenticated { account, proof, token });
            Outcome { lend: Some(Lend::Role), then: Some(Box::new(event)) }
        }
    })
}
