//! The ways from the host to the tasks of the connections.

use core::sync::atomic::AtomicUsize;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use xmpp_core::jid::Domainpart;
use xmpp_core::role::Role;
use xmpp_core::stanza::{StanzaCondition, StanzaRef, StreamCondition, StreamError};
use xmpp_core::stream_management::{Resumption, Unacknowledged};
use xmpp_core::xml::{Element, Limits, Ns, StreamContext, WriteXml, Writer, ns};
use xmpp_server::{
    ClientState, DomainPair, HandleError, Host, Outbox, RouteError, SessionId, TakenBy, Undelivered,
};

use super::detached::Resumable;
use super::federation::{Pool, Returned};
use super::on_stream::{HIGH_WATER, NotTaken, OnStream};
use super::queue::{Bounds, Queue};
use super::service::{Service, unix_time};
use crate::net::link::Link;

/// The ways to the clients and to the components.
#[derive(Default)]
pub(super) struct Ways {
    sessions: HashMap<SessionId, Arc<Queue>>,
    /// Those that are served here, connected or not.
    components: HashMap<Domainpart, Option<Connected>>,
    pub(super) bounds: Bounds,
    /// The sessions that may go on over another connection.
    pub(super) resumable: Resumable,
    /// That to other servers, if they are spoken with.
    pool: Option<Pool>,
    /// Bytes in all queues.
    total: Arc<AtomicUsize>,
    /// What was on ways that have ended: the host does not know yet.
    left: Vec<Left>,
    /// Whether that is being sent elsewhere now.
    settling: bool,
}

struct Connected {
    id: SessionId,
    queue: Arc<Queue>,
}

/// A stanza that a stream never takes, and what its sender is told.
pub(super) struct Refused {
    pub(super) taken_by: TakenBy,
    /// In this content namespace.
    pub(super) content: Ns<'static>,
    pub(super) stanza: Vec<u8>,
    pub(super) condition: StanzaCondition,
}

/// Stanzas that were not sent.
enum Left {
    BySession(SessionId, VecDeque<Vec<u8>>),
    ByComponent(VecDeque<Vec<u8>>),
    ForServer(Returned),
    /// One that its stream never takes.
    Refused(Refused),
}

impl Ways {
    /// A session begins, on such a stream.
    pub(super) fn open(&mut self, id: SessionId, context: StreamContext) -> Deliveries {
        let queue = Arc::new(Queue::new(Arc::clone(&self.total), context));
        self.sessions.insert(id, Arc::clone(&queue));
        Deliveries::of(TakenBy::Session(id), queue)
    }

    /// A session goes on over another connection.
    pub(super) fn again(&mut self, id: SessionId, context: StreamContext) -> Option<Deliveries> {
        let queue = self.sessions.get_mut(&id)?;
        if queue.context != context {
            // It was lost over TCP and goes on over WebSocket, or the other way round.
            let rewritten = Arc::new(Queue::new(Arc::clone(&self.total), context));
            let waiting: Vec<Vec<u8>> = core::iter::from_fn(|| queue.pop()).collect();
            for stanza in waiting.into_iter().rev() {
                let read = read(&stanza, ns::CLIENT);
                if let Some(stanza) = read.and_then(|stanza| write(&stanza, context)) {
                    rewritten.put_back(stanza);
                }
            }
            *queue = rewritten;
        }
        Some(Deliveries::of(TakenBy::Session(id), Arc::clone(queue)))
    }

    /// A session has lost its connection, and may go on over another one. Gives a number
    /// for [`expire`](Self::expire); `None` if it is over since there is no room to keep
    /// it. `unsent` was taken off its way and may not have been sent, before anything was
    /// acknowledged.
    pub(super) fn detach(
        &mut self,
        id: SessionId,
        resumption: Resumption,
        unsent: VecDeque<Vec<u8>>,
    ) -> Option<u64> {
        match self.resumable.leave(id, resumption) {
            Ok((number, over)) => {
                if let Some(queue) = self.sessions.get(&id) {
                    unsent.into_iter().rev().for_each(|stanza| queue.put_back(stanza));
                }
                for (session, left) in over {
                    self.close(session, owned(&left));
                }
                Some(number)
            }
            Err(resumption) => {
                let mut left = unsent;
                left.extend(owned(resumption.unacknowledged()));
                self.close(id, left);
                None
            }
        }
    }

    /// The time for that is over.
    pub(super) fn expire(&mut self, id: SessionId, number: u64) {
        if let Some((session, left)) = self.resumable.expire(id, number) {
            self.close(session, owned(&left));
        }
    }

    /// A session has ended; `unsent` was taken off its way and has not been sent.
    pub(super) fn close(&mut self, id: SessionId, unsent: VecDeque<Vec<u8>>) {
        let mut left = self.unacknowledged(id);
        left.extend(unsent);
        if let Some(queue) = self.sessions.remove(&id) {
            left.extend(queue.end(None));
        }
        self.left.push(Left::BySession(id, left));
    }

    /// What the session's client was sent and has not acknowledged, if that is kept here:
    /// the session has ended.
    fn unacknowledged(&mut self, id: SessionId) -> VecDeque<Vec<u8>> {
        self.resumable.take(id).map_or_else(VecDeque::new, |left| owned(&left))
    }

    /// Other servers are spoken with.
    pub(super) fn federate(&mut self, pool: Pool) {
        self.pool = Some(pool);
    }

    /// That to other servers.
    pub(super) const fn pool(&mut self) -> Option<&mut Pool> {
        self.pool.as_mut()
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
        let queue = Arc::new(Queue::new(Arc::clone(&self.total), ns::COMPONENT_ACCEPT));
        *way = Some(Connected { id, queue: Arc::clone(&queue) });
        Some(Deliveries::of(TakenBy::Route, queue))
    }

    /// This connection of the component has ended.
    pub(super) fn disconnect(&mut self, domain: &Domainpart, id: SessionId) {
        if let Some(way) = self.components.get_mut(domain)
            && let Some(connected) = way.take_if(|connected| connected.id == id)
        {
            self.left.push(Left::ByComponent(connected.queue.end(None)));
        }
    }

    /// Streams never take these.
    pub(super) fn refused(&mut self, stanzas: Vec<Refused>) {
        self.left.extend(stanzas.into_iter().rev().map(Left::Refused));
    }

    /// Tells the host which sessions have ended, and hands back what was not sent. Doing
    /// so may end further ones.
    pub(super) fn settle(&mut self, host: &mut Host) {
        self.settling = true;
        loop {
            if let Some(pool) = &mut self.pool {
                pool.drive();
                let returned = pool.take_returned().into_iter().rev();
                self.left.extend(returned.map(Left::ForServer));
            }
            let Some(left) = self.left.pop() else { break };
            match left {
                Left::BySession(id, stanzas) => {
                    let stanzas = stanzas.into_iter().filter_map(|s| read(&s, ns::CLIENT));
                    host.session_failed(unix_time(), id, stanzas, self);
                }
                Left::ByComponent(stanzas) => {
                    let condition = RouteError::Unreachable.condition();
                    for stanza in stanzas.iter().filter_map(|s| read(s, ns::COMPONENT_ACCEPT)) {
                        let outcome =
                            host.route_failed(unix_time(), stanza.as_ref(), condition, self);
                        log(&stanza, outcome);
                    }
                }
                Left::ForServer(Returned { parcel, error }) => {
                    if let Some(stanza) = parcel.to_element() {
                        let outcome = host.route_failed(unix_time(), stanza.as_ref(), error, self);
                        log(&stanza, outcome);
                    }
                }
                Left::Refused(Refused { taken_by, content, stanza, condition }) => {
                    if let Some(stanza) = read(&stanza, content) {
                        let outcome = host.send_failed(
                            unix_time(),
                            taken_by,
                            stanza.as_ref(),
                            condition,
                            self,
                        );
                        log(&stanza, outcome);
                    }
                }
            }
        }
        self.settling = false;
    }
}

impl Outbox for Ways {
    fn send(&mut self, session: SessionId, stanza: &dyn WriteXml) {
        let Some(queue) = self.sessions.get(&session) else {
            // Its queue has just become too long: this one goes where those go.
            let left = self.left.iter_mut().find_map(|left| match left {
                Left::BySession(id, stanzas) if *id == session => Some(stanzas),
                _ => None,
            });
            if let Some(left) = left {
                left.extend(write(stanza, ns::CLIENT));
            }
            return;
        };
        let Some(bytes) = write(stanza, queue.context) else { return };
        if let Err(bytes) = queue.push(bytes, &self.bounds, self.settling) {
            let rest = queue.end(Some(StreamCondition::ResourceConstraint));
            let mut left = self.unacknowledged(session);
            left.extend(rest);
            left.push_back(bytes);
            self.sessions.remove(&session);
            self.left.push(Left::BySession(session, left));
        }
    }

    fn close(&mut self, session: SessionId, condition: StreamCondition) {
        if let Some(queue) = self.sessions.remove(&session) {
            let mut left = self.unacknowledged(session);
            left.extend(queue.end(Some(condition)));
            self.left.push(Left::BySession(session, left));
        }
    }

    fn route(&mut self, domains: DomainPair<'_>, stanza: &dyn WriteXml) -> Result<(), RouteError> {
        let Some(way) = self.components.get_mut(domains.to.as_str()) else {
            let sent = self.pool.as_mut().is_some_and(|pool| pool.send(domains, stanza));
            return if sent { Ok(()) } else { Err(RouteError::NotFound) };
        };
        let connected = way.as_ref().ok_or(RouteError::Unreachable)?;
        let Some(bytes) = write(stanza, ns::COMPONENT_ACCEPT) else { return Ok(()) };
        if connected.queue.push(bytes, &self.bounds, false).is_err() {
            let left = connected.queue.end(Some(StreamCondition::ResourceConstraint));
            *way = None;
            self.left.push(Left::ByComponent(left));
            return Err(RouteError::Unreachable);
        }
        Ok(())
    }
}

fn owned(stanzas: &Unacknowledged) -> VecDeque<Vec<u8>> {
    stanzas.iter().map(<[u8]>::to_vec).collect()
}

/// What the host sends was either received, hence checked, or made of checked parts:
/// `None` does not happen.
pub(super) fn write(stanza: &dyn WriteXml, context: impl Into<StreamContext>) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut writer = Writer::in_stream(&mut bytes, context);
    stanza.write_xml(&mut writer);
    writer.finish().ok().map(|()| bytes)
}

/// The stanza that was written so.
pub(super) fn read(stanza: &[u8], content: Ns<'static>) -> Option<Element> {
    let mut stream = Vec::with_capacity(stanza.len() + 128);
    let (content, streams) = (content.uri(), ns::STREAM.uri());
    let header = format!("<stream:stream xmlns='{content}' xmlns:stream='{streams}'>");
    stream.extend_from_slice(header.as_bytes());
    stream.extend_from_slice(stanza);
    stream.extend_from_slice(b"</stream:stream>");
    let stream = Element::parse_within(stream, Limits::trusted()).ok()?;
    stream.children().next().map(|stanza| stanza.into_shared())
}

/// For who reads the log: nobody else is told of what is dropped. In the other cases somebody
/// is, and a flood of them fills no log.
fn log(stanza: &Element, outcome: Result<Undelivered, HandleError>) {
    let kind = StanzaRef::new(stanza.as_ref()).map(|stanza| stanza.kind().as_str());
    match outcome {
        Ok(Undelivered::Dropped) => tracing::info!(kind, "a stanza was dropped"),
        Ok(outcome) => tracing::debug!(kind, ?outcome, "a stanza was not delivered"),
        Err(error) => tracing::info!(kind, "a stanza was not delivered: {error}"),
    }
}

/// What comes to a connection's task by its way.
#[derive(Default)]
pub(super) struct Deliveries {
    /// By which call of the host all of it has come.
    taken_by: Option<TakenBy>,
    queue: Option<Arc<Queue>>,
    on_stream: OnStream,
    /// What waits for the user to look (XEP-0352). It is presence alone: of no account when
    /// the session ends.
    client_state: ClientState<Vec<u8>>,
    refused: Vec<Refused>,
}

/// Something has come, or the way has ended.
pub(super) struct Delivery(());

impl Deliveries {
    fn of(taken_by: TakenBy, queue: Arc<Queue>) -> Self {
        Self { taken_by: Some(taken_by), queue: Some(queue), ..Self::default() }
    }

    /// Waits for something to come. For ever, while no way is open, and while enough
    /// waits to be written, `backlog` bytes, or too many stanzas are `unacknowledged`: to
    /// be asked again after each turn of the link.
    pub(super) async fn next(&mut self, backlog: usize, unacknowledged: usize) -> Delivery {
        match &self.queue {
            Some(queue) => {
                let room = self.on_stream.has_room(backlog, unacknowledged);
                queue.wait(room).await;
            }
            None => core::future::pending().await,
        }
        Delivery(())
    }

    /// Puts what has come on the stream while there is room.
    pub(super) fn deliver<R: Role>(
        &mut self,
        delivery: Delivery,
        link: &mut Link<R>,
        service: &Service,
    ) {
        self.put(delivery, link);
        self.hand_back(service);
    }

    /// What the stream refuses goes back to its senders.
    fn hand_back(&mut self, service: &Service) {
        if !self.refused.is_empty() {
            service.routing().ways.refused(core::mem::take(&mut self.refused));
        }
    }

    fn put<R: Role>(&mut self, _: Delivery, link: &mut Link<R>) {
        let Some(queue) = self.queue.clone() else { return };
        if let Some(condition) = queue.condition() {
            self.queue = None;
            let now = link.now();
            return link.endpoint.close(now, Some(StreamError::new(condition)));
        }
        while link.endpoint.backlog() < HIGH_WATER
            && let Some(stanza) = queue.pop()
        {
            let mut ready = VecDeque::new();
            if self.client_state.is_active() {
                ready.push_back(stanza);
            } else {
                let element = read(&stanza, ns::CLIENT);
                match element.as_ref().and_then(|element| StanzaRef::new(element.as_ref())) {
                    None => ready.push_back(stanza),
                    Some(looked_at) => {
                        let bytes = stanza.len();
                        self.client_state
                            .pass(looked_at, stanza, bytes, |stanza| ready.push_back(stanza));
                    }
                }
            }
            if !self.give(ready, link) {
                return;
            }
        }
    }

    /// Puts what has come on the stream, as far as there is room: it is about to end.
    pub(super) fn deliver_rest<R: Role>(&mut self, link: &mut Link<R>, service: &Service) {
        self.deliver(Delivery(()), link, service);
    }

    /// The user does not look at the client.
    pub(super) fn deactivate(&mut self) {
        self.client_state.deactivate();
    }

    /// The user looks at it again.
    pub(super) fn activate<R: Role>(&mut self, link: &mut Link<R>, service: &Service) {
        let mut ready = VecDeque::new();
        self.client_state.activate(|stanza| ready.push_back(stanza));
        self.give(ready, link);
        self.hand_back(service);
    }

    /// Puts stanzas on the stream. `false`: it takes no more for now, and the rest is
    /// where it came from.
    fn give<R: Role>(&mut self, mut ready: VecDeque<Vec<u8>>, link: &mut Link<R>) -> bool {
        while let Some(stanza) = ready.pop_front() {
            let (stanza, is_closed) = match self.on_stream.put(stanza, &mut link.endpoint) {
                Ok(()) => continue,
                Err(NotTaken::Never(stanza, condition)) => {
                    if let Some(taken_by) = self.taken_by {
                        let content = match taken_by {
                            TakenBy::Session(_) => ns::CLIENT,
                            TakenBy::Route => ns::COMPONENT_ACCEPT,
                        };
                        self.refused.push(Refused { taken_by, content, stanza, condition });
                    }
                    continue;
                }
                Err(NotTaken::Later(stanza)) => (stanza, false),
                Err(NotTaken::Closed(stanza)) => (stanza, true),
            };
            ready.push_front(stanza);
            if let Some(queue) = &self.queue {
                ready.into_iter().rev().for_each(|stanza| queue.put_back(stanza));
            }
            if is_closed {
                // What waits there goes elsewhere once the session has ended.
                self.queue = None;
            }
            return false;
        }
        true
    }

    /// The stream has failed: what may not have been sent.
    pub(super) fn take_unsent(&mut self) -> VecDeque<Vec<u8>> {
        self.queue = None;
        let mut unsent = self.on_stream.take();
        // What waits for a look goes on if the session does.
        self.client_state.activate(|stanza| unsent.push_back(stanza));
        unsent
    }

    /// The stream has been closed in order: what is on it is being sent.
    pub(super) fn finish(&mut self) {
        *self = Self::default();
    }
}
