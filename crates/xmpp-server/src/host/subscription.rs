//! Presence subscriptions between accounts of the host, and with other domains: RFC 6121 §3.

use xmpp_im::roster::Removed;
use xmpp_im::subscription::{SubscriptionState, SubscriptionType};
use xmpp_jid::{BareJid, BareJidRef, Jid};
use xmpp_stanza::{Presence, PresenceType, StanzaCondition};
use xmpp_xml::{ElementRef, WriteXml};

use super::Host;
use super::forward::Forward;
use super::incoming::Incoming;
use crate::outbox::{Outbox, RouteError};

impl Host {
    /// A client or another domain sends `stanza` to `contact`, whose resourcepart does not
    /// count (RFC 6121 §3.1.2).
    ///
    /// An account that does not exist never answers (§8.5.1): to the user it is one whose
    /// user is not there.
    pub(super) fn subscription(
        &mut self,
        incoming: &Incoming<'_>,
        stanza: SubscriptionType,
        contact: BareJidRef<'_>,
        out: &mut dyn Outbox,
    ) {
        let (user, contact) = (incoming.from.to_bare(), &contact.into_owned());
        // RFC 6121 §4.2.2: "an entity is implicitly subscribed to its own presence".
        if user == *contact {
            return incoming.refuse(StanzaCondition::NotAllowed, out);
        }
        let element = incoming.stanza.element();
        // Both rosters must have room before either changes.
        let sender = self.accounts.get(user.as_str());
        let recipient = self.accounts.get(contact.as_str());
        let room = sender
            .map_or(Ok(()), |owner| owner.roster.check_outbound(contact, stanza))
            .and_then(|()| {
                recipient.map_or(Ok(()), |owner| owner.roster.check_inbound(&user, stanza, element))
            });
        if room.is_err() {
            return incoming.refuse(StanzaCondition::ResourceConstraint, out);
        }
        if incoming.session.is_none() {
            self.receive(&user, contact, stanza, element, out);
        } else if let Err(error) = self.exchange(&user, contact, stanza, element, out) {
            incoming.refuse(error.condition(), out);
        }
    }

    /// From another domain to an account of this host.
    fn receive(
        &mut self,
        user: &BareJid,
        contact: &BareJid,
        stanza: SubscriptionType,
        element: ElementRef<'_>,
        out: &mut dyn Outbox,
    ) {
        let forward = Forward { stanza: element, from: user.as_str(), to: contact.as_str() };
        let arrival = self.arrive(user, contact, stanza, Some(element), &forward, out);
        if let Some(reply) = arrival.reply {
            let id = element.attr("id");
            let presence = generated(reply, contact, user, id.as_deref());
            let _ = out.route(user.domainpart(), &presence);
        }
        if arrival.granted {
            self.send_available(contact, user, out);
        }
    }

    /// From an account of this host to another one, or to another domain. Fails where that
    /// cannot be reached, and has then changed nothing.
    fn exchange(
        &mut self,
        user: &BareJid,
        contact: &BareJid,
        stanza: SubscriptionType,
        element: ElementRef<'_>,
        out: &mut dyn Outbox,
    ) -> Result<(), RouteError> {
        let remote = !self.is_local(contact.as_ref().into());
        let Some(owner) = self.accounts.get_mut(user.as_str()) else { return Ok(()) };
        let subscription = owner.roster.subscription(contact.as_str());
        let before = subscription.state;
        let forward = Forward { stanza: element, from: user.as_str(), to: contact.as_str() };
        // Neither is there anybody to ask, nor to allow something. But what there was can
        // be given up also if the contact does not hear of it.
        let needs_contact =
            matches!(stanza, SubscriptionType::Subscribe | SubscriptionType::Subscribed);
        if remote && needs_contact && subscription.outbound(stanza).route {
            out.route(contact.domainpart(), &forward)?;
        }
        let Ok(sent) = owner.roster.outbound(contact, stanza) else { return Ok(()) };
        let after = sent.next.state;
        // §3.2.2: "while the user is still subscribed […], the contact's server MUST send a
        // presence stanza of type 'unavailable'".
        if before.has_from() && !after.has_from() {
            self.send_unavailable(user, contact, out);
        }
        let mut arrival = Arrival::default();
        if sent.route && remote && !needs_contact {
            let _ = out.route(contact.domainpart(), &forward);
        } else if sent.route && !remote {
            arrival = self.arrive(user, contact, stanza, Some(element), &forward, out);
        }
        // §3.1.2: "After locally delivering […] MUST then send a roster push".
        if sent.push {
            self.push_item(user, &Jid::from(contact.clone()), out);
        }
        if let Some(reply) = arrival.reply {
            let id = element.attr("id");
            let presence = generated(reply, contact, user, id.as_deref());
            self.arrive(contact, user, reply, None, &presence, out);
        }
        // §3.1.5: "MUST then also send current presence to the user".
        if !before.has_from() && after.has_from() {
            self.send_available(user, contact, out);
        }
        if arrival.granted {
            self.send_available(contact, user, out);
        }
        Ok(())
    }

    /// What there is between an account and a contact.
    pub(super) fn subscription_state(
        &self,
        account: BareJidRef<'_>,
        contact: BareJidRef<'_>,
    ) -> SubscriptionState {
        let account = self.accounts.get(account.as_str());
        account.map(|a| a.roster.subscription(contact.as_str()).state).unwrap_or_default()
    }

    /// A roster item is gone: what it was subscribed to and who was subscribed ends
    /// (RFC 6121 §2.5.2).
    pub(super) fn end_subscription(
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
            let presence = generated(stanza, user, &contact, None);
            if self.is_local(contact.as_ref().into()) {
                self.arrive(user, &contact, stanza, None, &presence, out);
            } else {
                let _ = out.route(contact.domainpart(), &presence);
            }
        }
    }

    /// `stanza` from `user` arrives at the account of `contact`, if there is one
    /// (Appendix A.3). `element` is what a request is kept as, `delivered` what is delivered.
    fn arrive(
        &mut self,
        user: &BareJid,
        contact: &BareJid,
        stanza: SubscriptionType,
        element: Option<ElementRef<'_>>,
        delivered: &dyn WriteXml,
        out: &mut dyn Outbox,
    ) -> Arrival {
        let Some(owner) = self.accounts.get_mut(contact.as_str()) else {
            return Arrival::default();
        };
        let before = owner.roster.subscription(user.as_str()).state;
        let received = match element {
            Some(element) => match owner.roster.inbound(user, stanza, element) {
                Ok(received) => received,
                Err(_) => return Arrival::default(),
            },
            None => owner.roster.inbound_reply(user, stanza),
        };
        if received.deliver {
            // §3.1.3: a request to the available resources; §3.1.6, §3.2.3, §3.3.3: the rest
            // to the interested ones, before the push.
            for (id, session) in self.sessions_of(contact.as_str()).into_iter().flatten() {
                let recipient = if stanza == SubscriptionType::Subscribe {
                    session.presence.is_available()
                } else {
                    session.presence.is_interested()
                };
                if recipient {
                    out.send(id, delivered);
                }
            }
        }
        if received.push {
            self.push_item(contact, &Jid::from(user.clone()), out);
        }
        let after = received.next.state;
        // §3.3.3: "Generate an outbound presence stanza of type 'unavailable'".
        if before.has_from() && !after.has_from() {
            self.send_unavailable(contact, user, out);
        }
        Arrival { reply: received.reply, granted: !before.has_from() && after.has_from() }
    }
}

/// What an arriving stanza made the recipient's side do.
#[derive(Clone, Copy, Default)]
struct Arrival {
    /// Answer so on the recipient's behalf.
    reply: Option<SubscriptionType>,
    /// The sender may see the recipient's presence from now on.
    granted: bool,
}

/// A subscription stanza that the host makes on behalf of `from`.
fn generated(stanza: SubscriptionType, from: &BareJid, to: &BareJid, id: Option<&str>) -> Presence {
    let kind = match stanza {
        SubscriptionType::Subscribe => PresenceType::Subscribe,
        SubscriptionType::Subscribed => PresenceType::Subscribed,
        SubscriptionType::Unsubscribe => PresenceType::Unsubscribe,
        SubscriptionType::Unsubscribed => PresenceType::Unsubscribed,
    };
    let presence = Presence::new(kind).with_from(from.clone()).with_to(to.clone());
    match id {
        Some(id) => presence.with_id(id),
        None => presence,
    }
}
