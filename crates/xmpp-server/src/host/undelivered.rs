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
use super::outbound::presence::ASKED_AGAIN;
use super::passed::Passed;
use super::short::Short;
use super::{HandleError, Host};
use crate::outbox::{Outbox, SessionId, TakenBy, Undelivered};
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

    /// A stream never takes a stanza that [`Outbox::send`] or [`Outbox::route`] accepted: the
    /// stanza is longer than the stream allows, say. The stream goes on. `taken_by` says which
    /// of the two calls accepted it, and `stanza` is what was given to that call.
    ///
    /// What the result says depends on the stanza:
    ///
    /// - A message and an iq request are [returned](Undelivered::Returned): their sender gets
    ///   `error` from the address that the stanza was for (RFC 6120 §8.3.1).
    /// - Presence of type "unavailable" and subscription stanzas are
    ///   [replaced](Undelivered::Replaced) by the same stanza without its payload. The account
    ///   or the peer's view would otherwise stay wrong: a contact who has left would be shown
    ///   for ever, a request for a subscription would wait unseen.
    /// - A stanza error is replaced by one with the `<error/>` child alone
    ///   (RFC 6120 §8.3.1, rule 6), and an iq result by an iq error that carries `error`, since
    ///   the requester waits for an answer (RFC 6120 §8.2.3).
    /// - Available presence is [dropped](Undelivered::Dropped), and so are probes, and whatever
    ///   would have to be replaced and is as short as it can be. Its sender is not told: one
    ///   broadcast would be answered by every resource of every contact, and a room (XEP-0045)
    ///   takes a presence error for the end of an occupant, so that one occupant could remove
    ///   others with a long presence. One case is returned instead: directed presence from a
    ///   session of this host to another domain. That user asked for it to be sent there.
    ///
    /// # Errors
    ///
    /// It is no stanza with two addresses, or was routed and is for this host's domain; nothing
    /// has happened then.
    ///
    /// # Example
    ///
    /// ```
    /// # use xmpp_jid::{DomainpartRef, LocalpartRef};
    /// # use xmpp_server::{
    /// #     Config, Host, Output, Queue, SessionId, TakenBy, Undelivered, UnixTime,
    /// # };
    /// # use xmpp_stanza::StanzaCondition;
    /// # use xmpp_xml::Element;
    /// let mut host = Host::new(DomainpartRef::new("example.com")?, 1, Config::default());
    /// let juliet = host.add_account(LocalpartRef::new("juliet")?);
    /// let (now, mut out) = (UnixTime::from_secs(0), Queue::new());
    /// let balcony = SessionId(1);
    /// host.session_bound(now, balcony, &juliet, Some("balcony"), [1; 16], &mut out)?;
    ///
    /// let too_long = Element::parse(
    ///     "<presence xmlns='jabber:client' from='romeo@example.net/orchard' \
    ///      to='juliet@example.com' type='unavailable'><status>…</status></presence>",
    /// )?;
    /// let (taken_by, error) = (TakenBy::Session(balcony), StanzaCondition::PolicyViolation);
    /// let outcome = host.send_failed(now, taken_by, too_long.as_ref(), error, &mut out)?;
    /// assert_eq!(outcome, Undelivered::Replaced);
    /// let short = "<presence from='romeo@example.net/orchard' to='juliet@example.com' \
    ///              type='unavailable'/>";
    /// assert_eq!(out.output.pop_front(), Some(Output::Stanza(balcony, short.into())));
    /// # Ok::<(), Box<dyn core::error::Error>>(())
    /// ```
    pub fn send_failed(
        &mut self,
        now: UnixTime,
        taken_by: TakenBy,
        stanza: ElementRef<'_>,
        error: impl Into<StanzaError>,
        out: &mut impl Outbox,
    ) -> Result<Undelivered, HandleError> {
        let (stanza, from, to) = addressed(stanza)?;
        if taken_by == TakenBy::Route && self.is_local(to.as_ref()) {
            return Err(HandleError::ImproperAddressing);
        }
        let (to, kind) = (to.as_ref(), Kind::of(stanza));
        let passed = Passed { now, session: None, from: &from, to, kind, stanza };
        let error = error.into();
        let outcome = if let Some(short) = Short::of(&passed, &error) {
            self.replace(&passed, taken_by, &short, out)
        } else if self.is_never_returned(&passed, taken_by) {
            Undelivered::Dropped
        } else {
            self.give_back(&passed, error, out)
        };
        self.hand_over(now, out);
        Ok(outcome)
    }

    /// A stanza that [`Outbox::route`] took cannot be sent to its domain: the time to connect
    /// is over, say, or the stream broke before it was acknowledged. `stanza` is what was
    /// routed. Its sender gets `error` from the address that the stanza was for
    /// (RFC 6120 §10.4.3), if an error may answer it.
    ///
    /// A request for a subscription that comes back so is not pending any more. Broadcasts,
    /// probes, requests that the host repeats and the end of presence are
    /// [dropped](Undelivered::Dropped), as where `route` itself says that there is no way: no
    /// client asked for them by that stanza.
    ///
    /// Where there is a stream, and it does not take this one stanza,
    /// [`send_failed`](Self::send_failed) is the call to make.
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
    ) -> Result<Undelivered, HandleError> {
        let (stanza, from, to) = addressed(stanza)?;
        if self.is_local(to.as_ref()) {
            return Err(HandleError::ImproperAddressing);
        }
        let (to, kind) = (to.as_ref(), Kind::of(stanza));
        let passed = Passed { now, session: None, from: &from, to, kind, stanza };
        let outcome = if self.is_dropped_in_silence(&passed) {
            Undelivered::Dropped
        } else {
            self.give_back(&passed, error, out)
        };
        self.hand_over(now, out);
        Ok(outcome)
    }

    fn give_back(
        &mut self,
        passed: &Passed<'_>,
        error: impl Into<StanzaError>,
        out: &mut dyn Outbox,
    ) -> Undelivered {
        if !passed.stanza.may_be_answered_with_error() {
            return Undelivered::Dropped;
        }
        self.refuse(passed, error, out);
        Undelivered::Returned
    }

    fn replace(
        &self,
        passed: &Passed<'_>,
        taken_by: TakenBy,
        short: &Short<'_>,
        out: &mut dyn Outbox,
    ) -> Undelivered {
        let is_sent = match taken_by {
            TakenBy::Session(id) if self.sessions.contains_key(&id) => {
                out.send(id, short);
                true
            }
            TakenBy::Session(_) => false,
            TakenBy::Route => out.route(passed.domains(), short).is_ok(),
        };
        if is_sent { Undelivered::Replaced } else { Undelivered::Dropped }
    }

    /// Presence that a stream never takes and whose sender does not hear of it.
    fn is_never_returned(&self, passed: &Passed<'_>, taken_by: TakenBy) -> bool {
        match (passed.kind, taken_by) {
            (Kind::Presence(_), TakenBy::Session(_)) => true,
            (Kind::Presence(kind), TakenBy::Route) => {
                let is_ours = self.is_local(passed.from.as_ref());
                !kind.is_subscription() && (!is_ours || self.is_dropped_in_silence(passed))
            }
            _ => false,
        }
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
                // The next resource that becomes available asks once more.
                Kind::Presence(PresenceType::Subscribe) => {
                    passed.stanza.id().as_deref() == Some(ASKED_AGAIN)
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
