//! Flexible offline message retrieval: XEP-0013. Archives (XEP-0313) have
//! taken its place.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{JidCow, Payload, Rest, Word};

use crate::base::forms::form_fields;

/// The namespace of XEP-0013, and the node to ask for the messages.
pub const NS: Ns<'static> = Ns::new("http://jabber.org/protocol/offline");

/// What to do with messages that came while one was offline, or which one a
/// message is (XEP-0013, 2).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "offline", section = "XEP-0013, 2")]
#[non_exhaustive]
pub struct Offline<'a> {
    /// Each of them.
    #[xml(child)]
    pub items: Vec<OfflineItem<'a>>,
    /// Whether to get all of them (2.6).
    #[xml(flag)]
    pub fetch: bool,
    /// Whether to delete all of them (2.7).
    #[xml(flag)]
    pub purge: bool,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A message that came while one was offline (XEP-0013, 2.4).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "item", section = "XEP-0013, 2.4")]
#[non_exhaustive]
pub struct OfflineItem<'a> {
    /// What to do.
    #[xml(attr)]
    pub action: Option<OfflineAction>,
    /// Whose message it is.
    #[xml(attr)]
    pub jid: Option<JidCow<'a>>,
    /// The node of the message.
    #[xml(attr)]
    pub node: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// What to do with a message (XEP-0013, 2.4).
#[derive(Word, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "XEP-0013 is deprecated")]
pub enum OfflineAction {
    /// To delete it.
    Remove,
    /// To get it.
    View,
}

form_fields! {
    /// What service discovery tells of the messages (XEP-0013, 2.2).
    OfflineInfo = "http://jabber.org/protocol/offline";
    /// How many there are.
    number_of_messages: one u64 = "number_of_messages",
}
