//! Publish-subscribe, what subscribers and publishers ask for: XEP-0060,
//! sections 5 to 7.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use xmpp_stanza::xml::ns;
use xmpp_stanza::{AnyElement, DateTime, JidCow, Payload, Rest, Word};

use super::public_subscriptions;
use crate::base::forms::Form;
use crate::base::order::Order;
use crate::base::result_set::ResultSet;

/// A request to a service, or the answer (XEP-0060, 5 to 7).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::PUBSUB, name = "pubsub", section = "XEP-0060, 17.1")]
#[non_exhaustive]
pub struct PubSub<'a> {
    /// The node, where a push service tells of an affiliation (XEP-0357, 8);
    /// else the node stands in the action.
    #[xml(attr)]
    pub node: Option<Cow<'a, str>>,
    /// What is asked for, or what has been done.
    #[xml(child)]
    pub action: Option<Action<'a>>,
    /// With `create`: the configuration of the new node.
    #[xml(child)]
    pub configure: Option<Configure<'a>>,
    /// The options of a subscription: alone, or with `subscribe`.
    #[xml(child)]
    pub options: Option<Options<'a>>,
    /// With `publish`: what the node has to be like.
    #[xml(child)]
    pub publish_options: Option<PublishOptions<'a>>,
    /// With `items`: in which order they are wanted (XEP-0413).
    #[xml(child)]
    pub order: Vec<Order<'a>>,
    /// With `items`: which page is wanted, or which one this is (XEP-0059).
    #[xml(child)]
    pub set: Option<ResultSet<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// What a request is for (XEP-0060, 17.1).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(section = "XEP-0060, 17.1")]
#[non_exhaustive]
pub enum Action<'a> {
    /// To make a node (8.1).
    Create(Create<'a>),
    /// To subscribe (6.1).
    Subscribe(Subscribe<'a>),
    /// To end a subscription (6.2).
    Unsubscribe(Unsubscribe<'a>),
    /// How a subscription is (6.1).
    Subscription(Subscription<'a>),
    /// To hear of one's subscriptions (5.6).
    Subscriptions(Subscriptions<'a>),
    /// To hear of one's affiliations (5.7).
    Affiliations(Affiliations<'a>),
    /// How one is affiliated (XEP-0357, 8).
    Affiliation(Affiliation<'a>),
    /// To hear of the default options of subscriptions (6.4).
    Default(DefaultOptions<'a>),
    /// To get items (6.5).
    Items(Items<'a>),
    /// To publish items (7.1).
    Publish(Publish<'a>),
    /// To delete items (7.2).
    Retract(Retract<'a>),
}

/// Makes a node (XEP-0060, 8.1).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::PUBSUB, name = "create", section = "XEP-0060, 8.1")]
#[non_exhaustive]
pub struct Create<'a> {
    /// Its name; the service chooses one, if there is none.
    #[xml(attr)]
    pub node: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The configuration of a new node (XEP-0060, 8.1.3).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::PUBSUB, name = "configure", section = "XEP-0060, 8.1.3")]
#[non_exhaustive]
pub struct Configure<'a> {
    /// The node; not needed beside `create`.
    #[xml(attr)]
    pub node: Option<Cow<'a, str>>,
    /// The configuration; see [`NodeConfig`](super::configuration::NodeConfig).
    #[xml(child)]
    pub form: Option<Form<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Subscribes (XEP-0060, 6.1).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = ns::PUBSUB, name = "subscribe", section = "XEP-0060, 6.1")]
#[non_exhaustive]
pub struct Subscribe<'a> {
    /// The node; the root of the service, if there is none.
    #[xml(attr)]
    pub node: Option<Cow<'a, str>>,
    /// Who subscribes: one's own address, bare or full.
    #[xml(attr)]
    pub jid: JidCow<'a>,
    /// Whether others may know of it (XEP-0465).
    #[xml(flag, ns = public_subscriptions::NS)]
    pub public: bool,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Ends a subscription (XEP-0060, 6.2).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = ns::PUBSUB, name = "unsubscribe", section = "XEP-0060, 6.2")]
#[non_exhaustive]
pub struct Unsubscribe<'a> {
    /// The node.
    #[xml(attr)]
    pub node: Option<Cow<'a, str>>,
    /// Who is subscribed.
    #[xml(attr)]
    pub jid: JidCow<'a>,
    /// Which subscription, where there are several.
    #[xml(attr)]
    pub subid: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A subscription (XEP-0060, 6.1).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = ns::PUBSUB, name = "subscription", section = "XEP-0060, 6.1")]
#[non_exhaustive]
pub struct Subscription<'a> {
    /// The node; not needed where the subscriptions of one node are listed.
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
    /// Whether it has options.
    #[xml(child)]
    pub subscribe_options: Option<SubscribeOptions<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The state of a subscription (XEP-0060, 4.2).
#[derive(Word, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SubscriptionState {
    /// There is none.
    None,
    /// An owner has to approve it.
    Pending,
    /// It is there.
    Subscribed,
    /// It is there once its options are configured.
    Unconfigured,
}

/// Says that a subscription has options (XEP-0060, 6.3.2).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::PUBSUB, name = "subscribe-options", section = "XEP-0060, 6.3.2")]
#[non_exhaustive]
pub struct SubscribeOptions<'a> {
    /// Whether they have to be configured before anything comes.
    #[xml(flag)]
    pub required: bool,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// One's subscriptions (XEP-0060, 5.6).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::PUBSUB, name = "subscriptions", section = "XEP-0060, 5.6")]
#[non_exhaustive]
pub struct Subscriptions<'a> {
    /// The node; all nodes, if there is none.
    #[xml(attr)]
    pub node: Option<Cow<'a, str>>,
    /// The subscriptions.
    #[xml(child)]
    pub subscriptions: Vec<Subscription<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// One's affiliations (XEP-0060, 5.7).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::PUBSUB, name = "affiliations", section = "XEP-0060, 5.7")]
#[non_exhaustive]
pub struct Affiliations<'a> {
    /// The node; all nodes, if there is none.
    #[xml(attr)]
    pub node: Option<Cow<'a, str>>,
    /// The affiliations.
    #[xml(child)]
    pub affiliations: Vec<Affiliation<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// How somebody is affiliated with a node (XEP-0060, 5.7).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = ns::PUBSUB, name = "affiliation", section = "XEP-0060, 5.7")]
#[non_exhaustive]
pub struct Affiliation<'a> {
    /// The node.
    #[xml(attr)]
    pub node: Option<Cow<'a, str>>,
    /// How.
    #[xml(attr)]
    pub affiliation: AffiliationKind,
    /// Who, where it is not oneself (XEP-0357, 8).
    #[xml(attr)]
    pub jid: Option<JidCow<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// What somebody may do at a node (XEP-0060, 4.1).
#[derive(Word, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AffiliationKind {
    /// Everything.
    Owner,
    /// Publish, and get items.
    Publisher,
    /// Publish.
    PublishOnly,
    /// Get items of a node with a list.
    Member,
    /// What the node lets everybody do.
    None,
    /// Nothing.
    Outcast,
}

/// The default options of subscriptions (XEP-0060, 6.4).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::PUBSUB, name = "default", section = "XEP-0060, 6.4")]
#[non_exhaustive]
pub struct DefaultOptions<'a> {
    /// The node; the service, if there is none.
    #[xml(attr)]
    pub node: Option<Cow<'a, str>>,
    /// The options; see
    /// [`SubscriptionOptions`](super::configuration::SubscriptionOptions).
    #[xml(child)]
    pub form: Option<Form<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The options of a subscription (XEP-0060, 6.3).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::PUBSUB, name = "options", section = "XEP-0060, 6.3")]
#[non_exhaustive]
pub struct Options<'a> {
    /// The node; not needed beside `subscribe`.
    #[xml(attr)]
    pub node: Option<Cow<'a, str>>,
    /// Who is subscribed; not needed beside `subscribe`.
    #[xml(attr)]
    pub jid: Option<JidCow<'a>>,
    /// Which subscription, where there are several.
    #[xml(attr)]
    pub subid: Option<Cow<'a, str>>,
    /// The options; see
    /// [`SubscriptionOptions`](super::configuration::SubscriptionOptions).
    #[xml(child)]
    pub form: Option<Form<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Items of a node (XEP-0060, 6.5).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = ns::PUBSUB, name = "items", section = "XEP-0060, 6.5")]
#[non_exhaustive]
pub struct Items<'a> {
    /// The node.
    #[xml(attr)]
    pub node: Cow<'a, str>,
    /// In a request: how many of the newest.
    #[xml(attr = "max_items")]
    pub max_items: Option<u32>,
    /// Which subscription, where there are several.
    #[xml(attr)]
    pub subid: Option<Cow<'a, str>>,
    /// The items; in a request, those whose ids they have.
    #[xml(child)]
    pub items: Vec<Item<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// An item of a node (XEP-0060, 7.1).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::PUBSUB, name = "item", section = "XEP-0060, 7.1")]
#[non_exhaustive]
pub struct Item<'a> {
    /// Its id; the service makes one, if there is none.
    #[xml(attr)]
    pub id: Option<Cow<'a, str>>,
    /// Who has published it, if the service says so (12.17).
    #[xml(attr)]
    pub publisher: Option<JidCow<'a>>,
    /// What it holds.
    #[xml(any)]
    pub payload: Option<AnyElement<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Publishes items (XEP-0060, 7.1).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = ns::PUBSUB, name = "publish", section = "XEP-0060, 7.1")]
#[non_exhaustive]
pub struct Publish<'a> {
    /// The node.
    #[xml(attr)]
    pub node: Cow<'a, str>,
    /// The items; mostly one, and none at a node for mere notifications.
    #[xml(child)]
    pub items: Vec<Item<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// What a node has to be like for an item to be published (XEP-0060, 7.1.5).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::PUBSUB, name = "publish-options", section = "XEP-0060, 7.1.5")]
#[non_exhaustive]
pub struct PublishOptions<'a> {
    /// What it has to be like; see
    /// [`NodeConfig::to_publish_options`](super::configuration::NodeConfig::to_publish_options).
    #[xml(child)]
    pub form: Option<Form<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Deletes items (XEP-0060, 7.2).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = ns::PUBSUB, name = "retract", section = "XEP-0060, 7.2")]
#[non_exhaustive]
pub struct Retract<'a> {
    /// The node.
    #[xml(attr)]
    pub node: Cow<'a, str>,
    /// Whether the subscribers are to hear of it.
    #[xml(attr)]
    pub notify: Option<bool>,
    /// The items, by their ids.
    #[xml(child)]
    pub items: Vec<Item<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

impl<'a> PubSub<'a> {
    /// A request for something, or what has been done.
    #[must_use]
    pub fn of(action: Action<'a>) -> Self {
        Self::new().with_action(action)
    }

    /// A request to publish an item.
    ///
    /// ```
    /// use xmpp_extensions::pubsub::configuration::NodeConfig;
    /// use xmpp_extensions::pubsub::requests::{Item, PubSub, PublishOptions};
    /// use xmpp_stanza::xml::Element;
    ///
    /// let tune = Element::parse("<tune xmlns='http://jabber.org/protocol/tune'/>")?;
    /// let request = PubSub::publish(
    ///     "http://jabber.org/protocol/tune",
    ///     Item::new().with_id("current").with_payload(tune),
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn publish(node: impl Into<Cow<'a, str>>, item: Item<'a>) -> Self {
        Self::of(Action::Publish(Publish::new(node).with_items([item])))
    }

    /// A request for the items of a node.
    #[must_use]
    pub fn items(node: impl Into<Cow<'a, str>>) -> Self {
        Self::of(Action::Items(Items::new(node)))
    }
}

impl<'a> Item<'a> {
    /// What it holds, if that is a `T`.
    ///
    /// # Errors
    ///
    /// If it is one, and breaks the rules of its own.
    pub fn read<'s, T: Payload<'s>>(&'s self) -> Result<Option<T>, xmpp_stanza::Invalid> {
        super::read(self.payload.as_ref())
    }
}
