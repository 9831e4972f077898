//! What other servers' certificates prove: each time for one domain that is claimed, and
//! for one side of the stream (RFC 6120 section 13.7.2.1).

use std::path::{Path, PathBuf};
use std::sync::Arc;

use xmpp_core::certificate::{Proved, Purpose, Refused, Verifier};
use xmpp_core::config::DialbackPolicy;
use xmpp_core::jid::DomainpartRef;
use xmpp_core::role::PeerRole;
use xmpp_core::tls::rustls::{RustlsInitiator, RustlsReceiver};
use xmpp_core::{Endpoint, PeerAnswer};

use super::super::service::{left, unix_seconds};
use crate::net::certificates::{self, Identity};
use crate::net::link::Link;
use crate::out;

/// Whom to trust, and what to show.
pub(in crate::serve) struct Trust {
    verifier: Verifier,
    /// Whether certificates count for SASL EXTERNAL.
    offers: bool,
    /// Whether they have to.
    required: bool,
    /// Takes any certificate, as dialback may be left; shows ours.
    pub(super) initiator: Arc<RustlsInitiator>,
    /// Takes any certificate, or none; shows ours.
    pub(super) receiver: Arc<RustlsReceiver>,
}

impl Trust {
    pub(super) fn new(
        identity: &Identity,
        authorities: Option<&Path>,
        revoked: &[PathBuf],
        policy: DialbackPolicy,
        offers: bool,
    ) -> Result<Self, String> {
        let required = policy == DialbackPolicy::Never;
        let verifier = match certificates::verifier(authorities, revoked) {
            Ok(verifier) => verifier,
            // Of the system's authorities there may be none, where dialback does.
            Err(error) if authorities.is_none() && revoked.is_empty() && !required => {
                out::note(&format!("no server's certificate is trusted: {error}"));
                Verifier::new(Vec::new())
            }
            Err(error) => return Err(error),
        };
        // What public authorities sign is for servers alone.
        let verifier = verifier.accept_server_auth_of_initiating_servers(true);
        let initiator = identity.initiating()?;
        let receiver = identity.asking(None)?;
        Ok(Self { verifier, offers, required, initiator, receiver })
    }

    /// What the certificate that the peer has shown proves of a domain.
    pub(super) fn verify<R: PeerRole>(
        &self,
        purpose: Purpose,
        endpoint: &Endpoint<R>,
        domain: DomainpartRef<'_>,
    ) -> Result<Proved, Refused> {
        let chain = endpoint.peer_certificates();
        self.verifier.verify(purpose, &chain, domain, unix_seconds())
    }

    /// The answer about a peer that says to be that domain, under TLS. `Err` says why it is
    /// not to be talked to. A stream with a certificate ends with it.
    pub(super) fn answer<R: PeerRole>(
        &self,
        purpose: Purpose,
        link: &mut Link<R>,
        domain: DomainpartRef<'_>,
    ) -> Result<PeerAnswer, Refused> {
        if !self.offers {
            return Ok(PeerAnswer::NotProved);
        }
        match self.verify(purpose, &link.endpoint, domain) {
            Ok(proved) => {
                let end = link.now().saturating_add(left(&proved));
                link.endpoint.expire_at(end);
                Ok(PeerAnswer::Proved)
            }
            Err(refused) if self.required => Err(refused),
            Err(refused) => {
                tracing::info!(
                    domain = domain.as_str(),
                    "s2s: the certificate proves nothing: {refused}"
                );
                Ok(PeerAnswer::NotProved)
            }
        }
    }
}
