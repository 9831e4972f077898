//! A client: header, STARTTLS, header, SASL, header, binding (RFC 6120 section
//! 9.1); or where the server can, all from SASL on at once (XEP-0388, XEP-0386).

use alloc::{boxed::Box, string::String, sync::Arc};

use xmpp_jid::{BareJid, FullJid};
use xmpp_sasl::{ChannelBindings, ScramKeys, Secret};
use xmpp_stanza::features::FeaturesRef;
use xmpp_stanza::stream_limits::StreamLimits;
use xmpp_stanza::{Address, StreamHeader};
use xmpp_xml::{ElementRef, Framing, Ns, SendBuffer, ns};

use super::{ClientToServer, Role};
use crate::config::{ClientConfig, TlsMode};
use crate::connection::Connection;
use crate::connection::core::{Core, judge_content, judge_version, unexpected};
use crate::connection::machine::{Lend, Machine, Outcome};
use crate::error::{Error, Misuse, PeerIncompatible, PeerMisbehaved};
use crate::event::{ClientEvent, Event, Received};
use crate::negotiation::sasl::{Initiating, Means, Progress};
use crate::negotiation::sasl2::Succeeded;
use crate::negotiation::{bind, starttls};
use crate::query::{KeysQuery, UpgradeQuery};
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
            bindings: ChannelBindings::without_tls(),
            bound: None,
        };
        tx.set_content(ns::CLIENT);
        if matches!(state.step, Step::Header) {
            write_header(&mut core, &state, tx);
        }
        Self::new(core, state)
    }

    /// Answers [`ClientEvent::KeysWanted`].
    ///
    /// # Errors
    ///
    /// [`Misuse::StaleQuery`] if the query is not the open one;
    /// [`Misuse::WrongKeys`] if the keys are not those that it asks for.
    pub fn provide_keys(
        &mut self,
        query: KeysQuery,
        keys: ScramKeys,
        tx: &mut SendBuffer,
    ) -> Result<(), Misuse> {
        if !self.is_answerable()? {
            return Ok(());
        }
        let Step::Sasl(attempts) = &mut self.state.step else { return Err(Misuse::StaleQuery) };
        let progress = attempts.provide_keys(&mut self.core, &query, keys, tx)?;
        let outcome = progress
            .and_then(|progress| take_progress(&mut self.core, &mut self.state, progress, tx));
        self.settle(outcome, tx);
        Ok(())
    }

    /// Answers [`ClientEvent::UpgradeWanted`].
    ///
    /// # Errors
    ///
    /// [`Misuse::StaleQuery`] if the query is not the open one;
    /// [`Misuse::WrongKeys`] if the length is not that of the hash.
    pub fn provide_salted_password(
        &mut self,
        query: UpgradeQuery,
        salted_password: Secret,
        tx: &mut SendBuffer,
    ) -> Result<(), Misuse> {
        if !self.is_answerable()? {
            return Ok(());
        }
        let Step::Sasl(attempts) = &mut self.state.step else { return Err(Misuse::StaleQuery) };
        attempts.provide_salted_password(&mut self.core, &query, &salted_password, tx)
    }
}

/// Where the negotiation stands.
pub(crate) struct State {
    config: Arc<ClientConfig>,
    tls: TlsMode,
    step: Step,
    authenticated: bool,
    bindings: ChannelBindings,
    bound: Option<FullJid>,
}

/// What the client waits for.
enum Step {
    Header,
    Features,
    Proceed,
    Tls,
    /// Boxed, since it is large and short-lived.
    Sasl(Box<Initiating>),
    BindResult {
        id: String,
    },
    Open,
}

impl Step {
    const fn expected(&self) -> &'static str {
        match self {
            Self::Header => "a stream header",
            Self::Features => "<features/>",
            Self::Proceed => "<proceed/>",
            Self::Tls => "TLS",
            Self::Sasl(_) => "a SASL challenge, success or failure",
            Self::BindResult { .. } => "the result of resource binding",
            Self::Open => "a stanza",
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
    /// Absent is tolerated, another one is not (6120-4.9.3.9-01).
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
                let established = handle_features(core, state, element, tx)?;
                Ok(Outcome { lend: Some(Lend::Role), then: established.map(Box::new) })
            }
            Step::Proceed => {
                starttls::handle_answer(element, unread)?;
                state.step = Step::Tls;
                Ok(Outcome::event(Event::StartTls))
            }
            Step::Sasl(attempts) if element.has_ns(attempts.profile().ns()) => {
                let means = means(&state.config, state.tls, &state.bindings);
                let progress = attempts.handle_element(core, element, &means, tx)?;
                take_progress(core, state, progress, tx)
            }
            Step::BindResult { id } if bind::is_answer(element, id, &state.config.account) => {
                let bound = bind::handle_result(element, &state.config.account)?;
                let jid = bound.clone();
                state.step = Step::Open;
                state.bound = Some(bound);
                core.established();
                Ok(Outcome::event(Event::Established { jid, resumed: false }))
            }
            step => Err(unexpected(element, step.expected()).into()),
        }
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
        !matches!(state.step, Step::Tls | Step::Proceed)
    }

    fn bound(state: &State) -> Option<&FullJid> {
        state.bound.as_ref()
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
            ClientEvent::AuthenticationFailed { mechanism, failure } => {
                ClientEvent::AuthenticationFailed { mechanism, failure }
            }
            ClientEvent::Authenticated { account, proof, token } => {
                ClientEvent::Authenticated { account, proof, token }
            }
        }
    }
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
        binds_inline: config.resource.is_none(),
        bindings,
        key_derivation: config.key_derivation,
        max_failed: config.max_failed_logins as usize,
    }
}

/// RFC 6120 section 4.3.2: takes the next step that the features allow.
fn handle_features(
    core: &mut Core,
    state: &mut State,
    features: ElementRef<'_>,
    tx: &mut SendBuffer,
) -> Result<Option<Event<'static, ClientToServer>>, Error> {
    let features = FeaturesRef::parse(features).map_err(PeerMisbehaved::Malformed)?;
    state.step = if state.authenticated {
        // XEP-0478: what the server does not take is not sent.
        if let Ok(Some(StreamLimits { max_bytes: Some(bytes), .. })) = features.feature() {
            core.limit_sent(bytes as usize);
        }
        // XEP-0386: bound with the success that these features follow.
        if let Some(jid) = state.bound.clone() {
            state.step = Step::Open;
            core.established();
            return Ok(Some(Event::Established { jid, resumed: false }));
        }
        if !features.bind() {
            return Err(PeerIncompatible::NoBind.into());
        }
        Step::BindResult { id: bind::request(core, state.config.resource.as_ref(), tx) }
    } else if !state.bindings.is_tls() && state.tls == TlsMode::StartTls {
        if features.starttls().is_none() {
            return Err(PeerIncompatible::NoStartTls.into());
        }
        starttls::request(core, tx);
        Step::Proceed
    } else {
        let means = means(&state.config, state.tls, &state.bindings);
        Step::Sasl(Box::new(Initiating::begin(core, features, &means, tx)?))
    };
    Ok(None)
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
            let Succeeded { proof, bound, token } = *succeeded;
            state.authenticated = true;
            state.bound = bound;
            state.step = Step::Features;
            core.authenticated();
            let account = state.config.account.clone();
            let event = Event::Role(ClientEvent::Authenticated { account, proof, token });
            Outcome { lend: Some(Lend::Role), then: Some(Box::new(event)) }
        }
    })
}
