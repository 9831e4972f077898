//! Bookmarks in one element: XEP-0048. Newer ones are items of a node
//! (XEP-0402).

use alloc::borrow::Cow;
use alloc::vec::Vec;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{JidCow, Payload, Rest, Secret};

/// The namespace of XEP-0048, and the node where the element is, if it is not
/// in private storage.
pub const NS: Ns<'static> = Ns::new("storage:bookmarks");

/// All bookmarks (XEP-0048, 2).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "storage", section = "XEP-0048, 2")]
#[non_exhaustive]
pub struct BookmarkStorage<'a> {
    /// The bookmarks of rooms.
    #[xml(child)]
    pub conferences: Vec<StoredConference<'a>>,
    /// The bookmarks of web pages.
    #[xml(child)]
    pub urls: Vec<StoredUrl<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A bookmark of a room (XEP-0048, 2.1).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "conference", section = "XEP-0048, 2.1")]
#[non_exhaustive]
pub struct StoredConference<'a> {
    /// The room.
    #[xml(attr)]
    pub jid: JidCow<'a>,
    /// A name for people. The schema has it always there; peers leave it out.
    #[xml(attr)]
    pub name: Option<Cow<'a, str>>,
    /// Whether to enter when one comes online.
    #[xml(attr, default)]
    pub autojoin: bool,
    /// The nickname to use there.
    #[xml(leaf)]
    pub nick: Option<Cow<'a, str>>,
    /// The password of the room.
    #[xml(leaf)]
    pub password: Option<Secret<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A bookmark of a page (XEP-0048, 2.2).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "url", section = "XEP-0048, 2.2")]
#[non_exhaustive]
pub struct StoredUrl<'a> {
    /// A name for people.
    #[xml(attr)]
    pub name: Option<Cow<'a, str>>,
    /// The page.
    #[xml(attr)]
    pub url: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
