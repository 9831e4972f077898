//! Publish-subscribe, why a request was refused: XEP-0060, section 11.

use alloc::borrow::Cow;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{Payload, Rest};

/// The namespace of these conditions.
pub const NS: Ns<'static> = Ns::new("http://jabber.org/protocol/pubsub#errors");

/// A condition of a stanza error, beside the defined one (XEP-0060, 17.2).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, section = "XEP-0060, 17.2")]
#[non_exhaustive]
pub enum PubSubError<'a> {
    /// The node is closed.
    #[xml(name = "closed-node")]
    ClosedNode,
    /// The subscription has to be configured first.
    #[xml(name = "configuration-required")]
    ConfigurationRequired,
    /// The address is not that of the one who asks.
    #[xml(name = "invalid-jid")]
    InvalidJid,
    /// The options are not valid.
    #[xml(name = "invalid-options")]
    InvalidOptions,
    /// The item holds more than one element, or another one than the node's.
    #[xml(name = "invalid-payload")]
    InvalidPayload,
    /// There is no subscription of that id.
    #[xml(name = "invalid-subid")]
    InvalidSubid,
    /// The node takes no items.
    #[xml(name = "item-forbidden")]
    ItemForbidden,
    /// There has to be an item.
    #[xml(name = "item-required")]
    ItemRequired,
    /// There has to be an address.
    #[xml(name = "jid-required")]
    JidRequired,
    /// The node has as many items as it may have.
    #[xml(name = "max-items-exceeded")]
    MaxItemsExceeded,
    /// The collection has as many nodes as it may have.
    #[xml(name = "max-nodes-exceeded")]
    MaxNodesExceeded,
    /// There has to be a node.
    #[xml(name = "nodeid-required")]
    NodeidRequired,
    /// The subscriber is in none of the roster groups that may subscribe.
    #[xml(name = "not-in-roster-group")]
    NotInRosterGroup,
    /// There is no subscription.
    #[xml(name = "not-subscribed")]
    NotSubscribed,
    /// What the item holds is too big.
    #[xml(name = "payload-too-big")]
    PayloadTooBig,
    /// The item has to hold something.
    #[xml(name = "payload-required")]
    PayloadRequired,
    /// An owner has to approve the subscription.
    #[xml(name = "pending-subscription")]
    PendingSubscription,
    /// The node is not what the publish options say.
    #[xml(name = "precondition-not-met")]
    PreconditionNotMet,
    /// One has to be subscribed to the owner's presence.
    #[xml(name = "presence-subscription-required")]
    PresenceSubscriptionRequired,
    /// There has to be the id of a subscription.
    #[xml(name = "subid-required")]
    SubidRequired,
    /// There are too many subscriptions.
    #[xml(name = "too-many-subscriptions")]
    TooManySubscriptions,
    /// The service cannot do that.
    Unsupported(Unsupported<'a>),
    /// The service has no such access model.
    #[xml(name = "unsupported-access-model")]
    UnsupportedAccessModel,
}

/// The service cannot do that (XEP-0060, 17.2).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "unsupported", section = "XEP-0060, 17.2")]
#[non_exhaustive]
pub struct Unsupported<'a> {
    /// The feature that it does not have: the part behind
    /// `http://jabber.org/protocol/pubsub#`.
    #[xml(attr)]
    pub feature: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
