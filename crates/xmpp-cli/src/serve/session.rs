//! One client's connection, from accept to close.

use std::sync::Arc;

use tokio::net::TcpStream;
use xmpp_core::role::ServerFromClient;
use xmpp_core::stanza::{StanzaError, StreamCondition, StreamError};
use xmpp_core::time::Clock;
use xmpp_core::{BindQuery, Event, HostQuery, Misuse, Server, ServerEvent};
use xmpp_server::SessionId;

use super::service::{Routing, Service, unix_time};
use super::ways::Deliveries;
use crate::net::link::{Link, LinkError, Turn};

/// Runs one connection until its end.
pub(super) async fn run(service: Arc<Service>, socket: TcpStream, id: SessionId) {
    let peer = socket.peer_addr().map_or_else(|_| "?".to_owned(), |peer| peer.to_string());
    let ended = converse(&service, socket, id).await;
    // The socket may have broken before the stream ended.
    end(&service, id);
    if let (Err(error), None) = (ended, &service.tap) {
        eprintln!("{peer}: {error}");
    }
}

async fn converse(
    service: &Arc<Service>,
    socket: TcpStream,
    id: SessionId,
) -> Result<(), LinkError> {
    let clock = Clock::start();
    let (config, tls) = (Arc::clone(&service.config), Arc::clone(&service.tls));
    let mut server = Server::accept(config, tls, clock.now(), crate::net::seed())?;
    if let Some(tap) = &service.tap {
        server.tap_sent(tap(id));
    }
    let mut link = Link::new(server, socket, clock);
    let mut deliveries = Deliveries::default();
    loop {
        let backlog = link.endpoint.backlog();
        tokio::select! {
            turn = link.turn() => match turn? {
                // An answer that comes too late is in vain: the stream has ended
                // meanwhile, which is told next.
                Turn::Event(event) => drop(handle(service, &mut link, &mut deliveries, id, event)),
                Turn::Moved => {}
                Turn::Closed => return Ok(()),
            },
            delivery = deliveries.next(backlog) => deliveries.deliver(delivery, &mut link),
        }
    }
}

/// The session that the stream carried has ended. The second time this does nothing.
fn end(service: &Service, id: SessionId) {
    let mut routing = service.routing();
    let Routing { host, ways } = &mut *routing;
    ways.close(id);
    host.session_ended(unix_time(), id, ways);
}

fn handle(
    service: &Service,
    link: &mut Link<ServerFromClient>,
    deliveries: &mut Deliveries,
    id: SessionId,
    event: Event<'static, ServerFromClient>,
) -> Result<(), Misuse> {
    match event {
        Event::Role(ServerEvent::HostWanted(query)) => choose_host(service, link, query),
        Event::Role(ServerEvent::CredentialsWanted(query)) => {
            let answer = service.accounts.answer(&query);
            link.endpoint.provide_credentials(query, answer)
        }
        Event::Role(ServerEvent::BindWanted(query)) => bind(service, link, deliveries, id, query),
        Event::Stanza(stanza) => {
            let mut routing = service.routing();
            let Routing { host, ways } = &mut *routing;
            // A session that was ended for another's sake still sends for a while.
            let _ = host.handle_stanza(unix_time(), id, stanza.element(), ways);
            Ok(())
        }
        Event::Closed { .. } => {
            *deliveries = Deliveries::default();
            end(service, id);
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
        link.endpoint.choose_host(query, Arc::clone(&service.host_config))
    } else {
        link.endpoint.refuse_host(query, StreamError::new(StreamCondition::HostUnknown))
    }
}

fn bind(
    service: &Service,
    link: &mut Link<ServerFromClient>,
    deliveries: &mut Deliveries,
    id: SessionId,
    query: BindQuery,
) -> Result<(), Misuse> {
    let mut routing = service.routing();
    let Routing { host, ways } = &mut *routing;
    let resource = query.resource().map(|resource| resource.as_str());
    let random = crate::net::random();
    match host.session_bound(unix_time(), id, query.account(), resource, random, ways) {
        Ok(jid) => {
            *deliveries = ways.open(id);
            link.endpoint.bind(query, jid)
        }
        Err(error) => link.endpoint.refuse_bind(query, StanzaError::new(error.condition())),
    }
}

#[cfg(test)]
mod tests {
    use core::num::NonZeroU32;
    use core::time::Duration;

    use rustls::RootCertStore;
    use tokio::net::TcpListener;
    use xmpp_core::jid::{BareJid, Domainpart};
    use xmpp_core::role::ClientToServer;
    use xmpp_core::sasl::client::Credentials;
    use xmpp_core::sasl::crypto::Hash;
    use xmpp_core::stanza::{Message, MessageType, Presence, PresenceType};
    use xmpp_core::{Client, ClientConfig};

    use super::super::service::accept_all;
    use super::*;
    use crate::net::certificates::{self, Identity};
    use crate::net::client::{Session, establish};

    const MESSAGES: usize = 2000;

    async fn log_in(name: &str, address: &str, roots: &RootCertStore) -> Session {
        let account = BareJid::new(&format!("{name}@x.example")).unwrap();
        let config = ClientConfig::new(account, Credentials::new(name).with_password("pw"));
        let tls = certificates::initiator_with(roots.clone()).unwrap();
        let clock = Clock::start();
        let client = Client::connect(Arc::new(config), tls, clock.now(), crate::net::seed());
        let socket = TcpStream::connect(address).await.unwrap();
        let link = Link::new(client.unwrap(), socket, clock);
        let mut session = establish(link).await.ok().unwrap();
        let link: &mut Link<ClientToServer> = &mut session.link;
        link.endpoint.send(&Presence::new(PresenceType::Available)).unwrap();
        while !matches!(link.next().await.unwrap(), Some(Event::Stanza(_))) {}
        session
    }

    /// More than fits into the sockets' and the connection's buffers waits for a client
    /// that does not read for a while: it gets all of it without saying a word itself.
    #[tokio::test]
    async fn a_client_that_reads_late_gets_everything() {
        let domain = Domainpart::new("x.example").unwrap();
        let Identity { receiver, authority } = certificates::make("x.example").unwrap();
        let iterations = NonZeroU32::new(4096);
        let mut service = Service::new(domain, receiver, &[Hash::Sha256], iterations);
        service.add_account("romeo", "pw").unwrap();
        service.add_account("juliet", "pw").unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let server = tokio::spawn(accept_all(Arc::new(service), listener));
        let mut roots = RootCertStore::empty();
        roots.add(authority.unwrap().0).unwrap();

        let mut romeo = log_in("romeo", &address, &roots).await;
        let mut juliet = log_in("juliet", &address, &roots).await;
        let body = "x".repeat(8000);
        let message = Message::new(MessageType::Chat).with_to(romeo.jid.clone());
        let message = message.with_body(body.as_str());
        for _ in 0..MESSAGES {
            juliet.link.endpoint.send(&message).unwrap();
            juliet.link.flush().await.unwrap();
        }
        juliet.close().await.ok().unwrap();

        let all = async {
            let mut count = 0;
            while count < MESSAGES {
                count += usize::from(matches!(romeo.link.next().await, Ok(Some(Event::Stanza(_)))));
            }
        };
        tokio::time::timeout(Duration::from_secs(30), all).await.unwrap();
        server.abort();
    }
}
