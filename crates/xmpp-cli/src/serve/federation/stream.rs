//! One stream with another server, in either direction: what the pool and the host have to
//! know of it, and what they want done on it.

use std::collections::HashMap;
use std::sync::Arc;

use xmpp_core::certificate::Purpose;
use xmpp_core::dialback::Verdict;
use xmpp_core::federation::{Failure, LinkEnd, LinkId, VerifyId};
use xmpp_core::stanza::{StanzaCondition, StreamCondition, StreamError};
use xmpp_core::xml::ns;
use xmpp_core::{
    Direction, Endpoint, Error, Event, Output, PeerEvent, Refusal, ResultQuery, VerificationId,
};
use xmpp_server::{HandleError, TakenBy};

use super::super::meter::{Meter, Verdict as Pace};
use super::super::on_stream::{NotTaken, OnStream};
use super::super::service::{Routing, Service, unix_time};
use super::super::session::Haste;
use super::super::ways::Refused;
use super::side::Side;
use super::way::{Next, Order, Stanza, Way};
use super::{Federation, Parcel};
use crate::net::link::{Link, LinkError, Turn};

/// The other end of a stream.
pub(super) struct Peer<'s> {
    pub(super) service: &'s Service,
    pub(super) federation: &'s Federation,
    /// Where it is, for the log.
    pub(super) address: String,
    pub(super) id: LinkId,
    pub(super) way: Arc<Way>,
    pub(super) meter: Meter,
    /// Its claims that are being asked about elsewhere.
    pub(super) claims: HashMap<VerifyId, ResultQuery>,
    /// The claims of others that it is being asked about.
    pub(super) asked: HashMap<VerificationId, VerifyId>,
    on_stream: OnStream,
    opened: bool,
    stage: Stage,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Open,
    /// It takes nothing more.
    Closing,
    /// The pool knows.
    Closed,
}

impl<'s> Peer<'s> {
    pub(super) fn new(
        service: &'s Service,
        federation: &'s Federation,
        address: String,
        (id, way): (LinkId, Arc<Way>),
        meter: Meter,
    ) -> Self {
        Self {
            service,
            federation,
            address,
            id,
            way,
            meter,
            claims: HashMap::new(),
            asked: HashMap::new(),
            on_stream: OnStream::default(),
            opened: false,
            stage: Stage::Open,
        }
    }

    /// Runs the stream until its end.
    pub(super) async fn run<R: Side>(mut self, mut link: Link<R>, haste: Option<Haste>) {
        let ended = self.talk(&mut link, haste).await;
        if matches!(ended, Err(LinkError::Socket(_))) {
            link.endpoint.handle_broken_transport();
            while let Some(event) = next_event(&mut link) {
                self.handle(&mut link, event);
            }
        }
        if self.stage != Stage::Closed {
            self.closed(&mut link, None);
        }
        if let Err(error) = ended {
            let why = shown(&error);
            tracing::info!(peer = self.address, direction = R::DIRECTION, "s2s: {why}");
        } else {
            self.on_stream.has_room(link.endpoint.backlog(), 0);
        }
        // What was on the stream may not have been sent.
        let unsent = self.on_stream.take();
        self.with_pool(|pool| {
            for stanza in unsent {
                pool.bounce(Parcel::of_bytes(stanza), Failure::Lost.error());
            }
        });
    }

    async fn talk<R: Side>(
        &mut self,
        link: &mut Link<R>,
        mut haste: Option<Haste>,
    ) -> Result<(), LinkError> {
        loop {
            let room = self.has_room(&link.endpoint);
            let (way, stands) = (Arc::clone(&self.way), self.stage == Stage::Open);
            let hurries = stands && link.endpoint.phase() == xmpp_core::Phase::Negotiating;
            let why = tokio::select! {
                turn = link.turn() => {
                    match turn? {
                        Turn::Event(event) => self.handle(link, event),
                        Turn::Moved => {}
                        Turn::Closed => return Ok(()),
                    }
                    match self.meter.bytes(link.received()) {
                        Pace::Go => continue,
                        Pace::Wait(pause) => {
                            link.pause(pause);
                            continue;
                        }
                        Pace::End => StreamCondition::PolicyViolation,
                    }
                }
                next = way.next(room), if stands => {
                    self.go_on(link, next);
                    continue;
                }
                () = over(&mut haste), if hurries => StreamCondition::ConnectionTimeout,
            };
            self.close(link, Some(why));
        }
    }

    /// Whether the stream takes stanzas. Tells the pool if it does so again.
    fn has_room<R: Side>(&mut self, endpoint: &Endpoint<R>) -> bool {
        let backlog = endpoint.backlog();
        let counters = endpoint.stream_management();
        let unacknowledged = counters.map_or(0, |counters| counters.unacknowledged().len());
        if self.way.has_room_again() {
            let id = self.id;
            self.with_pool(|pool| pool.uncongested(id));
        }
        self.on_stream.has_room(backlog, unacknowledged)
    }

    /// What the pool wants done.
    fn go_on<R: Side>(&mut self, link: &mut Link<R>, next: Next) {
        let now = link.now();
        match next {
            Next::Stanza(stanza) => self.send(&mut link.endpoint, stanza),
            Next::Close(why) => self.close(link, why),
            Next::Order(Order::Authorise(pair)) => {
                let id = self.id;
                if link.endpoint.is_authorised(&pair, Direction::Send) {
                    self.with_pool(|pool| pool.authorised(id, &pair));
                } else if let Err(error) = link.endpoint.request_pair(now, &pair) {
                    tracing::info!(peer = self.address, "s2s: {pair} cannot be asked for: {error}");
                    self.with_pool(|pool| pool.refused(id, &pair, Failure::PairRefused));
                }
            }
            Next::Order(Order::Verify(verify, claim)) => self.ask(link, verify, &claim),
            Next::Order(Order::Judged(verify, verdict)) => self.judged(link, verify, verdict),
        }
    }

    fn send<R: Side>(&mut self, endpoint: &mut Endpoint<R>, stanza: Stanza) {
        let Stanza { pair, parcel } = stanza;
        let back = |bytes| Stanza { pair, parcel: Parcel::of_bytes(bytes) };
        match self.on_stream.put(parcel.into_bytes(), endpoint) {
            Ok(()) => {}
            Err(NotTaken::Later(bytes)) => self.way.put_back(back(bytes)),
            Err(NotTaken::Closed(bytes)) => {
                self.stage = Stage::Closing;
                self.way.put_back(back(bytes));
            }
            Err(NotTaken::Never(stanza, condition)) => {
                let (taken_by, content) = (TakenBy::Route, ns::SERVER);
                let refused = Refused { taken_by, content, stanza, condition };
                self.service.routing().ways.refused(vec![refused]);
            }
        }
    }

    pub(super) fn close<R: Side>(&mut self, link: &mut Link<R>, why: Option<StreamCondition>) {
        if self.stage == Stage::Open {
            self.stage = Stage::Closing;
        }
        let now = link.now();
        link.endpoint.close(now, why.map(StreamError::new));
    }

    fn handle<R: Side>(&mut self, link: &mut Link<R>, event: Event<'static, R>) {
        match event {
            Event::Established { .. } => {
                self.opened = true;
                tracing::info!(peer = self.address, direction = R::DIRECTION, "s2s: stream open");
                if let Some(offers) = R::offers(&link.endpoint) {
                    let id = self.id;
                    self.with_pool(|pool| pool.opened(id, offers));
                }
            }
            Event::Stanza(stanza) => {
                self.meter.stanza(stanza.element());
                let handled = {
                    let mut routing = self.service.routing();
                    let Routing { host, ways } = &mut *routing;
                    if let Some(pool) = ways.pool() {
                        pool.active(self.id);
                    }
                    host.handle_remote(unix_time(), stanza.element(), ways)
                };
                if let Err(error) = handled {
                    tracing::info!(peer = self.address, "s2s: {error}");
                    self.close(link, Some(condition_for(error)));
                }
            }
            Event::Role(event) => self.handle_peer(link, event),
            Event::Closed { error } => self.closed(link, error.as_ref()),
            _ => {}
        }
    }

    fn handle_peer<R: Side>(&mut self, link: &mut Link<R>, event: PeerEvent) {
        let id = self.id;
        match event {
            PeerEvent::PeerWanted(query) => R::peer_wanted(self, link, query),
            PeerEvent::AuthenticationFailed { failure } => {
                let why = shown(&failure);
                tracing::info!(peer = self.address, "s2s: EXTERNAL was refused: {why}");
            }
            PeerEvent::PairAuthorised { pair, direction, by } => {
                let bidi = link.endpoint.is_bidirectional();
                let (local, remote) = (pair.local.as_str(), pair.remote.as_str());
                let way = match direction {
                    Direction::Send => "out",
                    Direction::Receive => "in",
                };
                tracing::info!(
                    peer = self.address,
                    direction = way,
                    local,
                    remote,
                    ?by,
                    bidi,
                    "s2s: pair authorised"
                );
                // The other direction of a stream with XEP-0288 follows from the first.
                let known = self.with_pool(|pool| match (R::PURPOSE, direction) {
                    (Purpose::ServerToServer, Direction::Send) => {
                        pool.authorised(id, &pair);
                        Ok(())
                    }
                    (Purpose::ServerFromServer, Direction::Receive) => {
                        pool.peer_authorised(id, &pair, bidi)
                    }
                    _ => Ok(()),
                });
                if let Some(Err(failure)) = known {
                    tracing::info!(peer = self.address, local, remote, "s2s: refused: {failure}");
                    self.close(
                        link,
                        Some(match failure {
                            Failure::Full => StreamCondition::ResourceConstraint,
                            _ => StreamCondition::PolicyViolation,
                        }),
                    );
                }
            }
            PeerEvent::PairRefused { pair, refusal } => {
                let why = shown(&refusal);
                tracing::info!(peer = self.address, "s2s: {pair} refused by the peer: {why}");
                let failure = match refusal {
                    Refusal::TimedOut => Failure::TimedOut,
                    _ => Failure::PairRefused,
                };
                self.with_pool(|pool| pool.refused(id, &pair, failure));
            }
            PeerEvent::ResultWanted(query) => self.claimed(link, query),
            PeerEvent::ResultExpired { pair } => self.expired(&pair),
            PeerEvent::Verified { verification, verdict } => self.answered(verification, verdict),
            PeerEvent::VerifyWanted(query) => {
                // Of our domains the stream knows the secret.
                let verdict = Verdict::Error(StanzaCondition::ItemNotFound);
                let _ = link.endpoint.answer_verify(query, verdict);
            }
            _ => {}
        }
    }

    /// The stream takes nothing more. What is on it may still be sent.
    fn closed<R: Side>(&mut self, link: &mut Link<R>, error: Option<&Error>) {
        if core::mem::replace(&mut self.stage, Stage::Closed) == Stage::Closed {
            return;
        }
        let end = end(self.opened, error);
        let unacknowledged = link.endpoint.take_unacknowledged();
        self.forget_claims();
        let id = self.id;
        self.with_pool(|pool| {
            for stanza in unacknowledged.iter() {
                pool.bounce(Parcel::of_bytes(stanza.to_vec()), Failure::Lost.error());
            }
            pool.closed(id, end);
        });
        tracing::info!(peer = self.address, direction = R::DIRECTION, ?end, "s2s: stream closed");
    }

    pub(super) fn with_pool<T>(&self, what: impl FnOnce(&mut super::Pool) -> T) -> Option<T> {
        self.service.routing().ways.pool().map(what)
    }
}

/// What a peer may have put into a message does nothing to who reads the log.
fn shown(what: &impl core::fmt::Display) -> String {
    crate::out::shown(&what.to_string())
}

/// What is still to be told of a stream whose transport is broken.
fn next_event<R: Side>(link: &mut Link<R>) -> Option<Event<'static, R>> {
    let now = link.now();
    match link.endpoint.poll(now) {
        Ok(Output::Event(event)) => Some(event),
        _ => None,
    }
}

async fn over(haste: &mut Option<Haste>) {
    match haste {
        Some(haste) => haste.over().await,
        None => core::future::pending().await,
    }
}

/// What the end of a stream says about the server at the other end.
fn end(opened: bool, error: Option<&Error>) -> LinkEnd {
    let Some(error) = error else { return LinkEnd::Closed };
    if opened {
        return LinkEnd::Lost;
    }
    LinkEnd::Failed(match error {
        Error::Tls(_) | Error::Incompatible(_) | Error::NotAuthenticated(_) | Error::Closed(_) => {
            Failure::Untrusted
        }
        _ => Failure::NotNegotiated,
    })
}

const fn condition_for(error: HandleError) -> StreamCondition {
    match error {
        HandleError::InvalidFrom => StreamCondition::InvalidFrom,
        HandleError::HostUnknown => StreamCondition::HostUnknown,
        HandleError::NotAStanza => StreamCondition::UnsupportedStanzaType,
        _ => StreamCondition::ImproperAddressing,
    }
}
