//! What people attach to items of others: XEP-0470.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{AnyElement, DateTime, Payload, Rest};

/// The namespace of attachments; the name of their node begins with it, and
/// the URI of the item follows behind `/` (XEP-0470, 4.1).
pub const NS: Ns<'static> = Ns::new("urn:xmpp:pubsub-attachments:1");
/// The namespace of summaries; the name of their node begins with it, and that
/// of the other node follows behind `/` (XEP-0470, 4.6).
pub const SUMMARY_NS: Ns<'static> = Ns::new("urn:xmpp:pubsub-attachments:summary:1");

/// What somebody attaches to an item (XEP-0470, 4.1). It is an item with the
/// bare JID of that somebody as its id.
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "attachments", section = "XEP-0470, 4.1")]
#[non_exhaustive]
pub struct Attachments<'a> {
    /// He or she has noticed it.
    #[xml(child)]
    pub noticed: Option<Noticed<'a>>,
    /// Emojis.
    #[xml(child)]
    pub reactions: Option<Reactions<'a>>,
    /// Attachments of other kinds. They have to be published again with these.
    #[xml(any)]
    pub others: Vec<AnyElement<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Somebody has noticed an item (XEP-0470, 4.7).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "noticed", section = "XEP-0470, 4.7")]
#[non_exhaustive]
pub struct Noticed<'a> {
    /// When it was attached.
    #[xml(attr)]
    pub timestamp: Option<DateTime>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Emojis that somebody attaches to an item (XEP-0470, 4.8).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "reactions", section = "XEP-0470, 4.8")]
#[non_exhaustive]
pub struct Reactions<'a> {
    /// When they were attached.
    #[xml(attr)]
    pub timestamp: Option<DateTime>,
    /// The emojis, each once.
    #[xml(leaf = "reaction")]
    pub reactions: Vec<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// What all have attached to an item (XEP-0470, 4.6). It is an item with the
/// id of the other item.
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = SUMMARY_NS, name = "summary", section = "XEP-0470, 4.6")]
#[non_exhaustive]
pub struct Summary<'a> {
    /// How many have noticed it.
    #[xml(child)]
    pub noticed: Option<NoticedCount<'a>>,
    /// Emojis.
    #[xml(child)]
    pub reactions: Option<ReactionCounts<'a>>,
    /// Summaries of other kinds.
    #[xml(any)]
    pub others: Vec<AnyElement<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// How many have noticed an item (XEP-0470, 4.7).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = SUMMARY_NS, name = "noticed", section = "XEP-0470, 4.7")]
#[non_exhaustive]
pub struct NoticedCount<'a> {
    /// How many there are.
    #[xml(attr)]
    pub count: u64,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The emojis of all (XEP-0470, 4.8).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = SUMMARY_NS, name = "reactions", section = "XEP-0470, 4.8")]
#[non_exhaustive]
pub struct ReactionCounts<'a> {
    /// Each once.
    #[xml(child)]
    pub reactions: Vec<ReactionCount<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// How many have attached an emoji (XEP-0470, 4.8).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = SUMMARY_NS, name = "reaction", section = "XEP-0470, 4.8")]
#[non_exhaustive]
pub struct ReactionCount<'a> {
    /// How many there are; one, if it is not said.
    #[xml(attr)]
    pub count: Option<u64>,
    /// The emoji.
    #[xml(text)]
    pub emoji: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
