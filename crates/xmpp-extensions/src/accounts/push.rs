//! Push notifications: XEP-0357.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{AnyElement, JidCow, Payload, Rest};

use crate::base::forms::{Form, form_fields};

/// The namespace of XEP-0357.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:push:0");

/// Has one's server notify a push service (XEP-0357, 5).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "enable", section = "XEP-0357, 5")]
#[non_exhaustive]
pub struct Enable<'a> {
    /// The push service.
    #[xml(attr)]
    pub jid: JidCow<'a>,
    /// The node there. Some services do without.
    #[xml(attr)]
    pub node: Option<Cow<'a, str>>,
    /// The options with which the server is to publish: a secret, mostly.
    #[xml(child)]
    pub form: Option<Form<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Has one's server notify a push service no longer (XEP-0357, 6).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "disable", section = "XEP-0357, 6")]
#[non_exhaustive]
pub struct Disable<'a> {
    /// The push service.
    #[xml(attr)]
    pub jid: JidCow<'a>,
    /// The node there; all of them, if there is none.
    #[xml(attr)]
    pub node: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// What a push service hears: an item (XEP-0357, 7).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "notification", section = "XEP-0357, 7")]
#[non_exhaustive]
pub struct Notification<'a> {
    /// What there is to be read; see [`PushSummary`].
    #[xml(child)]
    pub form: Option<Form<'a>>,
    /// What others add.
    #[xml(any)]
    pub others: Vec<AnyElement<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

form_fields! {
    /// What there is to be read (XEP-0357, 7).
    PushSummary = "urn:xmpp:push:summary";
    /// How many messages are unread.
    message_count: one u64 = "message-count",
    /// How many want to subscribe.
    pending_subscription_count: one u64 = "pending-subscription-count",
    /// Who has sent the last message.
    last_message_sender: one JidCow<'a> = "last-message-sender",
    /// What it says.
    last_message_body: one Cow<'a, str> = "last-message-body",
}
