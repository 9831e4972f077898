//! Subscription stanzas that arrive for a user: RFC 6121 §3.1.3, §3.1.6, §3.2.3, §3.3.3, and
//! tables 6 to 9 of Appendix A; and errors that came in place of an answer.

use xmpp_im::subscription::SubscriptionType;
use xmpp_jid::{BareJid, Jid};
use xmpp_stanza::{PresenceType, StanzaCondition};

use crate::host::Host;
use crate::host::passed::Passed;
use crate::host::post;
use crate::host::session::Session;
use crate::outbox::Outbox;

impl Host {
    /// `stanza` arrives, for the account whatever resource it names (§3.1.3).
    ///
    /// An account that does not exist never answers (§8.5.1): to the sender it is one whose
    /// user is not there.
    pub(super) fn subscription_arrives(
        &mut self,
        passed: &Passed<'_>,
        stanza: SubscriptionType,
        out: &mut dyn Outbox,
    ) {
        let element = passed.stanza.element();
        let contact = passed.from.to_bare();
        let Some(owner) = self.accounts.get_mut(passed.account().as_str()) else { return };
        let user = owner.jid.clone();
        if user == contact {
            return;
        }
        let before = owner.roster.subscription(contact.as_str()).state;
        let Ok(received) = owner.roster.inbound(&contact, stanza, element) else {
            let (from, user) = (Jid::from(contact), Jid::from(user));
            let passed = Passed { from: &from, to: user.as_ref(), ..*passed };
            return self.refuse(&passed, StanzaCondition::ResourceConstraint, out);
        };
        if received.deliver {
            // §3.1.3: a request to the available resources; §3.1.6, §3.2.3, §3.3.3: the rest
            // to the interested ones, before the push.
            let recipient = |session: &Session| match stanza {
                SubscriptionType::Subscribe => session.presence.is_available(),
                _ => session.presence.is_interested(),
            };
            self.deliver_between_accounts(passed, &contact, &user, recipient, out);
        }
        if received.push {
            self.push_item(&user, &Jid::from(contact.clone()), out);
        }
        let after = received.next.state;
        // §3.3.3: "Generate an outbound presence stanza of type 'unavailable'".
        if before.has_from() && !after.has_from() {
            self.send_unavailable(&user, &contact, out);
        }
        if let Some(reply) = received.reply {
            let (from, to) = (Jid::from(user.clone()), Jid::from(contact.clone()));
            let (kind, id) = (presence_type(reply), element.attr("id"));
            let presence = post::presence(kind, from.as_ref(), to.as_ref(), id.as_deref());
            self.post_all(presence.map(|presence| (from, to, presence)), out);
        }
        // §3.1.5: "MUST then also send current presence to the user".
        if !before.has_from() && after.has_from() {
            self.send_available(&user, &contact, out);
        }
    }

    /// An error arrives for the account, not for one of its resources. It answers what went
    /// out in the account's name: a subscription stanza, or a probe. A request that comes back
    /// so has not arrived, and waits for nobody (§3.1.2).
    ///
    /// Errors of those who are in no roster are nobody's business.
    pub(super) fn presence_error_arrives(&mut self, passed: &Passed<'_>, out: &mut dyn Outbox) {
        let contact = passed.from.to_bare();
        let Some(owner) = self.accounts.get_mut(passed.account().as_str()) else { return };
        if owner.roster.item(contact.as_str()).is_none() {
            return;
        }
        let user = owner.jid.clone();
        let received = owner.roster.inbound_error(&contact);
        let recipient =
            |session: &Session| session.presence.is_available() || session.presence.is_interested();
        self.deliver_between_accounts(passed, &contact, &user, recipient, out);
        if received.push {
            self.push_item(&user, &Jid::from(contact), out);
        }
    }

    /// Delivers a stanza to the user's sessions, from bare JID to bare JID.
    fn deliver_between_accounts(
        &self,
        passed: &Passed<'_>,
        contact: &BareJid,
        user: &BareJid,
        recipient: impl Fn(&Session) -> bool,
        out: &mut dyn Outbox,
    ) {
        let from = Jid::from(contact.clone());
        let passed = Passed { from: &from, to: user.as_ref().into(), ..*passed };
        for (id, session) in self.sessions_of(user.as_str()).into_iter().flatten() {
            if recipient(session) {
                out.send(id, &passed);
            }
        }
    }
}

/// The type of the presence stanza that it is.
pub(in crate::host) const fn presence_type(stanza: SubscriptionType) -> PresenceType {
    match stanza {
        SubscriptionType::Subscribe => PresenceType::Subscribe,
        SubscriptionType::Subscribed => PresenceType::Subscribed,
        SubscriptionType::Unsubscribe => PresenceType::Unsubscribe,
        SubscriptionType::Unsubscribed => PresenceType::Unsubscribed,
    }
}
