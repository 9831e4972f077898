//! Blocking: XEP-0191, with the reports of XEP-0377 in it.

use alloc::vec::Vec;

use xmpp_jid::JidRef;
use xmpp_stanza::xml::{Ns, ns};
use xmpp_stanza::{JidCow, Payload, Rest};

use super::reports::Report;

/// The namespace of the condition of errors.
pub const ERRORS_NS: Ns<'static> = Ns::new("urn:xmpp:blocking:errors");

/// Whom one blocks; the request for it, if it is empty (XEP-0191, 3.2).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::BLOCKING, name = "blocklist", section = "XEP-0191, 3.2")]
#[non_exhaustive]
pub struct BlockList<'a> {
    /// Those.
    #[xml(child)]
    pub items: Vec<BlockItem<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Blocks, or says that somebody is blocked now (XEP-0191, 3.3).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::BLOCKING, name = "block", section = "XEP-0191, 3.3")]
#[non_exhaustive]
pub struct Block<'a> {
    /// Whom: one at least.
    #[xml(child)]
    pub items: Vec<BlockItem<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Unblocks, or says that somebody is blocked no longer (XEP-0191, 3.4).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::BLOCKING, name = "unblock", section = "XEP-0191, 3.4")]
#[non_exhaustive]
pub struct Unblock<'a> {
    /// Whom; everybody, if there is none (3.5).
    #[xml(child)]
    pub items: Vec<BlockItem<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Somebody to block (XEP-0191, 3.2).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = ns::BLOCKING, name = "item", section = "XEP-0191, 3.2")]
#[non_exhaustive]
pub struct BlockItem<'a> {
    /// The address; [`blocks`](Self::blocks) says whom that covers.
    #[xml(attr)]
    pub jid: JidCow<'a>,
    /// Why (XEP-0377, 6).
    #[xml(child)]
    pub report: Option<Report<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The condition of the error that comes for what one sends to somebody one
/// blocks, beside `not-acceptable` (XEP-0191, 3.3).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ERRORS_NS, name = "blocked", section = "XEP-0191, 3.3")]
#[non_exhaustive]
pub struct Blocked<'a> {
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

impl BlockItem<'_> {
    /// Whether it covers an address (XEP-0191, 6): a full JID that one alone, a
    /// bare one all its resources, a domain all its accounts and resources, and
    /// a domain with a resource all its accounts' resources of that name.
    ///
    /// ```
    /// use xmpp_extensions::accounts::blocking::BlockItem;
    /// use xmpp_jid::{Jid, JidRef};
    /// use xmpp_stanza::JidCow;
    ///
    /// let item = BlockItem::new(JidCow::Owned(Jid::new("montague.net")?));
    /// assert!(item.blocks(JidRef::new("romeo@montague.net/orchard")?));
    /// assert!(!item.blocks(JidRef::new("romeo@capulet.com")?));
    /// # Ok::<(), xmpp_jid::Error>(())
    /// ```
    #[must_use]
    pub fn blocks(&self, address: JidRef<'_>) -> bool {
        let blocked = self.jid.as_ref();
        let is_account =
            blocked.localpart().is_none() || blocked.localpart() == address.localpart();
        let is_resource =
            blocked.resourcepart().is_none() || blocked.resourcepart() == address.resourcepart();
        blocked.domainpart() == address.domainpart() && is_account && is_resource
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use xmpp_jid::Jid;

    #[test]
    fn matching() {
        // XEP-0191, 6 (and XEP-0016, 2.1).
        let blocks = |item: &str, address: &str| {
            let item = BlockItem::new(JidCow::Owned(Jid::new(item).unwrap()));
            item.blocks(JidRef::new(address).unwrap())
        };
        let full = "user@domain/resource";
        for (item, address, expected) in [
            (full, full, true),
            (full, "user@domain", false),
            (full, "user@domain/other", false),
            ("user@domain", full, true),
            ("user@domain", "user@domain", true),
            ("user@domain", "other@domain/resource", false),
            ("domain/resource", "domain/resource", true),
            ("domain/resource", full, true),
            ("domain/resource", "domain", false),
            ("domain", full, true),
            ("domain", "domain", true),
            ("domain", "sub.domain", false),
        ] {
            assert_eq!(blocks(item, address), expected, "{item} {address}");
        }
    }
}
