//! Presence that a user sends: RFC 6121 §4.2.2, §4.3.1, §4.4.2, §4.5.2, §4.6.3.

use alloc::vec::Vec;

use xmpp_im::presence::{BecameUnavailable, Broadcast};
use xmpp_im::routing::Kind;
use xmpp_im::subscription::SubscriptionType;
use xmpp_jid::{BareJid, BareJidRef, Jid, JidRef};
use xmpp_stanza::{PresenceType, StanzaCondition, StanzaRef};
use xmpp_xml::{ElementRef, ns};

use crate::host::inbound::presence::deliver;
use crate::host::passed::{Forward, Passed};
use crate::host::sent::Sent;
use crate::host::{Host, post};
use crate::outbox::{Outbox, SessionId};
use crate::time::UnixTime;

/// The 'id' of requests that the host repeats (RFC 6121 §3.1.2). Each contact has one at most.
pub(in crate::host) const ASKED_AGAIN: &str = "asked-again";

impl Host {
    /// A presence without 'to' (RFC 6120 §10.3.2).
    pub(super) fn presence_without_to(
        &mut self,
        sent: &Sent<'_>,
        kind: PresenceType,
        out: &mut dyn Outbox,
    ) {
        let own = sent.from.to_bare();
        match kind {
            PresenceType::Available => self.broadcast_available(sent, &own, out),
            PresenceType::Unavailable => self.broadcast_unavailable(sent, out),
            PresenceType::Probe => self.arrive(&sent.pass(own.as_ref().into()), out),
            // Not broadcast: see the router.
            _ => {}
        }
    }

    /// A presence to somebody: a subscription stanza, directed presence, or a probe, which
    /// "the user's server SHOULD route" (RFC 6121 §4.3).
    pub(super) fn presence_to(
        &mut self,
        sent: &Sent<'_>,
        kind: PresenceType,
        contact: BareJidRef<'_>,
        out: &mut dyn Outbox,
    ) {
        match SubscriptionType::from_attr(kind.as_str()) {
            Some(stanza) => self.subscription(sent, stanza, contact, out),
            None => self.directed(sent, kind, out),
        }
    }

    /// RFC 6121 §4.2.2, §4.4.2
    fn broadcast_available(&mut self, sent: &Sent<'_>, user: &BareJid, out: &mut dyn Outbox) {
        let element = sent.stanza.element();
        let Some(priority) = priority(element) else {
            return sent.refuse(StanzaCondition::BadRequest, out);
        };
        let id = sent.session;
        let Some(session) = self.sessions.get_mut(&id) else { return };
        let could_take_messages = session.presence.priority().is_some_and(|p| p >= 0);
        let broadcast = session.presence.available(priority);
        // It stays for as long as the session: without what is around it.
        session.last = Some(element.into_shared().detach());

        self.announce(&sent.pass(user.as_ref().into()), PresenceType::Available, out);
        if broadcast == Broadcast::Initial {
            self.send_probes(user, out);
            self.ask_again(sent.now, user, out);
            self.send_own_presence(id, user, out);
            self.send_requests(id, user, out);
        }
        if priority >= 0 && !could_take_messages {
            self.deliver_stored(user, id, out);
        }
    }

    /// RFC 6121 §4.5.2
    fn broadcast_unavailable(&mut self, sent: &Sent<'_>, out: &mut dyn Outbox) {
        let Some(session) = self.sessions.get_mut(&sent.session) else { return };
        session.last = None;
        let end = session.presence.unavailable();
        let own = sent.from.to_bare();
        let passed = sent.pass(own.as_ref().into());
        if end.was_available {
            // "as well as to the resource that generated the unavailable presence"
            sent.reply(&passed, out);
        }
        self.became_unavailable(&passed, end, out);
    }

    /// A session that was there has ended: as if it had said so (RFC 6121 §4.5.2).
    pub(in crate::host) fn gone(
        &mut self,
        now: UnixTime,
        from: &Jid,
        end: BecameUnavailable,
        out: &mut dyn Outbox,
    ) {
        let own = from.to_bare();
        let to = JidRef::from(own.as_ref());
        let kind = PresenceType::Unavailable;
        let Some(presence) = post::presence(kind, from.as_ref(), to, None) else { return };
        let Some(stanza) = StanzaRef::new(presence.as_ref()) else { return };
        let kind = Kind::Presence(kind);
        self.became_unavailable(&Passed { now, session: None, from, to, kind, stanza }, end, out);
    }

    /// Tells all who have to know that a resource is not available any more (RFC 6121 §4.5.2,
    /// §4.6.3).
    fn became_unavailable(
        &mut self,
        passed: &Passed<'_>,
        end: BecameUnavailable,
        out: &mut dyn Outbox,
    ) {
        let user = passed.from.to_bare();
        if end.was_available {
            self.announce(passed, PresenceType::Unavailable, out);
            let last = self.available(user.as_str()).next().is_none();
            if let Some(account) = self.accounts.get_mut(user.as_str()).filter(|_| last) {
                account.last_available = Some(passed.now);
            }
        }
        for entity in &end.directed {
            // Those who hear broadcasts have just been told.
            if !(end.was_available && self.hears_broadcasts(&user, entity.as_ref())) {
                // Who cannot be reached cannot be told.
                let _ = self.pass(&Passed { to: entity.as_ref(), ..*passed }, out);
            }
        }
    }

    /// Broadcasts a presence of one of the user's resources to the subscribers and to the
    /// user's own available resources.
    fn announce(&mut self, passed: &Passed<'_>, kind: PresenceType, out: &mut dyn Outbox) {
        let Self { domain, accounts, sessions, .. } = self;
        let user = Jid::from(passed.from.to_bare());
        let Some(account) = accounts.get(user.as_str()) else { return };
        let domain = domain.domainpart();
        for contact in account.roster.subscribers().chain([&user]) {
            let passed = Passed { to: contact.as_ref(), ..*passed };
            if contact.domainpart() == domain {
                deliver(accounts, sessions, &passed, kind, out);
            } else {
                let _ = out.route(passed.domains(), &passed);
            }
        }
    }

    /// To the contacts to whose presence the user is subscribed, wherever they are (§4.3.1).
    /// The answers come to the account, for all of its available resources (§4.2.3).
    fn send_probes(&mut self, user: &BareJid, out: &mut dyn Outbox) {
        let Some(account) = self.accounts.get(user.as_str()) else { return };
        let from = Jid::from(account.jid.clone());
        let contacts: Vec<_> = account.roster.subscriptions().cloned().collect();
        // §4.3.1: "from the bare JID of the user to the bare JID of the contact"
        let probes = contacts.into_iter().filter_map(|to| {
            let kind = PresenceType::Probe;
            let probe = post::presence(kind, from.as_ref(), to.as_ref(), None)?;
            Some((from.clone(), to, probe))
        });
        self.post_all(probes, out);
    }

    /// Asks contacts again who have not answered a request for a subscription
    /// (§3.1.2): it, or its answer, may have been lost without an error. Their servers show
    /// each request once (§3.1.3). Not at each presence: one from a client would cost a stanza
    /// to each of a thousand strangers.
    fn ask_again(&mut self, now: UnixTime, user: &BareJid, out: &mut dyn Outbox) {
        let after = self.config.repeat_requests_after;
        let Some(account) = self.accounts.get_mut(user.as_str()) else { return };
        if account.asked_at.is_some_and(|at| now.since(at) < after) {
            return;
        }
        let contacts: Vec<_> = account.roster.asked().cloned().collect();
        account.asked_at = Some(now).filter(|_| !contacts.is_empty());
        let from = Jid::from(account.jid.clone());
        let requests = contacts.into_iter().filter_map(|to| {
            let (kind, id) = (PresenceType::Subscribe, Some(ASKED_AGAIN));
            let request = post::presence(kind, from.as_ref(), to.as_ref(), id)?;
            Some((from.clone(), to, request))
        });
        self.post_all(requests, out);
    }

    /// The presence of the user's other resources, for one that becomes available.
    fn send_own_presence(&self, session: SessionId, user: &BareJid, out: &mut dyn Outbox) {
        for (id, other) in self.sessions_of(user.as_str()).into_iter().flatten() {
            if id != session
                && let Some(last) = &other.last
            {
                let (stanza, from) = (last.as_ref(), other.jid.as_str());
                out.send(session, &Forward { stanza, from, to: user.as_str() });
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
    pub(in crate::host) fn send_available(
        &mut self,
        user: &BareJid,
        contact: &BareJid,
        out: &mut dyn Outbox,
    ) {
        let sessions = self.sessions_of(user.as_str()).into_iter().flatten();
        let presence: Vec<_> = sessions
            .filter_map(|(_, s)| {
                Some((s.jid.clone().into(), contact.clone().into(), s.last.clone()?))
            })
            .collect();
        self.post_all(presence, out);
    }

    /// Unavailable presence of all the user's available resources, for one who is a
    /// subscriber no more (RFC 6121 §3.2.2, §3.3.3).
    ///
    /// Directed presence to a resource of that contact stands (§4.6.3): whether the resource
    /// was among those who are told now is not known here.
    pub(in crate::host) fn send_unavailable(
        &mut self,
        user: &BareJid,
        contact: &BareJid,
        out: &mut dyn Outbox,
    ) {
        let to = Jid::from(contact.clone());
        let sessions: Vec<_> = self.available(user.as_str()).collect();
        for id in sessions {
            let Some(session) = self.sessions.get_mut(&id) else { continue };
            // Who has been told is not told again.
            session.presence.directed_unavailable(&to);
            let from = Jid::from(session.jid.clone());
            let kind = PresenceType::Unavailable;
            let presence = post::presence(kind, from.as_ref(), to.as_ref(), None);
            self.post_all(presence.map(|presence| (from, to.clone(), presence)), out);
        }
    }

    /// Directed presence (RFC 6121 §4.6.3), a probe of the client's own, or a presence error
    /// that it returns.
    fn directed(&mut self, sent: &Sent<'_>, kind: PresenceType, out: &mut dyn Outbox) {
        let Some(to) = sent.to.jid() else { return };
        let entity = to.into_owned();
        let hears_broadcasts = self.hears_broadcasts(&sent.from.to_bare(), to);
        let Some(session) = self.sessions.get_mut(&sent.session) else { return };
        match kind {
            PresenceType::Available => {
                // Case 1: a subscriber gets what is broadcast, its end included.
                let covered = hears_broadcasts && session.presence.is_available();
                if !covered && session.presence.directed_available(&entity).is_err() {
                    return sent.refuse(StanzaCondition::ResourceConstraint, out);
                }
            }
            PresenceType::Unavailable => session.presence.directed_unavailable(&entity),
            _ => {}
        }
        if let Err(error) = self.pass(&sent.pass(to), out) {
            // Who has heard nothing need not be told of the end.
            if let Some(session) = self.sessions.get_mut(&sent.session) {
                session.presence.directed_unavailable(&entity);
            }
            sent.refuse(error.condition(), out);
        }
    }

    /// Whether the user's broadcasts are sure to reach the entity. They go to the bare JIDs of
    /// subscribers; which resources they get to is known of the user's own alone.
    fn hears_broadcasts(&self, user: &BareJid, entity: JidRef<'_>) -> bool {
        let Some(resourcepart) = entity.resourcepart() else {
            return self.is_subscriber(user.as_str(), entity);
        };
        entity.to_bare() == user.as_ref()
            && self
                .sessions_of(user.as_str())
                .into_iter()
                .flatten()
                .any(|(_, s)| s.presence.is_available() && s.jid.resourcepart() == resourcepart)
    }
}

/// The priority of an available presence, `None` if it breaks RFC 6121 §4.7.2.3: more than
/// one, or not an integer between -128 and 127. An integer beyond these has been [tidied].
///
/// [tidied]: crate::host::tidy
fn priority(presence: ElementRef<'_>) -> Option<i8> {
    let mut priorities = presence.children().filter(|c| c.is(ns::CLIENT, "priority"));
    let Some(priority) = priorities.next() else { return Some(0) };
    if priorities.next().is_some() || priority.children().next().is_some() {
        return None;
    }
    priority.text().trim_matches([' ', '\t', '\r', '\n']).parse().ok()
}
