//! Last activity: XEP-0012.

use alloc::borrow::Cow;

use xmpp_stanza::xml::ns;
use xmpp_stanza::{Payload, Rest};

/// When an entity was last active; the request for it, if it is empty
/// (XEP-0012, 2).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::LAST, name = "query", section = "XEP-0012, 2")]
#[non_exhaustive]
pub struct LastActivity<'a> {
    /// How many seconds ago: when an account was last online, a client was
    /// last used, or a server was started.
    #[xml(attr)]
    pub seconds: Option<u64>,
    /// The status that an account left with.
    #[xml(text)]
    pub status: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
