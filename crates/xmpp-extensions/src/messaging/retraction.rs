//! Message retraction: XEP-0424.

use alloc::borrow::Cow;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{DateTime, JidCow, Payload, Rest};

use super::moderation::Moderated;

/// The namespace of these elements.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:message-retract:1");

/// An earlier message is taken back (XEP-0424, 3).
///
/// It counts if it is of the sender of that message, or, in a room, of the room
/// itself and [moderated](Self::moderated) (XEP-0425, 3.1).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "retract", section = "XEP-0424, 3")]
#[non_exhaustive]
pub struct Retract<'a> {
    /// The id of the message ([`reference_id`](super::stanza_id::reference_id)).
    /// It is missing in a moderator's request alone, where
    /// [`Moderate`](super::moderation::Moderate) has it.
    #[xml(attr)]
    pub id: Option<Cow<'a, str>>,
    /// Who has had the room take it back (XEP-0425, 3.1).
    #[xml(child)]
    pub moderated: Option<Moderated<'a>>,
    /// Why, for people (XEP-0425, 3.1).
    #[xml(leaf)]
    pub reason: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// What an archive has in place of a message that was taken back
/// (XEP-0424, 4).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "retracted", section = "XEP-0424, 4")]
#[non_exhaustive]
pub struct Retracted<'a> {
    /// The id of the message that took it back; none if a moderator did.
    #[xml(attr)]
    pub id: Option<Cow<'a, str>>,
    /// Who took it back.
    #[xml(attr)]
    pub by: Option<JidCow<'a>>,
    /// When that was.
    #[xml(attr)]
    pub stamp: Option<DateTime>,
    /// Who has had the room take it back (XEP-0425, 4).
    #[xml(child)]
    pub moderated: Option<Moderated<'a>>,
    /// Why, for people (XEP-0425, 4).
    #[xml(leaf)]
    pub reason: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
