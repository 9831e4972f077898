//! Roster items: RFC 6121 §2.1.2.

use alloc::string::String;
use alloc::vec::Vec;

use xmpp_jid::Jid;
use xmpp_xml::{ElementRef, WriteXml, Writer, ns};

use crate::subscription::{Subscription, SubscriptionState};

/// A roster item (RFC 6121 §2.1.2), also called a contact.
///
/// Written, it is the `<item/>` of a roster result or push.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Item {
    /// The address that identifies it in its roster.
    pub jid: Jid,
    /// The handle that the user gave it; empty for none (RFC 6121 §2.4.1).
    pub name: String,
    /// Its groups, in the order of the roster set.
    pub groups: Vec<String>,
    /// The subscription. A client cannot tell "Pending In" from it (Appendix A.1).
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

    /// Reads an `<item/>` that a server sent. What is no value of an attribute is ignored
    /// (RFC 6121 §2.1.2.5).
    ///
    /// # Errors
    ///
    /// Its 'jid' attribute is missing (`None`) or no address.
    pub(super) fn parse(element: ElementRef<'_>) -> Result<Self, Option<xmpp_jid::Error>> {
        let jid = element.attr("jid").ok_or(None)?;
        let mut item = Self::new(Jid::new(&jid).map_err(Some)?);
        item.name = element.attr("name").unwrap_or_default().into_owned();
        item.groups = element
            .children()
            .filter(|c| c.is(ns::ROSTER, "group"))
            .map(|c| c.text().into_owned())
            .collect();
        let asked = element.attr("ask").is_some_and(|ask| ask == "subscribe");
        let state = match (element.attr("subscription").as_deref(), asked) {
            (Some("both"), _) => SubscriptionState::Both,
            (Some("to"), _) => SubscriptionState::To,
            (Some("from"), false) => SubscriptionState::From,
            (Some("from"), true) => SubscriptionState::FromPendingOut,
            (_, false) => SubscriptionState::None,
            (_, true) => SubscriptionState::NonePendingOut,
        };
        item.subscription = Subscription::new(state);
        item.subscription.approved =
            matches!(element.attr("approved").as_deref().map(str::trim), Some("true" | "1"));
        Ok(item)
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
