//! User nickname: XEP-0172.

use alloc::borrow::Cow;

use xmpp_stanza::xml::ns;
use xmpp_stanza::{Payload, Rest};

/// What somebody wants to be called (XEP-0172, 2), in a presence or a message
/// to somebody who does not know it yet, or published.
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = ns::NICK, name = "nick", section = "XEP-0172, 2")]
#[non_exhaustive]
pub struct Nick<'a> {
    /// The nickname. Empty, it says that there is none any more.
    #[xml(text)]
    pub name: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
