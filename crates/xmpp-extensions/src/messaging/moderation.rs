//! Moderated message retraction: XEP-0425.

use alloc::borrow::Cow;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{JidCow, Payload, Rest};

use super::retraction::Retract;
use crate::base::occupant_id::OccupantId;

/// The namespace of these elements.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:message-moderate:1");

/// A moderator's request to a room, as an iq of type `set` (XEP-0425, 3.1).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "moderate", section = "XEP-0425, 3.1")]
#[non_exhaustive]
pub struct Moderate<'a> {
    /// The id that the room has given the message (XEP-0359).
    #[xml(attr)]
    pub id: Cow<'a, str>,
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

/// Who has had a message taken back (XEP-0425, 3.1), within
/// [`Retract`] and [`Retracted`](super::retraction::Retracted).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "moderated", section = "XEP-0425, 3.1")]
#[non_exhaustive]
pub struct Moderated<'a> {
    /// The moderator, as an occupant of the room.
    #[xml(attr)]
    pub by: Option<JidCow<'a>>,
    /// The moderator's occupant id (XEP-0421).
    #[xml(child)]
    pub occupant_id: Option<OccupantId<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
