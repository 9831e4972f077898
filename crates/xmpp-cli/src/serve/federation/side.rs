//! What the two sides of a stream do not have in common.

use xmpp_core::certificate::Purpose;
use xmpp_core::federation::Offers;
use xmpp_core::role::{PeerRole, ServerFromServer, ServerToServer};
use xmpp_core::{Endpoint, PeerQuery};

use super::stream::Peer;
use super::{accept, open};
use crate::net::link::Link;

/// One of the two roles.
pub(super) trait Side: PeerRole {
    /// What the peer's certificate is checked for.
    const PURPOSE: Purpose;
    /// For the log.
    const DIRECTION: &'static str;

    /// What the peer offers on a stream of ours.
    fn offers(endpoint: &Endpoint<Self>) -> Option<Offers>;

    /// The peer says who it is, or has shown its certificate.
    fn peer_wanted(peer: &Peer<'_>, link: &mut Link<Self>, query: PeerQuery);
}

impl Side for ServerToServer {
    const PURPOSE: Purpose = Purpose::ServerToServer;
    const DIRECTION: &'static str = "out";

    fn offers(endpoint: &Endpoint<Self>) -> Option<Offers> {
        Some(endpoint.offers())
    }

    fn peer_wanted(peer: &Peer<'_>, link: &mut Link<Self>, query: PeerQuery) {
        open::peer_wanted(peer, link, query);
    }
}

impl Side for ServerFromServer {
    const PURPOSE: Purpose = Purpose::ServerFromServer;
    const DIRECTION: &'static str = "in";

    fn offers(_: &Endpoint<Self>) -> Option<Offers> {
        None
    }

    fn peer_wanted(peer: &Peer<'_>, link: &mut Link<Self>, query: PeerQuery) {
        accept::peer_wanted(peer, link, query);
    }
}
