//! Subscription stanzas that a user sends: RFC 6121 §3.1.2, §3.1.5, §3.2.2, §3.3.2, §3.4.2, and
//! tables 2 to 5 of Appendix A.

use xmpp_im::roster::Removed;
use xmpp_im::subscription::SubscriptionType;
use xmpp_jid::{BareJid, BareJidRef, Jid};
use xmpp_stanza::StanzaCondition;

use crate::host::Host;
use crate::host::inbound::presence_type;
use crate::host::post;
use crate::host::sent::Sent;
use crate::outbox::Outbox;

impl Host {
    /// A client sends `stanza` to `contact`. What its address has of a resource does not
    /// count: subscriptions are between bare JIDs (§3.1.2), and which resources a contact has
    /// is not for this half to know.
    ///
    /// If there is no way to the contact, nothing has changed.
    pub(super) fn subscription(
        &mut self,
        sent: &Sent<'_>,
        stanza: SubscriptionType,
        contact: BareJidRef<'_>,
        out: &mut dyn Outbox,
    ) {
        let (user, contact) = (sent.from.to_bare(), contact.into_owned());
        // §4.2.2: "an entity is implicitly subscribed to its own presence".
        if user == contact {
            return sent.refuse(StanzaCondition::NotAllowed, out);
        }
        let Some(roster) = self.accounts.get(user.as_str()).map(|a| &a.roster) else { return };
        if roster.check_outbound(&contact, stanza).is_err() {
            return sent.refuse(StanzaCondition::ResourceConstraint, out);
        }
        let subscription = roster.subscription(contact.as_str());
        let outcome = subscription.outbound(stanza);
        let (before, after) = (subscription.state, outcome.next.state);
        let (from, to) = (Jid::from(user.clone()), Jid::from(contact.clone()));
        let element = sent.stanza.element();
        // Neither is there anybody to ask, nor to allow something. But what there was can be
        // given up also if the contact does not hear of it.
        let needs_contact =
            matches!(stanza, SubscriptionType::Subscribe | SubscriptionType::Subscribed);
        if outcome.route
            && needs_contact
            && let Err(error) = self.post(&from, &to, element, out)
        {
            return sent.refuse(error.condition(), out);
        }
        if let Some(owner) = self.accounts.get_mut(user.as_str()) {
            // That there is room has been asked.
            let _ = owner.roster.outbound(&contact, stanza);
            if stanza == SubscriptionType::Subscribe {
                owner.asked_at.get_or_insert(sent.now);
            }
        }
        // §3.2.2: "while the user is still subscribed […], the contact's server MUST send a
        // presence stanza of type 'unavailable'".
        if before.has_from() && !after.has_from() {
            self.send_unavailable(&user, &contact, out);
        }
        if outcome.route && !needs_contact {
            let _ = self.post(&from, &to, element, out);
        }
        // §3.1.2: "After locally delivering or remotely routing […] MUST then send a roster
        // push".
        if outcome.push {
            self.push_item(&user, &to, out);
        }
        // §3.1.5: "MUST then also send current presence to the user".
        if !before.has_from() && after.has_from() {
            self.send_available(&user, &contact, out);
        }
    }

    /// A roster item is gone: what it was subscribed to and who was subscribed ends
    /// (RFC 6121 §2.5.2).
    pub(in crate::host) fn end_subscription(
        &mut self,
        user: &BareJid,
        removed: &Removed,
        out: &mut dyn Outbox,
    ) {
        // What has a resourcepart never had a subscription.
        let contact = removed.jid.to_bare();
        for stanza in removed.stanzas() {
            if stanza == SubscriptionType::Unsubscribed && removed.subscription.state.has_from() {
                self.send_unavailable(user, &contact, out);
            }
            let (from, to) = (Jid::from(user.clone()), Jid::from(contact.clone()));
            let kind = presence_type(stanza);
            let presence = post::presence(kind, from.as_ref(), to.as_ref(), None);
            self.post_all(presence.map(|presence| (from, to, presence)), out);
        }
    }
}
