//! The forms of publish-subscribe, typed: XEP-0060, 16.4 (and XEP-0248).

use alloc::borrow::Cow;
use alloc::string::ToString;

use xmpp_stanza::payload::{Value, ValueKind};
use xmpp_stanza::{DateTime, IntoOwned, JidCow, Rule, Word};

use super::owner::NodeKind;
use crate::base::forms::{Form, FormKind, form_fields};

/// The `FORM_TYPE` of the options of a publication (XEP-0060, 7.1.5).
pub const PUBLISH_OPTIONS: &str = "http://jabber.org/protocol/pubsub#publish-options";

form_fields! {
    /// The configuration of a node (XEP-0060, 16.4.4), and what a publisher
    /// wants it to be (7.1.5).
    ///
    /// ```
    /// use xmpp_extensions::base::forms::FormKind;
    /// use xmpp_extensions::pubsub::configuration::{AccessModel, NodeConfig, UpTo};
    ///
    /// let mut config = NodeConfig::default();
    /// config.access_model = Some(AccessModel::Whitelist);
    /// config.max_items = Some(UpTo::Max);
    /// let form = config.to_form(FormKind::Submit);
    /// assert_eq!(form.value("pubsub#access_model"), Some("whitelist"));
    /// assert_eq!(NodeConfig::from_form(&form), Some(config));
    /// ```
    NodeConfig = "http://jabber.org/protocol/pubsub#node_config";
    /// Who may subscribe and get items.
    access_model: one AccessModel = "pubsub#access_model",
    /// A transformation of items into message bodies, as a URL.
    body_xslt: one Cow<'a, str> = "pubsub#body_xslt",
    /// Which nodes belong to it, if it is a collection (XEP-0248).
    children: many Cow<'a, str> = "pubsub#children",
    /// Who may put nodes into it (XEP-0248).
    children_association_policy: one AssociationPolicy = "pubsub#children_association_policy",
    /// Those who may put nodes into it (XEP-0248).
    children_association_whitelist: many JidCow<'a> = "pubsub#children_association_whitelist",
    /// How many nodes may belong to it (XEP-0248).
    children_max: one UpTo = "pubsub#children_max",
    /// Which collections it belongs to (XEP-0248).
    collection: many Cow<'a, str> = "pubsub#collection",
    /// Whom to ask.
    contact: many JidCow<'a> = "pubsub#contact",
    /// A transformation of items into data forms, as a URL.
    dataform_xslt: one Cow<'a, str> = "pubsub#dataform_xslt",
    /// Whether subscribers hear of items.
    deliver_notifications: one bool = "pubsub#deliver_notifications",
    /// Whether they hear what items hold.
    deliver_payloads: one bool = "pubsub#deliver_payloads",
    /// A description, for people.
    description: one Cow<'a, str> = "pubsub#description",
    /// After how many seconds items are deleted.
    item_expire: one UpTo = "pubsub#item_expire",
    /// Who gets the answers to items.
    itemreply: one ItemReply = "pubsub#itemreply",
    /// The language, unless an item says another.
    language: one Cow<'a, str> = "pubsub#language",
    /// How many items are kept.
    max_items: one UpTo = "pubsub#max_items",
    /// How many bytes an item may hold.
    max_payload_size: one u64 = "pubsub#max_payload_size",
    /// What kind of node it is.
    node_type: one NodeKind = "pubsub#node_type",
    /// The type of the messages to subscribers.
    notification_type: one NotificationType = "pubsub#notification_type",
    /// Whether subscribers hear of another configuration.
    notify_config: one bool = "pubsub#notify_config",
    /// Whether subscribers hear that the node is deleted.
    notify_delete: one bool = "pubsub#notify_delete",
    /// Whether subscribers hear that items are deleted.
    notify_retract: one bool = "pubsub#notify_retract",
    /// Whether owners hear of subscribers that come and go.
    notify_sub: one bool = "pubsub#notify_sub",
    /// Whether items are kept.
    persist_items: one bool = "pubsub#persist_items",
    /// Whether only those hear of items who are available.
    presence_based_delivery: one bool = "pubsub#presence_based_delivery",
    /// Who may publish.
    publish_model: one PublishModel = "pubsub#publish_model",
    /// What becomes of another item when there are as many as there may be.
    publish_node_full: one Cow<'a, str> = "pubsub#publish_node_full",
    /// Whether items are deleted once their publisher is unavailable.
    purge_offline: one bool = "pubsub#purge_offline",
    /// The groups of the roster that may subscribe.
    roster_groups_allowed: many Cow<'a, str> = "pubsub#roster_groups_allowed",
    /// When subscribers get the last item.
    send_last_published_item: one SendLast = "pubsub#send_last_published_item",
    /// Whether anybody may subscribe.
    subscribe: one bool = "pubsub#subscribe",
    /// Whether subscriptions end with the presence of the subscriber.
    tempsub: one bool = "pubsub#tempsub",
    /// A name, for people.
    title: one Cow<'a, str> = "pubsub#title",
    /// What items hold, mostly a namespace.
    payload_type: one Cow<'a, str> = "pubsub#type",
}

form_fields! {
    /// What a service tells of a node (XEP-0060, 16.4.3), in an answer of
    /// service discovery.
    NodeMetadata = "http://jabber.org/protocol/pubsub#meta-data";
    /// Who may subscribe and get items.
    access_model: one AccessModel = "pubsub#access_model",
    /// Whom to ask.
    contact: many JidCow<'a> = "pubsub#contact",
    /// When it was made.
    creation_date: one DateTime = "pubsub#creation_date",
    /// Who has made it.
    creator: one JidCow<'a> = "pubsub#creator",
    /// A description, for people.
    description: one Cow<'a, str> = "pubsub#description",
    /// The language, unless an item says another.
    language: one Cow<'a, str> = "pubsub#language",
    /// The node that it is linked with (XEP-0499).
    link: one Cow<'a, str> = "{urn:xmpp:pubsub-relationships:0}link",
    /// How many items are kept.
    max_items: one UpTo = "pubsub#max_items",
    /// How many subscribers there are.
    num_subscribers: one u64 = "pubsub#num_subscribers",
    /// Its owners.
    owner: many JidCow<'a> = "pubsub#owner",
    /// The node that it is below (XEP-0499).
    parent: one Cow<'a, str> = "{urn:xmpp:pubsub-relationships:0}parent",
    /// Who may publish.
    publish_model: one PublishModel = "pubsub#publish_model",
    /// Its publishers.
    publisher: many JidCow<'a> = "pubsub#publisher",
    /// A name, for people.
    title: one Cow<'a, str> = "pubsub#title",
    /// What items hold, mostly a namespace.
    payload_type: one Cow<'a, str> = "pubsub#type",
}

form_fields! {
    /// The options of a subscription (XEP-0060, 16.4.2).
    SubscriptionOptions = "http://jabber.org/protocol/pubsub#subscribe_options";
    /// Whether anything comes.
    deliver: one bool = "pubsub#deliver",
    /// Whether several things come together.
    digest: one bool = "pubsub#digest",
    /// How many milliseconds lie between such messages at least.
    digest_frequency: one u64 = "pubsub#digest_frequency",
    /// When the subscription ends.
    expire: one DateTime = "pubsub#expire",
    /// Whether a message body is wanted beside what an item holds.
    include_body: one bool = "pubsub#include_body",
    /// How available one has to be: `away`, `chat`, `dnd`, `online`, `xa`.
    show_values: many Cow<'a, str> = "pubsub#show-values",
    /// Whether to hear of items or of nodes, in a collection.
    subscription_type: one SubscriptionType = "pubsub#subscription_type",
    /// How far below a collection: `1`, or `all`.
    subscription_depth: one Cow<'a, str> = "pubsub#subscription_depth",
}

form_fields! {
    /// An owner is asked to approve a subscription (XEP-0060, 16.4.1).
    SubscribeAuthorization = "http://jabber.org/protocol/pubsub#subscribe_authorization";
    /// Whether it is approved.
    allow: one bool = "pubsub#allow",
    /// The node.
    node: one Cow<'a, str> = "pubsub#node",
    /// Who wants to subscribe.
    subscriber_jid: one JidCow<'a> = "pubsub#subscriber_jid",
    /// The id of the subscription.
    subid: one Cow<'a, str> = "pubsub#subid",
}

/// Who may subscribe and get items (XEP-0060, 4.5).
#[derive(Word, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AccessModel {
    /// Whom an owner approves.
    Authorize,
    /// Everybody.
    Open,
    /// Those who are subscribed to the owner's presence.
    Presence,
    /// Those in some groups of the owner's roster.
    Roster,
    /// Those on a list.
    Whitelist,
}

/// Who may publish (XEP-0060, 16.4.4).
#[derive(Word, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PublishModel {
    /// Publishers and owners.
    Publishers,
    /// Subscribers too.
    Subscribers,
    /// Everybody.
    Open,
}

/// When subscribers get the last item (XEP-0060, 16.4.4).
#[derive(Word, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SendLast {
    /// Never.
    Never,
    /// When they subscribe.
    #[word("on_sub")]
    OnSubscribing,
    /// When they subscribe, and when they become available.
    #[word("on_sub_and_presence")]
    OnSubscribingAndPresence,
}

/// Who gets the answers to items (XEP-0060, 16.4.4).
#[derive(Word, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ItemReply {
    /// The owner.
    Owner,
    /// The publisher.
    Publisher,
}

/// The type of the messages to subscribers (XEP-0060, 16.4.4).
#[derive(Word, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NotificationType {
    /// `normal`.
    Normal,
    /// `headline`.
    Headline,
    /// `chat`, which older versions have.
    Chat,
}

/// What a subscriber of a collection hears of (XEP-0248, 6.1).
#[derive(Word, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SubscriptionType {
    /// Items.
    Items,
    /// Nodes.
    Nodes,
}

/// Who may put nodes into a collection (XEP-0248, 7.1).
#[derive(Word, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AssociationPolicy {
    /// Everybody.
    All,
    /// Its owners.
    Owners,
    /// Those on a list.
    Whitelist,
}

/// A number of something, or as many as the service allows (XEP-0060, 16.4.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "a number or no number")]
pub enum UpTo {
    /// This number.
    Number(u64),
    /// `max`: as many as the service allows.
    Max,
}

impl Value<'_> for UpTo {
    const KIND: ValueKind = ValueKind::Other("max");

    fn read(text: Cow<'_, str>) -> Result<Self, Rule> {
        if text == "max" { Ok(Self::Max) } else { u64::read(text).map(Self::Number) }
    }

    fn write(&self, out: &mut dyn FnMut(&str)) {
        match self {
            Self::Number(number) => out(&number.to_string()),
            Self::Max => out("max"),
        }
    }
}

impl IntoOwned for UpTo {
    type Owned = Self;

    fn into_owned(self) -> Self {
        self
    }
}

impl<'a> NodeConfig<'a> {
    /// What a publisher wants the node to be; `None` if the form is about
    /// something else.
    #[must_use]
    pub fn from_publish_options(form: &'a Form<'_>) -> Option<Self> {
        (form.form_type() == Some(PUBLISH_OPTIONS)).then(|| Self::of_fields(form))
    }

    /// What the node is to be, as options of a publication.
    #[must_use]
    pub fn to_publish_options(&self) -> Form<'a> {
        self.to_form_of(PUBLISH_OPTIONS, FormKind::Submit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use xmpp_stanza::Payload as _;
    use xmpp_stanza::xml::Element;

    #[test]
    fn a_configuration_is_read_and_written() {
        let element = Element::parse(
            "<x xmlns='jabber:x:data' type='submit'>
              <field var='FORM_TYPE' type='hidden'>
                <value>http://jabber.org/protocol/pubsub#node_config</value></field>
              <field var='pubsub#title'><value>Princely Musings (Atom)</value></field>
              <field var='pubsub#deliver_notifications'><value>1</value></field>
              <field var='pubsub#persist_items'><value>perhaps</value></field>
              <field var='pubsub#max_items'><value>10</value></field>
              <field var='pubsub#item_expire'><value>604800</value></field>
              <field var='pubsub#access_model'><value>open</value></field>
              <field var='pubsub#send_last_published_item'><value/></field>
              <field var='pubsub#roster_groups_allowed'><value>a</value><value>b</value></field>
              <field var='x#own'><value>1</value></field>
            </x>",
        )
        .unwrap();
        let form = Form::parse(element.as_ref()).unwrap();
        let config = NodeConfig::from_form(&form).unwrap();
        assert_eq!(config.title.as_deref(), Some("Princely Musings (Atom)"));
        assert_eq!(config.deliver_notifications, Some(true));
        assert_eq!(config.max_items, Some(UpTo::Number(10)));
        assert_eq!(config.access_model, Some(AccessModel::Open));
        assert_eq!(config.send_last_published_item, None);
        assert_eq!(config.roster_groups_allowed, ["a", "b"]);
        // What is unknown, or has a bad value, is kept.
        let others: Vec<_> = config.others.iter().filter_map(|f| f.var.as_deref()).collect();
        assert_eq!(others, ["pubsub#persist_items", "x#own"]);
        let again = config.to_form(FormKind::Submit);
        assert_eq!(NodeConfig::from_form(&again).as_ref(), Some(&config));
        assert_eq!(NodeConfig::from_publish_options(&form), None);
        let options = config.to_publish_options();
        assert_eq!(options.form_type(), Some(PUBLISH_OPTIONS));
        assert_eq!(NodeConfig::from_publish_options(&options), Some(config));
    }

    use alloc::vec::Vec;

    #[test]
    fn numbers_and_max() {
        assert_eq!(UpTo::read("max".into()), Ok(UpTo::Max));
        assert_eq!(UpTo::read("7".into()), Ok(UpTo::Number(7)));
        assert!(UpTo::read("-1".into()).is_err());
        assert!(UpTo::read("Max".into()).is_err());
    }
}
