//! The ways from the host to the tasks of the connections.

use std::collections::HashMap;

use tokio::sync::mpsc;
use xmpp_core::jid::{Domainpart, DomainpartRef};
use xmpp_core::role::Role;
use xmpp_core::stanza::{StreamCondition, StreamError};
use xmpp_core::xml::{Ns, WriteXml, Writer, ns};
use xmpp_server::{Outbox, RouteError, SessionId};

use crate::net::link::Link;

/// How many stanzas may wait for a peer that does not read. One more ends its
/// stream, so that a sleeping peer cannot fill the server's memory.
const QUEUE: usize = 4096;

/// While more than this waits to be written (bytes), nothing is added.
const HIGH_WATER: usize = 256 << 10;

/// What is to be sent on a stream.
enum Outgoing {
    Stanza(Vec<u8>),
    Close(StreamCondition),
}

/// The ways to the clients and to the components.
#[derive(Default)]
pub(super) struct Ways {
    sessions: HashMap<SessionId, mpsc::Sender<Outgoing>>,
    /// Those that are served here, connected or not.
    components: HashMap<Domainpart, Option<Connected>>,
}

struct Connected {
    id: SessionId,
    sender: mpsc::Sender<Outgoing>,
}

impl Ways {
    /// A session begins.
    pub(super) fn open(&mut self, id: SessionId) -> Deliveries {
        let (sender, receiver) = mpsc::channel(QUEUE);
        self.sessions.insert(id, sender);
        Deliveries(Some(receiver))
    }

    /// A session has ended.
    pub(super) fn close(&mut self, id: SessionId) {
        self.sessions.remove(&id);
    }

    /// A component may connect.
    pub(super) fn expect_component(&mut self, domain: Domainpart) {
        self.components.entry(domain).or_default();
    }

    pub(super) fn is_connected(&self, domain: &Domainpart) -> bool {
        matches!(self.components.get(domain), Some(Some(_)))
    }

    /// A component has connected; `None` if it had already.
    pub(super) fn connect(&mut self, domain: &Domainpart, id: SessionId) -> Option<Deliveries> {
        let way = self.components.get_mut(domain).filter(|way| way.is_none())?;
        let (sender, receiver) = mpsc::channel(QUEUE);
        *way = Some(Connected { id, sender });
        Some(Deliveries(Some(receiver)))
    }

    /// This connection of the component has ended.
    pub(super) fn disconnect(&mut self, domain: &Domainpart, id: SessionId) {
        if let Some(way) = self.components.get_mut(domain) {
            way.take_if(|connected| connected.id == id);
        }
    }
}

impl Outbox for Ways {
    fn send(&mut self, session: SessionId, stanza: &dyn WriteXml) {
        let Some(sender) = self.sessions.get(&session) else { return };
        let Some(bytes) = write(stanza, ns::CLIENT) else { return };
        if sender.try_send(Outgoing::Stanza(bytes)).is_err() {
            // Without a sender the session's task ends its stream.
            self.sessions.remove(&session);
        }
    }

    fn close(&mut self, session: SessionId, condition: StreamCondition) {
        if let Some(sender) = self.sessions.remove(&session) {
            let _ = sender.try_send(Outgoing::Close(condition));
        }
    }

    fn route(
        &mut self,
        domain: DomainpartRef<'_>,
        stanza: &dyn WriteXml,
    ) -> Result<(), RouteError> {
        let way = self.components.get_mut(domain.as_str()).ok_or(RouteError::NotFound)?;
        let connected = way.as_ref().ok_or(RouteError::Unreachable)?;
        let Some(bytes) = write(stanza, ns::COMPONENT_ACCEPT) else { return Ok(()) };
        if connected.sender.try_send(Outgoing::Stanza(bytes)).is_err() {
            *way = None;
            return Err(RouteError::Unreachable);
        }
        Ok(())
    }
}

/// What the host sends was either received, hence checked, or made of checked parts:
/// `None` does not happen.
fn write(stanza: &dyn WriteXml, content: Ns<'static>) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut writer = Writer::in_stream(&mut bytes, content);
    stanza.write_xml(&mut writer);
    writer.finish().ok().map(|()| bytes)
}

/// What comes to a connection's task by its way.
#[derive(Default)]
pub(super) struct Deliveries(Option<mpsc::Receiver<Outgoing>>);

/// What came: nothing any more, if the way was closed because too much waited.
pub(super) struct Delivery(Option<Outgoing>);

impl Deliveries {
    /// The next one. Waits for ever while no way is open, and while enough waits to
    /// be written, `backlog` bytes: to be asked again after each turn of the link.
    pub(super) async fn next(&mut self, backlog: usize) -> Delivery {
        match &mut self.0 {
            Some(receiver) if backlog < HIGH_WATER => Delivery(receiver.recv().await),
            _ => core::future::pending().await,
        }
    }

    /// Puts it on the stream, and what has come behind it while there is room.
    pub(super) fn deliver<R: Role>(&mut self, delivery: Delivery, link: &mut Link<R>) {
        let mut delivery = delivery;
        loop {
            let condition = match delivery.0 {
                Some(Outgoing::Stanza(bytes)) => {
                    // Refused only if the stream has been closed meanwhile.
                    let _ = link.endpoint.send_serialized(&bytes);
                    match &mut self.0 {
                        Some(receiver) if link.endpoint.backlog() < HIGH_WATER => {
                            let Ok(next) = receiver.try_recv() else { return };
                            delivery = Delivery(Some(next));
                            continue;
                        }
                        _ => return,
                    }
                }
                Some(Outgoing::Close(condition)) => condition,
                None => StreamCondition::ResourceConstraint,
            };
            self.0 = None;
            let now = link.now();
            return link.endpoint.close(now, Some(StreamError::new(condition)));
        }
    }
}
