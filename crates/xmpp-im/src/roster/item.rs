//! Roster items: RFC 6121 §2.1.2.

use alloc::string::String;
use alloc::vec::Vec;

use xmpp_jid::Jid;
use xmpp_xml::{WriteXml, Writer, ns};

use crate::subscription::{Subscription, SubscriptionState};

/// A roster item (RFC 6121 §2.1.2) as its server keeps it, with one of the nine
/// subscription states. On the wire it is an [`xmpp_stanza::roster::Item`], and written it
/// is the `<item/>` of a roster result or push.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Item {
    /// The address that identifies it in its roster.
    pub jid: Jid,
    /// The handle that the user gave it; empty for none (RFC 6121 §2.4.1).
    pub name: String,
    /// Its groups, in the order of the roster set.
    pub groups: Vec<String>,
    /// The subscription. "Pending In" is no part of what is written (Appendix A.1).
    pub subscription: Subscription,
}

impl Item {
    /// An item without name, groups and subscription.
    #[must_use]
    pub const fn new(jid: Jid) -> Self {
        Self {
            jid,
            name: String::new(),
            groups: Vec::new(),
            subscription: Subscription::new(SubscriptionState::None),
        }
    }

    /// The bytes of its texts.
    pub(super) fn bytes(&self) -> usize {
        let groups: usize = self.groups.iter().map(String::len).sum();
        self.jid.as_str().len() + self.name.len() + groups
    }
}

impl WriteXml for Item {
    fn write_xml(&self, w: &mut Writer<'_>) {
        let Subscription { state, approved } = self.subscription;
        w.start(ns::ROSTER, "item");
        w.attr_opt("approved", approved.then_some("true"));
        w.attr_opt("ask", state.is_pending_out().then_some("subscribe"));
        w.attr("jid", self.jid.as_str());
        w.attr_opt("name", Some(self.name.as_str()).filter(|name| !name.is_empty()));
        w.attr("subscription", state.attr());
        for group in &self.groups {
            w.leaf(ns::ROSTER, "group", group);
        }
        w.end();
    }
}
