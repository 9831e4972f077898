//! Bookmarks of rooms as items: XEP-0402.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{AnyElement, Payload, Rest, Secret};

/// The namespace of XEP-0402, and the node where bookmarks are. Each is an item
/// with the address of the room as its id, published as
/// [`private_list`](super::personal::private_list)s are.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:bookmarks:1");
/// The feature of accounts whose bookmarks are the same by XEP-0048
/// (XEP-0402, 6).
pub const COMPAT_FEATURE: &str = "urn:xmpp:bookmarks:1#compat";

/// A bookmark of a room (XEP-0402, 2).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "conference", section = "XEP-0402, 2")]
#[non_exhaustive]
pub struct Conference<'a> {
    /// Whether to enter when one comes online.
    #[xml(attr, default)]
    pub autojoin: bool,
    /// A name for people.
    #[xml(attr)]
    pub name: Option<Cow<'a, str>>,
    /// The nickname to use there.
    #[xml(leaf)]
    pub nick: Option<Cow<'a, str>>,
    /// The password of the room.
    #[xml(leaf)]
    pub password: Option<Secret<'a>>,
    /// What others keep in it. It has to be published again with it.
    #[xml(child)]
    pub extensions: Option<Extensions<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// What others keep in a bookmark (XEP-0402, 2).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "extensions", section = "XEP-0402, 2")]
#[non_exhaustive]
pub struct Extensions<'a> {
    /// Elements of any kind.
    #[xml(any)]
    pub elements: Vec<AnyElement<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
