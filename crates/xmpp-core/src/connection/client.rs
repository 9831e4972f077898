//! The initiating entity of a client-to-server stream, in the order that RFC
//! 6120 section 9.1 shows: header, STARTTLS, header, SASL, header, binding.

use alloc::{boxed::Box, string::String, sync::Arc, vec::Vec};
use core::mem;

use xmpp_jid::{BareJid, FullJid};
use xmpp_sasl::client::{Authenticated, Choice, Error as SaslError, Exchange, Offer};
use xmpp_sasl::{ChannelBindings, Nonce};
use xmpp_stanza::bind::Bind;
use xmpp_stanza::features::FeaturesRef;
use xmpp_stanza::sasl::{Abort, Auth, Challenge, Failure, Response, Success};
use xmpp_stanza::tls::{self, Proceed, StartTls};
use xmpp_stanza::{Address, Iq, IqContent, Payload, StreamHeader};
use xmpp_xml::{ElementRef, Ns, ns};

use super::Connection;
use super::core::{Core, is, unexpected};
use super::machine::{Lend, Machine, Outcome};
use crate::config::{ClientConfig, TlsMode};
use crate::error::{Error, Misuse, PeerIncompatible, PeerMisbehaved};
use crate::event::Event;
use crate::role::ClientToServer;
use crate::time::Instant;
use crate::tls::TlsFacts;

impl Connection<ClientToServer> {
    /// Begins a stream: the header is in `tx`, unless TLS comes first.
    ///
    /// `seed` is 32 bytes from the system's random generator, never used twice;
    /// nonces and ids come from it.
    pub fn connect(
        config: Arc<ClientConfig>,
        now: Instant,
        seed: [u8; 32],
        tx: &mut Vec<u8>,
    ) -> Self {
        let nonzas = config.nonzas.clone();
        let mut core = Core::new(&config.limits, config.timeouts, nonzas, now, seed);
        let step = match config.tls {
            TlsMode::Direct => Step::Tls,
            TlsMode::StartTls | TlsMode::DangerousPlaintext => Step::Header,
        };
        let state = State {
            config,
            step,
            authenticated: false,
            bindings: ChannelBindings::without_tls(),
            bound: None,
        };
        if matches!(state.step, Step::Header) {
            write_header(&mut core, &state, tx);
        }
        Self { core, state }
    }
}

/// Where the negotiation stands.
pub(crate) struct State {
    config: Arc<ClientConfig>,
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
    Sasl(Box<Exchange>),
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

    fn wants_input(state: &State) -> bool {
        !matches!(state.step, Step::Tls)
    }

    fn handle_header(
        _core: &mut Core,
        state: &mut State,
        header: StreamHeader,
        _tx: &mut Vec<u8>,
    ) -> Result<Outcome, Error> {
        // RFC 6120 section 4.7.1: the response comes from the domain asked for.
        // Absent is tolerated, another one is not (6120-4.9.3.9-01).
        let domain = state.config.account.domainpart();
        match &header.from {
            Address::Absent => {}
            Address::Jid(from) if from.as_str() == domain.as_str() => {}
            _ => return Err(PeerMisbehaved::WrongFrom.into()),
        }
        state.step = Step::Features;
        Ok(Outcome::Lend(Lend::Header))
    }

    fn handle_element(
        core: &mut Core,
        state: &mut State,
        element: ElementRef<'_>,
        unread: usize,
        tx: &mut Vec<u8>,
    ) -> Result<Outcome, Error> {
        match &state.step {
            Step::Features if element.is(ns::STREAM, "features") => {
                handle_features(core, state, element, tx)?;
                Ok(Outcome::Lend(Lend::Features))
            }
            Step::Proceed if is::<Proceed>(element) => {
                if unread > 0 {
                    // Somebody put bytes there that shall be taken for protected ones.
                    return Err(PeerMisbehaved::DataAroundStartTls.into());
                }
                state.step = Step::Tls;
                Ok(Outcome::Event(Event::StartTls))
            }
            Step::Proceed if is::<tls::Failure>(element) => {
                Err(PeerMisbehaved::StartTlsRefused.into())
            }
            Step::Sasl(_) if element.has_ns(ns::SASL) => handle_sasl(core, state, element, tx),
            Step::BindResult { id } if is_answer(element, id) => {
                let jid = bind_result(element)?;
                state.step = Step::Open;
                state.bound = Some(jid.clone());
                core.established();
                Ok(Outcome::Event(Event::Established { jid, resumed: false }))
            }
            Step::Open => Ok(core.classify(element, Self::CONTENT)?),
            step => Err(unexpected(element, step.expected()).into()),
        }
    }

    fn tls_established(
        core: &mut Core,
        state: &mut State,
        facts: TlsFacts<'_>,
        tx: &mut Vec<u8>,
    ) -> Result<(), Error> {
        if !matches!(state.step, Step::Tls) {
            return Err(Misuse::TlsNotPending.into());
        }
        state.bindings = facts.channel_bindings();
        state.step = Step::Header;
        core.restart();
        write_header(core, state, tx);
        Ok(())
    }

    fn write_header(core: &mut Core, state: &State, tx: &mut Vec<u8>) {
        write_header(core, state, tx);
    }

    fn can_tell(state: &State) -> bool {
        // After <starttls/> the peer speaks TLS or nothing.
        !matches!(state.step, Step::Tls | Step::Proceed)
    }

    fn bound(state: &State) -> Option<&FullJid> {
        state.bound.as_ref()
    }
}

fn write_header(core: &mut Core, state: &State, tx: &mut Vec<u8>) {
    let account = &state.config.account;
    let mut header = StreamHeader::new(ns::CLIENT).with_to(BareJid::from(account.domainpart()));
    // RFC 6120 section 4.7.1: who we are is told once nobody else can read it.
    if state.bindings.is_tls() {
        header.from = account.clone().into();
    }
    header.lang.clone_from(&state.config.lang);
    core.write_header(&header, tx);
}

/// RFC 6120 section 4.3.2: takes the next step that the features allow.
fn handle_features(
    core: &mut Core,
    state: &mut State,
    features: ElementRef<'_>,
    tx: &mut Vec<u8>,
) -> Result<(), Error> {
    let features = FeaturesRef::parse(features).map_err(PeerMisbehaved::Malformed)?;
    if state.authenticated {
        if !features.bind() {
            return Err(PeerIncompatible::NoBind.into());
        }
        let id = core.random_id();
        let bind = state
            .config
            .resource
            .as_ref()
            .map_or(Bind::Any, |resource| Bind::Resource(String::from(resource.as_str())));
        core.write(&Iq::set(&*id, bind), tx);
        state.step = Step::BindResult { id };
        return Ok(());
    }
    if !state.bindings.is_tls() && state.config.tls == TlsMode::StartTls {
        if features.starttls().is_none() {
            return Err(PeerIncompatible::NoStartTls.into());
        }
        core.write(&StartTls::new(), tx);
        state.step = Step::Proceed;
        return Ok(());
    }
    authenticate(core, state, features, tx)
}

/// RFC 6120 section 6.4.2: picks a mechanism and begins.
fn authenticate(
    core: &mut Core,
    state: &mut State,
    features: FeaturesRef<'_>,
    tx: &mut Vec<u8>,
) -> Result<(), Error> {
    let names: Vec<_> = features.mechanisms().ok_or(PeerIncompatible::NoAuthentication)?.collect();
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    // XEP-0440: which channel bindings the server knows.
    let types: Option<Vec<_>> = features
        .element()
        .child(ns::SASL_CHANNEL_BINDING, "sasl-channel-binding")
        .map(|element| element.children().filter_map(|child| child.attr("type")).collect());
    let types: Option<Vec<&str>> =
        types.as_ref().map(|types| types.iter().map(AsRef::as_ref).collect());
    let mut offer = Offer::new(&names);
    if let Some(types) = &types {
        offer = offer.with_channel_bindings(types);
    }
    let choice: Choice = state
        .config
        .sasl
        .choose(&offer, &state.bindings, &state.config.credentials)
        .map_err(PeerIncompatible::NoMechanism)?;
    let mut random = [0; Nonce::RANDOM_BYTES];
    core.fill_random(&mut random);
    let start = choice.start(Nonce::from_random(random));
    core.write(&Auth::new(start.mechanism.name(), start.initial_response.as_deref()), tx);
    state.step = Step::Sasl(Box::new(start.exchange));
    Ok(())
}

fn handle_sasl(
    core: &mut Core,
    state: &mut State,
    element: ElementRef<'_>,
    tx: &mut Vec<u8>,
) -> Result<Outcome, Error> {
    let Step::Sasl(exchange) = mem::replace(&mut state.step, Step::Header) else {
        return Err(unexpected(element, "nothing of SASL").into());
    };
    let malformed = PeerMisbehaved::Malformed;
    if is::<Challenge>(element) {
        let challenge = Challenge::parse(element).map_err(malformed)?;
        let data = challenge.data.decode().map_err(malformed)?.unwrap_or_default();
        let (response, exchange) =
            exchange.challenge_in_place(&data).map_err(|error| abort(core, error, tx))?;
        let response = Some(&*response).filter(|response| !response.is_empty());
        core.write(&Response::new(response), tx);
        state.step = Step::Sasl(Box::new(exchange));
        return Ok(Outcome::Consumed);
    }
    if is::<Success>(element) {
        let mechanism = exchange.mechanism();
        let success = Success::parse(element).map_err(malformed)?;
        let data = success.data.decode().map_err(malformed)?;
        // The proof that the server knows our credentials, as far as the
        // mechanism has one: nothing else makes this value.
        let _proof: Authenticated = exchange
            .success(data.as_ref().map(|data| data.as_slice()))
            .map_err(|error| abort(core, error, tx))?;
        state.authenticated = true;
        core.authenticated();
        core.restart();
        write_header(core, state, tx);
        let account = state.config.account.clone();
        return Ok(Outcome::Event(Event::Authenticated { account, mechanism }));
    }
    if is::<Failure>(element) {
        let failure = Failure::parse(element).map_err(malformed)?;
        return Err(Error::NotAuthenticated(failure));
    }
    Err(unexpected(element, "a SASL challenge, success or failure").into())
}

/// Tells the server that the exchange is off; the stream ends after it.
fn abort(core: &mut Core, error: SaslError, tx: &mut Vec<u8>) -> Error {
    core.write(&Abort, tx);
    Error::ServerNotAuthenticated(error)
}

/// An iq result or error with our id. Before binding there is nobody but the
/// server at the other end who could have sent it.
fn is_answer(element: ElementRef<'_>, id: &str) -> bool {
    element.is(ns::CLIENT, "iq")
        && element.attr("id").as_deref() == Some(id)
        && matches!(element.attr("type").as_deref(), Some("result" | "error"))
}

fn bind_result(element: ElementRef<'_>) -> Result<FullJid, Error> {
    let iq = Iq::parse(element).map_err(PeerMisbehaved::Malformed)?;
    if let IqContent::Error { error, .. } = iq.content {
        return Err(Error::BindRefused(error));
    }
    match iq.payload::<Bind>().map_err(PeerMisbehaved::Malformed)? {
        Some(Bind::Jid(jid)) => Ok(jid),
        _ => Err(unexpected(element, "an iq with the bound address").into()),
    }
}
