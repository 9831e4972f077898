//! One client's connection, from accept to close.

use std::sync::Arc;

use tokio::net::TcpStream;
use tokio::sync::mpsc;
use xmpp_core::role::ServerFromClient;
use xmpp_core::stanza::{StanzaError, StreamCondition};
use xmpp_core::time::Clock;
use xmpp_core::{BindQuery, Event, HostQuery, Server};
use xmpp_server::SessionId;

use super::service::{Outgoing, Routing, Service, unix_time};
use crate::net::link::{Link, LinkError};

/// While more than this waits to be written (bytes), nothing is added.
const HIGH_WATER: usize = 256 << 10;

/// Runs one connection until its end and tells the host.
pub(super) async fn run(service: Arc<Service>, socket: TcpStream, id: SessionId) {
    let peer = socket.peer_addr().map_or_else(|_| "?".to_owned(), |peer| peer.to_string());
    let ended = converse(&service, socket, id).await;
    {
        let mut routing = service.routing();
        let Routing { host, sessions } = &mut *routing;
        sessions.forget(id);
        host.session_ended(unix_time(), id, sessions);
    }
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
    let config = Arc::new(service.config.clone());
    let tls = Arc::clone(&service.tls);
    let mut server = Server::accept(config, tls, clock.now(), crate::net::seed())?;
    if let Some(tap) = &service.tap {
        server.tap_sent(tap(id));
    }
    let mut link = Link::new(server, socket, clock);
    let mut outgoing: Option<mpsc::Receiver<Outgoing>> = None;
    loop {
        let has_room = link.endpoint.transmit().len() < HIGH_WATER;
        tokio::select! {
            event = link.next() => match event? {
                Some(event) => handle(service, &mut link, &mut outgoing, id, event)?,
                None => return Ok(()),
            },
            stanza = receive(&mut outgoing), if has_room && outgoing.is_some() => {
                let now = link.now();
                match stanza {
                    Some(Outgoing::Stanza(bytes)) => {
                        // Refused only if the stream has been closed meanwhile.
                        let _ = link.endpoint.send_serialized(&bytes);
                    }
                    Some(Outgoing::Close(condition)) => {
                        outgoing = None;
                        link.endpoint.close(now, Some(condition));
                    }
                    None => {
                        // Too much was waiting for this client.
                        outgoing = None;
                        link.endpoint.close(now, Some(StreamCondition::ResourceConstraint));
                    }
                }
            }
        }
    }
}

async fn receive(outgoing: &mut Option<mpsc::Receiver<Outgoing>>) -> Option<Outgoing> {
    match outgoing {
        Some(receiver) => receiver.recv().await,
        None => core::future::pending().await,
    }
}

fn handle(
    service: &Service,
    link: &mut Link<ServerFromClient>,
    outgoing: &mut Option<mpsc::Receiver<Outgoing>>,
    id: SessionId,
    event: Event<'_>,
) -> Result<(), LinkError> {
    match event {
        Event::HostWanted(query) => choose_host(service, link, query)?,
        Event::CredentialsWanted(query) => {
            let answer = service.accounts.answer(query.query());
            link.endpoint.provide_credentials(query, answer)?;
        }
        Event::BindWanted(query) => bind(service, link, outgoing, id, query)?,
        Event::Stanza(stanza) => {
            let mut routing = service.routing();
            let Routing { host, sessions } = &mut *routing;
            // A session that was ended for another's sake still sends for a while.
            let _ = host.handle_stanza(unix_time(), id, stanza.element(), sessions);
        }
        _ => {}
    }
    Ok(())
}

fn choose_host(
    service: &Service,
    link: &mut Link<ServerFromClient>,
    query: HostQuery,
) -> Result<(), LinkError> {
    // A header without `to` can only mean the one domain that is served here.
    if query.to().is_none_or(|to| *to == service.host_config.domain) {
        link.endpoint.choose_host(query, Arc::clone(&service.host_config))?;
    } else {
        link.endpoint.refuse_host(query, StreamCondition::HostUnknown)?;
    }
    Ok(())
}

fn bind(
    service: &Service,
    link: &mut Link<ServerFromClient>,
    outgoing: &mut Option<mpsc::Receiver<Outgoing>>,
    id: SessionId,
    query: BindQuery,
) -> Result<(), LinkError> {
    let mut routing = service.routing();
    let Routing { host, sessions } = &mut *routing;
    let resource = query.resource().map(|resource| resource.as_str());
    let random = crate::net::random();
    match host.session_bound(unix_time(), id, query.account(), resource, random, sessions) {
        Ok(jid) => {
            *outgoing = Some(sessions.open(id));
            link.endpoint.bind(query, jid)?;
        }
        Err(error) => link.endpoint.refuse_bind(query, StanzaError::new(error.condition()))?,
    }
    Ok(())
}
