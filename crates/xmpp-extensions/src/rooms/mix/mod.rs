//! Mediated information exchange: XEP-0369, with XEP-0403 and XEP-0405.

pub mod pam;

use alloc::borrow::Cow;
use alloc::vec::Vec;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{JidCow, Payload, Rest};

/// The namespace of these elements.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:mix:core:1");

/// The node of messages (XEP-0369, 4.7).
pub const MESSAGES: &str = "urn:xmpp:mix:nodes:messages";
/// The node of who takes part.
pub const PARTICIPANTS: &str = "urn:xmpp:mix:nodes:participants";
/// The node of who is there (XEP-0403).
pub const PRESENCE: &str = "urn:xmpp:mix:nodes:presence";
/// The node of what the channel is about.
pub const INFORMATION: &str = "urn:xmpp:mix:nodes:info";

/// Asks to take part in a channel, or tells as whom one does (XEP-0369, 7.1.2).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "join", section = "XEP-0369, 7.1.2")]
#[non_exhaustive]
pub struct Join<'a> {
    /// In the answer: one's id in the channel.
    #[xml(attr)]
    pub id: Option<Cow<'a, str>>,
    /// In the answer of older channels: one's address in the channel.
    #[xml(attr)]
    pub jid: Option<JidCow<'a>>,
    /// Which nodes one is, or wants to be, subscribed to.
    #[xml(child)]
    pub subscribe: Vec<Subscribe<'a>>,
    /// The nickname.
    #[xml(leaf)]
    pub nick: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A node that one is, or wants to be, subscribed to (XEP-0369, 7.1.2).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "subscribe", section = "XEP-0369, 7.1.2")]
#[non_exhaustive]
pub struct Subscribe<'a> {
    /// The node: [`MESSAGES`] or another one.
    #[xml(attr)]
    pub node: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A node that one is not subscribed to any more (XEP-0369, 7.1.2).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "unsubscribe", section = "XEP-0369, 7.1.2")]
#[non_exhaustive]
pub struct Unsubscribe<'a> {
    /// The node.
    #[xml(attr)]
    pub node: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Changes which nodes one is subscribed to (XEP-0369, 7.1.2).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "update-subscription", section = "XEP-0369, 7.1.2")]
#[non_exhaustive]
pub struct UpdateSubscription<'a> {
    /// In the answer: who is.
    #[xml(attr)]
    pub jid: Option<JidCow<'a>>,
    /// Those that are added.
    #[xml(child)]
    pub subscribe: Vec<Subscribe<'a>>,
    /// Those that are taken away.
    #[xml(child)]
    pub unsubscribe: Vec<Unsubscribe<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Takes part no more (XEP-0369, 7.1.3).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "leave", section = "XEP-0369, 7.1.3")]
#[non_exhaustive]
pub struct Leave<'a> {
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Changes the nickname, or tells the new one (XEP-0369, 7.1.4).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "setnick", section = "XEP-0369, 7.1.4")]
#[non_exhaustive]
pub struct SetNick<'a> {
    /// The nickname.
    #[xml(leaf)]
    pub nick: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Makes a channel, or tells its name (XEP-0369, 7.3.2).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "create", section = "XEP-0369, 7.3.2")]
#[non_exhaustive]
pub struct Create<'a> {
    /// The localpart of its address; without it the service chooses one.
    #[xml(attr)]
    pub channel: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Destroys a channel (XEP-0369, 7.3.4).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "destroy", section = "XEP-0369, 7.3.4")]
#[non_exhaustive]
pub struct Destroy<'a> {
    /// The localpart of its address.
    #[xml(attr)]
    pub channel: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Who takes part, as an item of the node [`PARTICIPANTS`] (XEP-0369, 4.7.3).
/// The item's id is the participant's.
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "participant", section = "XEP-0369, 4.7.3")]
#[non_exhaustive]
pub struct Participant<'a> {
    /// The nickname.
    #[xml(leaf)]
    pub nick: Option<Cow<'a, str>>,
    /// The real address, if it is told.
    #[xml(leaf)]
    pub jid: Option<JidCow<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Who has sent a message, as the channel says (XEP-0369, 7.1.6).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "mix", section = "XEP-0369, 7.1.6")]
#[non_exhaustive]
pub struct Sender<'a> {
    /// The nickname.
    #[xml(leaf)]
    pub nick: Option<Cow<'a, str>>,
    /// The real address, if it is told.
    #[xml(leaf)]
    pub jid: Option<JidCow<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
