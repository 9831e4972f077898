//! Displayed markers: XEP-0333.

use alloc::borrow::Cow;

use xmpp_stanza::xml::ns;
use xmpp_stanza::{Payload, Rest};

/// Asks for a marker (XEP-0333, 4.1).
#[derive(Payload, Clone, Copy, Debug, Default, PartialEq, Eq)]
#[xml(ns = ns::CHAT_MARKERS, name = "markable", section = "XEP-0333, 4.1")]
#[non_exhaustive]
pub struct Markable {}

/// The message, and all before it, has been displayed (XEP-0333, 4.2).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = ns::CHAT_MARKERS, name = "displayed", section = "XEP-0333, 4.2")]
#[non_exhaustive]
pub struct Displayed<'a> {
    /// The `id` attribute of the message; in a room, the id that the room gave
    /// it (XEP-0333, 4.3, and XEP-0359).
    #[xml(attr)]
    pub id: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The message has been received: a marker of the versions of XEP-0333 before
/// 0.5. To be read, not to be sent.
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = ns::CHAT_MARKERS, name = "received", section = "XEP-0333 (0.4), 4.2")]
#[non_exhaustive]
pub struct Received<'a> {
    /// The `id` attribute of the message.
    #[xml(attr)]
    pub id: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The message has been acknowledged by its reader: a marker of the versions
/// of XEP-0333 before 0.5. To be read, not to be sent.
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = ns::CHAT_MARKERS, name = "acknowledged", section = "XEP-0333 (0.4), 4.2")]
#[non_exhaustive]
pub struct Acknowledged<'a> {
    /// The `id` attribute of the message.
    #[xml(attr)]
    pub id: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
