//! One client's connection, from accept to close.

use core::pin::Pin;
use core::time::Duration;
use std::sync::Arc;

use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Sleep, sleep};
use xmpp_core::role::ServerFromClient;
use xmpp_core::sasl::server::Query;
use xmpp_core::stanza::csi::{Active, Inactive};
use xmpp_core::stanza::{Payload, StanzaError, StreamCondition, StreamError};
use xmpp_core::{BindQuery, Event, HostQuery, Misuse, Phase, ServerEvent};
use xmpp_server::SessionId;

use super::admission::{Admission, Place};
use super::entrance::{self, Entrance};
use super::limits::Limits;
use super::meter::{Meter, Verdict};
use super::resumption::{self, Carried};
use super::service::{Routing, Service, left, unix_seconds, unix_time};
use super::ways::Deliveries;
use crate::net::link::{Link, LinkError, Turn};

/// Runs one connection until its end.
pub(super) async fn run(
    service: Arc<Service>,
    entrance: Entrance,
    socket: TcpStream,
    id: SessionId,
    place: Place,
) {
    let peer = socket.peer_addr().map_or_else(|_| "?".to_owned(), |peer| peer.to_string());
    let mut deliveries = Deliveries::default();
    let meter = Meter::new(&service.limits, place);
    let mut carried = Carried::new(id);
    let ended = converse(&service, entrance, socket, &mut carried, &mut deliveries, meter).await;
    if let (Err(error), None) = (ended, &service.tap) {
        tracing::info!(peer, "{error}");
    }
}

async fn converse(
    service: &Arc<Service>,
    entrance: Entrance,
    socket: TcpStream,
    carried: &mut Carried,
    deliveries: &mut Deliveries,
    meter: Meter,
) -> Result<(), LinkError> {
    let mut haste = Haste::new(&service.admission, &service.limits);
    let id = carried.connection();
    let mut link = entrance::begin(service, entrance, socket, id, &mut haste).await?;
    let ended = talk(service, &mut link, carried, deliveries, meter, haste).await;
    // The socket may have broken before the stream ended.
    resumption::leave(service, &mut link.endpoint, carried, deliveries);
    ended
}

async fn talk(
    service: &Arc<Service>,
    link: &mut Link<ServerFromClient>,
    carried: &mut Carried,
    deliveries: &mut Deliveries,
    mut meter: Meter,
    mut haste: Haste,
) -> Result<(), LinkError> {
    let mut ending = service.ending.subscribe();
    let mut told = false;
    loop {
        let backlog = link.endpoint.backlog();
        let management = link.endpoint.stream_management();
        let unacknowledged = management.map_or(0, |counters| counters.unacknowledged().len());
        let negotiates = link.endpoint.phase() == Phase::Negotiating;
        let why = tokio::select! {
            turn = link.turn() => {
                match turn? {
                    Turn::Event(event) => {
                        take(service, link, deliveries, &mut meter, carried, event).await;
                    }
                    Turn::Moved => {}
                    Turn::Closed => return Ok(()),
                }
                match meter.bytes(link.received()) {
                    Verdict::Go => continue,
                    Verdict::Wait(pause) => {
                        link.pause(pause);
                        continue;
                    }
                    Verdict::End => StreamCondition::PolicyViolation,
                }
            }
            delivery = deliveries.next(backlog, unacknowledged) => {
                deliveries.deliver(delivery, link, service);
                continue;
            }
            // XEP-0198 section 5: the session goes on over another connection.
            () = carried.wanted() => {
                resumption::leave(service, &mut link.endpoint, carried, deliveries);
                StreamCondition::Conflict
            }
            () = haste.over(), if negotiates => StreamCondition::ConnectionTimeout,
            () = turns_true(&mut ending), if !told => {
                told = true;
                deliveries.deliver_rest(link, service);
                StreamCondition::SystemShutdown
            }
        };
        let now = link.now();
        let hurry = why == StreamCondition::ConnectionTimeout;
        link.endpoint.close(now, Some(StreamError::new(why)));
        if hurry {
            // Its place is needed: no closing handshake.
            let _ = tokio::time::timeout(Duration::from_millis(100), link.flush()).await;
            return Ok(());
        }
    }
}

/// While there is little room, who has not logged in has less time for it.
pub(super) struct Haste {
    pressed: watch::Receiver<bool>,
    /// One timer for all turns.
    timer: Pin<Box<Sleep>>,
}

impl Haste {
    pub(super) fn new(admission: &Admission, limits: &Limits) -> Self {
        let patience = Duration::from_secs(limits.pressed_negotiation_timeout);
        Self { pressed: admission.pressed(), timer: Box::pin(sleep(patience)) }
    }

    /// Waits until there is little room and that time is over.
    pub(super) async fn over(&mut self) {
        // One that is over must not be asked again.
        if !self.timer.is_elapsed() {
            self.timer.as_mut().await;
        }
        turns_true(&mut self.pressed).await;
    }
}

pub(super) async fn turns_true(what: &mut watch::Receiver<bool>) {
    if what.wait_for(|is| *is).await.is_err() {
        core::future::pending().await
    }
}

/// Handles an event, if its sender may have it handled now.
async fn take(
    service: &Arc<Service>,
    link: &mut Link<ServerFromClient>,
    deliveries: &mut Deliveries,
    meter: &mut Meter,
    carried: &mut Carried,
    event: Event<'static, ServerFromClient>,
) {
    match &event {
        Event::Stanza(stanza) => meter.stanza(stanza.element()),
        Event::Role(ServerEvent::CredentialsWanted(query)) => {
            // Who tries without end waits; the time for negotiation goes on meanwhile.
            let wait = meter.login();
            // Even a sleep of no time takes a turn of the runtime's clock.
            if !wait.is_zero() {
                sleep(wait).await;
            }
            if let Query::Password { .. } = query.query() {
                let Ok(_turn) = service.slow.acquire().await else { return };
                // What follows takes long: others go on elsewhere.
                return aside(|| {
                    let _ = handle(service, link, deliveries, carried, event);
                });
            }
        }
        Event::Role(ServerEvent::BindWanted(query)) => {
            meter.account(service.admission.account(query.account(), std::time::Instant::now()));
        }
        Event::Role(ServerEvent::ResumeWanted(query)) => {
            meter.account(service.admission.account(query.account(), std::time::Instant::now()));
        }
        _ => {}
    }
    if let Event::Role(ServerEvent::ResumeWanted(query)) = event {
        let _ = resumption::resume(service, &mut link.endpoint, deliveries, carried, query).await;
        return;
    }
    // An answer that comes too late is in vain: the stream has ended meanwhile, which
    // is told next.
    let _ = handle(service, link, deliveries, carried, event);
}

/// Runs what takes long where it does not keep others waiting, if there is such a place.
fn aside<T>(work: impl FnOnce() -> T) -> T {
    match tokio::runtime::Handle::current().runtime_flavor() {
        tokio::runtime::RuntimeFlavor::MultiThread => tokio::task::block_in_place(work),
        _ => work(),
    }
}

fn handle(
    service: &Arc<Service>,
    link: &mut Link<ServerFromClient>,
    deliveries: &mut Deliveries,
    carried: &mut Carried,
    event: Event<'static, ServerFromClient>,
) -> Result<(), Misuse> {
    match event {
        Event::Role(ServerEvent::HostWanted(query)) => choose_host(service, link, query),
        Event::Role(ServerEvent::CredentialsWanted(query)) => {
            let answer = match query.query() {
                Query::Tokens { .. } => service.tokens.answer(&query, unix_seconds()),
                Query::Certificate { .. } => {
                    let user = service.user(&link.endpoint);
                    if let Some(user) = &user {
                        // RFC 6120 section 13.7.2.3
                        let end = link.now().saturating_add(left(user));
                        link.endpoint.expire_at(end);
                    }
                    service.accounts.answer_external(&query, user.as_ref())
                }
                _ => service.accounts.answer(&query),
            };
            link.endpoint.provide_credentials(query, answer)
        }
        Event::Role(ServerEvent::TokenWanted(query)) => {
            let answer = service.tokens.settle(&query, unix_seconds());
            link.endpoint.provide_token(query, answer)
        }
        Event::Role(ServerEvent::BindWanted(query)) => {
            bind(service, link, deliveries, carried, query)
        }
        Event::Stanza(stanza) => {
            let Some(id) = carried.session() else { return Ok(()) };
            let mut routing = service.routing();
            let Routing { host, ways } = &mut *routing;
            // A session that was ended for another's sake still sends for a while.
            let _ = host.handle_stanza(unix_time(), id, stanza.element(), ways);
            Ok(())
        }
        Event::Role(ServerEvent::StreamManagementEnabled { resumable: true }) => {
            resumption::enter(service, &link.endpoint, carried);
            Ok(())
        }
        Event::Nonza(nonza) => {
            if Inactive::matches(nonza.element()) {
                deliveries.deactivate();
            } else if Active::matches(nonza.element()) {
                deliveries.activate(link, service);
            }
            Ok(())
        }
        Event::Closed { error } => {
            if error.is_none() {
                // What is on the stream is being sent.
                deliveries.finish();
            }
            resumption::leave(service, &mut link.endpoint, carried, deliveries);
            Ok(())
        }
        _ => Ok(()),
    }
}

fn choose_host(
    service: &Service,
    link: &mut Link<ServerFromClient>,
    query: HostQuery,
) -> Result<(), Misuse> {
    // A header without `to` can only mean the one domain that is served here.
    if query.to().is_none_or(|to| *to == service.host_config.domain) {
        // EXTERNAL is for those whose certificate is good.
        let users = service.users.as_ref().filter(|_| service.user(&link.endpoint).is_some());
        let host = users.map_or(&service.host_config, |users| &users.host);
        link.endpoint.choose_host(query, Arc::clone(host))
    } else {
        link.endpoint.refuse_host(query, StreamError::new(StreamCondition::HostUnknown))
    }
}

fn bind(
    service: &Service,
    link: &mut Link<ServerFromClient>,
    deliveries: &mut Deliveries,
    carried: &mut Carried,
    query: BindQuery,
) -> Result<(), Misuse> {
    let mut routing = service.routing();
    let Routing { host, ways } = &mut *routing;
    let tagged = query.is_inline().then(|| query.tagged(&service.unique(&query))).flatten();
    let resource = tagged.as_ref().or_else(|| query.resource()).map(|resource| resource.as_str());
    let (random, id) = (crate::net::random(), carried.connection());
    match host.session_bound(unix_time(), id, query.account(), resource, random, ways) {
        Ok(jid) => {
            *deliveries = ways.open(id, link.endpoint.context());
            carried.begin(id);
            // XEP-0352, asked for with the resource (XEP-0386 section 3.2).
            if query.inline().iter().any(|element| Inactive::matches(element.as_ref())) {
                deliveries.deactivate();
            }
            link.endpoint.bind(query, jid)
        }
        Err(error) => link.endpoint.refuse_bind(query, StanzaError::new(error.condition())),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use core::num::NonZeroU32;

    use rustls::RootCertStore;
    use tokio::net::{TcpListener, TcpSocket};
    use xmpp_core::jid::{BareJid, Domainpart};
    use xmpp_core::role::ClientToServer;
    use xmpp_core::sasl::client::Credentials;
    use xmpp_core::sasl::crypto::Hash;
    use xmpp_core::stanza::{Message, MessageBuilder, MessageType, Presence, PresenceType};
    use xmpp_core::time::Clock;
    use xmpp_core::{Client, ClientConfig};

    use super::super::queue::Bounds;
    use super::super::service::accept_all;
    use super::*;
    use crate::net::bound::{Bound, establish};
    use crate::net::certificates::{self, Identity};

    const MESSAGES: usize = 2000;

    /// A server with these bounds on what waits, for romeo and juliet.
    pub(in crate::serve) struct Serving {
        pub(in crate::serve) address: core::net::SocketAddr,
        pub(in crate::serve) roots: RootCertStore,
        pub(in crate::serve) server: tokio::task::JoinHandle<()>,
    }

    impl Serving {
        async fn start(bounds: Bounds) -> Self {
            // As much less than waits as with the defaults.
            let change = |limits: &mut Limits| {
                limits.queue_bytes = bounds.bytes;
                limits.unacknowledged_bytes = bounds.bytes / 4;
            };
            Self::start_with(change).await
        }

        pub(in crate::serve) async fn start_with(change: impl FnOnce(&mut Limits)) -> Self {
            let domain = Domainpart::new("x.example").unwrap();
            let Identity { receiver, authority, .. } = certificates::make("x.example").unwrap();
            let iterations = NonZeroU32::new(4096);
            let mut service = Service::new(domain, receiver, &[Hash::Sha256], iterations);
            let mut limits = Limits {
                connection_stanzas: 0,
                connection_bytes: 0,
                account_stanzas: 0,
                address_stanzas: 0,
                address_bytes: 0,
                ..Limits::default()
            };
            change(&mut limits);
            service.limit(&limits);
            service.add_account("romeo", "pw").unwrap();
            service.add_account("juliet", "pw").unwrap();
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            let server = tokio::spawn(accept_all(Arc::new(service), listener));
            let mut roots = RootCertStore::empty();
            roots.add(authority.unwrap().0).unwrap();
            Self { address, roots, server }
        }

        /// A client that has read all that a login brings. Its socket may hold little.
        pub(in crate::serve) async fn log_in(
            &self,
            name: &str,
            priority: i8,
            little: bool,
        ) -> Bound {
            let account = BareJid::new(&format!("{name}@x.example")).unwrap();
            let config = ClientConfig::new(account, Credentials::new(name).with_password("pw"));
            let tls = certificates::initiator_with(self.roots.clone()).unwrap();
            let clock = Clock::start();
            let client = Client::connect(Arc::new(config), tls, clock.now(), crate::net::seed());
            let socket = TcpSocket::new_v4().unwrap();
            if little {
                socket.set_recv_buffer_size(64 << 10).unwrap();
            }
            let socket = socket.connect(self.address).await.unwrap();
            let link = Link::new(client.unwrap(), socket, clock);
            let mut session = establish(link).await.ok().unwrap();
            let link: &mut Link<ClientToServer> = &mut session.link;
            let presence = Presence::builder(PresenceType::Available).with_priority(priority);
            link.endpoint.send(&presence).unwrap();
            let own = session.jid.as_str();
            while let Some(event) = link.next().await.unwrap() {
                if let Event::Stanza(stanza) = event
                    && stanza.element().attr("from").as_deref() == Some(own)
                {
                    return session;
                }
            }
            unreachable!("the stream has ended")
        }
    }

    pub(in crate::serve) fn numbered(to: &str, n: usize) -> MessageBuilder {
        let to = xmpp_core::jid::Jid::new(to).unwrap();
        let message = Message::builder(MessageType::Chat).with_to(to).with_id(n.to_string());
        message.with_body("x".repeat(2000))
    }

    /// The number of a message.
    pub(in crate::serve) fn number(event: &Event<'_, ClientToServer>) -> Option<usize> {
        let Event::Stanza(stanza) = event else { return None };
        let stanza = stanza.element();
        (stanza.name() == "message").then(|| stanza.attr("id")?.parse().ok()).flatten()
    }

    /// More than fits into the sockets' and the connection's buffers waits for a client
    /// that does not read for a while: it gets all of it without saying a word itself.
    #[tokio::test]
    async fn a_client_that_reads_late_gets_everything() {
        let serving = Serving::start(Bounds { bytes: 8 << 20, ..Bounds::default() }).await;
        let mut romeo = serving.log_in("romeo", 0, true).await;
        let mut juliet = serving.log_in("juliet", 0, false).await;
        for n in 0..MESSAGES {
            juliet.link.endpoint.send(&numbered("romeo@x.example", n)).unwrap();
            juliet.link.flush().await.unwrap();
        }
        juliet.close().await.ok().unwrap();

        let all = async {
            for n in 0..MESSAGES {
                let event = romeo.link.next().await.unwrap().unwrap();
                assert_eq!(number(&event), Some(n));
            }
        };
        tokio::time::timeout(Duration::from_secs(30), all).await.unwrap();
        serving.server.abort();
    }

    /// More waits for a client that does not read than may: its stream ends with
    /// `resource-constraint`. What it was not sent goes to the user's other resource, and
    /// so does what comes later. Nothing is lost, and nobody else is told anything.
    #[tokio::test]
    async fn a_client_that_never_reads_is_ended_and_its_messages_are_not_lost() {
        let serving = Serving::start(Bounds { bytes: 512 << 10, ..Bounds::default() }).await;
        let mut sleeping = serving.log_in("romeo", 5, true).await;
        let mut awake = serving.log_in("romeo", 0, false).await;
        let mut juliet = serving.log_in("juliet", 0, false).await;
        // Two kilobytes each: more than the queue, the connection and the sockets hold.
        let count = 4 * MESSAGES;
        let send = async {
            for n in 0..count {
                juliet.link.endpoint.send(&numbered("romeo@x.example", n)).unwrap();
                juliet.link.flush().await.unwrap();
                if n % 8 == 0 {
                    // She reads: acknowledgements come.
                    let read = async { while juliet.link.turn().await.is_ok() {} };
                    let _ = tokio::time::timeout(Duration::from_millis(1), read).await;
                }
            }
        };
        let mut arrived = std::collections::BTreeSet::new();
        let ended = tokio::sync::Notify::new();
        let read = async {
            while arrived.last() != Some(&(count - 1)) {
                if let Some(n) = number(&awake.link.next().await.unwrap().unwrap()) {
                    arrived.insert(n);
                    ended.notify_one();
                }
            }
        };
        // It wakes up once its messages go elsewhere.
        let (mut late, mut why) = (Vec::new(), None);
        let wake = async {
            ended.notified().await;
            while let Ok(Some(event)) = sleeping.link.next().await {
                late.extend(number(&event));
                if let Event::Closed { error } = event {
                    why = error.map(|error| error.to_string());
                }
            }
        };
        let all = async { tokio::join!(send, read, wake) };
        let done = tokio::time::timeout(Duration::from_secs(60), all).await;
        assert!(done.is_ok(), "{} have arrived, {} late, {why:?}", arrived.len(), late.len());
        assert!(!late.is_empty(), "the sleeping client's sockets hold nothing");
        assert!(why.clone().is_some_and(|why| why.contains("resource-constraint")), "{why:?}");
        arrived.extend(late);
        let missing: Vec<_> = (0..count).filter(|n| !arrived.contains(n)).collect();
        assert!(missing.is_empty(), "{} are lost: {:?}", missing.len(), missing.first());
        serving.server.abort();
    }
}
