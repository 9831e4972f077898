//! A server that opens a stream to another one: header, STARTTLS, header, SASL EXTERNAL,
//! header; or dialback in place of SASL, on any stream that is ready for it (RFC 6120
//! section 9.2, XEP-0178 section 3, XEP-0220).

use alloc::sync::Arc;

use xmpp_jid::{BareJid, Domainpart, DomainpartRef};
use xmpp_stanza::bidi::{Bidi, BidiFeature};
use xmpp_stanza::dialback::DialbackFeature;
use xmpp_stanza::features::{FeaturesRef, StreamManagement as ManagementFeature};
use xmpp_stanza::{Address, StanzaRef, StreamError, StreamHeader};
use xmpp_xml::{ElementRef, Framing, Ns, SendBuffer, ns};

use super::federated::{self, Federated, Federation};
use super::{PeerRole, Role, ServerToServer};
use crate::config::{DialbackPolicy, FederationConfig, TlsMode};
use crate::connection::Connection;
use crate::connection::core::{Core, judge_content, judge_version, unexpected};
use crate::connection::machine::{Lend, Machine, Outcome};
use crate::connection::sent::SentTag;
use crate::dialback::Pair;
use crate::error::{Error, PeerIncompatible, PeerMisbehaved, SendError};
use crate::event::{Event, PeerEvent};
use crate::federation::Offers;
use crate::negotiation::external::{self, Said};
use crate::negotiation::{dialback, starttls};
use crate::query::PeerQuery;
use crate::time::Instant;
use crate::tls::TlsFacts;

impl Role for ServerToServer {
    type Event<'b> = PeerEvent;
    type Address = BareJid;
}

impl PeerRole for ServerToServer {}

/// What a stream to another server is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Purpose {
    /// Stanzas of the pair, and whatever else comes along.
    #[default]
    Stanzas,
    /// To have claims of dialback verified, and nothing else: no authentication, and no
    /// pair. XEP-0220 section 2.1.2 wants it closed once that is done.
    Verification,
}

impl Connection<ServerToServer> {
    /// Begins a stream from `pair.local` to `pair.remote`: the header is in `tx`, unless
    /// TLS comes first.
    ///
    /// `seed` is 32 bytes from the system's random generator, never used twice;
    /// ids come from it.
    pub fn connect_server(
        config: Arc<FederationConfig>,
        pair: Pair,
        purpose: Purpose,
        now: Instant,
        seed: [u8; 32],
        tx: &mut SendBuffer,
    ) -> Self {
        let tls = config.tls;
        Self::connect_server_by(config, tls, pair, purpose, now, seed, tx)
    }

    /// What the peer offers, once the stream is established: what
    /// [`Pool::opened`](crate::federation::Pool::opened) wants to know.
    pub fn offers(&self) -> Offers {
        if may_dialback(&self.state) {
            Offers::with_dialback(self.state.federation.peer_has_errors)
        } else {
            Offers::none()
        }
    }

    pub(crate) fn connect_server_by(
        config: Arc<FederationConfig>,
        tls: TlsMode,
        pair: Pair,
        purpose: Purpose,
        now: Instant,
        seed: [u8; 32],
        tx: &mut SendBuffer,
    ) -> Self {
        let (limits, timeouts) = (&config.limits, config.initiating_timeouts);
        let nonzas = config.nonzas.clone();
        let core = Core::new(limits, timeouts, Framing::Stream, nonzas, now, seed);
        let step = if tls == TlsMode::Direct { Step::Tls } else { Step::Header };
        let mut federation = Federation::new(config, tls);
        federation.local = Some(pair.local.clone());
        let state = State {
            federation,
            pair,
            purpose,
            step,
            authenticated: false,
            proved: false,
            has_dialback: false,
        };
        tx.set_content(ns::SERVER);
        let mut connection = Self::new(core, state);
        if matches!(connection.state.step, Step::Header) {
            write_header(&mut connection.core, &connection.state, tx);
        }
        connection
    }
}

/// Where the negotiation stands.
#[cfg_attr(test, derive(Clone))]
pub(crate) struct State {
    federation: Federation,
    /// What the stream was opened for.
    pair: Pair,
    purpose: Purpose,
    step: Step,
    authenticated: bool,
    /// Whether the peer's certificate proves who it is.
    proved: bool,
    /// Whether the peer says that it knows dialback.
    has_dialback: bool,
}

/// What the server waits for.
#[cfg_attr(test, derive(Clone))]
enum Step {
    Header,
    Features,
    /// The answer to `<starttls/>`, and whether that was offered.
    Proceed {
        offered: bool,
    },
    Tls,
    /// What the driver makes of the peer's certificate.
    Peer {
        serial: u32,
    },
    External,
    Open,
}

impl Step {
    const fn expected(&self) -> &'static str {
        match self {
            Self::Header => "a stream header",
            Self::Features => "<features/>",
            Self::Proceed { .. } => "<proceed/>",
            Self::Tls | Self::Peer { .. } => "TLS",
            Self::External => "a SASL challenge, success or failure",
            Self::Open => "a stanza",
        }
    }
}

impl Federated for ServerToServer {
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
        state.proved = proved;
        state.step = Step::Header;
        write_header(core, state, tx);
        Ok(())
    }

    fn awaits_peer(state: &State, serial: u32) -> bool {
        matches!(state.step, Step::Peer { serial: open } if open == serial)
    }

    fn remote(state: &State) -> Option<&Domainpart> {
        Some(&state.pair.remote)
    }
}

impl Machine for ServerToServer {
    type State = State;

    const CONTENT: Ns<'static> = ns::SERVER;
    const INITIATES: bool = true;
    const RELAYS: bool = true;
    const ALPN: Option<&'static [u8]> = Some(b"xmpp-server");

    fn wants_input(state: &State) -> bool {
        !matches!(state.step, Step::Tls | Step::Peer { .. })
    }

    /// RFC 6120 section 4.7.1: the response comes from the domain asked for.
    fn judge_header(state: &State, header: &StreamHeader) -> Result<(), PeerMisbehaved> {
        judge_content(header, Self::CONTENT)?;
        // XEP-0220 section 2.3.1: servers of old have no version.
        let refusal = state.federation.dialback_refusal();
        if header.version.is_some() || refusal.is_some() || state.authenticated {
            judge_version(header)?;
        }
        match &header.from {
            Address::Absent => Ok(()),
            Address::Jid(from) if from.as_str() == state.pair.remote.as_str() => Ok(()),
            _ => Err(PeerMisbehaved::WrongFrom),
        }
    }

    fn handle_header(
        core: &mut Core,
        state: &mut State,
        header: StreamHeader,
        tx: &mut SendBuffer,
    ) -> Result<Outcome<Self>, Error> {
        state.federation.id = header.id.unwrap_or_default();
        state.has_dialback = header.dialback;
        state.step = Step::Features;
        if header.version.is_some() {
            return Ok(Outcome::lend(Lend::Header));
        }
        open(core, state, tx)?;
        Ok(Outcome::lend(Lend::Header))
    }

    fn handle_element(
        core: &mut Core,
        state: &mut State,
        element: ElementRef<'_>,
        unread: usize,
        tx: &mut SendBuffer,
    ) -> Result<Outcome<Self>, Error> {
        match &state.step {
            Step::Features if element.is(ns::STREAM, "features") => {
                handle_features(core, state, element, tx)?;
                Ok(Outcome::CONSUMED)
            }
            Step::Proceed { offered } => {
                starttls::handle_answer(element, unread, *offered)?;
                state.step = Step::Tls;
                Ok(Outcome::event(Event::StartTls))
            }
            Step::External if element.has_ns(ns::SASL) => {
                match external::handle_answer(core, element, tx)? {
                    Said::Challenge => Ok(Outcome::CONSUMED),
                    Said::Success => {
                        // RFC 6120 section 6.4.6: a new stream, over the same connection.
                        state.authenticated = true;
                        state.step = Step::Header;
                        core.authenticated();
                        core.restart();
                        write_header(core, state, tx);
                        Ok(Outcome::CONSUMED)
                    }
                    Said::Failure(failure) => {
                        // XEP-0178 section 3: dialback is left, if anything is.
                        if !may_dialback(state) {
                            return Err(Error::NotAuthenticated(failure));
                        }
                        open(core, state, tx)?;
                        Ok(Outcome::role(PeerEvent::AuthenticationFailed { failure }))
                    }
                }
            }
            Step::Open if dialback::matches(element) => {
                federated::handle_dialback::<Self>(core, state, element, tx)
            }
            step => Err(unexpected(element, step.expected()).into()),
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
        if federation.ready && !core::mem::replace(&mut federation.told_established, true) {
            federation.dialback.look_ahead(core);
            let jid = BareJid::from(state.pair.remote.as_ref());
            return Ok(Some(Event::Established { jid, resumed: false }));
        }
        Ok(federation.dialback.take_news(core).map(Event::Role))
    }

    fn due(core: &mut Core, state: &mut State, tx: &mut SendBuffer) {
        let (dialback, rules) = state.federation.split(true);
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
        tx: &mut SendBuffer,
    ) {
        state.federation.is_tls = true;
        // What was said in the clear does not count.
        state.federation.id.clear();
        state.has_dialback = false;
        core.restart();
        if facts.is_peer_proved {
            state.proved = true;
            state.step = Step::Header;
            write_header(core, state, tx);
            return;
        }
        let serial = core.next_serial();
        state.step = Step::Peer { serial };
        state.federation.dialback.tell(PeerEvent::PeerWanted(PeerQuery {
            serial,
            local: Some(state.pair.local.clone()),
            remote: Some(state.pair.remote.clone()),
            is_tls: true,
            certificate: facts.peer_certificate.map(Into::into),
        }));
        core.has_more = true;
    }

    fn write_header(core: &mut Core, state: &State, tx: &mut SendBuffer) {
        write_header(core, state, tx);
    }

    fn can_tell(state: &State) -> bool {
        !matches!(state.step, Step::Tls | Step::Proceed { .. })
    }

    fn told(state: &State, error: StreamError) -> Error {
        match state.step {
            Step::Proceed { offered: false } => starttls::refused(error),
            _ => Error::StreamError(error),
        }
    }

    fn tls_host(state: &State) -> Option<DomainpartRef<'_>> {
        Some(state.pair.remote.as_ref())
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

/// RFC 6120 section 4.7: `from` and `to` are the domains; XEP-0220 section 2.3.1: the
/// namespace of dialback is declared.
fn write_header(core: &mut Core, state: &State, tx: &mut SendBuffer) {
    let domain = |domain: &Domainpart| BareJid::from(domain.as_ref());
    let mut header = StreamHeader::new(ns::SERVER)
        .with_from(domain(&state.pair.local))
        .with_to(domain(&state.pair.remote))
        .with_lang("en");
    header.dialback = state.federation.config.dialback != DialbackPolicy::Never;
    core.write_header(&header, tx);
}

/// RFC 6120 section 4.3.2: takes the next step that the features allow.
fn handle_features(
    core: &mut Core,
    state: &mut State,
    features: ElementRef<'_>,
    tx: &mut SendBuffer,
) -> Result<(), Error> {
    let features = FeaturesRef::parse(features).map_err(PeerMisbehaved::Malformed)?;
    core.obey(features.feature().ok().flatten().unwrap_or_default());
    let dialback = features.feature::<DialbackFeature>().ok().flatten();
    state.has_dialback |= dialback.is_some();
    let federation = &mut state.federation;
    federation.peer_has_errors = dialback.is_some_and(|dialback| dialback.errors);
    federation.offers_management = features.has::<ManagementFeature>();
    if state.authenticated {
        return open(core, state, tx);
    }
    if !federation.is_tls && federation.tls == TlsMode::StartTls {
        let offered = features.starttls().is_some();
        if offered || federation.config.dialback != DialbackPolicy::DangerousWithoutTls {
            starttls::request(core, tx);
            state.step = Step::Proceed { offered };
            return Ok(());
        }
    }
    if state.purpose == Purpose::Verification {
        return open(core, state, tx);
    }
    // What comes back is from a domain that is proved: by the certificate, or by whatever
    // dialback is worth.
    let may_answer = state.proved || federation.dialback_refusal().is_none();
    if may_answer && federation.config.bidi && features.has::<BidiFeature>() {
        // XEP-0288 section 2.2: before SASL and dialback.
        core.write(&Bidi, tx);
        federation.bidi = true;
    }
    let offered = features.mechanisms().is_some_and(external::is_offered);
    let protected = federation.is_tls || federation.tls == TlsMode::DangerousPlaintext;
    if offered && protected && federation.config.external {
        let authzid = federation.config.external_authzid.then_some(&state.pair.local);
        external::begin(core, authzid, tx);
        state.step = Step::External;
        return Ok(());
    }
    open(core, state, tx)
}

/// Whether the pair can be asked for by dialback.
fn may_dialback(state: &State) -> bool {
    state.has_dialback
        && !state.federation.id.is_empty()
        && state.federation.dialback_refusal().is_none()
}

/// All is through but for the pair, if that was not proved by SASL.
fn open(core: &mut Core, state: &mut State, tx: &mut SendBuffer) -> Result<(), Error> {
    if !state.authenticated && !may_dialback(state) {
        return Err(PeerIncompatible::NoAuthentication.into());
    }
    state.step = Step::Open;
    state.federation.ready = true;
    core.established();
    core.has_more = true;
    let pair = state.pair.clone();
    if state.authenticated {
        federated::authorise_by_certificate::<ServerToServer>(core, state, &pair, tx);
    } else if state.purpose == Purpose::Stanzas {
        let (dialback, rules) = state.federation.split(true);
        // The first of a stream that may have some.
        dialback
            .request(core, &pair, rules, tx)
            .map_err(|_| Error::from(PeerIncompatible::NoAuthentication))?;
    }
    Ok(())
}
