//! A stream that another server opens.

use core::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use tokio::net::{TcpListener, TcpStream};
use xmpp_core::config::TlsMode;
use xmpp_core::jid::Domainpart;
use xmpp_core::role::ServerFromServer;
use xmpp_core::stanza::{StreamCondition, StreamError};
use xmpp_core::{InboundPeer, PeerAnswer, PeerQuery};

use super::super::admission::Place;
use super::super::meter::Meter;
use super::super::service::{self, Service};
use super::super::session::Haste;
use super::side::Side;
use super::stream::Peer;
use crate::net::link::Link;

/// How servers begin where they connect.
#[derive(Clone, Copy)]
pub(in crate::serve) enum Entrance {
    StartTls,
    Direct,
}

/// Accepts other servers, each a task of its own, for as long as the program runs.
pub(in crate::serve) async fn accept_servers(
    service: Arc<Service>,
    listener: TcpListener,
    entrance: Entrance,
) {
    loop {
        let (socket, peer) = service::accept(&listener).await;
        match service.server_admission.admit(peer.ip(), Instant::now()) {
            Ok(place) => {
                let service = Arc::clone(&service);
                tokio::spawn(run(service, socket, peer, place, entrance));
            }
            Err(refused) => tracing::debug!(%peer, ?refused, "server not accepted"),
        }
    }
}

async fn run(
    service: Arc<Service>,
    socket: TcpStream,
    from: SocketAddr,
    place: Place,
    entrance: Entrance,
) {
    let Some(federation) = &service.federation else { return };
    let address = from.to_string();
    let mode = match entrance {
        Entrance::StartTls => TlsMode::StartTls,
        Entrance::Direct => TlsMode::Direct,
    };
    let (config, tls) = (Arc::clone(&federation.streams), Arc::clone(&federation.trust.receiver));
    let (clock, seed) = (federation.clock, crate::net::seed());
    let endpoint = match InboundPeer::accept_server_by(config, mode, tls, clock.now(), seed) {
        Ok(endpoint) => endpoint,
        Err(error) => return tracing::info!(peer = address, "s2s: {error}"),
    };
    let accepted = service.routing().ways.pool().map(|pool| pool.accepted(from.ip()));
    let link_and_way = match accepted {
        Some(Ok(accepted)) => accepted,
        Some(Err(failure)) => return tracing::info!(peer = address, "s2s: refused: {failure}"),
        None => return,
    };
    let haste = Haste::new(&service.server_admission, &service.limits);
    let meter = Meter::of_server(&service.limits, Some(place));
    let peer = Peer::new(&service, federation, address, link_and_way, meter);
    peer.run(Link::new(endpoint, socket, clock), Some(haste)).await;
}

/// A server says who it is and whom it wants; under TLS it may have shown a certificate.
pub(super) fn peer_wanted(peer: &Peer<'_>, link: &mut Link<ServerFromServer>, query: PeerQuery) {
    let answered = match judge(peer, link, &query) {
        Ok(answer) => link.endpoint.accept_peer(query, answer),
        Err(condition) => link.endpoint.refuse_peer(query, StreamError::new(condition)),
    };
    // In vain if the stream has ended meanwhile, which is told next.
    let _ = answered;
}

fn judge(
    peer: &Peer<'_>,
    link: &mut Link<ServerFromServer>,
    query: &PeerQuery,
) -> Result<PeerAnswer, StreamCondition> {
    let address = &peer.address;
    let serves = |domain: &Domainpart| peer.with_pool(|pool| pool.serves(domain)) == Some(true);
    if let Some(local) = query.local().filter(|local| !serves(local)) {
        let local = local.as_str();
        tracing::info!(peer = address, local, "s2s: refused: no domain of ours");
        return Err(StreamCondition::HostUnknown);
    }
    let Some(remote) = query.remote() else { return Ok(PeerAnswer::NotProved) };
    if serves(remote) {
        let remote = remote.as_str();
        tracing::info!(peer = address, remote, "s2s: refused: a domain of ours");
        return Err(StreamCondition::InvalidFrom);
    }
    if !query.is_tls() {
        return Ok(PeerAnswer::NotProved);
    }
    let purpose = <ServerFromServer as Side>::PURPOSE;
    peer.federation.trust.answer(purpose, link, remote.as_ref()).map_err(|refused| {
        tracing::info!(peer = address, remote = remote.as_str(), "s2s: refused: {refused}");
        StreamCondition::NotAuthorized
    })
}
