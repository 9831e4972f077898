//! One component's connection (XEP-0114), from accept to close.

use std::sync::Arc;

use tokio::net::TcpStream;
use xmpp_core::jid::Domainpart;
use xmpp_core::role::ServerFromComponent;
use xmpp_core::stanza::{StreamCondition, StreamError};
use xmpp_core::time::Clock;
use xmpp_core::{ComponentQuery, ComponentServer, ComponentServerEvent, Event, Misuse};
use xmpp_server::SessionId;

use super::service::{Routing, Service, unix_time};
use super::ways::Deliveries;
use crate::net::link::{Link, LinkError, Turn};

/// Runs one connection until its end.
pub(super) async fn run(service: Arc<Service>, socket: TcpStream, id: SessionId) {
    let peer = socket.peer_addr().map_or_else(|_| "?".to_owned(), |peer| peer.to_string());
    let mut domain = None;
    let ended = converse(&service, socket, id, &mut domain).await;
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
) -> Result<(), LinkError> {
    let clock = Clock::start();
    let config = Arc::clone(&service.component_config);
    let server = ComponentServer::accept_component(config, clock.now(), crate::net::seed());
    let mut link = Link::new(server, socket, clock);
    let mut deliveries = Deliveries::default();
    loop {
        let backlog = link.endpoint.backlog();
        tokio::select! {
            turn = link.turn() => match turn? {
                Turn::Event(Event::Role(ComponentServerEvent::ComponentWanted(query))) => {
                    // In vain if the stream has ended meanwhile, which is told next.
                    let _ = admit(service, &mut link, query);
                }
                Turn::Event(Event::Established { .. }) => {
                    *domain = link.endpoint.component().cloned();
                    connect(service, &mut link, &mut deliveries, domain.as_ref(), id);
                }
                Turn::Event(Event::Stanza(stanza)) => {
                    let mut routing = service.routing();
                    let Routing { host, ways } = &mut *routing;
                    // The connection has checked its addresses.
                    let _ = host.handle_routed(unix_time(), stanza.element(), ways);
                }
                Turn::Event(Event::Closed { .. }) => {
                    deliveries = Deliveries::default();
                    if let Some(domain) = domain.as_ref() {
                        service.routing().ways.disconnect(domain, id);
                    }
                }
                Turn::Event(_) | Turn::Moved => {}
                Turn::Closed => return Ok(()),
            },
            delivery = deliveries.next(backlog, 0) => deliveries.deliver(delivery, &mut link),
        }
    }
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
    use xmpp_core::role::ComponentToServer;
    use xmpp_core::sasl::Secret;
    use xmpp_core::sasl::crypto::Hash;
    use xmpp_core::stanza::{Message, MessageType};
    use xmpp_core::{Component, ComponentConfig, Error};

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
            let domain = Domainpart::new("x.example").unwrap();
            let receiver = certificates::make("x.example").unwrap().receiver;
            let mut service =
                Service::new(domain, receiver, &[Hash::Sha256], NonZeroU32::new(4096));
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
            let message = Message::new(MessageType::Chat).with_id("i").with_body("hi");
            let from: xmpp_core::jid::Jid = "n@a.example".parse().unwrap();
            message.with_from(from).with_to(to.parse::<xmpp_core::jid::Jid>().unwrap())
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
}
