//! Multi-user chat: XEP-0045, with the versions of XEP-0463.
//!
//! Each of its namespaces has a module: [`Join`] is that of `muc` itself.

pub mod admin;
pub mod config;
pub mod owner;
pub mod unique;
pub mod user;

use alloc::borrow::Cow;

use xmpp_stanza::xml::{Ns, ns};
use xmpp_stanza::{DateTime, MessageType, Payload, Rest, Secret, StanzaRef, Word};

/// Of the versions of affiliations (XEP-0463).
pub const NS_AFFILIATIONS: Ns<'static> = Ns::new("urn:xmpp:muc:affiliations:1");

/// The feature of rooms that answer a ping to one's own occupant themselves
/// (XEP-0410, 3.3).
pub use super::self_ping::FEATURE as SELF_PING;

/// In a presence: asks to enter a room (XEP-0045, 7.2).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::MUC, name = "x", section = "XEP-0045, 7.2.1")]
#[non_exhaustive]
pub struct Join<'a> {
    /// How much of what was said before is wanted.
    #[xml(child)]
    pub history: Option<History<'a>>,
    /// The room's password (XEP-0045, 7.2.5).
    #[xml(leaf)]
    pub password: Option<Secret<'a>>,
    /// The version of the affiliations that is known (XEP-0463, 5.1).
    #[xml(child)]
    pub affiliations: Option<Versions<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// How much of what was said before is wanted; the smallest counts
/// (XEP-0045, 7.2.14).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::MUC, name = "history", section = "XEP-0045, 7.2.14")]
#[non_exhaustive]
pub struct History<'a> {
    /// At most that many characters of XML in all; 0 for no messages.
    #[xml(attr)]
    pub maxchars: Option<u32>,
    /// At most that many messages.
    #[xml(attr)]
    pub maxstanzas: Option<u32>,
    /// Only messages of that many last seconds.
    #[xml(attr)]
    pub seconds: Option<u32>,
    /// Only messages since that moment.
    #[xml(attr)]
    pub since: Option<DateTime>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// From which version of a room's affiliations to which one (XEP-0463, 5).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS_AFFILIATIONS, name = "mav", section = "XEP-0463, 5")]
#[non_exhaustive]
pub struct Versions<'a> {
    /// The version that one has; none for the whole list.
    #[xml(attr)]
    pub since: Option<Cow<'a, str>>,
    /// The version that one has afterwards.
    #[xml(attr)]
    pub until: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Whether a message sets the subject of a room: it has a `<subject/>`, and
/// neither `<body/>` nor `<thread/>` (XEP-0045, 7.2.15). One with a body is an
/// ordinary message, whatever else it has.
#[must_use]
pub fn sets_subject(message: StanzaRef<'_>) -> bool {
    let has = |name| message.element().child(message.content(), name).is_some();
    message.message_type() == Some(MessageType::Groupchat)
        && has("subject")
        && !has("body")
        && !has("thread")
}

/// What somebody is in a room while present (XEP-0045, 5.1).
#[derive(Word, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "XEP-0045 has no fifth")]
pub enum Role {
    /// Not present.
    None,
    /// May listen.
    Visitor,
    /// May speak.
    Participant,
    /// May give voice, and remove people.
    Moderator,
}

/// What somebody is to a room, present or not (XEP-0045, 5.2).
#[derive(Word, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "XEP-0045 has no sixth")]
pub enum Affiliation {
    /// Banned.
    Outcast,
    /// Nothing special.
    None,
    /// A member.
    Member,
    /// An admin.
    Admin,
    /// An owner.
    Owner,
}
