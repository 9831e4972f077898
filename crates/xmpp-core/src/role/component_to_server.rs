//! A component: header, handshake (XEP-0114 section 3).

use alloc::sync::Arc;

use xmpp_jid::{BareJid, DomainpartRef};
use xmpp_stanza::{AddressRef, StanzaRef, StreamHeader};
use xmpp_xml::{ElementRef, Framing, Ns, SendBuffer, ns};

use super::{ComponentToServer, Role};
use crate::config::ComponentConfig;
use crate::connection::Connection;
use crate::connection::core::{Core, judge_content, unexpected};
use crate::connection::machine::{Lend, Machine, Outcome};
use crate::connection::sent::SentTag;
use crate::error::{Error, PeerMisbehaved, SendError};
use crate::event::Event;
use crate::negotiation::component;
use crate::time::Instant;

impl Role for ComponentToServer {
    /// There is nothing that only a component is told.
    type Event<'b> = core::convert::Infallible;
    type Address = BareJid;
}

impl Connection<ComponentToServer> {
    /// Begins a stream: the header is in `tx`.
    ///
    /// `seed` is 32 bytes from the system's random generator, never used twice;
    /// ids come from it.
    pub fn connect_component(
        config: Arc<ComponentConfig>,
        now: Instant,
        seed: [u8; 32],
        tx: &mut SendBuffer,
    ) -> Self {
        let (limits, timeouts) = (&config.limits, config.timeouts);
        let nonzas = config.nonzas.clone();
        let mut core = Core::new(limits, timeouts, Framing::Stream, nonzas, now, seed);
        core.set_unanswered(config.unanswered);
        let state = State { config, step: Step::Header };
        tx.set_content(ns::COMPONENT_ACCEPT);
        write_header(&mut core, &state, tx);
        Self::new(core, state)
    }
}

/// Where the negotiation stands.
pub(crate) struct State {
    config: Arc<ComponentConfig>,
    step: Step,
}

/// What the component waits for.
enum Step {
    Header,
    Handshake,
    Open,
}

impl Machine for ComponentToServer {
    type State = State;

    const CONTENT: Ns<'static> = ns::COMPONENT_ACCEPT;
    const INITIATES: bool = true;
    const ALPN: Option<&'static [u8]> = None;

    fn wants_input(_state: &State) -> bool {
        true
    }

    /// No version: the protocol is older than that attribute. The `from` is the
    /// component's own domain (XEP-0114, second example) or the server's, as
    /// some have it; it proves nothing and is not looked at.
    fn judge_header(_state: &State, header: &StreamHeader) -> Result<(), PeerMisbehaved> {
        judge_content(header, Self::CONTENT)
    }

    fn handle_header(
        core: &mut Core,
        state: &mut State,
        header: StreamHeader,
        tx: &mut SendBuffer,
    ) -> Result<Outcome<Self>, Error> {
        // A stream error may follow in place of an id; the handshake is then of
        // no account.
        let id = header.id.unwrap_or_default();
        component::request(core, &id, &state.config.secret, tx);
        state.step = Step::Handshake;
        Ok(Outcome::lend(Lend::Header))
    }

    fn handle_element(
        core: &mut Core,
        state: &mut State,
        element: ElementRef<'_>,
        _unread: usize,
        _tx: &mut SendBuffer,
    ) -> Result<Outcome<Self>, Error> {
        match state.step {
            Step::Handshake if component::is_handshake(element) => {
                state.step = Step::Open;
                core.authenticated();
                core.established();
                let jid = BareJid::from(state.config.domain.as_ref());
                Ok(Outcome::event(Event::Established { jid, resumed: false }))
            }
            Step::Header => Err(unexpected(element, "a stream header").into()),
            Step::Handshake => Err(unexpected(element, "<handshake/>").into()),
            Step::Open => Err(unexpected(element, "a stanza").into()),
        }
    }

    fn write_header(core: &mut Core, state: &State, tx: &mut SendBuffer) {
        write_header(core, state, tx);
    }

    /// XEP-0114 section 3: `to`, and a `from` at the component's domain.
    fn judge_sent(state: &State, tag: SentTag<'_>) -> Result<(), SendError> {
        let address = |name| tag.attr(name).and_then(|value| core::str::from_utf8(value).ok());
        let (Some(from), Some(_)) = (address(b"from"), address(b"to")) else {
            return Err(SendError::Address);
        };
        // The domain has no references in it when it is written; the rest may. What is written
        // is canonical.
        let domain = from.split('/').next().and_then(|bare| bare.rsplit('@').next());
        let ours = domain == Some(state.config.domain.as_str());
        if ours { Ok(()) } else { Err(SendError::Address) }
    }

    fn max_requests(state: &State) -> usize {
        state.config.limits.requests
    }

    fn shorten<'b>(event: <Self as Role>::Event<'static>) -> <Self as Role>::Event<'b> {
        event
    }

    fn share(event: core::convert::Infallible) -> core::convert::Infallible {
        event
    }
}

/// XEP-0114 section 3: `to` is the component's own domain; no version.
fn write_header(core: &mut Core, state: &State, tx: &mut SendBuffer) {
    let domain = BareJid::from(state.config.domain.as_ref());
    let mut header = StreamHeader::new(ns::COMPONENT_ACCEPT).with_to(domain);
    header.version = None;
    core.write_header(&header, tx);
}

/// Whether the stanza has a `to`, and a `from` at the component's domain: the
/// rule for what a component sends.
pub(super) fn judge_addresses(
    stanza: StanzaRef<'_>,
    domain: DomainpartRef<'_>,
) -> Result<(), PeerMisbehaved> {
    if matches!(stanza.to(), AddressRef::Absent) {
        return Err(PeerMisbehaved::ImproperAddressing);
    }
    match stanza.from() {
        AddressRef::Absent => Err(PeerMisbehaved::ImproperAddressing),
        AddressRef::Jid(from) if from.as_ref().domainpart().as_str() == domain.as_str() => Ok(()),
        _ => Err(PeerMisbehaved::WrongFrom),
    }
}
