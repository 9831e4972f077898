//! Last message correction: XEP-0308.

use alloc::borrow::Cow;

use xmpp_stanza::xml::ns;
use xmpp_stanza::{Payload, Rest};

/// The message takes the place of an earlier one (XEP-0308, 3).
///
/// The earlier one must be of the same sender: the same full address, or the
/// same occupant of a room (XEP-0308, 4).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = ns::CORRECT, name = "replace", section = "XEP-0308, 3")]
#[non_exhaustive]
pub struct Replace<'a> {
    /// The `id` attribute of the first version of the message.
    #[xml(attr)]
    pub id: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
