//! Inboxes: XEP-0430.

use alloc::borrow::Cow;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{JidCow, Payload, Rest};

use crate::base::result_set::ResultSet;

/// The namespace of XEP-0430.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:inbox:1");

/// Asks for one's conversations (XEP-0430, 3.1).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "inbox", section = "XEP-0430, 3.1")]
#[non_exhaustive]
pub struct Inbox<'a> {
    /// Whether those alone are wanted in which something is unread. They are
    /// not, if it is not there.
    #[xml(attr)]
    pub unread_only: Option<bool>,
    /// Whether the last message of each is wanted. It is, if this is not there.
    #[xml(attr)]
    pub messages: Option<bool>,
    /// Which page is wanted.
    #[xml(child)]
    pub set: Option<ResultSet<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A conversation, in a message (XEP-0430, 3.1). Beside it is its last message,
/// if that is wanted: an
/// [`ArchivedStanza`](super::query::ArchivedStanza).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "entry", section = "XEP-0430, 3.1")]
#[non_exhaustive]
pub struct InboxEntry<'a> {
    /// With whom.
    #[xml(attr)]
    pub jid: JidCow<'a>,
    /// How many messages are unread.
    #[xml(attr)]
    pub unread: u64,
    /// The id of the last message in the archive.
    #[xml(attr)]
    pub id: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The end of the conversations (XEP-0430, 3.1).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "fin", section = "XEP-0430, 3.1")]
#[non_exhaustive]
pub struct InboxFin<'a> {
    /// How many conversations there are.
    #[xml(attr)]
    pub total: Option<u64>,
    /// In how many of them something is unread.
    #[xml(attr)]
    pub unread: Option<u64>,
    /// How many messages are unread in all.
    #[xml(attr)]
    pub all_unread: Option<u64>,
    /// The ends of the page.
    #[xml(child)]
    pub set: Option<ResultSet<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
