//! What an account keeps at itself by publish-subscribe: XEP-0163 (personal
//! eventing), XEP-0222 (public data), XEP-0223 (private data).

use super::configuration::{AccessModel, NodeConfig, SendLast, UpTo};

/// The feature of an account that keeps public data (XEP-0222, 5) and private
/// data (XEP-0223, 5), beside `http://jabber.org/protocol/pubsub#publish-options`.
pub const PERSISTENT_ITEMS: &str = "http://jabber.org/protocol/pubsub#persistent-items";
/// The id of an item that is the only one of its node (XEP-0060, 12.21).
pub const CURRENT: &str = "current";

/// How public data is published: kept, and told when it changes alone
/// (XEP-0222, 2). Who may see it is up to the publisher.
///
/// ```
/// use xmpp_extensions::pubsub::configuration::AccessModel;
/// use xmpp_extensions::pubsub::personal;
///
/// let options = personal::public(AccessModel::Open).to_publish_options();
/// assert_eq!(options.value("pubsub#access_model"), Some("open"));
/// ```
#[must_use]
pub fn public(access_model: AccessModel) -> NodeConfig<'static> {
    NodeConfig {
        persist_items: Some(true),
        send_last_published_item: Some(SendLast::Never),
        access_model: Some(access_model),
        ..NodeConfig::default()
    }
}

/// How private data is published: kept, and for nobody else (XEP-0223, 3).
#[must_use]
pub fn private() -> NodeConfig<'static> {
    NodeConfig {
        persist_items: Some(true),
        access_model: Some(AccessModel::Whitelist),
        ..NodeConfig::default()
    }
}

/// How a list of private things is published, an item each: kept, all of them,
/// told when they change alone, and for nobody else (XEP-0402, 3.3; XEP-0490, 4.1).
#[must_use]
pub fn private_list() -> NodeConfig<'static> {
    NodeConfig {
        max_items: Some(UpTo::Max),
        send_last_published_item: Some(SendLast::Never),
        ..private()
    }
}
