//! A server's end of a stream that another server has opened: header, STARTTLS, header,
//! SASL EXTERNAL, header; or dialback in place of SASL (RFC 6120 section 9.2, XEP-0178
//! section 3, XEP-0220).

use alloc::{boxed::Box, sync::Arc};

use xmpp_jid::{BareJid, Domainpart, DomainpartRef, Jid};
use xmpp_stanza::bidi::{Bidi, BidiFeature};
use xmpp_stanza::dialback::DialbackFeature;
use xmpp_stanza::sm::{Enable, Failed, Resume};
use xmpp_stanza::stream_limits::StreamLimits;
use xmpp_stanza::tls::StartTls;
use xmpp_stanza::{
    Address, Payload, StanzaCondition, StanzaRef, StreamCondition, StreamError, StreamHeader,
    features,
};
use xmpp_xml::{ElementRef, Framing, Ns, SendBuffer, ns};

use super::federated::{self, Federated, Federation};
use super::{PeerRole, Role, ServerFromServer};
use crate::config::{DialbackPolicy, FederationConfig, TlsMode};
use crate::connection::Connection;
use crate::connection::core::{Core, judge_content, judge_version, unexpected};
use crate::connection::gate::classify;
use crate::connection::machine::{Lend, Machine, Outcome};
use crate::connection::sent::SentTag;
use crate::dialback::Pair;
use crate::error::{Error, PeerMisbehaved, SendError};
use crate::event::{Event, PeerEvent};
use crate::negotiation::{dialback, external, sm, starttls};
use crate::query::PeerQuery;
use crate::time::Instant;
use crate::tls::TlsFacts;

impl Role for ServerFromServer {
    type Event<'b> = PeerEvent;
    type Address = BareJid;
}

impl PeerRole for ServerFromServer {}

impl Connection<ServerFromServer> {
    /// Waits for another server's stream header, or first for TLS if the configuration
    /// says so.
    ///
    /// `seed` is 32 bytes from the system's random generator, never used twice; stream
    /// ids come from it, which dialback needs to be unpredictable.
    pub fn accept_server(config: Arc<FederationConfig>, now: Instant, seed: [u8; 32]) -> Self {
        let tls = config.tls;
        Self::accept_server_by(config, tls, now, seed)
    }

    pub(crate) fn accept_server_by(
        config: Arc<FederationConfig>,
        tls: TlsMode,
        now: Instant,
        seed: [u8; 32],
    ) -> Self {
        let (limits, timeouts) = (&config.limits, config.receiving_timeouts);
        let nonzas = config.nonzas.clone();
        let core = Core::new(limits, timeouts, Framing::Stream, nonzas, now, seed);
        let step = if tls == TlsMode::Direct { Step::Tls } else { Step::Header };
        let state = State {
            federation: Federation::new(config, tls),
            step,
            remote: None,
            certificate: None,
            proved: false,
            authenticated: false,
            sasl: external::Receiving::default(),
        };
        Self::new(core, state)
    }
}

/// Where the negotiation stands.
#[cfg_attr(test, derive(Clone))]
pub(crate) struct State {
    federation: Federation,
    step: Step,
    /// The domain that the peer says to be.
    remote: Option<Domainpart>,
    /// What it has shown, until it is asked about.
    certificate: Option<Box<[u8]>>,
    /// Whether the driver says that this is proved.
    proved: bool,
    authenticated: bool,
    sasl: external::Receiving,
}

/// What the server waits for.
#[cfg_attr(test, derive(Clone))]
enum Step {
    Header,
    /// What the driver makes of the peer.
    Peer {
        serial: u32,
    },
    Tls,
    /// TLS, SASL, dialback.
    Open,
}

impl Federated for ServerFromServer {
    fn federation(state: &State) -> &Federation {
        &state.federation
    }

    fn federation_mut(state: &mut State) -> &mut Federation {
        &mut state.federation
    }

    fn accepted(
        core: &mut Core,
        state: &mut State,
        proved: bool,
        tx: &mut SendBuffer,
    ) -> Result<(), Error> {
        state.proved = proved && state.remote.is_some();
        if lets_nobody_in(state) {
            state.step = Step::Open;
            let error = StreamError::new(StreamCondition::PolicyViolation)
                .with_text("no certificate proves the domain, and there is no dialback here");
            return Err(Error::Closed(error));
        }
        respond(core, state, tx);
        Ok(())
    }

    fn awaits_peer(state: &State, serial: u32) -> bool {
        matches!(state.step, Step::Peer { serial: open } if open == serial)
    }
}

impl Machine for ServerFromServer {
    type State = State;

    const CONTENT: Ns<'static> = ns::SERVER;
    const INITIATES: bool = false;
    const ALPN: Option<&'static [u8]> = Some(b"xmpp-server");

    fn wants_input(state: &State) -> bool {
        matches!(state.step, Step::Header | Step::Open)
    }

    fn note_peer(state: &mut State, from: Option<BareJid>) {
        if !state.authenticated {
            let domain = |jid: &BareJid| jid.domainpart().into_owned();
            state.remote = from.filter(|jid| jid.localpart().is_none()).as_ref().map(domain);
        }
    }

    fn judge_header(state: &State, header: &StreamHeader) -> Result<(), PeerMisbehaved> {
        judge_content(header, Self::CONTENT)?;
        // XEP-0220 section 2.3.1: servers of old have no version.
        let refusal = state.federation.dialback_refusal();
        if header.version.is_some() || refusal.is_some() || state.authenticated {
            judge_version(header)?;
        }
        Ok(())
    }

    fn handle_header(
        core: &mut Core,
        state: &mut State,
        header: StreamHeader,
        tx: &mut SendBuffer,
    ) -> Result<Outcome<Self>, Error> {
        // RFC 6120 section 4.9.3.6: what is no domain is none of ours either.
        let Ok(local) = domain(&header.to) else {
            return Err(PeerMisbehaved::UnknownHost.into());
        };
        let Ok(remote) = domain(&header.from) else {
            return Err(PeerMisbehaved::WrongFrom.into());
        };
        state.federation.id = core.random_id();
        if state.authenticated {
            // The restart after authentication: between the same two.
            if local.is_some() && local != state.federation.local {
                return Err(PeerMisbehaved::UnknownHost.into());
            }
            if remote.is_some() && remote != state.remote {
                return Err(PeerMisbehaved::WrongFrom.into());
            }
            respond(core, state, tx);
            return Ok(Outcome::lend(Lend::Header));
        }
        let serial = core.next_serial();
        state.step = Step::Peer { serial };
        state.federation.local.clone_from(&local);
        state.remote.clone_from(&remote);
        let is_tls = state.federation.is_tls;
        let certificate = state.certificate.take();
        let query = PeerQuery { serial, local, remote, is_tls, certificate };
        let wanted = Event::Role(PeerEvent::PeerWanted(query));
        Ok(Outcome { lend: Some(Lend::Header), then: Some(Box::new(wanted)) })
    }

    fn handle_element(
        core: &mut Core,
        state: &mut State,
        element: ElementRef<'_>,
        unread: usize,
        tx: &mut SendBuffer,
    ) -> Result<Outcome<Self>, Error> {
        let is_open = matches!(state.step, Step::Open);
        // What dialback has begun goes on as it is.
        let is_fresh = is_open && !state.authenticated && state.federation.dialback.is_untouched();
        match element.name() {
            "starttls" if element.has_ns(ns::TLS) && is_fresh => {
                if state.federation.tls != TlsMode::StartTls || state.federation.is_tls {
                    return Err(unexpected(element, "<auth/>").into());
                }
                starttls::handle_request(core, unread, tx)?;
                state.step = Step::Tls;
                state.federation.ready = false;
                // XEP-0288 section 2.1: bidirectionality is enabled under TLS, or without.
                state.federation.bidi = false;
                Ok(Outcome::event(Event::StartTls))
            }
            "bidi" if element.is(ns::BIDI, "bidi") && is_fresh && state.federation.ready => {
                if !state.federation.config.bidi {
                    return Err(unexpected(element, "<auth/>").into());
                }
                Bidi::parse(element).map_err(PeerMisbehaved::Malformed)?;
                state.federation.bidi = true;
                Ok(Outcome::CONSUMED)
            }
            _ if element.has_ns(ns::SASL) && is_fresh => handle_sasl(core, state, element, tx),
            _ if dialback::matches(element) && is_open => {
                federated::handle_dialback::<Self>(core, state, element, tx)
            }
            // XEP-0198 section 3: not before anybody is let in.
            _ if is_open && (Enable::matches(element) || Resume::matches(element)) => {
                sm::refuse(core, &Failed::new(StanzaCondition::UnexpectedRequest), tx)?;
                Ok(Outcome::CONSUMED)
            }
            // 6120-4.9.3.12: stanzas before their time.
            "message" | "presence" | "iq" => {
                classify(core, element, Self::CONTENT)?;
                Err(PeerMisbehaved::NotAuthorized.into())
            }
            _ => Err(unexpected(element, "<starttls/>, <auth/> or a dialback key").into()),
        }
    }

    fn handles(_state: &State, element: ElementRef<'_>) -> bool {
        dialback::matches(element)
    }

    fn go_on(
        core: &mut Core,
        state: &mut State,
        _tx: &mut SendBuffer,
    ) -> Result<Option<Event<'static, Self>>, Error> {
        let federation = &mut state.federation;
        let is_new = !federation.told_established && federation.dialback.has_authorised();
        if is_new && federation.ready {
            federation.told_established = true;
            federation.dialback.look_ahead(core);
            let mut pairs = federation.dialback.pairs();
            let remote = pairs.next().map(|(pair, _)| BareJid::from(pair.remote.as_ref()));
            if let Some(jid) = remote {
                return Ok(Some(Event::Established { jid, resumed: false }));
            }
        }
        Ok(federation.dialback.take_news(core).map(Event::Role))
    }

    fn due(core: &mut Core, state: &mut State, tx: &mut SendBuffer) {
        let (dialback, rules) = state.federation.split(false);
        dialback.due(core, rules, tx);
    }

    fn handle_management(
        core: &mut Core,
        state: &mut State,
        element: ElementRef<'_>,
        tx: &mut SendBuffer,
    ) -> Result<Outcome<Self>, Error> {
        federated::handle_management(core, state, element, tx)
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
        state.federation.is_tls = true;
        state.certificate = facts.peer_certificate.map(Into::into);
        // 6120-5.4.3.3-03: what was said in the clear does not count.
        state.federation.local = None;
        state.remote = None;
        state.proved = false;
        state.federation.id.clear();
        state.step = Step::Header;
        core.restart();
    }

    fn write_header(core: &mut Core, state: &State, tx: &mut SendBuffer) {
        write_header(core, state, tx);
    }

    fn can_tell(state: &State) -> bool {
        !matches!(state.step, Step::Tls)
    }

    fn tls_host(state: &State) -> Option<DomainpartRef<'_>> {
        state.federation.local.as_ref().map(Domainpart::as_ref)
    }

    fn judge_stanza(state: &State, stanza: StanzaRef<'_>) -> Result<(), PeerMisbehaved> {
        federated::judge_stanza(&state.federation, stanza)
    }

    fn judge_sent(state: &State, tag: SentTag<'_>) -> Result<(), SendError> {
        federated::judge_sent(&state.federation, tag)
    }

    fn max_requests(state: &State) -> usize {
        state.federation.config.limits.requests
    }

    fn shorten<'b>(event: <Self as Role>::Event<'static>) -> <Self as Role>::Event<'b> {
        event
    }

    fn share(event: PeerEvent) -> PeerEvent {
        event
    }
}

/// A domain and nothing else; or nothing.
fn domain(address: &Address) -> Result<Option<Domainpart>, ()> {
    match address {
        Address::Absent => Ok(None),
        Address::Jid(jid) if is_domain(jid) => Ok(Some(jid.domainpart().into_owned())),
        _ => Err(()),
    }
}

fn is_domain(jid: &Jid) -> bool {
    jid.as_str() == jid.domainpart().as_str()
}

fn handle_sasl(
    core: &mut Core,
    state: &mut State,
    element: ElementRef<'_>,
    tx: &mut SendBuffer,
) -> Result<Outcome<ServerFromServer>, Error> {
    let proved = state.remote.as_ref().filter(|_| offers_external(state));
    let authenticated = state.sasl.handle(core, element, proved.map(Domainpart::as_ref), tx)?;
    if authenticated {
        // RFC 6120 section 6.4.6: another stream over the same connection.
        state.authenticated = true;
        state.federation.ready = false;
        state.step = Step::Header;
        core.authenticated();
        core.restart();
    }
    Ok(Outcome::CONSUMED)
}

/// XEP-0178 section 3: to a peer whose certificate proves its domain, and who has not
/// authenticated yet.
fn offers_external(state: &State) -> bool {
    let federation = &state.federation;
    let protected = federation.is_tls || federation.tls == TlsMode::DangerousPlaintext;
    state.proved && protected && !state.authenticated
}

/// RFC 6120 section 6.4.5: whether neither EXTERNAL nor dialback can be offered, and TLS
/// would bring nothing more.
fn lets_nobody_in(state: &State) -> bool {
    let federation = &state.federation;
    !offers_starttls(federation)
        && !offers_external(state)
        && federation.dialback_refusal().is_some()
}

fn offers_starttls(federation: &Federation) -> bool {
    federation.tls == TlsMode::StartTls && !federation.is_tls
}

/// RFC 6120 section 4.7: the response stream header. Before a domain is accepted it has
/// the empty `from` of 6120-4.9.1.3-01.
fn write_header(core: &mut Core, state: &State, tx: &mut SendBuffer) {
    let id = &state.federation.id;
    let id = if id.is_empty() { core.random_id() } else { id.clone() };
    let mut header = StreamHeader::new(ns::SERVER).with_id(id).with_lang("en");
    let address = |domain: &Domainpart| Address::from(BareJid::from(domain.as_ref()));
    header.from = match &state.federation.local {
        Some(local) if !matches!(state.step, Step::Peer { .. }) => address(local),
        _ => Address::from_attribute(Some("")),
    };
    if let Some(remote) = &state.remote {
        header.to = address(remote);
    }
    header.dialback = state.federation.config.dialback != DialbackPolicy::Never;
    if !core.peer_has_version {
        // 6120-4.7.5-08
        header.version = None;
    }
    core.write_header(&header, tx);
}

/// Response header and features, in one piece (`6120-4.3.2-01`). A server of old gets no
/// features.
fn respond(core: &mut Core, state: &mut State, tx: &mut SendBuffer) {
    state.step = Step::Open;
    write_header(core, state, tx);
    let before_tls = offers_starttls(&state.federation);
    // In the clear there is nothing but TLS, unless the policy says otherwise.
    let refused = state.federation.dialback_refusal().is_some();
    state.federation.ready = !(before_tls && refused);
    state.federation.peer_has_errors = true;
    if core.peer_has_version {
        write_features(core, state, before_tls, tx);
    }
    if let (true, Some(local), Some(remote)) =
        (state.authenticated, &state.federation.local, &state.remote)
    {
        let pair = Pair::new(local.clone(), remote.clone());
        federated::authorise_by_certificate::<ServerFromServer>(core, state, &pair, tx);
    }
}

/// RFC 6120 section 4.3.2: what can be negotiated next.
fn write_features(core: &mut Core, state: &State, before_tls: bool, tx: &mut SendBuffer) {
    let federation = &state.federation;
    let config = &federation.config;
    let has_dialback = federation.dialback_refusal().is_none();
    let limits = &config.limits;
    let limits = if state.authenticated { limits.authenticated } else { limits.unauthenticated };
    let idle = config.receiving_timeouts.idle.and_then(|idle| idle.as_secs().try_into().ok());
    let limits = StreamLimits { max_bytes: Some(limits.max_element_bytes), idle_seconds: idle };
    core.compose(tx, |w| {
        w.start(ns::STREAM, "features");
        if before_tls {
            w.write(&if has_dialback { StartTls::new() } else { StartTls::required() });
        } else if offers_external(state) {
            external::write_offer(w);
        }
        if federation.ready {
            if has_dialback {
                w.write(&DialbackFeature::with_errors());
            }
            if config.bidi && !state.authenticated {
                w.write(&BidiFeature);
            }
            if config.stream_management.is_some() {
                w.write(&features::StreamManagement);
            }
            w.write(&limits);
        }
        w.end();
    });
}
