//! Occupant identifiers for semi-anonymous rooms: XEP-0421.

use alloc::borrow::Cow;

use xmpp_stanza::xml::ns;
use xmpp_stanza::{Payload, Rest};

/// Which occupant of a room has sent a stanza (XEP-0421, 3).
///
/// It stays the same whatever nickname the occupant takes, and is another one
/// in each room. It can be trusted if the room announces `urn:xmpp:occupant-id:0`:
/// then it has removed what others claimed.
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = ns::OCCUPANT_ID, name = "occupant-id", section = "XEP-0421, 3")]
#[non_exhaustive]
pub struct OccupantId<'a> {
    /// The id: opaque, at most 128 characters.
    #[xml(attr)]
    pub id: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
