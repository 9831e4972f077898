//! Accounts that have moved: XEP-0283.

use xmpp_jid::Jid;
use xmpp_stanza::xml::Ns;
use xmpp_stanza::{JidCow, Payload, Rest};

/// The namespace of these elements, and the node that the statement is published at.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:moved:1");

/// Somebody has moved: at the old account an item that says where, at the new one a
/// part of requests for subscriptions (XEP-0283, 4.1).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "moved", section = "XEP-0283, 4.1")]
#[non_exhaustive]
pub struct Moved<'a> {
    /// The new address.
    #[xml(leaf = "new-jid")]
    pub new_jid: Option<JidCow<'a>>,
    /// The old address.
    #[xml(leaf = "old-jid")]
    pub old_jid: Option<JidCow<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

impl Moved<'_> {
    /// Whether this statement, as it was fetched from the old account, confirms
    /// a request that comes from `requester` (XEP-0283, 4.3). If not, what the
    /// request says of moving is to be ignored.
    #[must_use]
    pub fn confirms(&self, requester: &Jid) -> bool {
        self.new_jid
            .as_ref()
            .is_some_and(|new| *new.as_ref().as_str() == *requester.to_bare().as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_confirms_the_new_address_alone() {
        // XEP-0283, examples 2 and 4.
        let new: Jid = "juliet@capulet.example".parse().unwrap();
        let statement = Moved::default().with_new_jid(JidCow::Owned(new.clone()));
        assert!(statement.confirms(&new));
        assert!(statement.confirms(&"juliet@capulet.example/balcony".parse().unwrap()));
        assert!(!statement.confirms(&"nurse@capulet.example".parse().unwrap()));
        let request = Moved::default().with_old_jid(JidCow::Owned(new.clone()));
        assert!(!request.confirms(&new));
    }
}
