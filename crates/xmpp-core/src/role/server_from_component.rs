//! A server's end of a component's stream: header, handshake (XEP-0114 section 3).

use alloc::{boxed::Box, string::String, sync::Arc};

use xmpp_jid::{BareJid, Domainpart};
use xmpp_sasl::Secret;
use xmpp_stanza::{Address, StanzaRef, StreamError, StreamHeader};
use xmpp_xml::{ElementRef, Framing, Ns, SendBuffer, ns};

use super::{Role, ServerFromComponent, component_to_server};
use crate::config::ComponentServerConfig;
use crate::connection::Connection;
use crate::connection::core::{Core, judge_content, unexpected};
use crate::connection::gate::classify;
use crate::connection::machine::{Lend, Machine, Outcome};
use crate::error::{Error, Misuse, PeerMisbehaved};
use crate::event::{ComponentServerEvent, Event};
use crate::negotiation::component;
use crate::query::ComponentQuery;
use crate::time::Instant;

impl Role for ServerFromComponent {
    type Event<'b> = ComponentServerEvent;
    type Address = BareJid;
}

impl Connection<ServerFromComponent> {
    /// Waits for a component's stream header.
    ///
    /// `seed` is 32 bytes from the system's random generator, never used twice;
    /// the stream id comes from it, which has to be unpredictable here.
    pub fn accept_component(
        config: Arc<ComponentServerConfig>,
        now: Instant,
        seed: [u8; 32],
    ) -> Self {
        let (limits, timeouts) = (&config.limits, config.timeouts);
        let nonzas = config.nonzas.clone();
        let core = Core::new(limits, timeouts, Framing::Stream, nonzas, now, seed);
        let state = State {
            domain: None,
            id: String::new(),
            step: Step::Header,
            max_requests: limits.requests,
        };
        Self::new(core, state)
    }

    /// Answers [`ComponentServerEvent::ComponentWanted`] with the secret that the
    /// component has to know: the response header is in `tx`.
    ///
    /// # Errors
    ///
    /// [`Misuse::StaleQuery`] if the query is not the open one.
    pub fn provide_secret(
        &mut self,
        query: ComponentQuery,
        secret: Secret,
        tx: &mut SendBuffer,
    ) -> Result<(), Misuse> {
        if !self.is_answerable()? {
            return Ok(());
        }
        self.state.domain = Some(self.state.take(query)?);
        self.state.id = self.core.random_id();
        write_header(&mut self.core, &self.state, tx);
        self.state.step = Step::Handshake { secret };
        Ok(())
    }

    /// Answers [`ComponentServerEvent::ComponentWanted`] with a stream error:
    /// mostly `host-unknown`, or `conflict` if the component is connected already.
    ///
    /// # Errors
    ///
    /// [`Misuse::StaleQuery`] if the query is not the open one.
    pub fn refuse_component(
        &mut self,
        query: ComponentQuery,
        error: StreamError,
        tx: &mut SendBuffer,
    ) -> Result<(), Misuse> {
        if !self.is_answerable()? {
            return Ok(());
        }
        self.state.take(query)?;
        self.fail(Error::Closed(error), tx);
        Ok(())
    }

    /// The component's domain, once it has been let in.
    pub fn component(&self) -> Option<&Domainpart> {
        self.state.domain.as_ref().filter(|_| matches!(self.state.step, Step::Open))
    }
}

/// Where the negotiation stands.
pub(crate) struct State {
    domain: Option<Domainpart>,
    /// The id of our stream, which the handshake goes over.
    id: String,
    step: Step,
    max_requests: usize,
}

/// What the server waits for.
enum Step {
    Header,
    /// Whether that domain may come, and what its secret is.
    Secret {
        domain: Domainpart,
    },
    Handshake {
        secret: Secret,
    },
    Open,
}

impl State {
    /// A connection asks once, so that a query for its domain is the open one while one is
    /// open. Another connection's query for another domain is none.
    fn take(&self, query: ComponentQuery) -> Result<Domainpart, Misuse> {
        match &self.step {
            Step::Secret { domain } if *domain == query.domain => Ok(query.domain),
            _ => Err(Misuse::StaleQuery),
        }
    }
}

impl Machine for ServerFromComponent {
    type State = State;

    const CONTENT: Ns<'static> = ns::COMPONENT_ACCEPT;
    const INITIATES: bool = false;
    const ALPN: Option<&'static [u8]> = None;

    fn wants_input(state: &State) -> bool {
        !matches!(state.step, Step::Secret { .. })
    }

    /// No version: the protocol is older than that attribute. The content
    /// namespace has to be declared, since it is what tells components apart.
    fn judge_header(_state: &State, header: &StreamHeader) -> Result<(), PeerMisbehaved> {
        if header.content.is_none() {
            return Err(PeerMisbehaved::WrongNamespace);
        }
        judge_content(header, Self::CONTENT)
    }

    fn handle_header(
        _core: &mut Core,
        state: &mut State,
        header: StreamHeader,
        _tx: &mut SendBuffer,
    ) -> Result<Outcome<Self>, Error> {
        let domain = match header.to {
            Address::Jid(to) if to.as_str() == to.domainpart().as_str() => {
                to.domainpart().into_owned()
            }
            _ => return Err(PeerMisbehaved::UnknownHost.into()),
        };
        state.step = Step::Secret { domain: domain.clone() };
        let query = ComponentQuery { domain };
        let wanted = Event::Role(ComponentServerEvent::ComponentWanted(query));
        Ok(Outcome { lend: Some(Lend::Header), then: Some(Box::new(wanted)) })
    }

    fn handle_element(
        core: &mut Core,
        state: &mut State,
        element: ElementRef<'_>,
        _unread: usize,
        tx: &mut SendBuffer,
    ) -> Result<Outcome<Self>, Error> {
        match (&state.step, &state.domain) {
            (Step::Handshake { secret }, Some(domain)) if component::is_handshake(element) => {
                if !component::verify(element, &state.id, secret) {
                    return Err(PeerMisbehaved::WrongHandshake.into());
                }
                let jid = BareJid::from(domain.as_ref());
                component::accept(core, tx);
                state.step = Step::Open;
                core.authenticated();
                core.established();
                Ok(Outcome::event(Event::Established { jid, resumed: false }))
            }
            // 6120-4.9.3.12: stanzas before their time.
            _ if matches!(element.name(), "message" | "presence" | "iq") => {
                classify(core, element, Self::CONTENT)?;
                Err(PeerMisbehaved::NotAuthorized.into())
            }
            _ => Err(unexpected(element, "<handshake/>").into()),
        }
    }

    fn write_header(core: &mut Core, state: &State, tx: &mut SendBuffer) {
        write_header(core, state, tx);
    }

    fn judge_stanza(state: &State, stanza: StanzaRef<'_>) -> Result<(), PeerMisbehaved> {
        match &state.domain {
            Some(domain) => component_to_server::judge_addresses(stanza, domain.as_ref()),
            None => Err(PeerMisbehaved::NotAuthorized),
        }
    }

    fn max_requests(state: &State) -> usize {
        state.max_requests
    }

    fn shorten<'b>(event: <Self as Role>::Event<'static>) -> <Self as Role>::Event<'b> {
        event
    }

    fn share(event: ComponentServerEvent) -> ComponentServerEvent {
        event
    }
}

/// XEP-0114 section 3: `from` is the component's domain; no version. Before it
/// is known, the empty `from` of 6120-4.9.1.3-01.
fn write_header(core: &mut Core, state: &State, tx: &mut SendBuffer) {
    let mut header = StreamHeader::new(ns::COMPONENT_ACCEPT);
    header.version = None;
    header.id = Some(if state.id.is_empty() { core.random_id() } else { state.id.clone() });
    header.from = match &state.domain {
        Some(domain) => BareJid::from(domain.as_ref()).into(),
        None => Address::from_attribute(Some("")),
    };
    core.write_header(&header, tx);
}
