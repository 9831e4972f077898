//! The initiating entity of a client-to-server stream, in the order that RFC
//! 6120 section 9.1 shows: header, STARTTLS, header, SASL, header, binding.

use alloc::{string::String, sync::Arc, vec::Vec};
use core::mem;

use xmpp_jid::FullJid;
use xmpp_sasl::client::{Authenticated, Choice, Error as SaslError, Exchange, Offer};
use xmpp_sasl::{ChannelBindings, FailureCondition, Mechanism, Nonce, payload};
use xmpp_stanza::{StanzaError, bind::Bind};
use xmpp_xml::{ElementRef, Ns, Writer, ns};

use super::core::{Core, unexpected};
use super::machine::{Lend, Machine, Outcome};
use super::{Connection, Phase};
use crate::config::{ClientConfig, TlsMode};
use crate::error::{AuthenticationFailure, Error, Misuse, PeerIncompatible, PeerMisbehaved};
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
    Sasl { exchange: Exchange, mechanism: Mechanism },
    BindResult { id: String },
    Open,
}

impl Step {
    const fn expected(&self) -> &'static str {
        match self {
            Self::Header => "a stream header",
            Self::Features => "<features/>",
            Self::Proceed => "<proceed/>",
            Self::Tls => "TLS",
            Self::Sasl { .. } => "a SASL challenge, success or failure",
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
        header: ElementRef<'_>,
        _tx: &mut Vec<u8>,
    ) -> Result<Outcome, Error> {
        super::check_version(header)?;
        // RFC 6120 section 4.7.1: the response comes from the domain asked for.
        // Absent is tolerated, as before version 1.0; another one is not.
        if let Some(from) = header.attr("from") {
            let domain = state.config.account.domainpart();
            if xmpp_jid::Domainpart::new(&from).map(|from| from.as_ref() != domain) != Ok(false) {
                return Err(PeerMisbehaved::WrongFrom.into());
            }
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
            Step::Proceed if element.is(ns::TLS, "proceed") => {
                if unread > 0 {
                    // Somebody put bytes there that shall be taken for protected ones.
                    return Err(PeerMisbehaved::DataAroundStartTls.into());
                }
                state.step = Step::Tls;
                Ok(Outcome::Event(Event::StartTls))
            }
            Step::Proceed if element.is(ns::TLS, "failure") => {
                Err(PeerMisbehaved::StartTlsRefused.into())
            }
            Step::Sasl { .. } if element.has_ns(ns::SASL) => {
                handle_sasl(core, state, element, tx)
            }
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
    // RFC 6120 section 4.7.1: who we are is told once nobody else can read it.
    let from = state.bindings.is_tls().then(|| account.as_str());
    super::write_stream_header(
        core,
        tx,
        &[
            ("from", from),
            ("to", Some(account.domainpart().as_str())),
            ("version", Some("1.0")),
            ("xml:lang", state.config.lang.as_deref()),
        ],
    );
}

/// RFC 6120 section 4.3.2: takes the next step that the features allow.
fn handle_features(
    core: &mut Core,
    state: &mut State,
    features: ElementRef<'_>,
    tx: &mut Vec<u8>,
) -> Result<(), Error> {
    if state.authenticated {
        if features.child(ns::BIND, "bind").is_none() {
            return Err(PeerIncompatible::NoBind.into());
        }
        let id = core.random_id();
        let resource = state.config.resource.clone();
        core.compose(tx, |w| {
            w.start(ns::CLIENT, "iq").attr("type", "set").attr("id", &id);
            w.write(&Bind::request(resource)).end();
        });
        state.step = Step::BindResult { id };
        return Ok(());
    }
    if !state.bindings.is_tls() && state.config.tls == TlsMode::StartTls {
        if features.child(ns::TLS, "starttls").is_none() {
            return Err(PeerIncompatible::NoStartTls.into());
        }
        core.compose(tx, |w| {
            w.start(ns::TLS, "starttls").end();
        });
        state.step = Step::Proceed;
        return Ok(());
    }
    authenticate(core, state, features, tx)
}

/// RFC 6120 section 6.4.2: picks a mechanism and begins.
fn authenticate(
    core: &mut Core,
    state: &mut State,
    features: ElementRef<'_>,
    tx: &mut Vec<u8>,
) -> Result<(), Error> {
    let mechanisms =
        features.child(ns::SASL, "mechanisms").ok_or(PeerIncompatible::NoAuthentication)?;
    let names: Vec<_> = mechanisms
        .children()
        .filter(|child| child.is(ns::SASL, "mechanism"))
        .map(|child| child.text())
        .collect();
    let names: Vec<&str> = names.iter().map(|name| name.trim()).collect();
    // XEP-0440: which channel bindings the server knows.
    let binding_types: Option<Vec<_>> =
        features.child(ns::SASL_CB, "sasl-channel-binding").map(|element| {
            element.children().filter_map(|child| child.attr("type")).collect()
        });
    let binding_types: Option<Vec<&str>> =
        binding_types.as_ref().map(|types| types.iter().map(AsRef::as_ref).collect());
    let mut offer = Offer::new(&names);
    if let Some(types) = &binding_types {
        offer = offer.with_channel_bindings(types);
    }
    let choice: Choice = state
        .config
        .sasl
        .choose(&offer, &state.bindings, &state.config.credentials)
        .map_err(PeerIncompatible::NoMechanism)?;
    let mut random = [0; Nonce::RANDOM_BYTES];
    core.fill_random(&mut random);
    let start = choice.start(Nonce::from_random(random)).map_err(Error::ServerNotAuthenticated)?;
    core.compose(tx, |w| {
        w.start(ns::SASL, "auth").attr("mechanism", start.mechanism.name());
        if let Some(response) = &start.initial_response {
            w.text(&payload::encode(response));
        }
        w.end();
    });
    state.step = Step::Sasl { exchange: start.exchange, mechanism: start.mechanism };
    Ok(())
}

fn handle_sasl(
    core: &mut Core,
    state: &mut State,
    element: ElementRef<'_>,
    tx: &mut Vec<u8>,
) -> Result<Outcome, Error> {
    let Step::Sasl { exchange, mechanism } = mem::replace(&mut state.step, Step::Header) else {
        return Err(unexpected(element, "nothing of SASL").into());
    };
    match element.name() {
        "challenge" => {
            let data = decode(element)?.unwrap_or_default();
            let step = exchange.challenge(&data).map_err(|error| abort(core, error, tx))?;
            core.compose(tx, |w| {
                w.start(ns::SASL, "response").text(&encode(&step.response)).end();
            });
            state.step = Step::Sasl { exchange: step.exchange, mechanism };
            Ok(Outcome::Consumed)
        }
        "success" => {
            let data = decode(element)?;
            let _proof: Authenticated = exchange
                .success(data.as_deref())
                .map_err(|error| abort(core, error, tx))?;
            state.authenticated = true;
            core.authenticated();
            core.restart();
            write_header(core, state, tx);
            let account = state.config.account.clone();
            Ok(Outcome::Event(Event::Authenticated { account, mechanism }))
        }
        "failure" => Err(Error::NotAuthenticated(AuthenticationFailure {
            condition: element
                .children()
                .filter(|child| child.has_ns(ns::SASL))
                .find_map(|child| FailureCondition::from_name(child.name())),
            text: element.child(ns::SASL, "text").map(|text| text.text().into_owned()),
        })),
        _ => Err(unexpected(element, "a SASL challenge, success or failure").into()),
    }
}

/// Tells the server that the exchange is off; the stream ends after it.
fn abort(core: &mut Core, error: SaslError, tx: &mut Vec<u8>) -> Error {
    core.compose(tx, |w: &mut Writer<'_>| {
        w.start(ns::SASL, "abort").end();
    });
    Error::ServerNotAuthenticated(error)
}

/// A response: an empty one is nothing at all, not `=` (RFC 6120 section 6.4.3).
fn encode(data: &[u8]) -> String {
    if data.is_empty() { String::new() } else { payload::encode(data) }
}

fn decode(element: ElementRef<'_>) -> Result<Option<Vec<u8>>, PeerMisbehaved> {
    payload::decode(&element.text()).map_err(|_| PeerMisbehaved::IncorrectEncoding)
}

/// An iq result or error with our id. Before binding there is nobody but the
/// server at the other end who could have sent it.
fn is_answer(element: ElementRef<'_>, id: &str) -> bool {
    element.is(ns::CLIENT, "iq")
        && element.attr("id").as_deref() == Some(id)
        && matches!(element.attr("type").as_deref(), Some("result" | "error"))
}

fn bind_result(iq: ElementRef<'_>) -> Result<FullJid, Error> {
    let malformed = |invalid| Error::Peer(PeerMisbehaved::Malformed(invalid));
    if iq.attr("type").as_deref() == Some("error") {
        let error = StanzaError::of_stanza(iq).map_err(malformed)?;
        return Err(Error::BindRefused(error));
    }
    let bind = iq
        .child(ns::BIND, "bind")
        .ok_or_else(|| unexpected(iq, "an iq with <bind/>"))
        .and_then(|bind| Bind::parse(bind).map_err(PeerMisbehaved::Malformed))?;
    bind.into_jid().ok_or_else(|| unexpected(iq, "<bind/> with <jid/>").into())
}

const _: () = {
    // A connection can be handed to another thread.
    const fn is_send<T: Send>() {}
    is_send::<Connection<ClientToServer>>();
    let _ = Phase::Negotiating;
};
