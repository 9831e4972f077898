//! Publish-subscribe, what owners of nodes ask for: XEP-0060, section 8.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use xmpp_stanza::xml::ns;
use xmpp_stanza::{JidCow, Payload, Rest, Word};

use super::requests::{AffiliationKind, SubscriptionState};
use crate::base::forms::Form;

/// A request of an owner, or the answer (XEP-0060, 8).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::PUBSUB_OWNER, name = "pubsub", section = "XEP-0060, 17.4")]
#[non_exhaustive]
pub struct PubSubOwner<'a> {
    /// What is asked for.
    #[xml(child)]
    pub action: Option<OwnerAction<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// What a request of an owner is for (XEP-0060, 17.4).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(section = "XEP-0060, 17.4")]
#[non_exhaustive]
pub enum OwnerAction<'a> {
    /// To configure a node (8.2).
    Configure(ConfigureNode<'a>),
    /// To hear of the default configuration (8.3).
    Default(DefaultConfiguration<'a>),
    /// To delete a node (8.4).
    Delete(DeleteNode<'a>),
    /// To delete all items (8.5).
    Purge(PurgeNode<'a>),
    /// To manage subscriptions (8.8).
    Subscriptions(NodeSubscriptions<'a>),
    /// To manage affiliations (8.9).
    Affiliations(NodeAffiliations<'a>),
    /// To change what belongs to a collection (XEP-0248, 7.5).
    Collection(ChangeCollection<'a>),
}

/// Configures a node (XEP-0060, 8.2).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::PUBSUB_OWNER, name = "configure", section = "XEP-0060, 8.2")]
#[non_exhaustive]
pub struct ConfigureNode<'a> {
    /// The node.
    #[xml(attr)]
    pub node: Option<Cow<'a, str>>,
    /// The configuration; see [`NodeConfig`](super::configuration::NodeConfig).
    #[xml(child)]
    pub form: Option<Form<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The default configuration of nodes (XEP-0060, 8.3).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::PUBSUB_OWNER, name = "default", section = "XEP-0060, 8.3")]
#[non_exhaustive]
pub struct DefaultConfiguration<'a> {
    /// Of which kind of node; of leaves, if it is not there.
    #[xml(attr = "type")]
    pub kind: Option<NodeKind>,
    /// The configuration; see [`NodeConfig`](super::configuration::NodeConfig).
    #[xml(child)]
    pub form: Option<Form<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A kind of node (XEP-0060, 5.3; XEP-0248).
#[derive(Word, Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NodeKind {
    /// It has items.
    #[default]
    Leaf,
    /// It has nodes.
    Collection,
}

/// Deletes a node (XEP-0060, 8.4).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = ns::PUBSUB_OWNER, name = "delete", section = "XEP-0060, 8.4")]
#[non_exhaustive]
pub struct DeleteNode<'a> {
    /// The node.
    #[xml(attr)]
    pub node: Cow<'a, str>,
    /// Where its subscribers are to go.
    #[xml(child)]
    pub redirect: Option<Redirect<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Where the subscribers of a deleted node are to go (XEP-0060, 8.4).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = ns::PUBSUB_OWNER, name = "redirect", section = "XEP-0060, 8.4")]
#[non_exhaustive]
pub struct Redirect<'a> {
    /// The URI of the other node: `xmpp:…?;node=…`.
    #[xml(attr)]
    pub uri: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Deletes all items of a node (XEP-0060, 8.5).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = ns::PUBSUB_OWNER, name = "purge", section = "XEP-0060, 8.5")]
#[non_exhaustive]
pub struct PurgeNode<'a> {
    /// The node.
    #[xml(attr)]
    pub node: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The subscriptions of a node (XEP-0060, 8.8).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = ns::PUBSUB_OWNER, name = "subscriptions", section = "XEP-0060, 8.8")]
#[non_exhaustive]
pub struct NodeSubscriptions<'a> {
    /// The node.
    #[xml(attr)]
    pub node: Cow<'a, str>,
    /// The subscriptions: all of them, or those to be changed.
    #[xml(child)]
    pub subscriptions: Vec<NodeSubscription<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A subscription of a node (XEP-0060, 8.8).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = ns::PUBSUB_OWNER, name = "subscription", section = "XEP-0060, 8.8")]
#[non_exhaustive]
pub struct NodeSubscription<'a> {
    /// Who is subscribed.
    #[xml(attr)]
    pub jid: JidCow<'a>,
    /// Its state.
    #[xml(attr = "subscription")]
    pub state: SubscriptionState,
    /// Its id, where there can be several.
    #[xml(attr)]
    pub subid: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The affiliations of a node (XEP-0060, 8.9).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = ns::PUBSUB_OWNER, name = "affiliations", section = "XEP-0060, 8.9")]
#[non_exhaustive]
pub struct NodeAffiliations<'a> {
    /// The node.
    #[xml(attr)]
    pub node: Cow<'a, str>,
    /// The affiliations: all of them, or those to be changed.
    #[xml(child)]
    pub affiliations: Vec<NodeAffiliation<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// How somebody is affiliated with a node (XEP-0060, 8.9).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = ns::PUBSUB_OWNER, name = "affiliation", section = "XEP-0060, 8.9")]
#[non_exhaustive]
pub struct NodeAffiliation<'a> {
    /// Who.
    #[xml(attr)]
    pub jid: JidCow<'a>,
    /// How.
    #[xml(attr)]
    pub affiliation: AffiliationKind,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Changes what belongs to a collection (XEP-0248, 7.5).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = ns::PUBSUB_OWNER, name = "collection", section = "XEP-0248, 7.5")]
#[non_exhaustive]
pub struct ChangeCollection<'a> {
    /// The collection.
    #[xml(attr)]
    pub node: Cow<'a, str>,
    /// The change.
    #[xml(child)]
    pub change: CollectionChange<'a>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A change of what belongs to a collection (XEP-0248, 7.5).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(section = "XEP-0248, 7.5")]
#[non_exhaustive]
pub enum CollectionChange<'a> {
    /// A node belongs to it.
    Associate(Associate<'a>),
    /// A node belongs to it no longer.
    Dissociate(Dissociate<'a>),
}

/// A node belongs to a collection (XEP-0248, 7.5).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = ns::PUBSUB_OWNER, name = "associate", section = "XEP-0248, 7.5")]
#[non_exhaustive]
pub struct Associate<'a> {
    /// The node.
    #[xml(attr)]
    pub node: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A node belongs to a collection no longer (XEP-0248, 7.6).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = ns::PUBSUB_OWNER, name = "dissociate", section = "XEP-0248, 7.6")]
#[non_exhaustive]
pub struct Dissociate<'a> {
    /// The node.
    #[xml(attr)]
    pub node: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
