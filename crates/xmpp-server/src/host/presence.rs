//! Presence: RFC 6121 §4.

use alloc::string::ToString;
use alloc::vec::Vec;

use xmpp_im::delivery::{self, Delivery, To};
use xmpp_im::presence::{BecameUnavailable, Broadcast};
use xmpp_im::subscription::SubscriptionType;
use xmpp_jid::{BareJid, BareJidRef, Jid, JidRef};
use xmpp_stanza::{Presence, PresenceType, StanzaCondition};
use xmpp_xml::{Element, ElementRef, WriteXml, Writer, ns};

use super::Host;
use super::forward::Forward;
use super::incoming::Incoming;
use crate::outbox::{Outbox, RouteError, SessionId};
use crate::time::UnixTime;

impl Host {
    /// A presence without 'to' (RFC 6120 §10.3.2).
    pub(super) fn presence_without_to(
        &mut self,
        incoming: &Incoming<'_>,
        kind: PresenceType,
        out: &mut dyn Outbox,
    ) {
        let own = incoming.from.to_bare();
        match kind {
            PresenceType::Available => self.broadcast_available(incoming, &own, out),
            PresenceType::Unavailable => self.broadcast_unavailable(incoming, out),
            PresenceType::Probe => self.probe(incoming, own.as_ref(), To::Bare, out),
            // Not broadcast: see the router.
            _ => {}
        }
    }

    /// A presence to an account: a subscription stanza, a probe, or directed presence.
    pub(super) fn presence_to(
        &mut self,
        incoming: &Incoming<'_>,
        kind: PresenceType,
        account: BareJidRef<'_>,
        to: To<'_>,
        out: &mut dyn Outbox,
    ) {
        if let Some(stanza) = SubscriptionType::from_attr(kind.as_str()) {
            // RFC 6121 §3.1.2 makes the address of a request bare; §8.5.3.2.2 ignores the
            // others if they are for a resource that is not there. Which there are elsewhere
            // is not known.
            let delivery = delivery::presence(kind, to, self.resources(account.as_str()));
            if to == To::Bare
                || !self.is_local(account.into())
                || stanza == SubscriptionType::Subscribe
                || delivery == Delivery::OnBehalf
            {
                self.subscription(incoming, stanza, account, out);
            }
        } else if kind == PresenceType::Probe && self.is_local(account.into()) {
            self.probe(incoming, account, to, out);
        } else {
            self.directed(incoming, kind, account, to, out);
        }
    }

    /// RFC 6121 §4.2.2, §4.4.2
    fn broadcast_available(
        &mut self,
        incoming: &Incoming<'_>,
        user: &BareJid,
        out: &mut dyn Outbox,
    ) {
        let element = incoming.stanza.element();
        let Some(priority) = priority(element) else {
            return incoming.refuse(StanzaCondition::BadRequest, out);
        };
        let Some(id) = incoming.session else { return };
        let Some(session) = self.sessions.get_mut(&id) else { return };
        let could_take_messages = session.presence.priority().is_some_and(|p| p >= 0);
        let broadcast = session.presence.available(priority);
        // It stays for as long as the session: without what is around it.
        session.last = Some(element.into_shared().detach());

        self.announce(incoming.from.as_ref(), Some(element), out);
        if broadcast == Broadcast::Initial {
            self.send_presence_of_contacts(id, user, out);
            self.send_requests(id, user, out);
        }
        if priority >= 0 && !could_take_messages {
            self.deliver_stored(user, id, out);
        }
    }

    /// RFC 6121 §4.5.2
    fn broadcast_unavailable(&mut self, incoming: &Incoming<'_>, out: &mut dyn Outbox) {
        let Some(session) = incoming.session.and_then(|id| self.sessions.get_mut(&id)) else {
            return;
        };
        session.last = None;
        let end = session.presence.unavailable();
        let element = incoming.stanza.element();
        if end.was_available {
            // "as well as to the resource that generated the unavailable presence"
            let own = incoming.from.to_bare();
            let from = incoming.from.as_ref();
            incoming.reply(
                &Announcement { from, to: own.as_ref().into(), element: Some(element) },
                out,
            );
        }
        self.became_unavailable(incoming.now, incoming.from.as_ref(), end, Some(element), out);
    }

    /// Tells all who have to know that a resource is not available any more: with the
    /// stanza that said so, or with one on its behalf (RFC 6121 §4.5.2, §4.6.3).
    pub(super) fn became_unavailable(
        &mut self,
        now: UnixTime,
        from: JidRef<'_>,
        end: BecameUnavailable,
        element: Option<ElementRef<'_>>,
        out: &mut dyn Outbox,
    ) {
        let user = from.to_bare();
        if end.was_available {
            self.announce(from, element, out);
            let last = self.available(user.as_str()).next().is_none();
            if let Some(account) = self.accounts.get_mut(user.as_str()).filter(|_| last) {
                account.last_available = Some(now);
            }
        }
        for entity in &end.directed {
            // Those who hear broadcasts have just been told.
            if end.was_available && self.hears_broadcasts(user.as_str(), entity.as_ref()) {
                continue;
            }
            let bare = entity.to_bare();
            let to = entity.resourcepart().map_or(To::Bare, |r| To::Full(r.as_str()));
            let stanza = Announcement { from, to: entity.as_ref(), element };
            // Who cannot be reached cannot be told.
            let _ = self.deliver_presence(
                PresenceType::Unavailable,
                from,
                bare.as_ref(),
                to,
                &stanza,
                out,
            );
        }
    }

    /// Broadcasts presence to the subscribers and to the user's own available resources:
    /// `element`, or unavailable presence on the resource's behalf.
    fn announce(
        &mut self,
        from: JidRef<'_>,
        element: Option<ElementRef<'_>>,
        out: &mut dyn Outbox,
    ) {
        let user = Jid::from(from.to_bare().into_owned());
        let unavailable = element.is_none_or(|e| e.attr("type").is_some());
        let Some(account) = self.accounts.get(user.as_str()) else { return };
        let mut told = Vec::new();
        for contact in account.roster.subscribers().chain([&user]) {
            let stanza = Announcement { from, to: contact.as_ref(), element };
            if !self.is_local(contact.as_ref()) {
                let _ = out.route(contact.domainpart(), &stanza);
            }
            for id in self.available(contact.as_str()) {
                out.send(id, &stanza);
                if unavailable {
                    told.push(id);
                }
            }
        }
        for id in told {
            self.forget_directed(id, from);
        }
    }

    /// What probes bring a resource that becomes available: they go to the contacts on other
    /// domains. The presence of the user's other resources and of the contacts here comes
    /// without (RFC 6121 §4.3.1: "does not need to send a
    /// presence probe to a contact if the contact's account resides on the same server").
    fn send_presence_of_contacts(&self, session: SessionId, user: &BareJid, out: &mut dyn Outbox) {
        let Some(account) = self.accounts.get(user.as_str()) else { return };
        let contacts = account.roster.subscriptions();
        for contact in contacts.clone().filter(|contact| !self.is_local(Jid::as_ref(contact))) {
            // §4.3.1: "from the bare JID of the user to the bare JID of the contact"
            let probe =
                Presence::new(PresenceType::Probe).with_from(user.clone()).with_to(contact.clone());
            let _ = out.route(contact.domainpart(), &probe);
        }
        for contact in core::iter::once(user.as_str()).chain(contacts.map(Jid::as_str)) {
            let may_see = self.is_subscriber(contact, JidRef::from(user.as_ref()));
            for id in self.available(contact) {
                if may_see
                    && id != session
                    && let Some(last) = self.last_presence(id, user.as_str())
                {
                    out.send(session, &last);
                }
            }
        }
    }

    /// The subscription requests that the user has not answered (RFC 6121 §3.1.3).
    fn send_requests(&self, session: SessionId, user: &BareJid, out: &mut dyn Outbox) {
        let Some(account) = self.accounts.get(user.as_str()) else { return };
        for (contact, request) in account.roster.requests() {
            let stanza = request.as_ref();
            out.send(session, &Forward { stanza, from: contact.as_str(), to: user.as_str() });
        }
    }

    /// The presence of all the user's available resources, for a new subscriber
    /// (RFC 6121 §3.1.5).
    pub(super) fn send_available(&self, user: &BareJid, contact: &BareJid, out: &mut dyn Outbox) {
        for id in self.available(user.as_str()) {
            let Some(last) = self.last_presence(id, contact.as_str()) else { continue };
            if !self.is_local(contact.as_ref().into()) {
                let _ = out.route(contact.domainpart(), &last);
            }
            for recipient in self.available(contact.as_str()) {
                out.send(recipient, &last);
            }
        }
    }

    /// Unavailable presence of all the user's available resources, for one who is a
    /// subscriber no more (RFC 6121 §3.2.2, §3.3.3).
    pub(super) fn send_unavailable(
        &mut self,
        user: &BareJid,
        contact: &BareJid,
        out: &mut dyn Outbox,
    ) {
        let to = Jid::from(contact.clone());
        let sessions: Vec<_> = self.available(user.as_str()).collect();
        let recipients: Vec<_> = self
            .available(contact.as_str())
            .filter_map(|id| Some((id, self.sessions.get(&id)?.jid.clone())))
            .collect();
        for id in sessions {
            let Some(from) = self.sessions.get(&id).map(|s| s.jid.clone()) else { continue };
            let from = JidRef::from(from.as_ref());
            let stanza = Announcement { from, to: to.as_ref(), element: None };
            if !self.is_local(to.as_ref()) {
                let _ = out.route(to.domainpart(), &stanza);
            }
            // What the recipients directed to this resource stands: it is still there, and has
            // not said goodbye itself.
            for (recipient, _) in &recipients {
                out.send(*recipient, &stanza);
            }
            // Who has been told is not told again (§4.6.1).
            let Some(session) = self.sessions.get_mut(&id) else { continue };
            session.presence.directed_unavailable(&to);
            for (_, told) in &recipients {
                session.presence.directed_unavailable(&Jid::from(told.clone()));
            }
        }
    }

    /// RFC 6121 §4.3.2, §4.6.6
    ///
    /// Who is not authorized gets "unsubscribed" (§4.3.2), which lets another server correct a
    /// subscription that this one does not know of, whether or not there is such an account;
    /// unless a request is pending, which that would end. Between two accounts of one host
    /// there is nothing to correct, and no answer.
    fn probe(
        &self,
        incoming: &Incoming<'_>,
        account: BareJidRef<'_>,
        to: To<'_>,
        out: &mut dyn Outbox,
    ) {
        let prober = incoming.from.as_ref();
        let subscription = self.subscription_state(account, prober.to_bare());
        if incoming.session.is_none()
            && to == To::Bare
            && !subscription.has_from()
            && !subscription.is_pending_in()
        {
            let unsubscribed = Presence::new(PresenceType::Unsubscribed)
                .with_from(account.into_owned())
                .with_to(prober.to_bare().into_owned());
            return incoming.reply(&unsubscribed, out);
        }
        let Some(probed) = self.accounts.get(account.as_str()) else { return };
        let subscriber = self.is_subscriber(account.as_str(), prober);
        let mut answered = false;
        for id in &probed.sessions {
            let Some(session) = self.sessions.get(id) else { continue };
            let available = session.presence.is_available();
            match to {
                // "the full XML of the last presence stanza with no 'to' attribute"
                To::Bare if subscriber && available => {
                    if let Some(last) = self.last_presence(*id, prober.as_str()) {
                        incoming.reply(&last, out);
                    }
                }
                // "SHOULD communicate only the fact that the resource is available"
                To::Full(resourcepart)
                    if session.jid.resourcepart() == resourcepart
                        && (subscriber && available || session.presence.is_directed_to(prober)) =>
                {
                    let presence = Presence::new(PresenceType::Available)
                        .with_from(session.jid.clone())
                        .with_to(incoming.from.clone());
                    incoming.reply(&presence, out);
                }
                _ => continue,
            }
            answered = true;
        }
        if !answered && subscriber {
            // "Here the 'from' address is the bare JID"; §4.3.2.1: "SHOULD mirror the 'id'".
            let mut presence = Presence::new(PresenceType::Unavailable)
                .with_from(account.into_owned())
                .with_to(incoming.from.clone());
            presence.id = incoming.stanza.id().map(alloc::borrow::Cow::into_owned);
            let delay = probed.last_available.filter(|_| to == To::Bare).map(|at| {
                let stamp = at.to_string();
                Element::builder(ns::DELAY, "delay").attr("stamp", &stamp).build()
            });
            if let Some(Ok(delay)) = delay {
                presence = presence.with_payload(delay);
            }
            incoming.reply(&presence, out);
        }
    }

    /// Directed presence (RFC 6121 §4.6.3), or a presence error that a client returns.
    fn directed(
        &mut self,
        incoming: &Incoming<'_>,
        kind: PresenceType,
        account: BareJidRef<'_>,
        to: To<'_>,
        out: &mut dyn Outbox,
    ) {
        let Some(entity) = incoming.to.jid().map(JidRef::into_owned) else { return };
        let user = incoming.from.to_bare();
        let hears_broadcasts = self.hears_broadcasts(user.as_str(), entity.as_ref());
        let session = incoming.session.and_then(|id| self.sessions.get_mut(&id));
        match (session, kind) {
            (Some(session), PresenceType::Available) => {
                // Case 1: a subscriber gets what is broadcast, its end included.
                let covered = hears_broadcasts && session.presence.is_available();
                if !covered && session.presence.directed_available(&entity).is_err() {
                    return incoming.refuse(StanzaCondition::ResourceConstraint, out);
                }
            }
            (Some(session), PresenceType::Unavailable) => {
                session.presence.directed_unavailable(&entity);
            }
            _ => {}
        }
        let element = Some(incoming.stanza.element());
        let from = incoming.from.as_ref();
        let stanza = Announcement { from, to: entity.as_ref(), element };
        if let Err(error) = self.deliver_presence(kind, from, account, to, &stanza, out) {
            // Who has heard nothing need not be told of the end.
            if let Some(session) = incoming.session.and_then(|id| self.sessions.get_mut(&id)) {
                session.presence.directed_unavailable(&entity);
            }
            incoming.refuse(error.condition(), out);
        }
    }

    /// Whether the user's broadcasts reach the entity: a subscriber, and if it is a
    /// resource, one that is available.
    fn hears_broadcasts(&self, user: &str, entity: JidRef<'_>) -> bool {
        self.is_subscriber(user, entity)
            && entity.resourcepart().is_none_or(|resourcepart| {
                let sessions = self.sessions_of(entity.to_bare().as_str()).into_iter().flatten();
                sessions
                    .filter(|(_, s)| s.presence.is_available())
                    .any(|(_, s)| s.jid.resourcepart() == resourcepart)
            })
    }

    /// RFC 6121 §8.5; to another domain, RFC 6120 §10.4
    fn deliver_presence(
        &mut self,
        kind: PresenceType,
        from: JidRef<'_>,
        account: BareJidRef<'_>,
        to: To<'_>,
        stanza: &dyn WriteXml,
        out: &mut dyn Outbox,
    ) -> Result<(), RouteError> {
        if !self.is_local(account.into()) {
            return out.route(account.domainpart(), stanza);
        }
        let delivery = delivery::presence(kind, to, self.resources(account.as_str()));
        let Delivery::Deliver(recipients) = delivery else { return Ok(()) };
        self.deliver(account.as_str(), recipients, stanza, out);
        if kind == PresenceType::Unavailable {
            let told: Vec<_> = self
                .sessions_of(account.as_str())
                .into_iter()
                .flatten()
                .filter(|(_, s)| recipients.includes(s.as_resource()))
                .map(|(id, _)| id)
                .collect();
            for id in told {
                self.forget_directed(id, from);
            }
        }
        Ok(())
    }

    /// RFC 6121 §4.6.1: "SHOULD remove any entity that sends unavailable presence to the
    /// user" from the directed presence list.
    fn forget_directed(&mut self, session: SessionId, entity: JidRef<'_>) {
        if let Some(session) = self.sessions.get_mut(&session) {
            session.presence.directed_unavailable(&entity.into_owned());
        }
    }

    fn last_presence<'a>(&'a self, of: SessionId, to: &'a str) -> Option<Forward<'a>> {
        let session = self.sessions.get(&of)?;
        let stanza = session.last.as_ref()?.as_ref();
        Some(Forward { stanza, from: session.jid.as_str(), to })
    }
}

/// Presence of `from`: `element`, or unavailable presence that the host makes.
struct Announcement<'a> {
    from: JidRef<'a>,
    to: JidRef<'a>,
    element: Option<ElementRef<'a>>,
}

impl WriteXml for Announcement<'_> {
    fn write_xml(&self, w: &mut Writer<'_>) {
        let (from, to) = (self.from.as_str(), self.to.as_str());
        match self.element {
            Some(stanza) => Forward { stanza, from, to }.write_xml(w),
            None => {
                let content = w.content();
                w.start(content, "presence").attr("from", from).attr("to", to);
                w.attr("type", "unavailable").end();
            }
        }
    }
}

/// The priority of an available presence, `None` if it breaks RFC 6121 §4.7.2.3: more than
/// one, or not an integer between -128 and 127. An integer beyond these has been [tidied].
///
/// [tidied]: super::tidy
fn priority(presence: ElementRef<'_>) -> Option<i8> {
    let mut priorities = presence.children().filter(|c| c.is(ns::CLIENT, "priority"));
    let Some(priority) = priorities.next() else { return Some(0) };
    if priorities.next().is_some() || priority.children().next().is_some() {
        return None;
    }
    priority.text().trim_matches([' ', '\t', '\r', '\n']).parse().ok()
}
