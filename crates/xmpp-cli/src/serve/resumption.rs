//! Sessions that go from one connection to another (XEP-0198).

use core::time::Duration;
use std::sync::Arc;

use xmpp_core::{Misuse, ResumeQuery, Server};
use xmpp_server::SessionId;

use super::detached::{Handover, Place};
use super::service::{Routing, Service};
use super::ways::Deliveries;

/// How long a connection has to give up a session that another one wants.
const HANDOVER: Duration = Duration::from_secs(5);

/// Which session a connection carries.
pub(super) struct Carried {
    connection: SessionId,
    session: Option<SessionId>,
    handover: Option<Arc<Handover>>,
}

impl Carried {
    pub(super) const fn new(connection: SessionId) -> Self {
        Self { connection, session: None, handover: None }
    }

    /// The number of the connection, which is that of the session that begins on it.
    pub(super) const fn connection(&self) -> SessionId {
        self.connection
    }

    /// The session, while there is one.
    pub(super) const fn session(&self) -> Option<SessionId> {
        self.session
    }

    pub(super) const fn begin(&mut self, session: SessionId) {
        self.session = Some(session);
    }

    /// Waits until another connection wants the session.
    pub(super) async fn wanted(&self) {
        match &self.handover {
            Some(handover) => handover.wanted.notified().await,
            None => core::future::pending().await,
        }
    }
}

/// The session can be resumed from now on.
pub(super) fn enter(service: &Service, endpoint: &Server, carried: &mut Carried) {
    let management = endpoint.stream_management().and_then(|counters| counters.id());
    if let (Some(session), Some(id), Some(account)) =
        (carried.session, management, endpoint.account())
    {
        let ways = &mut service.routing().ways;
        carried.handover = Some(ways.resumable.enter(id.clone(), session, account.clone()));
    }
}

/// The connection has lost its session, or is about to be lost: the session waits for
/// another connection, or has ended. The second time it has none.
pub(super) fn leave(
    service: &Arc<Service>,
    endpoint: &mut Server,
    carried: &mut Carried,
    deliveries: &mut Deliveries,
) {
    carried.handover = None;
    let Some(session) = carried.session.take() else { return };
    let mut unsent = deliveries.take_unsent();
    match endpoint.take_resumption() {
        Some(resumption) => {
            let longest = service.limits.detached().time;
            let time = resumption.max().unwrap_or(longest).min(longest);
            let Some(number) = service.routing().ways.detach(session, resumption, unsent) else {
                return;
            };
            let service = Arc::clone(service);
            tokio::spawn(async move {
                tokio::time::sleep(time).await;
                service.routing().ways.expire(session, number);
            });
        }
        None => {
            let left = endpoint.take_unacknowledged();
            unsent.extend(left.iter().map(<[u8]>::to_vec));
            service.routing().ways.close(session, unsent);
        }
    }
}

/// Answers a client that wants its session to go on.
pub(super) async fn resume(
    service: &Service,
    endpoint: &mut Server,
    deliveries: &mut Deliveries,
    carried: &mut Carried,
    query: ResumeQuery,
) -> Result<(), Misuse> {
    let mut place = service.routing().ways.resumable.find(query.account(), query.id());
    if let Place::Here(handover) = &place {
        handover.wanted.notify_one();
        // A connection that does not hear keeps its session.
        let _ = tokio::time::timeout(HANDOVER, handover.left.notified()).await;
        place = service.routing().ways.resumable.find(query.account(), query.id());
    }
    let (session, resumption) = match place {
        Place::Away(session, resumption) => (session, resumption),
        Place::Here(_) => return endpoint.refuse_resumption(query, None),
        Place::Nowhere(h) => return endpoint.refuse_resumption(query, h),
    };
    let mut routing = service.routing();
    let Routing { ways, .. } = &mut *routing;
    // The way of a session that is kept is open.
    let Some(way) = ways.again(session, endpoint.context()) else {
        return endpoint.refuse_resumption(query, None);
    };
    *deliveries = way;
    carried.begin(session);
    let id = resumption.id().clone();
    let account = query.account().clone();
    // From here on the session is that of this connection, whatever comes of it.
    carried.handover = Some(ways.resumable.enter(id, session, account));
    drop(routing);
    endpoint.accept_resumption(query, *resumption)
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpStream;
    use xmpp_core::jid::BareJid;
    use xmpp_core::role::ClientToServer;
    use xmpp_core::sasl::client::Credentials;
    use xmpp_core::stanza::{Presence, PresenceType};
    use xmpp_core::stream_management::Resumption;
    use xmpp_core::time::Clock;
    use xmpp_core::{Client, ClientConfig, ClientEvent, Event};

    use super::super::session::tests::{Serving, number, numbered};
    use super::*;
    use crate::net::certificates;
    use crate::net::link::Link;

    /// A connection of that account that resumes; gives whether it did.
    async fn again(
        serving: &Serving,
        name: &str,
        from: Resumption,
    ) -> (Link<ClientToServer>, bool) {
        let account = BareJid::new(&format!("{name}@x.example")).unwrap();
        let config = ClientConfig::new(account, Credentials::new(name).with_password("pw"));
        let tls = certificates::initiator_with(serving.roots.clone()).unwrap();
        let clock = Clock::start();
        let seed = crate::net::seed();
        let client = Client::resume(Arc::new(config), from, tls, clock.now(), seed).unwrap();
        let socket = TcpStream::connect(serving.address).await.unwrap();
        let mut link = Link::new(client, socket, clock);
        loop {
            let event = link.next().await.unwrap().unwrap();
            if let Event::Established { resumed, .. } = event {
                return (link, resumed);
            }
        }
    }

    async fn until_resumable(link: &mut Link<ClientToServer>) {
        while !link.endpoint.stream_management().is_some_and(|it| it.is_resumable()) {
            link.next().await.unwrap();
        }
    }

    /// The numbers of the messages that come next.
    async fn numbers(link: &mut Link<ClientToServer>, count: usize) -> Vec<usize> {
        let mut got = Vec::new();
        let all = async {
            while got.len() < count {
                got.extend(number(&link.next().await.unwrap().unwrap()));
            }
        };
        tokio::time::timeout(Duration::from_secs(20), all).await.unwrap();
        got
    }

    /// The connection is lost; meanwhile messages come; the session goes on and has them
    /// all, in order. What was being sent gets there as well.
    #[tokio::test]
    async fn a_lost_connection_loses_nothing() {
        let serving = Serving::start_with(|_| {}).await;
        let mut romeo = serving.log_in("romeo", 0, false).await;
        let mut juliet = serving.log_in("juliet", 0, false).await;
        until_resumable(&mut romeo.link).await;
        let address = romeo.jid.as_str().to_owned();
        for n in 0..50 {
            juliet.link.endpoint.send(&numbered(&address, n)).unwrap();
        }
        juliet.link.flush().await.unwrap();
        assert_eq!(numbers(&mut romeo.link, 20).await, (0..20).collect::<Vec<_>>());
        // Never gets out.
        let to_juliet = juliet.jid.as_str().to_owned();
        romeo.link.endpoint.send(&numbered(&to_juliet, 1000)).unwrap();
        let from = romeo.link.endpoint.take_resumption().unwrap();
        let bytes = from.to_bytes();
        drop(romeo);
        for n in 50..100 {
            juliet.link.endpoint.send(&numbered(&address, n)).unwrap();
        }
        juliet.link.flush().await.unwrap();

        let from = Resumption::from_bytes(&bytes).unwrap();
        let (mut romeo, resumed) = again(&serving, "romeo", from).await;
        assert!(resumed);
        assert_eq!(romeo.endpoint.bound().unwrap().as_str(), address);
        assert_eq!(numbers(&mut romeo, 80).await, (20..100).collect::<Vec<_>>());
        romeo.flush().await.unwrap();
        assert_eq!(numbers(&mut juliet.link, 1).await, [1000]);
        serving.server.abort();
    }

    /// The earlier connection still stands: it gets `conflict`, the session goes on.
    #[tokio::test]
    async fn a_session_is_taken_over_from_a_connection_that_stands() {
        let serving = Serving::start_with(|_| {}).await;
        let mut romeo = serving.log_in("romeo", 0, false).await;
        until_resumable(&mut romeo.link).await;
        let from = romeo.link.endpoint.resumption().unwrap();
        // Somebody else who knows the identifier cannot, and harms nobody.
        let bytes = from.to_bytes();
        let at = bytes.windows(5).position(|five| five == b"romeo").unwrap();
        let mut stolen = bytes[..at - 2].to_vec();
        let jid = from.jid().as_str().replace("romeo", "juliet");
        stolen.extend(u16::try_from(jid.len()).unwrap().to_be_bytes());
        stolen.extend(jid.as_bytes());
        stolen.extend(&bytes[at + from.jid().as_str().len()..]);
        let stolen = Resumption::from_bytes(&stolen).unwrap();
        let (_juliet, resumed) = again(&serving, "juliet", stolen).await;
        assert!(!resumed);

        let (mut new, resumed) = again(&serving, "romeo", from).await;
        assert!(resumed);
        let mut why = None;
        while let Ok(Some(event)) = romeo.link.next().await {
            if let Event::Closed { error } = event {
                why = error.map(|error| error.to_string());
            }
        }
        assert!(why.clone().is_some_and(|why| why.contains("conflict")), "{why:?}");
        let own = new.endpoint.bound().unwrap().as_str().to_owned();
        new.endpoint.send(&numbered(&own, 7)).unwrap();
        new.flush().await.unwrap();
        assert_eq!(numbers(&mut new, 1).await, [7]);
        serving.server.abort();
    }

    /// Nobody comes back: what the session was not sent, or did not acknowledge, is
    /// stored, and its contacts learn that it is gone.
    #[tokio::test]
    async fn what_a_lost_session_did_not_get_is_stored_when_its_time_is_over() {
        let serving = Serving::start_with(|limits| limits.resume_timeout = 1).await;
        let mut romeo = serving.log_in("romeo", 0, false).await;
        let mut juliet = serving.log_in("juliet", 0, false).await;
        until_resumable(&mut romeo.link).await;
        let from = romeo.link.endpoint.resumption().unwrap();
        let address = romeo.jid.as_str().to_owned();
        // These are received but not acknowledged; those after them are not received.
        for n in 0..5 {
            juliet.link.endpoint.send(&numbered(&address, n)).unwrap();
        }
        juliet.link.flush().await.unwrap();
        tokio::time::sleep(Duration::from_millis(100)).await;
        drop(romeo);
        tokio::time::sleep(Duration::from_millis(100)).await;
        for n in 5..10 {
            juliet.link.endpoint.send(&numbered(&address, n)).unwrap();
        }
        juliet.link.flush().await.unwrap();
        tokio::time::sleep(Duration::from_secs(2)).await;
        let (mut romeo, resumed) = again(&serving, "romeo", from).await;
        assert!(!resumed);
        romeo.endpoint.send(&Presence::builder(PresenceType::Available)).unwrap();
        assert_eq!(numbers(&mut romeo, 10).await, (0..10).collect::<Vec<_>>());
        serving.server.abort();
    }

    /// A bound on sessions that wait: the account's oldest gives way.
    #[tokio::test]
    async fn an_account_has_a_bounded_number_of_lost_sessions() {
        let serving = Serving::start_with(|limits| limits.detached_account_sessions = 2).await;
        let mut lost = Vec::new();
        for _ in 0..3 {
            let mut romeo = serving.log_in("romeo", 0, false).await;
            until_resumable(&mut romeo.link).await;
            lost.push(romeo.link.endpoint.take_resumption().unwrap());
            drop(romeo);
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let mut resumed = Vec::new();
        for from in lost {
            let (link, is) = again(&serving, "romeo", from).await;
            resumed.push((link, is));
        }
        assert_eq!(resumed.iter().map(|(_, is)| *is).collect::<Vec<_>>(), [false, true, true]);
        serving.server.abort();
    }

    /// What the client is told of a session that is over: how many stanzas it had handled.
    #[tokio::test]
    async fn who_comes_too_late_learns_what_was_handled() {
        let serving = Serving::start_with(|limits| limits.detached_account_sessions = 1).await;
        let mut lost = Vec::new();
        for _ in 0..2 {
            let mut romeo = serving.log_in("romeo", 0, false).await;
            until_resumable(&mut romeo.link).await;
            let own = romeo.jid.as_str().to_owned();
            romeo.link.endpoint.send(&numbered(&own, 1)).unwrap();
            assert_eq!(numbers(&mut romeo.link, 1).await, [1]);
            lost.push(romeo.link.endpoint.take_resumption().unwrap());
            drop(romeo);
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let account = BareJid::new("romeo@x.example").unwrap();
        let config = ClientConfig::new(account, Credentials::new("romeo").with_password("pw"));
        let tls = certificates::initiator_with(serving.roots.clone()).unwrap();
        let clock = Clock::start();
        let (from, seed) = (lost.swap_remove(0), crate::net::seed());
        let sent = from.acknowledged().plus(from.unacknowledged().len().try_into().unwrap());
        let client = Client::resume(Arc::new(config), from, tls, clock.now(), seed).unwrap();
        let socket = TcpStream::connect(serving.address).await.unwrap();
        let mut link = Link::new(client, socket, clock);
        loop {
            let event = link.next().await.unwrap().unwrap();
            if let Event::Role(ClientEvent::ResumptionFailed { failed }) = event {
                assert_eq!(failed.unwrap().h, Some(sent.get()));
                break;
            }
        }
        assert!(link.endpoint.take_unacknowledged().is_empty());
        serving.server.abort();
    }
}
