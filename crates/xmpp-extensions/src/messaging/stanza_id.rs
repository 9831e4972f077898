//! Unique and stable stanza ids: XEP-0359.

use alloc::borrow::Cow;

use xmpp_stanza::xml::ns;
use xmpp_stanza::{JidCow, Payload, Rest, StanzaKind, StanzaRef};

pub use crate::base::stanza_id::StanzaId;

/// The id that the sender has given a stanza (XEP-0359, 3).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = ns::STANZA_ID, name = "origin-id", section = "XEP-0359, 3")]
#[non_exhaustive]
pub struct OriginId<'a> {
    /// The id.
    #[xml(attr)]
    pub id: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Another stanza, by its [`StanzaId`] (XEP-0359, 4).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = ns::STANZA_ID, name = "referenced-stanza", section = "XEP-0359, 4")]
#[non_exhaustive]
pub struct ReferencedStanza<'a> {
    /// Its id.
    #[xml(attr)]
    pub id: Cow<'a, str>,
    /// Who has given the id.
    #[xml(attr)]
    pub by: Option<JidCow<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The id by which reactions, replies and retractions refer to this message
/// (XEP-0444, 4.2; XEP-0461, 4.1; XEP-0424, 5.1).
///
/// Of a message in a room it is the id that the room itself gave it, and
/// `None` if there is none: it cannot be referred to then. Of another message
/// it is the sender's [`OriginId`], or else its `id` attribute.
///
/// ```
/// use xmpp_extensions::messaging::stanza_id::reference_id;
/// use xmpp_stanza::StanzaRef;
/// use xmpp_stanza::xml::Element;
///
/// let message = Element::parse(
///     "<message xmlns='jabber:client' type='groupchat' id='1' from='room@muc.example/nick'>\
///      <stanza-id xmlns='urn:xmpp:sid:0' id='forged' by='other@muc.example'/>\
///      <stanza-id xmlns='urn:xmpp:sid:0' id='5f3d' by='room@muc.example'/></message>",
/// )?;
/// let message = StanzaRef::new(message.as_ref()).ok_or("no stanza")?;
/// assert_eq!(reference_id(message).as_deref(), Some("5f3d"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn reference_id(message: StanzaRef<'_>) -> Option<Cow<'_, str>> {
    if message.kind() != StanzaKind::Message {
        return None;
    }
    let element = message.element();
    if element.attr("type").as_deref() == Some("groupchat") {
        let from = message.from();
        let room = from.jid()?.to_bare();
        return message
            .payloads()
            .filter_map(|payload| StanzaId::parse(payload).ok())
            .find(|given| given.by.as_ref().as_str() == room.as_str())
            .map(|given| given.id);
    }
    let origin = message.payload::<OriginId<'_>>().ok().flatten();
    origin.map(|origin| origin.id).or_else(|| element.attr("id")).filter(|id| !id.is_empty())
}
