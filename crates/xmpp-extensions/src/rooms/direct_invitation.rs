//! Direct invitations to rooms: XEP-0249.

use alloc::borrow::Cow;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{JidCow, Payload, Rest, Secret};

/// The namespace of these elements.
pub const NS: Ns<'static> = Ns::new("jabber:x:conference");

/// An invitation that goes from one person to another (XEP-0249, 2).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "x", section = "XEP-0249, 2")]
#[non_exhaustive]
pub struct Invitation<'a> {
    /// Whether a chat of two goes on in the room.
    #[xml(attr = "continue", default)]
    pub continues: bool,
    /// The room.
    #[xml(attr)]
    pub jid: JidCow<'a>,
    /// The room's password.
    #[xml(attr)]
    pub password: Option<Secret<'a>>,
    /// Why, for people.
    #[xml(attr)]
    pub reason: Option<Cow<'a, str>>,
    /// The thread of the chat that goes on.
    #[xml(attr)]
    pub thread: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
