//! The inbound half: what arrives for an account of the host, or for the host itself, from
//! anywhere. It looks at the recipient's own roster, sessions and store, and at nothing of
//! the sender's: that may be on the same host, on a component, or on another server.

mod iq;
mod message;
pub(super) mod presence;
mod subscription;

use xmpp_im::routing::Kind;

use super::Host;
use super::passed::Passed;
use crate::outbox::Outbox;

pub(super) use iq::{Discovery, account_info, discovery};
pub(super) use message::is_worth_storing;
pub(super) use subscription::presence_type;

impl Host {
    /// A stanza arrives whose 'to' is of this domain.
    pub(super) fn arrive(&mut self, passed: &Passed<'_>, out: &mut dyn Outbox) {
        if let Some(error) = self.error_if_moved(passed) {
            return self.refuse(passed, error, out);
        }
        match passed.kind {
            Kind::Iq(kind) if passed.to.localpart().is_none() => {
                self.iq_for_server(passed, kind, out);
            }
            // The host has no presence and reads no messages: the router has said so.
            _ if passed.to.localpart().is_none() => {}
            Kind::Message(kind) => self.message_arrives(passed, kind, out),
            Kind::Presence(kind) => self.presence_arrives(passed, kind, out),
            Kind::Iq(kind) => self.iq_arrives(passed, kind, out),
            Kind::Invalid => {}
        }
    }
}
