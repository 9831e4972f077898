//! One component's connection (XEP-0114), from accept to close.

use std::sync::Arc;

use tokio::net::TcpStream;
use xmpp_core::jid::Domainpart;
use xmpp_core::role::ServerFromComponent;
use xmpp_core::stanza::{StreamCondition, StreamError};
use xmpp_core::time::Clock;
use xmpp_core::{ComponentQuery, ComponentServer, ComponentServerEvent, Event, Misuse};
use xmpp_server::SessionId;

use super::admission::Place;
use super::meter::{Meter, Verdict};
use super::service::{Routing, Service, unix_time};
use super::session::turns_true;
use super::ways::Deliveries;
use crate::net::link::{Link, LinkError, Turn};

/// Runs one connection until its end.
pub(super) async fn run(service: Arc<Service>, socket: TcpStream, id: SessionId, place: Place) {
    let peer = socket.peer_addr().map_or_else(|_| "?".to_owned(), |peer| peer.to_string());
    let mut domain = None;
    let meter = Meter::of_component(&service.limits, place);
    let ended = converse(&service, socket, id, &mut domain, meter).await;
    // The socket may have broken before the stream ended.
    if let Some(domain) = &domain {
        service.routing().ways.disconnect(domain, id);
    }
    if let Err(error) = ended {
        tracing::info!(peer, "component: {error}");
    }
}

async fn converse(
    service: &Service,
    socket: TcpStream,
    id: SessionId,
    domain: &mut Option<Domainpart>,
    mut meter: Meter,
) -> Result<(), LinkError> {
    let clock = Clock::start();
    let config = Arc::clone(&service.component_config);
    let server = ComponentServer::accept_component(config, clock.now(), crate::net::seed());
    let mut link = Link::new(server, socket, clock);
    let mut deliveries = Deliveries::default();
    let mut ending = service.ending.subscribe();
    let mut told = false;
    loop {
        let backlog = link.endpoint.backlog();
        let why = tokio::select! {
            turn = link.turn() => {
                let closed = take(service, &mut link, &mut deliveries, &mut meter, domain, id, turn?);
                if closed {
                    return Ok(());
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
            delivery = deliveries.next(backlog, 0) => {
                deliveries.deliver(delivery, &mut link, service);
                continue;
            }
            () = turns_true(&mut ending), if !told => {
                told = true;
                deliveries.deliver_rest(&mut link, service);
                StreamCondition::SystemShutdown
            }
        };
        let now = link.now();
        link.endpoint.close(now, Some(StreamError::new(why)));
    }
}

/// Handles what a turn came to; says whether that is the end.
fn take(
    service: &Service,
    link: &mut Link<ServerFromComponent>,
    deliveries: &mut Deliveries,
    meter: &mut Meter,
    domain: &mut Option<Domainpart>,
    id: SessionId,
    turn: Turn<ServerFromComponent>,
) -> bool {
    match turn {
        Turn::Event(Event::Role(ComponentServerEvent::ComponentWanted(query))) => {
            // In vain if the stream has ended meanwhile, which is told next.
            let _ = admit(service, link, query);
        }
        Turn::Event(Event::Established { .. }) => {
            *domain = link.endpoint.component().cloned();
            connect(service, link, deliveries, domain.as_ref(), id);
        }
        Turn::Event(Event::Stanza(stanza)) => {
            meter.stanza(stanza.element());
            let mut routing = service.routing();
            let Routing { host, ways } = &mut *routing;
            // The connection has checked its addresses.
            let _ = host.handle_routed(unix_time(), stanza.element(), ways);
        }
        Turn::Event(Event::Closed { .. }) => {
            *deliveries = Deliveries::default();
            if let Some(domain) = domain.as_ref() {
                service.routing().ways.disconnect(domain, id);
            }
        }
        Turn::Event(_) | Turn::Moved => {}
        Turn::Closed => return true,
    }
    false
}

/// A component says which domain it is (XEP-0114 section 3).
fn admit(
    service: &Service,
    link: &mut Link<ServerFromComponent>,
    query: ComponentQuery,
) -> Result<(), Misuse> {
    let refuse = match service.components.get(query.domain()) {
        None => StreamCondition::HostUnknown,
        Some(_) if service.routing().ways.is_connected(query.domain()) => StreamCondition::Conflict,
        Some(secret) => return link.endpoint.provide_secret(query, secret.clone()),
    };
    link.endpoint.refuse_component(query, StreamError::new(refuse))
}

/// It has proved it. Another one may have done so since the first of them was asked.
fn connect(
    service: &Service,
    link: &mut Link<ServerFromComponent>,
    deliveries: &mut Deliveries,
    domain: Option<&Domainpart>,
    id: SessionId,
) {
    let way = domain.and_then(|domain| service.routing().ways.connect(domain, id));
    match way {
        Some(way) => *deliveries = way,
        None => {
            let now = link.now();
            link.endpoint.close(now, Some(StreamError::new(StreamCondition::Conflict)));
        }
    }
}

#[cfg(test)]
mod tests {
    use core::num::NonZeroU32;

    use tokio::net::TcpListener;
    use xmpp_core::jid::{DomainpartRef, Jid};
    use xmpp_core::role::ComponentToServer;
    use xmpp_core::sasl::Secret;
    use xmpp_core::sasl::crypto::Hash;
    use xmpp_core::stanza::ping::Ping;
    use xmpp_core::stanza::{Iq, Message, MessageBuilder, MessageType, Presence, PresenceType};
    use xmpp_core::{Component, ComponentConfig, Error};
    use xmpp_server::{DomainPair, Outbox as _};

    use super::super::limits::Limits;
    use super::super::service::accept_components;
    use super::*;
    use crate::net::certificates;

    struct Served {
        service: Arc<Service>,
        address: String,
    }

    impl Served {
        /// x.example, with the components a.example and b.example.
        async fn start() -> Self {
            Self::within(&Limits::default()).await
        }

        async fn within(limits: &Limits) -> Self {
            let domain = Domainpart::new("x.example").unwrap();
            let receiver = certificates::make("x.example").unwrap().receiver;
            let mut service =
                Service::new(domain, receiver, &[Hash::Sha256], NonZeroU32::new(4096));
            service.limit(limits);
            service.add_component("a.example", "a's").unwrap();
            service.add_component("b.example", "b's").unwrap();
            let service = Arc::new(service);
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap().to_string();
            tokio::spawn(accept_components(Arc::clone(&service), listener));
            Self { service, address }
        }

        /// A component that has been let in, or the condition that it was refused with.
        async fn connect(
            &self,
            domain: &str,
            secret: &str,
        ) -> Result<Link<ComponentToServer>, StreamCondition> {
            let secret = Secret::new(secret.as_bytes());
            let config = ComponentConfig::new(Domainpart::new(domain).unwrap(), secret);
            let clock = Clock::start();
            let component =
                Component::connect_component(Arc::new(config), clock.now(), crate::net::seed());
            let socket = TcpStream::connect(&self.address).await.unwrap();
            let mut link = Link::new(component, socket, clock);
            loop {
                match link.next().await {
                    Ok(Some(Event::Established { .. })) => return Ok(link),
                    Ok(Some(_)) => {}
                    Err(LinkError::Stream(Error::StreamError(error))) => {
                        return Err(error.condition);
                    }
                    _ => panic!("ended otherwise"),
                }
            }
        }
    }

    async fn hear(link: &mut Link<ComponentToServer>) -> String {
        loop {
            if let Event::Stanza(stanza) = link.next().await.unwrap().unwrap() {
                return stanza.element().source().to_owned();
            }
        }
    }

    /// XEP-0114 section 3: `host-unknown` and `conflict` for the header, `not-authorized`
    /// for the handshake.
    #[tokio::test]
    async fn who_is_refused() {
        let served = Served::start().await;
        let refused = |link: Result<_, _>| link.err();
        let unknown = served.connect("c.example", "a's").await;
        assert_eq!(refused(unknown), Some(StreamCondition::HostUnknown));
        let wrong = served.connect("a.example", "b's").await;
        assert_eq!(refused(wrong), Some(StreamCondition::NotAuthorized));
        let mut first = served.connect("a.example", "a's").await.unwrap();
        let second = served.connect("a.example", "a's").await;
        assert_eq!(refused(second), Some(StreamCondition::Conflict));
        // The first is undisturbed, and once it has left there is room for another.
        let now = first.now();
        first.endpoint.close(now, None);
        while first.next().await.unwrap().is_some() {}
        let domain = Domainpart::new("a.example").unwrap();
        assert!(!served.service.routing().ways.is_connected(&domain));
        assert!(served.connect("a.example", "a's").await.is_ok());
    }

    /// A component reaches another one, and hears if it cannot (6120-10.4.3-02, -03).
    #[tokio::test]
    async fn components_reach_each_other() {
        let served = Served::start().await;
        let mut a = served.connect("a.example", "a's").await.unwrap();
        let message = |to: &str| {
            let message = Message::builder(MessageType::Chat).with_id("i").with_body("hi");
            let from: Jid = "n@a.example".parse().unwrap();
            message.with_from(from).with_to(to.parse::<Jid>().unwrap())
        };
        a.endpoint.send(&message("b.example")).unwrap();
        assert!(hear(&mut a).await.contains("remote-server-timeout"));
        a.endpoint.send(&message("c.example")).unwrap();
        assert!(hear(&mut a).await.contains("remote-server-not-found"));

        let mut b = served.connect("b.example", "b's").await.unwrap();
        a.endpoint.send(&message("b.example")).unwrap();
        a.flush().await.unwrap();
        let heard = hear(&mut b).await;
        assert!(
            heard.contains("from='n@a.example'") && heard.contains("<body>hi</body>"),
            "{heard}"
        );
    }

    fn message(to: &str, body: &str) -> MessageBuilder {
        let from: Jid = "n@a.example".parse().unwrap();
        let message = Message::builder(MessageType::Chat).with_id("i").with_body(body);
        message.with_from(from).with_to(to.parse::<Jid>().unwrap())
    }

    /// How the stream ends.
    async fn end(link: &mut Link<ComponentToServer>) -> Option<StreamCondition> {
        loop {
            match link.next().await {
                Ok(Some(_)) => {}
                Err(LinkError::Stream(Error::StreamError(error))) => return Some(error.condition),
                _ => return None,
            }
        }
    }

    /// A delay first; the end for who goes on without a break.
    #[tokio::test]
    async fn a_component_that_floods_is_ended_at_last() {
        let limits = Limits { component_stanzas: 1, patience: 1, ..Limits::default() };
        let served = Served::within(&limits).await;
        let mut a = served.connect("a.example", "a's").await.unwrap();
        for _ in 0..100 {
            a.endpoint.send(&message("juliet@x.example", "hi")).unwrap();
        }
        assert_eq!(end(&mut a).await, Some(StreamCondition::PolicyViolation));
        let mut b = served.connect("b.example", "b's").await.unwrap();
        let b_jid: Jid = "b.example".parse().unwrap();
        b.endpoint.send(&message("juliet@x.example", "hi").with_from(b_jid)).unwrap();
        assert!(hear(&mut b).await.contains("service-unavailable"));
    }

    /// More bytes wait for a component that does not read than may: its stream ends, and
    /// what was not sent comes back to the senders.
    #[tokio::test]
    async fn a_component_that_does_not_read_is_ended_by_bytes() {
        let limits = Limits { queue_bytes: 64 << 10, ..Limits::default() };
        let served = Served::within(&limits).await;
        let mut a = served.connect("a.example", "a's").await.unwrap();
        let mut b = served.connect("b.example", "b's").await.unwrap();
        let (body, mut returned) = ("x".repeat(10_000), false);
        // More than its sockets hold.
        for _ in 0..100 {
            for _ in 0..20 {
                a.endpoint.send(&message("b.example", &body)).unwrap();
            }
            let ping = Iq::get("ping", &Ping).with_from("a.example".parse::<Jid>().unwrap());
            a.endpoint.send(&ping.with_to("x.example".parse::<Jid>().unwrap())).unwrap();
            loop {
                let heard = hear(&mut a).await;
                returned |= heard.contains("remote-server-timeout");
                if heard.contains("id='ping'") {
                    break;
                }
            }
            if returned {
                break;
            }
        }
        assert!(returned);
        assert_eq!(end(&mut b).await, Some(StreamCondition::ResourceConstraint));
    }

    /// A stanza that has become too long on its way comes back, and the stream goes on.
    #[tokio::test]
    async fn what_is_too_long_for_a_component_comes_back() {
        let served = Served::start().await;
        let mut a = served.connect("a.example", "a's").await.unwrap();
        let mut b = served.connect("b.example", "b's").await.unwrap();
        let (from, to) = ("a.example", "b.example");
        let domains = DomainPair {
            from: DomainpartRef::new(from).unwrap(),
            to: DomainpartRef::new(to).unwrap(),
        };
        let long = message(to, &"x".repeat(400_000));
        served.service.routing().ways.route(domains, &long).unwrap();
        let heard = tokio::select! {
            heard = hear(&mut a) => heard,
            heard = hear(&mut b) => panic!("{heard}"),
        };
        assert!(heard.contains("type='error'") && heard.contains("policy-violation"), "{heard}");
        a.endpoint.send(&message(to, "hi")).unwrap();
        a.flush().await.unwrap();
        assert!(hear(&mut b).await.contains("<body>hi</body>"));
    }

    /// 6121-4.5.3-01: the end of presence arrives, without what made it too long.
    #[tokio::test]
    async fn the_end_of_presence_that_is_too_long_arrives_shorter() {
        let served = Served::start().await;
        let mut b = served.connect("b.example", "b's").await.unwrap();
        let (from, to) = ("a.example", "b.example");
        let domains = DomainPair {
            from: DomainpartRef::new(from).unwrap(),
            to: DomainpartRef::new(to).unwrap(),
        };
        let end = Presence::builder(PresenceType::Unavailable)
            .with_from(from.parse::<Jid>().unwrap())
            .with_to(to.parse::<Jid>().unwrap())
            .with_status("x".repeat(400_000));
        served.service.routing().ways.route(domains, &end).unwrap();
        let heard = hear(&mut b).await;
        assert_eq!(heard, "<presence from='a.example' to='b.example' type='unavailable'/>");
    }

    /// RFC 6120 section 4.9.3.22
    #[tokio::test]
    async fn components_are_told_of_the_end() {
        let served = Served::start().await;
        let mut a = served.connect("a.example", "a's").await.unwrap();
        let ending = served.service.end(core::time::Duration::from_secs(60));
        let (condition, ()) = tokio::join!(end(&mut a), ending);
        assert_eq!(condition, Some(StreamCondition::SystemShutdown));
    }
}
