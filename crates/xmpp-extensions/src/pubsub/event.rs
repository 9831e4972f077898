//! Publish-subscribe, what subscribers hear of: XEP-0060, section 7.1.2 and
//! others.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::vec::Vec;

use xmpp_stanza::xml::ns;
use xmpp_stanza::{AnyElement, DateTime, JidCow, Payload, Rest};

use super::requests::SubscriptionState;
use crate::base::forms::Form;

/// Something has happened at a node (XEP-0060, 17.3).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::PUBSUB_EVENT, name = "event", section = "XEP-0060, 17.3")]
#[non_exhaustive]
pub struct Event<'a> {
    /// What has happened.
    #[xml(child)]
    pub news: Option<News<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// What has happened at a node (XEP-0060, 17.3).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(section = "XEP-0060, 17.3")]
#[non_exhaustive]
pub enum News<'a> {
    /// Items are published or deleted (7.1.2, 7.2.2).
    Items(EventItems<'a>),
    /// All items are deleted (8.5.2).
    Purge(Purged<'a>),
    /// The node is deleted (8.4.2).
    Delete(Deleted<'a>),
    /// The node is configured anew (8.2.5).
    Configuration(Box<Configuration<'a>>),
    /// A subscription has changed (8.8.4).
    Subscription(SubscriptionChanged<'a>),
    /// A collection has changed (XEP-0248, 7.5).
    Collection(CollectionChanged<'a>),
    /// A node is made in a collection (XEP-0248, 5.3.1.2).
    Create(Created<'a>),
}

/// Items are published or deleted (XEP-0060, 7.1.2, 7.2.2).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = ns::PUBSUB_EVENT, name = "items", section = "XEP-0060, 7.1.2")]
#[non_exhaustive]
pub struct EventItems<'a> {
    /// The node.
    #[xml(attr)]
    pub node: Cow<'a, str>,
    /// The published ones.
    #[xml(child)]
    pub items: Vec<EventItem<'a>>,
    /// The deleted ones.
    #[xml(child)]
    pub retracted: Vec<Retracted<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A published item (XEP-0060, 7.1.2).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::PUBSUB_EVENT, name = "item", section = "XEP-0060, 7.1.2")]
#[non_exhaustive]
pub struct EventItem<'a> {
    /// Its id.
    #[xml(attr)]
    pub id: Option<Cow<'a, str>>,
    /// The node, where several are told of at once.
    #[xml(attr)]
    pub node: Option<Cow<'a, str>>,
    /// Who has published it, if the service says so (12.17).
    #[xml(attr)]
    pub publisher: Option<JidCow<'a>>,
    /// What it holds, if that is told.
    #[xml(any)]
    pub payload: Option<AnyElement<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A deleted item (XEP-0060, 7.2.2).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = ns::PUBSUB_EVENT, name = "retract", section = "XEP-0060, 7.2.2")]
#[non_exhaustive]
pub struct Retracted<'a> {
    /// Its id.
    #[xml(attr)]
    pub id: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// All items are deleted (XEP-0060, 8.5.2).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = ns::PUBSUB_EVENT, name = "purge", section = "XEP-0060, 8.5.2")]
#[non_exhaustive]
pub struct Purged<'a> {
    /// The node.
    #[xml(attr)]
    pub node: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A node is deleted (XEP-0060, 8.4.2).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = ns::PUBSUB_EVENT, name = "delete", section = "XEP-0060, 8.4.2")]
#[non_exhaustive]
pub struct Deleted<'a> {
    /// The node.
    #[xml(attr)]
    pub node: Cow<'a, str>,
    /// Where its subscribers are to go.
    #[xml(child)]
    pub redirect: Option<EventRedirect<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Where the subscribers of a deleted node are to go (XEP-0060, 8.4.2).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = ns::PUBSUB_EVENT, name = "redirect", section = "XEP-0060, 8.4.2")]
#[non_exhaustive]
pub struct EventRedirect<'a> {
    /// The URI of the other node: `xmpp:…?;node=…`.
    #[xml(attr)]
    pub uri: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A node is configured anew (XEP-0060, 8.2.5).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::PUBSUB_EVENT, name = "configuration", section = "XEP-0060, 8.2.5")]
#[non_exhaustive]
pub struct Configuration<'a> {
    /// The node.
    #[xml(attr)]
    pub node: Option<Cow<'a, str>>,
    /// The configuration, if that is told.
    #[xml(child)]
    pub form: Option<Form<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A subscription has changed (XEP-0060, 8.8.4).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = ns::PUBSUB_EVENT, name = "subscription", section = "XEP-0060, 8.8.4")]
#[non_exhaustive]
pub struct SubscriptionChanged<'a> {
    /// The node.
    #[xml(attr)]
    pub node: Option<Cow<'a, str>>,
    /// Who is subscribed.
    #[xml(attr)]
    pub jid: JidCow<'a>,
    /// Its id, where there can be several.
    #[xml(attr)]
    pub subid: Option<Cow<'a, str>>,
    /// Its state.
    #[xml(attr = "subscription")]
    pub state: Option<SubscriptionState>,
    /// When it ends, if it is leased (12.19).
    #[xml(attr)]
    pub expiry: Option<DateTime>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A collection has changed (XEP-0248, 7.5).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = ns::PUBSUB_EVENT, name = "collection", section = "XEP-0248, 7.5")]
#[non_exhaustive]
pub struct CollectionChanged<'a> {
    /// The collection; the root, if there is none.
    #[xml(attr)]
    pub node: Option<Cow<'a, str>>,
    /// The change.
    #[xml(child)]
    pub change: Option<Membership<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A change of what belongs to a collection (XEP-0248, 7.5).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(section = "XEP-0248, 7.5")]
#[non_exhaustive]
pub enum Membership<'a> {
    /// A node belongs to it.
    Associated(Associated<'a>),
    /// A node belongs to it no longer.
    Dissociated(Dissociated<'a>),
    /// A node belongs to it no longer, in the element that the schema of XEP-0060 has.
    Disassociated(Disassociated<'a>),
}

/// A node belongs to a collection (XEP-0248, 7.5).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = ns::PUBSUB_EVENT, name = "associate", section = "XEP-0248, 7.5")]
#[non_exhaustive]
pub struct Associated<'a> {
    /// The node.
    #[xml(attr)]
    pub node: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A node belongs to a collection no longer (XEP-0248, 7.6).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = ns::PUBSUB_EVENT, name = "dissociate", section = "XEP-0248, 7.6")]
#[non_exhaustive]
pub struct Dissociated<'a> {
    /// The node.
    #[xml(attr)]
    pub node: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A node belongs to a collection no longer (XEP-0060, 17.3).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = ns::PUBSUB_EVENT, name = "disassociate", section = "XEP-0060, 17.3")]
#[non_exhaustive]
pub struct Disassociated<'a> {
    /// The node.
    #[xml(attr)]
    pub node: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A node is made in a collection (XEP-0248, 5.3.1.2).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = ns::PUBSUB_EVENT, name = "create", section = "XEP-0248, 5.3.1.2")]
#[non_exhaustive]
pub struct Created<'a> {
    /// The node.
    #[xml(attr)]
    pub node: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

impl<'a> Event<'a> {
    /// The published and deleted items, if that is what has happened.
    #[must_use]
    pub const fn items(&self) -> Option<&EventItems<'a>> {
        match &self.news {
            Some(News::Items(items)) => Some(items),
            _ => None,
        }
    }
}

impl EventItem<'_> {
    /// What it holds, if that is a `T`.
    ///
    /// # Errors
    ///
    /// If it is one, and breaks the rules of its own.
    pub fn read<'s, T: Payload<'s>>(&'s self) -> Result<Option<T>, xmpp_stanza::Invalid> {
        super::read(self.payload.as_ref())
    }
}
