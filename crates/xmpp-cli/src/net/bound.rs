//! A client on a link that somebody else has connected: for the demo and for tests, which
//! look over its shoulder. Commands have a [session](super::online).

use xmpp_core::jid::{BareJid, FullJid};
use xmpp_core::role::ClientToServer;
use xmpp_core::sasl::Mechanism;
use xmpp_core::{ClientEvent, Event};

use super::client::{Failure, NOT_CLOSED};
use super::link::Link;

/// A bound client.
pub(crate) struct Bound {
    pub(crate) link: Link<ClientToServer>,
    pub(crate) jid: FullJid,
    pub(crate) mechanism: Mechanism,
    pub(crate) tls: &'static str,
}

/// Drives a client up to the bound resource.
pub(crate) async fn establish(mut link: Link<ClientToServer>) -> Result<Bound, Failure> {
    let mut used = None;
    while let Some(event) = link.next().await? {
        match event {
            Event::Role(ClientEvent::Authenticated { proof, .. }) => used = Some(proof.mechanism()),
            Event::Established { .. } => {
                let tls = link.endpoint.tls_facts().and_then(|facts| facts.version);
                let tls = tls.map_or("none", |version| version.as_str());
                let jid = link.endpoint.bound().cloned();
                let (Some(mechanism), Some(jid)) = (used, jid) else { break };
                return Ok(Bound { link, jid, mechanism, tls });
            }
            _ => {}
        }
    }
    Err(Failure::new("closed", "the server closed the stream before it was ready"))
}

impl Bound {
    /// Closes the stream in order.
    ///
    /// # Errors
    ///
    /// Also if the server does not answer the closing tag.
    pub(crate) async fn close(mut self) -> Result<(), Failure> {
        let now = self.link.now();
        self.link.endpoint.close(now, None);
        while self.link.next().await?.is_some() {}
        if self.link.endpoint.peer_closed_stream() {
            Ok(())
        } else {
            Err(Failure::new("not-closed", NOT_CLOSED))
        }
    }

    pub(crate) fn account(&self) -> BareJid {
        self.jid.to_bare()
    }
}
