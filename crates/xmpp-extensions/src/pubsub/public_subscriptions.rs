//! Subscriptions that others may know of: XEP-0465.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{JidCow, Payload, Rest};

/// The namespace of XEP-0465. A subscription is public by the flag of
/// [`Subscribe`](super::requests::Subscribe).
pub const NS: Ns<'static> = Ns::new("urn:xmpp:pps:0");
/// The node of one's public subscriptions (XEP-0465, 4.2).
pub const SUBSCRIPTIONS_NODE: &str = "urn:xmpp:pps:subscriptions:0";

/// The node of the public subscribers of a node (XEP-0465, 4.4).
#[must_use]
pub fn subscribers_node(node: &str) -> String {
    format!("urn:xmpp:pps:subscribers:0/{node}")
}

/// An item: what somebody is subscribed to (XEP-0465, 4.2).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "subscription", section = "XEP-0465, 4.2")]
#[non_exhaustive]
pub struct PublicSubscription<'a> {
    /// The node.
    #[xml(attr)]
    pub node: Cow<'a, str>,
    /// The service or account.
    #[xml(attr)]
    pub jid: JidCow<'a>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// An item: who is subscribed (XEP-0465, 4.4).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "subscriber", section = "XEP-0465, 4.4")]
#[non_exhaustive]
pub struct PublicSubscriber<'a> {
    /// Who.
    #[xml(attr)]
    pub jid: JidCow<'a>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
