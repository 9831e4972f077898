//! Messages that arrive for a user: RFC 6121 §5, §8.5.

use alloc::string::ToString;

use xmpp_im::delivery::{self, Delivery};
use xmpp_jid::BareJid;
use xmpp_stanza::{MessageType, StanzaCondition, StanzaRef};
use xmpp_xml::{Element, ElementRef, Ns, ns};

use crate::config::UnknownAccount;
use crate::host::passed::{Forward, Passed};
use crate::host::{Host, tidy};
use crate::outbox::{Outbox, SessionId};

impl Host {
    /// Who may not know whether a resource is there hears nothing of a normal message to one
    /// that is gone: an error would tell (RFC 6120 §13.10.2, RFC 6121 §8.1).
    pub(super) fn message_arrives(
        &mut self,
        passed: &Passed<'_>,
        kind: MessageType,
        out: &mut dyn Outbox,
    ) {
        let account = passed.account();
        // RFC 6121 §8.5.1
        if kind != MessageType::Error && !self.accounts.contains_key(account.as_str()) {
            if self.config.unknown_account == UnknownAccount::Error {
                self.refuse(passed, StanzaCondition::ServiceUnavailable, out);
            }
            return;
        }
        let authorized = self.may_know(account.as_str(), passed.from.as_ref(), |_| true);
        let resources = self.resources(account.as_str());
        match delivery::message(kind, passed.form(), resources, authorized) {
            Delivery::Deliver(recipients) => {
                self.deliver(account.as_str(), recipients, passed, out);
            }
            Delivery::Store => self.store(passed, out),
            Delivery::ServiceUnavailable => {
                self.refuse(passed, StanzaCondition::ServiceUnavailable, out);
            }
            Delivery::OnBehalf | Delivery::Ignore => {}
        }
    }

    /// Keeps a message until the user is there (RFC 6121 §8.5.2.2.1).
    fn store(&mut self, passed: &Passed<'_>, out: &mut dyn Outbox) {
        if is_worth_storing(passed.stanza) && !self.keep(passed) {
            self.refuse(passed, StanzaCondition::ServiceUnavailable, out);
        }
    }

    /// Stores a message; `false` if there is no room, or no account.
    pub(in crate::host) fn keep(&mut self, passed: &Passed<'_>) -> bool {
        let limits = self.config.limits;
        let account = self.accounts.get_mut(passed.account().as_str());
        let message = passed.stanza.element();
        account.is_some_and(|a| a.offline.store(passed.now, passed.from, message, &limits))
    }

    /// Delivers the stored messages to a resource that has become able to take them.
    pub(in crate::host) fn deliver_stored(
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
            // XEP-0203: 'from' is who delayed it. One that was stored before says so already:
            // no other stamp of this domain gets this far.
            let stamped = stored.message.children().any(|c| tidy::is_stamp_of(c, &self.domain));
            let delay = Element::builder(ns::DELAY, "delay")
                .attr("from", self.domain.as_str())
                .attr("stamp", &stored.at.to_string())
                .build();
            let with_stamp = delay.and_then(|delay| stored.message.with_child(delay.as_ref()));
            let message = match &with_stamp {
                Ok(message) if !stamped => message,
                _ => &stored.message,
            };
            let forward = Forward {
                stanza: message.as_ref(),
                from: stored.from.as_str(),
                to: to.as_deref().unwrap_or(account.as_str()),
            };
            out.send(session, &forward);
        }
    }
}

/// XEP-0160 §3 and XEP-0334: what says something that still counts later. That is a body or a
/// subject, and all other content but what is of the moment (a chat state) or only belongs to
/// something else. The sender's hints decide before.
pub(in crate::host) fn is_worth_storing(stanza: StanzaRef<'_>) -> bool {
    let message = stanza.element();
    let hint = |name| message.child(ns::HINTS, name).is_some();
    if hint("no-store") {
        return false;
    }
    hint("store") || message.children().any(|child| counts_later(child, stanza.content()))
}

fn counts_later(child: ElementRef<'_>, content: Ns<'_>) -> bool {
    let accompanies = child.is(content, "thread")
        || [ns::CHAT_STATES, ns::HINTS, ns::DELAY, ns::STANZA_ID]
            .iter()
            .any(|ns| child.has_ns(*ns));
    !accompanies
}
