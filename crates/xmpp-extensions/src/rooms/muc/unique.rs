//! Room names that are free: `http://jabber.org/protocol/muc#unique`.

use alloc::borrow::Cow;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{Payload, Rest};

/// The namespace of these elements.
pub const NS: Ns<'static> = Ns::new("http://jabber.org/protocol/muc#unique");

/// Asks for the localpart of a room that does not exist yet, or is one.
///
/// The versions of XEP-0045 before 1.25 define it; a client can choose a random
/// name as well.
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "unique", section = "XEP-0045 (1.24), 10.1.4")]
#[non_exhaustive]
pub struct Unique<'a> {
    /// In the answer: the localpart.
    #[xml(text)]
    pub name: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
