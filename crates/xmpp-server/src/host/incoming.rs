//! A stanza from a client, as far as the host reads it.

use alloc::borrow::Cow;

use xmpp_im::delivery::To;
use xmpp_jid::{BareJid, FullJid, Resourcepart};
use xmpp_stanza::{
    AddressRef, ErrorType, IqType, JidCow, MessageType, PresenceType, StanzaCondition,
};
use xmpp_xml::{ElementRef, ns};

use super::reply::ErrorReply;
use crate::outbox::{Outbox, SessionId};
use crate::time::UnixTime;

/// A stanza from a client.
pub(super) struct Incoming<'a> {
    pub(super) now: UnixTime,
    pub(super) session: SessionId,
    /// The sender, as the host knows it; what the stanza says of it does not count.
    pub(super) from: FullJid,
    pub(super) element: ElementRef<'a>,
    pub(super) kind: Kind,
    pub(super) to: AddressRef<'a>,
    pub(super) id: Option<Cow<'a, str>>,
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
pub(super) enum Target {
    NoTo,
    Malformed,
    /// Not our domain.
    Remote,
    /// The domain itself, with or without a resourcepart.
    Server,
    /// An account, existing or not.
    Account { bare: BareJid, to: ToResource },
}

/// The resourcepart of the 'to' address, if there is one.
pub(super) struct ToResource(Option<Resourcepart>);

impl ToResource {
    pub(super) fn as_to(&self) -> To<'_> {
        self.0.as_ref().map_or(To::Bare, |r| To::Full(r.as_str()))
    }
}

impl<'a> Incoming<'a> {
    /// `None` if the element is no stanza.
    pub(super) fn new(
        now: UnixTime,
        session: SessionId,
        from: FullJid,
        element: ElementRef<'a>,
    ) -> Option<Self> {
        if !element.has_ns(ns::CLIENT) {
            return None;
        }
        let id = element.attr("id");
        let kind = Kind::of(element, id.is_some())?;
        let to = AddressRef::from_attribute(element.attr("to"));
        Some(Self { now, session, from, element, kind, to, id })
    }

    pub(super) fn target(&self, domain: &BareJid) -> Target {
        let jid = match &self.to {
            AddressRef::Absent => return Target::NoTo,
            AddressRef::Malformed { .. } => return Target::Malformed,
            AddressRef::Jid(jid) => jid,
        };
        let bare = match jid {
            JidCow::Borrowed(jid) => jid.to_bare().into_owned(),
            JidCow::Owned(jid) => jid.to_bare(),
        };
        let jid = jid.as_ref();
        if jid.domainpart().as_str() != domain.as_str() {
            Target::Remote
        } else if jid.localpart().is_none() {
            Target::Server
        } else {
            let resource = jid.resourcepart().map(|r| r.into_owned());
            Target::Account { bare, to: ToResource(resource) }
        }
    }

    /// Answers with a stanza error, if the stanza may be answered with one.
    pub(super) fn refuse(&self, condition: StanzaCondition, out: &mut dyn Outbox) {
        self.refuse_as(condition, condition.default_type(), "", out);
    }

    /// The same with that error type, and words for a human if there are any.
    pub(super) fn refuse_as(
        &self,
        condition: StanzaCondition,
        error_type: ErrorType,
        text: &str,
        out: &mut dyn Outbox,
    ) {
        if !self.may_be_refused() {
            return;
        }
        // RFC 6120 §8.3.1: 'from' and 'to' are swapped, unless that makes a malformed 'from'.
        let from = if self.to.is_malformed() {
            Some(self.from.domainpart().as_str())
        } else {
            self.to.as_str()
        };
        let reply = ErrorReply {
            kind: self.element.name(),
            from,
            to: self.from.as_str(),
            // "(or be empty if the generated stanza did not include an 'id' attribute)"
            id: self.id.as_deref().or((self.element.name() == "iq").then_some("")),
            condition,
            error_type,
            text,
        };
        out.send(self.session, &reply);
    }

    /// RFC 6120 §8.3.1: an error is not answered with an error, §8.2.3: nor is a result.
    fn may_be_refused(&self) -> bool {
        match self.kind {
            Kind::Message(kind) => kind != MessageType::Error,
            Kind::Presence(kind) => kind != PresenceType::Error,
            Kind::Iq(kind) => matches!(kind, IqType::Get | IqType::Set),
            Kind::Invalid => !matches!(
                self.element.attr("type").as_deref(),
                Some("error" | "result")
            ),
        }
    }
}

impl Kind {
    fn of(element: ElementRef<'_>, has_id: bool) -> Option<Self> {
        let kind = element.attr("type");
        let kind = kind.as_deref();
        Some(match element.name() {
            "message" => Self::Message(MessageType::from_attribute(kind)),
            "presence" => PresenceType::from_attribute(kind).map_or(Self::Invalid, Self::Presence),
            "iq" => match kind.and_then(IqType::from_name) {
                // RFC 6120 §8.2.3
                Some(IqType::Get | IqType::Set) if element.children().count() != 1 => Self::Invalid,
                Some(kind) if has_id => Self::Iq(kind),
                _ => Self::Invalid,
            },
            _ => return None,
        })
    }
}
