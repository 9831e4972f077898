//! Retraction as older rooms and clients speak it: XEP-0424 in its version 0.3
//! and XEP-0425 in its version 0.2, which fasten it to a message
//! ([`ApplyTo`](super::fastening::ApplyTo)). To be read, not to be sent.

use alloc::borrow::Cow;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{DateTime, JidCow, Payload, Rest};

/// Of retraction.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:message-retract:0");
/// Of moderation.
pub const NS_MODERATE: Ns<'static> = Ns::new("urn:xmpp:message-moderate:0");

/// The message that it is fastened to is taken back (XEP-0424 (0.3), 3).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "retract", section = "XEP-0424 (0.3), 3")]
#[non_exhaustive]
pub struct Retract<'a> {
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// What an archive has in place of a message that was taken back
/// (XEP-0424 (0.3), 4).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "retracted", section = "XEP-0424 (0.3), 4")]
#[non_exhaustive]
pub struct Retracted<'a> {
    /// When that was.
    #[xml(attr)]
    pub stamp: Option<DateTime>,
    /// Who took it back.
    #[xml(attr)]
    pub by: Option<JidCow<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A moderator asks for it (XEP-0425 (0.2), 3).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS_MODERATE, name = "moderate", section = "XEP-0425 (0.2), 3")]
#[non_exhaustive]
pub struct Moderate<'a> {
    /// Asks that the message be taken back.
    #[xml(child)]
    pub retract: Option<Retract<'a>>,
    /// Why, for people.
    #[xml(leaf)]
    pub reason: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A moderator has had it done (XEP-0425 (0.2), 3).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS_MODERATE, name = "moderated", section = "XEP-0425 (0.2), 3")]
#[non_exhaustive]
pub struct Moderated<'a> {
    /// The moderator, as an occupant of the room.
    #[xml(attr)]
    pub by: Option<JidCow<'a>>,
    /// The message is taken back.
    #[xml(child)]
    pub retract: Option<Retract<'a>>,
    /// The message was taken back: in an archive.
    #[xml(child)]
    pub retracted: Option<Retracted<'a>>,
    /// Why, for people.
    #[xml(leaf)]
    pub reason: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
