//! What a session's stream did not take any more.

use xmpp_im::delivery::{self, Delivery, Recipients, To};
use xmpp_im::routing::Kind;
use xmpp_jid::Jid;
use xmpp_stanza::{AddressRef, IqType, MessageType, StanzaCondition, StanzaRef};
use xmpp_xml::{Element, ns};

use super::Host;
use super::forward::Forward;
use super::incoming::Incoming;
use super::message::is_worth_storing;
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
        let AddressRef::Jid(to) = stanza.to() else { return };
        let from = from.into_owned();
        let incoming = Incoming::new(now, self.session_at(&from), from, stanza);
        match incoming.kind {
            Kind::Message(kind) => {
                let resourcepart = to.as_ref().resourcepart();
                let form = resourcepart.map_or(To::Bare, |r| To::Full(r.as_str()));
                self.message_undelivered(&incoming, kind, priority, form, out);
            }
            Kind::Iq(IqType::Get | IqType::Set) => {
                self.return_to_sender(&incoming, out);
            }
            Kind::Iq(_) | Kind::Presence(_) | Kind::Invalid => {}
        }
    }

    fn message_undelivered(
        &mut self,
        incoming: &Incoming<'_>,
        kind: MessageType,
        priority: Option<i8>,
        form: To<'_>,
        out: &mut dyn Outbox,
    ) {
        let Some(to) = incoming.to.jid().map(|to| to.into_owned()) else { return };
        let account = to.to_bare();
        // Of what was for this resource alone, a chat and a normal message go on with another.
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
                    let forward = Forward {
                        stanza: incoming.stanza.element(),
                        from: incoming.from.as_str(),
                        to: to.as_str(),
                    };
                    self.deliver(account.as_str(), recipients, &forward, out);
                }
            }
            Delivery::Store if !is_worth_storing(incoming.stanza) => {}
            Delivery::Store => {
                let account = account.as_ref();
                if !self.keep(incoming.now, &incoming.from, account, incoming.stanza) {
                    self.return_to_sender(incoming, out);
                }
            }
            Delivery::ServiceUnavailable => {
                self.return_to_sender(incoming, out);
            }
            Delivery::OnBehalf | Delivery::Ignore => {}
        }
    }

    /// Tells the sender; one of this domain whose session has ended cannot be told.
    fn return_to_sender(&self, incoming: &Incoming<'_>, out: &mut dyn Outbox) {
        if incoming.session.is_some() || !self.is_local(incoming.from.as_ref()) {
            incoming.refuse(StanzaCondition::ServiceUnavailable, out);
        }
    }

    /// The session with that address.
    fn session_at(&self, jid: &Jid) -> Option<SessionId> {
        let resourcepart = jid.resourcepart()?;
        let account = jid.as_ref().to_bare();
        let mut sessions = self.sessions_of(account.as_str())?;
        sessions.find(|(_, s)| s.jid.resourcepart() == resourcepart).map(|(id, _)| id)
    }
}
