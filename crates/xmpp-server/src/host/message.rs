//! Messages: RFC 6121 §5, §8.5.

use alloc::string::ToString;

use xmpp_im::delivery::{self, Delivery, To};
use xmpp_jid::{BareJid, BareJidRef};
use xmpp_stanza::{MessageType, StanzaCondition, StanzaRef};
use xmpp_xml::{Element, ns};

use super::Host;
use super::forward::Forward;
use super::incoming::Incoming;
use crate::outbox::{Outbox, SessionId};

impl Host {
    /// A message to an account, or without 'to' (RFC 6120 §10.3.1).
    pub(super) fn message(
        &mut self,
        incoming: &Incoming<'_>,
        kind: MessageType,
        account: BareJidRef<'_>,
        to: To<'_>,
        out: &mut dyn Outbox,
    ) {
        let sender = incoming.from.as_ref();
        let authorized = self.may_know(account.as_str(), sender, |_| true);
        match delivery::message(kind, to, self.resources(account.as_str()), authorized) {
            Delivery::Deliver(recipients) => {
                let forward = Forward {
                    stanza: incoming.stanza.element(),
                    from: incoming.from.as_str(),
                    to: incoming.to.as_str().unwrap_or(account.as_str()),
                };
                self.deliver(account.as_str(), recipients, &forward, out);
            }
            Delivery::Store => self.store(incoming, account, out),
            Delivery::ServiceUnavailable => {
                incoming.refuse(StanzaCondition::ServiceUnavailable, out);
            }
            Delivery::OnBehalf | Delivery::Ignore => {}
        }
    }

    /// Keeps a message until the user is there (RFC 6121 §8.5.2.2.1).
    fn store(&mut self, incoming: &Incoming<'_>, account: BareJidRef<'_>, out: &mut dyn Outbox) {
        let message = incoming.stanza.element();
        if !is_worth_storing(incoming.stanza) {
            return;
        }
        let limits = self.config.limits;
        let Some(account) = self.accounts.get_mut(account.as_str()) else { return };
        if !account.offline.store(incoming.now, &incoming.from, message, &limits) {
            incoming.refuse(StanzaCondition::ServiceUnavailable, out);
        }
    }

    /// Delivers the stored messages to a resource that has become able to take them.
    pub(super) fn deliver_stored(
        &mut self,
        account: &BareJid,
        session: SessionId,
        out: &mut dyn Outbox,
    ) {
        let Some(stored) = self.accounts.get_mut(account.as_str()).map(|a| a.offline.take()) else {
            return;
        };
        for stored in stored {
            let to = stored.message.attr("to");
            // XEP-0203: 'from' is who delayed it.
            let delay = Element::builder(ns::DELAY, "delay")
                .attr("from", self.domain.as_str())
                .attr("stamp", &stored.at.to_string())
                .build();
            let stamped = delay.and_then(|delay| stored.message.with_child(delay.as_ref()));
            let message = stamped.as_ref().unwrap_or(&stored.message);
            let forward = Forward {
                stanza: message.as_ref(),
                from: stored.from.as_str(),
                to: to.as_deref().unwrap_or(account.as_str()),
            };
            out.send(session, &forward);
        }
    }
}

/// XEP-0160 §3 and XEP-0334: not what is of the moment (a chat state, say), nor what its
/// sender does not want stored.
fn is_worth_storing(stanza: StanzaRef<'_>) -> bool {
    let message = stanza.element();
    let chat = stanza.message_type() == Some(MessageType::Chat);
    (!chat || message.child(stanza.content(), "body").is_some())
        && message.child(ns::HINTS, "no-store").is_none()
}
