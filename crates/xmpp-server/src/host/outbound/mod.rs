//! The outbound half: what a session sends, checked and stamped, and what it changes in the
//! sender's own account. It looks at no other account: what goes to one is a stanza.

mod account;
pub(super) mod presence;
mod subscription;

use xmpp_im::delivery::To;
use xmpp_im::routing::{self, Kind, Origin, Route};

use super::Host;
use super::sent::Sent;
use crate::outbox::Outbox;

impl Host {
    /// RFC 6120 §10.3 to §10.5
    pub(super) fn depart(&mut self, sent: &Sent<'_>, out: &mut dyn Outbox) {
        let origin = Origin::Client(sent.from.as_ref());
        let domains = |domain: &str| self.domain_of(domain);
        match routing::route(origin, sent.kind, &sent.to, domains) {
            Route::Refuse(condition) => sent.refuse(condition, out),
            Route::RefuseMalformed => sent.refuse_malformed(self.domain.clone(), out),
            Route::Broadcast(kind) => self.presence_without_to(sent, kind, out),
            Route::Account { account, to, .. } => match sent.kind {
                Kind::Presence(kind) => self.presence_to(sent, kind, account, out),
                // §10.3.3: of the account itself the server is asked, not a resource.
                Kind::Iq(kind) if to == To::Bare && account == sent.from.as_ref().to_bare() => {
                    self.iq_for_own_account(sent, kind, out);
                }
                // §10.3.1: without 'to' it is as if for the bare JID.
                _ => {
                    let to = sent.to.jid().unwrap_or_else(|| account.into());
                    self.arrive(&sent.pass(to), out);
                }
            },
            Route::Server => {
                if let Some(to) = sent.to.jid() {
                    self.arrive(&sent.pass(to), out);
                }
            }
            Route::Service { bare, .. } | Route::Remote { bare, .. } => match sent.kind {
                // What a user's presence elsewhere means for the roster and for the end of
                // the session is this half's to know.
                Kind::Presence(kind) => self.presence_to(sent, kind, bare, out),
                _ => self.depart_to(sent, out),
            },
            // No stream ends for what a client sends.
            Route::EndStream(_) | Route::Ignore => {}
        }
    }

    /// Sends it to the address that it has.
    fn depart_to(&mut self, sent: &Sent<'_>, out: &mut dyn Outbox) {
        let Some(to) = sent.to.jid() else { return };
        if let Err(error) = self.pass(&sent.pass(to), out) {
            sent.refuse(error.condition(), out);
        }
    }
}
