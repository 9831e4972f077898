//! Channels by way of one's own server: XEP-0405.

use alloc::borrow::Cow;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{JidCow, Payload, Rest};

use super::{Join, Leave};

/// Of what is asked of one's own server.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:mix:pam:2");
/// Of what one's roster says of channels.
pub const NS_ROSTER: Ns<'static> = Ns::new("urn:xmpp:mix:roster:0");

/// Has one's own server join a channel, or tells that it has (XEP-0405, 3.1).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "client-join", section = "XEP-0405, 3.1")]
#[non_exhaustive]
pub struct ClientJoin<'a> {
    /// The channel.
    #[xml(attr)]
    pub channel: Option<JidCow<'a>>,
    /// What is said to it, or what it has answered.
    #[xml(child)]
    pub join: Option<Join<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Has one's own server leave a channel, or tells that it has (XEP-0405, 3.2).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "client-leave", section = "XEP-0405, 3.2")]
#[non_exhaustive]
pub struct ClientLeave<'a> {
    /// The channel.
    #[xml(attr)]
    pub channel: Option<JidCow<'a>>,
    /// What is said to it, or what it has answered.
    #[xml(child)]
    pub leave: Option<Leave<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// In a roster item: it is a channel (XEP-0405, 3.3).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS_ROSTER, name = "channel", section = "XEP-0405, 3.3")]
#[non_exhaustive]
pub struct Channel<'a> {
    /// One's id in it.
    #[xml(attr)]
    pub participant_id: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
