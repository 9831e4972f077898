//! Roster item exchange: XEP-0144.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{JidCow, Payload, Rest, Word};

/// The namespace of these elements.
pub const NS: Ns<'static> = Ns::new("http://jabber.org/protocol/rosterx");

/// Changes that somebody proposes to one's roster (XEP-0144, 3). The user has to
/// agree, unless it comes from a gateway or a group service of one's own.
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "x", section = "XEP-0144, 3")]
#[non_exhaustive]
pub struct Exchange<'a> {
    /// The changes.
    #[xml(child)]
    pub items: Vec<Item<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A change that is proposed (XEP-0144, 3).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "item", section = "XEP-0144, 3")]
#[non_exhaustive]
pub struct Item<'a> {
    /// What is to be done.
    #[xml(attr, default)]
    pub action: Action,
    /// Whom it is about.
    #[xml(attr)]
    pub jid: JidCow<'a>,
    /// What to call them.
    #[xml(attr)]
    pub name: Option<Cow<'a, str>>,
    /// The groups.
    #[xml(leaf = "group")]
    pub groups: Vec<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// What is to be done with an item (XEP-0144, 3).
#[derive(Word, Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "XEP-0144 is stable")]
pub enum Action {
    /// It is to be added.
    #[default]
    Add,
    /// It is to be removed.
    Delete,
    /// Its name or groups are to be changed.
    Modify,
}
