//! A stanza from a client, as far as the host reads it.

use xmpp_im::delivery::To;
use xmpp_jid::{BareJid, BareJidRef, FullJid, ResourcepartRef};
use xmpp_stanza::{
    AddressRef, IqType, MessageType, PresenceType, StanzaError, StanzaKind, StanzaRef,
};
use xmpp_xml::{ElementRef, WriteXml, ns};

use crate::outbox::{Outbox, SessionId};
use crate::time::UnixTime;

/// A stanza from a client.
pub(super) struct Incoming<'a> {
    pub(super) now: UnixTime,
    pub(super) session: SessionId,
    /// The sender, as the host knows it; what the stanza says of it does not count.
    pub(super) from: FullJid,
    pub(super) stanza: StanzaRef<'a>,
    pub(super) kind: Kind,
    pub(super) to: AddressRef<'a>,
}

/// The stanza's kind and type.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Message(MessageType),
    Presence(PresenceType),
    Iq(IqType),
    /// A presence or an iq of a type that there is not, an iq without an id, or a request
    /// without exactly one payload.
    Invalid,
}

/// Where the 'to' address leads.
pub(super) enum Target<'a> {
    NoTo,
    Malformed,
    /// Not our domain.
    Remote,
    /// The domain itself, with or without a resourcepart.
    Server,
    /// An account, existing or not.
    Account {
        bare: BareJidRef<'a>,
        to: To<'a>,
    },
}

impl<'a> Incoming<'a> {
    /// `None` if the element is no stanza of a client.
    pub(super) fn new(
        now: UnixTime,
        session: SessionId,
        from: FullJid,
        element: ElementRef<'a>,
    ) -> Option<Self> {
        let stanza = StanzaRef::new(element).filter(|s| s.content() == ns::CLIENT)?;
        Some(Self { now, session, from, stanza, kind: Kind::of(stanza), to: stanza.to() })
    }

    pub(super) fn target(&self, domain: &BareJid) -> Target<'_> {
        let jid = match &self.to {
            AddressRef::Absent => return Target::NoTo,
            AddressRef::Malformed { .. } => return Target::Malformed,
            AddressRef::Jid(jid) => jid.as_ref(),
        };
        if jid.domainpart().as_str() != domain.as_str() {
            Target::Remote
        } else if jid.localpart().is_none() {
            Target::Server
        } else {
            let to = jid.resourcepart().map(ResourcepartRef::as_str).map_or(To::Bare, To::Full);
            Target::Account { bare: jid.to_bare(), to }
        }
    }

    /// Answers with a stanza error, if an error may answer the stanza.
    pub(super) fn refuse(&self, error: impl Into<StanzaError>, out: &mut dyn Outbox) {
        let Some(reply) = self.stanza.error_reply(error) else { return };
        let reply = reply.with_to(self.from.clone());
        // RFC 6120 §8.3.1: 'from' and 'to' are swapped, unless that "would force the sender
        // of the error stanza to include a malformed JID".
        let reply = if self.to.is_malformed() {
            reply.with_from(BareJid::from(self.from.domainpart()))
        } else {
            reply
        };
        out.send(self.session, &reply);
    }

    /// Answers an iq request with a result.
    pub(super) fn result(&self, payload: impl WriteXml, out: &mut dyn Outbox) {
        if let Some(reply) = self.stanza.result(payload) {
            out.send(self.session, &reply.with_to(self.from.clone()));
        }
    }

    /// Answers an iq request with a result that says no more.
    pub(super) fn empty_result(&self, out: &mut dyn Outbox) {
        if let Some(reply) = self.stanza.empty_result() {
            out.send(self.session, &reply.with_to(self.from.clone()));
        }
    }
}

impl Kind {
    fn of(stanza: StanzaRef<'_>) -> Self {
        let kind = match stanza.kind() {
            StanzaKind::Message => stanza.message_type().map(Self::Message),
            StanzaKind::Presence => stanza.presence_type().map(Self::Presence),
            // RFC 6120 §8.2.3: an id, a known type, and in a request exactly one payload
            StanzaKind::Iq => stanza
                .iq_type()
                .filter(|_| stanza.id().is_some())
                .filter(|kind| !kind.is_request() || stanza.element().children().count() == 1)
                .map(Self::Iq),
            _ => None,
        };
        kind.unwrap_or(Self::Invalid)
    }
}
