//! What comes from XMPP, and what is done when its time has come.

use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use xmpp_jid::BareJid;
use xmpp_stanza::{AddressRef, Presence, PresenceType, StanzaCondition};

use super::operation::{Notify, Pair, Response, Status, Subscribe};
use super::service::{
    Action, Cancellation, InboundState, Outbound, OutboundState, PresenceService, Transaction,
    error, stanza,
};
use super::timers::{Reason, Timer, TimerSide};
use crate::mapping::{Presentity, Watched, resource_to_tuple_id};
use crate::pidf::{Basic, Document, Status as TupleStatus, Tuple};

impl PresenceService {
    /// Takes in a presence from an XMPP user to somebody beyond the gateway.
    ///
    /// One without valid addresses is ignored: the server that sent it had to
    /// see to them.
    pub fn handle_presence(
        &mut self,
        now: Duration,
        presence: &Presence<'_>,
        out: &mut Vec<Action>,
    ) {
        let bare = |address: AddressRef<'_>| address.jid().map(|jid| BareJid::from(jid.to_bare()));
        let (Some(user), Some(contact)) = (bare(presence.from()), bare(presence.to())) else {
            return;
        };
        if user.localpart().is_none() {
            return;
        }
        let id = presence.id();
        let id = id.as_deref();
        let presence_type = presence.presence_type();
        if contact.localpart().is_none() {
            // The gateway itself: no presentity (`3922-6.1-10`, `3922-6.4-08`).
            if matches!(presence_type, PresenceType::Subscribe | PresenceType::Unsubscribe) {
                out.push(error(StanzaCondition::ItemNotFound, &contact, &user, id));
            }
            return;
        }
        let watching = Pair { watcher: user.clone(), target: contact.clone() };
        let watched = Pair { watcher: contact, target: user };
        match presence_type {
            PresenceType::Subscribe => self.subscribe(now, watching, id, out),
            PresenceType::Unsubscribe => self.unsubscribe(watching, id, out),
            PresenceType::Subscribed => self.subscribed(&watched, out),
            PresenceType::Unsubscribed => self.unsubscribed(&watched, id, out),
            PresenceType::Probe => self.probe(&watching, out),
            PresenceType::Error => self.refused(&watched, presence, out),
            PresenceType::Available | PresenceType::Unavailable => {
                self.notify_of(&watched, presence, out);
            }
            _ => {}
        }
    }

    /// RFC 3922 §6.1.
    fn subscribe(&mut self, now: Duration, pair: Pair, id: Option<&str>, out: &mut Vec<Action>) {
        let refuse = |condition| error(condition, &pair.target, &pair.watcher, id);
        // 3922-6.1-12
        if self.outbound.contains_key(&pair) {
            out.push(refuse(StanzaCondition::Conflict));
            return;
        }
        if self.is_full() {
            out.push(refuse(StanzaCondition::ResourceConstraint));
            return;
        }
        let (Some(watcher), Some(target)) = (self.pres(&pair.watcher), self.pres(&pair.target))
        else {
            out.push(refuse(StanzaCondition::ItemNotFound));
            return;
        };
        let trans_id = self.new_trans_id(id);
        let subscript_id = self.new_subscript_id();
        let outbound = Outbound {
            subscript_id: subscript_id.clone(),
            state: OutboundState::Requested {
                trans_id: trans_id.clone(),
                id: id.map(String::from),
            },
            watched: Watched::new(pair.target.clone()),
            // No answer until then: nobody will be told that there is none
            // before what was asked for would have been over.
            expires: now.saturating_add(self.config.duration),
            refresh: None,
        };
        self.set_timers(&pair, &outbound);
        self.transactions.insert(trans_id.clone(), Transaction::Subscription(pair.clone()));
        self.outbound.insert(pair, outbound);
        let duration = self.config.duration;
        out.push(Action::Subscribe(Subscribe {
            watcher,
            target,
            duration,
            subscript_id,
            trans_id,
        }));
    }

    /// RFC 3922 §6.4. After it, nothing is sent to the XMPP user but an error
    /// (`3922-6.4-09`).
    fn unsubscribe(&mut self, pair: Pair, id: Option<&str>, out: &mut Vec<Action>) {
        // Without a subscription, the operation asks once for presence that is
        // then dropped (RFC 3859 §3.4.3), and finds out whether there is such a
        // presentity (`3922-6.4-08`).
        let subscript_id = match self.remove_outbound(&pair) {
            Some(outbound) => outbound.subscript_id,
            None => self.new_subscript_id(),
        };
        if let Some(trans_id) = self.send_end(&pair, subscript_id, id, out) {
            self.await_end(pair, trans_id, id);
        }
    }

    /// The XMPP user approves (`3922-6.2-07` to `-09`).
    fn subscribed(&mut self, pair: &Pair, out: &mut Vec<Action>) {
        let Some(inbound) = self.inbound.get_mut(pair) else { return };
        let InboundState::Pending { trans_id, duration } =
            core::mem::replace(&mut inbound.state, InboundState::Active)
        else {
            return;
        };
        let (status, duration) = (Status::Success, Some(duration));
        out.push(Action::Respond(Response { trans_id, status, duration }));
        self.notify(pair, None, out);
    }

    /// The XMPP user denies (`3922-6.2-10`, `-11`) or cancels (RFC 3922 §6.5).
    fn unsubscribed(&mut self, pair: &Pair, id: Option<&str>, out: &mut Vec<Action>) {
        let Some(inbound) = self.remove_inbound(pair) else { return };
        match inbound.state {
            InboundState::Pending { trans_id, .. } => {
                let status = Status::Denied;
                out.push(Action::Respond(Response { trans_id, status, duration: None }));
            }
            InboundState::Active => {
                let named = match self.config.cancellation {
                    Cancellation::Rfc3859 => pair.clone(),
                    Cancellation::Rfc3922 => {
                        Pair { watcher: pair.target.clone(), target: pair.watcher.clone() }
                    }
                };
                // What comes of it is nobody's concern here.
                let _ = self.send_end(&named, inbound.subscript_id, id, out);
            }
        }
    }

    /// An error in answer to the subscription request that was passed on
    /// (`3922-6.2-13`).
    fn refused(&mut self, pair: &Pair, presence: &Presence<'_>, out: &mut Vec<Action>) {
        let is_pending = self
            .inbound
            .get(pair)
            .is_some_and(|inbound| matches!(inbound.state, InboundState::Pending { .. }));
        if !is_pending {
            return;
        }
        let condition = presence.error().map(|error| error.condition);
        let status = match condition {
            Some(StanzaCondition::ItemNotFound | StanzaCondition::Gone) => Status::NoSuchPresentity,
            Some(
                StanzaCondition::Forbidden
                | StanzaCondition::NotAllowed
                | StanzaCondition::NotAuthorized,
            ) => Status::Forbidden,
            Some(StanzaCondition::Conflict) => Status::Conflict,
            _ => Status::Failure,
        };
        if let Some(inbound) = self.remove_inbound(pair)
            && let InboundState::Pending { trans_id, .. } = inbound.state
        {
            out.push(Action::Respond(Response { trans_id, status, duration: None }));
        }
    }

    /// As a server answers for its own users (RFC 6121 §4.3.2).
    fn probe(&mut self, pair: &Pair, out: &mut Vec<Action>) {
        let active = self
            .outbound
            .get(pair)
            .filter(|outbound| matches!(outbound.state, OutboundState::Active { .. }));
        let Some(outbound) = active else {
            let answer = stanza(PresenceType::Unsubscribed, &pair.target, &pair.watcher, None);
            out.push(Action::Stanza(answer));
            return;
        };
        let before = out.len();
        for presence in outbound.watched.presences() {
            out.push(Action::Stanza(presence.clone().with_to(pair.watcher.clone())));
        }
        if out.len() == before {
            let answer = stanza(PresenceType::Unavailable, &pair.target, &pair.watcher, None);
            out.push(Action::Stanza(answer));
        }
    }

    /// `3922-6.2-09`; the presence of a user is sent to each who watches it.
    fn notify_of(&mut self, pair: &Pair, presence: &Presence<'_>, out: &mut Vec<Action>) {
        let active = |inbound: &super::service::Inbound| inbound.state == InboundState::Active;
        if !self.inbound.get(pair).is_some_and(active) {
            return;
        }
        let presentity = self
            .presentities
            .entry(pair.target.clone())
            .or_insert_with(|| Presentity::new(pair.target.clone()));
        // A presence that cannot be mapped, for it has one resource too many,
        // changes nothing.
        if let Ok(mapped) = presentity.update(presence, &self.config.options) {
            self.notify(pair, Some(mapped.value), out);
        }
    }

    /// Notifies a watcher of `document`, or of what is known: at least that
    /// the user is not there (`3922-6.3.2-02`).
    pub(super) fn notify(
        &mut self,
        pair: &Pair,
        document: Option<Document>,
        out: &mut Vec<Action>,
    ) {
        let (Some(watcher), Some(target)) = (self.pres(&pair.watcher), self.pres(&pair.target))
        else {
            return;
        };
        let known = || {
            let presentity = self.presentities.get(&pair.target)?;
            presentity.document(&self.config.options).ok()
        };
        let document = document.or_else(known).filter(|known| !known.tuples().is_empty());
        let document = document.unwrap_or_else(|| {
            use alloc::string::ToString;
            let mut document = Document::new(target.to_string());
            let closed = TupleStatus::basic_only(Basic::Closed);
            let _ = document.push(Tuple::new(resource_to_tuple_id(""), closed));
            document
        });
        let trans_id = self.new_trans_id(None);
        out.push(Action::Notify(Notify { watcher, target, trans_id, document }));
    }

    /// `3922-6.1`: XMPP knows no end of a subscription.
    pub(super) fn refresh(&mut self, pair: &Pair, out: &mut Vec<Action>) {
        let trans_id = self.new_trans_id(None);
        let (Some(watcher), Some(target)) = (self.pres(&pair.watcher), self.pres(&pair.target))
        else {
            return;
        };
        let Some(outbound) = self.outbound.get_mut(pair) else { return };
        outbound.refresh = None;
        outbound.state = OutboundState::Active { refresh: Some(trans_id.clone()) };
        self.transactions.insert(trans_id.clone(), Transaction::Subscription(pair.clone()));
        out.push(Action::Subscribe(Subscribe {
            watcher,
            target,
            duration: self.config.duration,
            subscript_id: outbound.subscript_id.clone(),
            trans_id,
        }));
    }

    /// Nobody has answered, or the subscription could not be refreshed.
    pub(super) fn outbound_over(&mut self, pair: &Pair, out: &mut Vec<Action>) {
        let Some(outbound) = self.remove_outbound(pair) else { return };
        match outbound.state {
            OutboundState::Requested { id, .. } => {
                let condition = StanzaCondition::RemoteServerTimeout;
                out.push(error(condition, &pair.target, &pair.watcher, id.as_deref()));
            }
            OutboundState::Active { .. } => Self::tell_ended(pair, &outbound.watched, out),
        }
    }

    /// What a contact's server sends that cancels a subscription (RFC 6121
    /// §3.2.1): unavailable from each resource that was there, unsubscribed.
    pub(super) fn tell_ended(pair: &Pair, watched: &Watched, out: &mut Vec<Action>) {
        for presence in watched.presences() {
            if presence.presence_type() == PresenceType::Available {
                let gone = Presence::builder(PresenceType::Unavailable)
                    .with_from(presence.from.clone())
                    .with_to(pair.watcher.clone());
                out.push(Action::Stanza(gone));
            }
        }
        let ended = stanza(PresenceType::Unsubscribed, &pair.target, &pair.watcher, None);
        out.push(Action::Stanza(ended));
    }

    /// `3922-6.2-14`
    pub(super) fn inbound_over(&mut self, pair: &Pair, out: &mut Vec<Action>) {
        let Some(inbound) = self.remove_inbound(pair) else { return };
        if let InboundState::Pending { trans_id, .. } = inbound.state {
            let status = Status::Failure;
            out.push(Action::Respond(Response { trans_id, status, duration: None }));
        }
        let over = stanza(PresenceType::Unsubscribe, &pair.watcher, &pair.target, None);
        out.push(Action::Stanza(over));
    }

    pub(super) fn set_inbound_expiry(&mut self, pair: &Pair, at: Duration) {
        let side = TimerSide::Inbound;
        self.timers.set(Timer { at, reason: Reason::Expiry, side, pair: pair.clone() });
    }
}
