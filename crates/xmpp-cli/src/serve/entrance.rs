//! The ways in for clients: what comes before the stream.

use std::io;
use std::sync::Arc;

use tokio::net::TcpStream;
use xmpp_core::role::ServerFromClient;
use xmpp_core::time::Clock;
use xmpp_core::{Server, ServerConfig};
use xmpp_server::SessionId;

use super::service::Service;
use super::session::{Haste, turns_true};
use crate::net::link::{Link, LinkError};
use crate::net::websocket;

/// What clients speak where they connect.
#[derive(Clone)]
pub(crate) enum Entrance {
    /// A stream over TCP, with TLS as the configuration says.
    Stream(Arc<ServerConfig>),
    /// WebSocket over TLS (RFC 7395).
    WebSocket(Arc<ServerConfig>, websocket::Acceptor),
}

/// A client has connected: gets it to where its stream begins.
pub(super) async fn begin(
    service: &Service,
    entrance: Entrance,
    socket: TcpStream,
    id: SessionId,
    haste: &mut Haste,
) -> Result<Link<ServerFromClient>, LinkError> {
    let clock = Clock::start();
    let (mut server, transport) = match entrance {
        Entrance::Stream(config) => {
            let tls = service.users.as_ref().map_or(&service.tls, |users| &users.tls);
            let tls = Arc::clone(tls);
            let server = Server::accept(config, tls, clock.now(), crate::net::seed())?;
            (server, socket.into())
        }
        Entrance::WebSocket(config, acceptor) => {
            let accepted = acceptor.accept(socket, config.limits.max_message_bytes());
            let mut ending = service.ending.subscribe();
            let (socket, facts) = tokio::select! {
                accepted = accepted => accepted?,
                () = tokio::time::sleep(config.timeouts.negotiation) => {
                    return Err(io::Error::from(io::ErrorKind::TimedOut).into());
                }
                () = haste.over() => return Err(io::Error::from(io::ErrorKind::TimedOut).into()),
                () = turns_true(&mut ending) => {
                    return Err(io::Error::from(io::ErrorKind::ConnectionAborted).into());
                }
            };
            let (facts, now) = (facts.as_facts(), clock.now());
            let server = Server::accept_websocket(config, facts, now, crate::net::seed());
            (server, socket.into())
        }
    };
    if let Some(tap) = &service.tap {
        server.tap_sent(tap(id));
    }
    Ok(Link::on(server, transport, clock))
}
