//! What was sent and did not arrive: a session's stream has failed, or there is no way to
//! another domain after all.

use xmpp_im::delivery::{self, Delivery, Recipients, To};
use xmpp_im::routing::Kind;
use xmpp_jid::{Jid, JidRef};
use xmpp_stanza::{
    AddressRef, IqType, MessageType, PresenceType, StanzaCondition, StanzaError, StanzaRef,
};
use xmpp_xml::{Element, ElementRef, ns};

use super::inbound::is_worth_storing;
use super::passed::Passed;
use super::{HandleError, Host};
use crate::outbox::{Outbox, SessionId};
use crate::time::UnixTime;

impl Host {
    /// A session's stream has failed: as [`session_ended`](Self::session_ended), with what was
    /// given to the outbox for it and not sent, in that order.
    ///
    /// Messages go to the user's other resources or are stored, as if they came now; what
    /// can be neither is returned to its sender with a stanza error, and so are requests
    /// (RFC 6120 §8.2.3: each has an answer). Presence and answers are dropped: they were for
    /// this session. A message to the bare JID that another resource of the same priority got
    /// as well is not delivered to that one again.
    ///
    /// For a session that the host itself has ended, through [`Outbox::close`], only the
    /// second part happens.
    pub fn session_failed(
        &mut self,
        now: UnixTime,
        id: SessionId,
        undelivered: impl IntoIterator<Item = Element>,
        out: &mut impl Outbox,
    ) {
        let priority = self.sessions.get(&id).and_then(|s| s.presence.priority());
        self.end_session(now, id, out);
        for stanza in undelivered {
            self.undelivered(now, priority, &stanza, out);
        }
        self.hand_over(now, out);
    }

    /// A stanza that [`Outbox::send`] took can never be sent on its session's stream: it is
    /// longer than the stream takes, say. `stanza` is what was given to the outbox. Its
    /// sender gets `error` from the address that the stanza was for, if an error may answer
    /// it; presence is dropped. The session goes on.
    ///
    /// # Errors
    ///
    /// It is no stanza with two addresses; nothing has happened then.
    pub fn send_failed(
        &mut self,
        now: UnixTime,
        stanza: ElementRef<'_>,
        error: impl Into<StanzaError>,
        out: &mut impl Outbox,
    ) -> Result<(), HandleError> {
        let (stanza, from, to) = addressed(stanza)?;
        let (to, kind) = (to.as_ref(), Kind::of(stanza));
        let passed = Passed { now, session: None, from: &from, to, kind, stanza };
        if !matches!(passed.kind, Kind::Presence(_)) {
            self.refuse(&passed, error, out);
        }
        self.hand_over(now, out);
        Ok(())
    }

    /// A stanza that [`Outbox::route`] took cannot be sent to its domain: the time to connect
    /// is over, say, or the stream broke before it was acknowledged. `stanza` is what was
    /// routed. Its sender gets `error` from the address that the stanza was for
    /// (RFC 6120 §10.4.3), if an error may answer it.
    ///
    /// A request for a subscription that comes back so is not pending any more. Broadcasts,
    /// probes and the end of presence are dropped without a word, as where `route` itself
    /// says that there is no way.
    ///
    /// # Errors
    ///
    /// It is no stanza between two domains; nothing has happened then.
    pub fn route_failed(
        &mut self,
        now: UnixTime,
        stanza: ElementRef<'_>,
        error: impl Into<StanzaError>,
        out: &mut impl Outbox,
    ) -> Result<(), HandleError> {
        let (stanza, from, to) = addressed(stanza)?;
        if self.is_local(to.as_ref()) {
            return Err(HandleError::ImproperAddressing);
        }
        let (to, kind) = (to.as_ref(), Kind::of(stanza));
        let passed = Passed { now, session: None, from: &from, to, kind, stanza };
        if !self.is_dropped_in_silence(&passed) {
            self.refuse(&passed, error, out);
        }
        self.hand_over(now, out);
        Ok(())
    }

    /// What a server sends of its own accord on behalf of a user of this host.
    fn is_dropped_in_silence(&self, passed: &Passed<'_>) -> bool {
        let sender = passed.from.as_ref();
        self.is_local(sender)
            && match passed.kind {
                Kind::Presence(PresenceType::Available) => {
                    let session = self.session_at(sender).and_then(|id| self.sessions.get(&id));
                    session.is_none_or(|session| !session.presence.is_directed_to(passed.to))
                }
                Kind::Presence(kind) => !kind.is_subscription(),
                _ => false,
            }
    }

    fn undelivered(
        &mut self,
        now: UnixTime,
        priority: Option<i8>,
        element: &Element,
        out: &mut dyn Outbox,
    ) {
        let stanza = StanzaRef::new(element.as_ref()).filter(|s| s.content() == ns::CLIENT);
        let Some(stanza) = stanza else { return };
        let AddressRef::Jid(from) = stanza.from() else { return };
        let to = stanza.to();
        let (from, Some(to)) = (from.into_owned(), to.jid()) else { return };
        let passed = Passed { now, session: None, from: &from, to, kind: Kind::of(stanza), stanza };
        match passed.kind {
            Kind::Message(kind) => self.message_undelivered(&passed, kind, priority, out),
            Kind::Iq(IqType::Get | IqType::Set) => {
                self.refuse(&passed, StanzaCondition::ServiceUnavailable, out);
            }
            Kind::Iq(_) | Kind::Presence(_) | Kind::Invalid => {}
        }
    }

    fn message_undelivered(
        &mut self,
        passed: &Passed<'_>,
        kind: MessageType,
        priority: Option<i8>,
        out: &mut dyn Outbox,
    ) {
        let (account, form) = (passed.account(), passed.form());
        // Of what was for this resource alone, a chat and a normal message go on with another.
        // RFC 6121 §8.5.3.2.1 is about messages that come when a resource is gone already. This
        // one was accepted for a resource that was there: XEP-0198 has it returned or stored.
        let as_if = match kind {
            MessageType::Chat | MessageType::Normal => To::Bare,
            _ => form,
        };
        let delivery = delivery::message(kind, as_if, self.resources(account.as_str()), true);
        match delivery {
            Delivery::Deliver(recipients) => {
                // All of the same priority have had their copy, and so has everybody who gets
                // a headline.
                let had_theirs = form == To::Bare
                    && (kind == MessageType::Headline
                        || priority.is_some_and(|p| recipients == Recipients::Priority(p)));
                if !had_theirs {
                    self.deliver(account.as_str(), recipients, passed, out);
                }
            }
            Delivery::Store if !is_worth_storing(passed.stanza) => {}
            Delivery::Store => {
                if !self.keep(passed) {
                    self.refuse(passed, StanzaCondition::ServiceUnavailable, out);
                }
            }
            Delivery::ServiceUnavailable => {
                self.refuse(passed, StanzaCondition::ServiceUnavailable, out);
            }
            Delivery::OnBehalf | Delivery::Ignore => {}
        }
    }

    /// The session with that address.
    pub(super) fn session_at(&self, jid: JidRef<'_>) -> Option<SessionId> {
        let resourcepart = jid.resourcepart()?;
        let mut sessions = self.sessions_of(jid.to_bare().as_str())?;
        sessions.find(|(_, s)| s.jid.resourcepart() == resourcepart).map(|(id, _)| id)
    }
}

/// A stanza with its two addresses.
fn addressed(stanza: ElementRef<'_>) -> Result<(StanzaRef<'_>, Jid, Jid), HandleError> {
    let stanza = StanzaRef::new(stanza).ok_or(HandleError::NotAStanza)?;
    let (from, to) = (stanza.from(), stanza.to());
    let jids = from.jid().zip(to.jid()).ok_or(HandleError::ImproperAddressing)?;
    Ok((stanza, jids.0.into_owned(), jids.1.into_owned()))
}
