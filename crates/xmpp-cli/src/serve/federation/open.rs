//! A stream that we open.

use std::sync::Arc;

use tokio::net::TcpStream;
use tokio::time::timeout;
use xmpp_core::dialback::Pair;
use xmpp_core::federation::{Dial, LinkEnd};
use xmpp_core::role::ServerToServer;
use xmpp_core::stanza::{StreamCondition, StreamError};
use xmpp_core::{OutboundPeer, PeerQuery, Purpose as StreamPurpose};

use super::super::meter::Meter;
use super::super::service::Service;
use super::Federation;
use super::side::Side;
use super::stream::Peer;
use super::way::Way;
use crate::net::link::Link;

/// Connects, and runs the stream until its end.
pub(super) async fn run(service: Arc<Service>, dial: Dial, way: Arc<Way>) {
    let Some(federation) = &service.federation else { return };
    let address = dial.address.to_string();
    let patience = dial.deadline.saturating_since(federation.clock.now());
    let (local, remote) = (dial.local.as_str(), dial.remote.as_str());
    let connected = tokio::select! {
        connected = timeout(patience, TcpStream::connect(dial.address)) => connected,
        // It is of no use any more.
        () = way.closed() => Ok(Err(std::io::ErrorKind::ConnectionAborted.into())),
    };
    let refused = match connected {
        Ok(Ok(socket)) => match begin(federation, &dial, socket) {
            Ok(link) => {
                tracing::info!(peer = address, local, remote, "s2s: connected");
                if let Some(pool) = service.routing().ways.pool() {
                    pool.connected(dial.link);
                }
                let meter = Meter::of_server(&service.limits, None);
                let peer = Peer::new(&service, federation, address, (dial.link, way), meter);
                return peer.run(link, None).await;
            }
            Err(error) => error,
        },
        Ok(Err(error)) => error.to_string(),
        Err(_) => "no answer in time".to_owned(),
    };
    tracing::info!(peer = address, remote, "s2s: cannot connect: {refused}");
    if let Some(pool) = service.routing().ways.pool() {
        pool.connect_failed(dial.link, &refused);
        pool.closed(dial.link, LinkEnd::Lost);
    }
}

fn begin(
    federation: &Federation,
    dial: &Dial,
    socket: TcpStream,
) -> Result<Link<ServerToServer>, String> {
    let pair = Pair::new(dial.local.clone(), dial.remote.clone());
    let purpose = if dial.authorise { StreamPurpose::Stanzas } else { StreamPurpose::Verification };
    let config = Arc::clone(&federation.streams);
    let (tls, clock) = (Arc::clone(&federation.trust.initiator), federation.clock);
    let (now, seed) = (clock.now(), crate::net::seed());
    let endpoint = OutboundPeer::connect_server_by(config, dial.tls, pair, purpose, tls, now, seed);
    endpoint.map(|endpoint| Link::new(endpoint, socket, clock)).map_err(|error| error.to_string())
}

/// The receiving server has shown its certificate.
pub(super) fn peer_wanted(peer: &Peer<'_>, link: &mut Link<ServerToServer>, query: PeerQuery) {
    let Some(remote) = query.remote().cloned() else { return };
    let purpose = <ServerToServer as Side>::PURPOSE;
    let answered = match peer.federation.trust.answer(purpose, link, remote.as_ref()) {
        Ok(answer) => link.endpoint.accept_peer(query, answer),
        Err(refused) => {
            let (peer, remote) = (&peer.address, remote.as_str());
            tracing::info!(peer, remote, "s2s: refused: {refused}");
            let error = StreamError::new(StreamCondition::NotAuthorized);
            link.endpoint.refuse_peer(query, error)
        }
    };
    // In vain if the stream has ended meanwhile, which is told next.
    let _ = answered;
}
