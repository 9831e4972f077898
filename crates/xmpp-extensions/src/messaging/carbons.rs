//! Message carbons: XEP-0280.

use xmpp_jid::BareJidRef;
use xmpp_stanza::xml::ns;
use xmpp_stanza::{AddressRef, Payload, Rest, StanzaKind, StanzaRef};

use crate::base::forwarding::Forwarded;

/// Asks the server for carbons (XEP-0280, 4).
#[derive(Payload, Clone, Copy, Debug, Default, PartialEq, Eq)]
#[xml(ns = ns::CARBONS, name = "enable", section = "XEP-0280, 4")]
#[non_exhaustive]
pub struct Enable {}

/// Asks the server for no more carbons (XEP-0280, 5).
#[derive(Payload, Clone, Copy, Debug, Default, PartialEq, Eq)]
#[xml(ns = ns::CARBONS, name = "disable", section = "XEP-0280, 5")]
#[non_exhaustive]
pub struct Disable {}

/// A copy of a message that another device of one's own has received
/// (XEP-0280, 7).
///
/// It counts only in a message from one's own bare address
/// ([`Carbon::of`] looks); anybody else's is an attempt to forge messages.
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = ns::CARBONS, name = "received", section = "XEP-0280, 7")]
#[non_exhaustive]
pub struct Received<'a> {
    /// The message, within `<forwarded/>` (XEP-0297).
    #[xml(child)]
    pub forwarded: Forwarded<'a>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A copy of a message that another device of one's own has sent
/// (XEP-0280, 8).
///
/// It counts only in a message from one's own bare address
/// ([`Carbon::of`] looks); anybody else's is an attempt to forge messages.
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = ns::CARBONS, name = "sent", section = "XEP-0280, 8")]
#[non_exhaustive]
pub struct Sent<'a> {
    /// The message, within `<forwarded/>` (XEP-0297).
    #[xml(child)]
    pub forwarded: Forwarded<'a>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Asks the servers not to copy this message (XEP-0280, 9). The hint
/// [`NoCopy`](super::hints::Hint::NoCopy) belongs beside it.
#[derive(Payload, Clone, Copy, Debug, Default, PartialEq, Eq)]
#[xml(ns = ns::CARBONS, name = "private", section = "XEP-0280, 9")]
#[non_exhaustive]
pub struct Private {}

/// A carbon: the copy of a message that another device of one's own has received
/// or sent.
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(section = "XEP-0280, 7")]
#[expect(clippy::exhaustive_enums, reason = "a message is received or sent")]
pub enum Carbon<'a> {
    /// It was received.
    Received(Received<'a>),
    /// It was sent.
    Sent(Sent<'a>),
}

impl<'a> Carbon<'a> {
    /// The carbon in a message, if there is one and one's own server made it:
    /// the message is from the bare address of `account`, or has no `from` at
    /// all (XEP-0280, 7; RFC 6120, 8.1.2.1). Anybody else's is none.
    #[must_use]
    pub fn of(message: StanzaRef<'a>, account: BareJidRef<'_>) -> Option<Self> {
        let is_own = match message.from() {
            AddressRef::Absent => true,
            AddressRef::Jid(from) => from.as_ref().as_str() == account.as_str(),
            AddressRef::Malformed { .. } => false,
        };
        if !is_own || message.kind() != StanzaKind::Message {
            return None;
        }
        let carbon = message.payloads().find(|payload| Self::matches(*payload))?;
        Self::parse(carbon).ok()
    }

    /// The message that it is a copy of.
    #[must_use]
    pub fn message(&self) -> Option<StanzaRef<'_>> {
        let (Self::Received(Received { forwarded, .. }) | Self::Sent(Sent { forwarded, .. })) =
            self;
        forwarded.stanza().filter(|stanza| stanza.kind() == StanzaKind::Message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use xmpp_stanza::xml::Element;

    fn carbon(from: &str) -> Element {
        Element::parse(alloc::format!(
            "<message xmlns='jabber:client' {from} to='romeo@montague.example/home' type='chat'>\
             <received xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>\
             <message xmlns='jabber:client' from='juliet@capulet.example/balcony' type='chat'>\
             <body>What man art thou</body></message></forwarded></received></message>"
        ))
        .unwrap()
    }

    /// XEP-0280, 7: carbons of others are not accepted (CVE-2017-5589 and others).
    #[test]
    fn only_ones_own_server_makes_carbons() {
        let account = BareJidRef::new("romeo@montague.example").unwrap();
        for (from, counts) in [
            ("from='romeo@montague.example'", true),
            ("from='Romeo@montague.example'", true),
            ("", true),
            ("from='romeo@montague.example/home'", false),
            ("from='tybalt@capulet.example/home'", false),
            ("from='montague.example'", false),
            ("from='@'", false),
        ] {
            let element = carbon(from);
            let message = StanzaRef::new(element.as_ref()).unwrap();
            let carbon = Carbon::of(message, account);
            assert_eq!(carbon.is_some(), counts, "{from}");
            let copied = carbon.as_ref().and_then(Carbon::message);
            assert_eq!(copied.is_some(), counts);
        }
    }
}
