//! What rooms tell their occupants: `http://jabber.org/protocol/muc#user`.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use xmpp_stanza::xml::ns;
use xmpp_stanza::{JidCow, Payload, Rest, Secret};

use super::{Affiliation, Role, Versions};

/// What a room tells of a presence or a message (XEP-0045, 19.2).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::MUC_USER, name = "x", section = "XEP-0045, 19.2")]
#[non_exhaustive]
pub struct User<'a> {
    /// Somebody declines an invitation (XEP-0045, 7.8.2).
    #[xml(child)]
    pub decline: Option<Decline<'a>>,
    /// The room does not exist any more (XEP-0045, 10.9).
    #[xml(child)]
    pub destroy: Option<Destroy<'a>>,
    /// Invitations (XEP-0045, 7.8.2).
    #[xml(child)]
    pub invite: Vec<Invite<'a>>,
    /// The version of the affiliations (XEP-0463, 5.2).
    #[xml(child)]
    pub affiliations: Option<Versions<'a>>,
    /// Who has which role and affiliation: in a presence, its sender.
    #[xml(child)]
    pub items: Vec<Item<'a>>,
    /// The room's password, for those who are invited.
    #[xml(leaf)]
    pub password: Option<Secret<'a>>,
    /// What has happened, in codes.
    #[xml(child)]
    pub statuses: Vec<Status<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

impl User<'_> {
    /// Whether it has that status code, such as [`Status::SELF_PRESENCE`].
    #[must_use]
    pub fn has(&self, code: u16) -> bool {
        self.statuses.iter().any(|status| status.code == code)
    }

    /// Whether the presence is one's own (status 110).
    #[must_use]
    pub fn is_self(&self) -> bool {
        self.has(Status::SELF_PRESENCE)
    }
}

/// Who has which role and affiliation (XEP-0045, 7.2.2).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::MUC_USER, name = "item", section = "XEP-0045, 19.2")]
#[non_exhaustive]
pub struct Item<'a> {
    /// The affiliation.
    #[xml(attr)]
    pub affiliation: Option<Affiliation>,
    /// The real address, for those who may see it.
    #[xml(attr)]
    pub jid: Option<JidCow<'a>>,
    /// The nickname; with status 303, the new one.
    #[xml(attr)]
    pub nick: Option<Cow<'a, str>>,
    /// The role.
    #[xml(attr)]
    pub role: Option<Role>,
    /// Who has changed it.
    #[xml(child)]
    pub actor: Option<Actor<'a>>,
    /// Why, for people.
    #[xml(leaf)]
    pub reason: Option<Cow<'a, str>>,
    /// The chat that goes on in the room.
    #[xml(child)]
    pub continues: Option<Continue<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Who has changed a role or an affiliation (XEP-0045, 8.2).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::MUC_USER, name = "actor", section = "XEP-0045, 8.2")]
#[non_exhaustive]
pub struct Actor<'a> {
    /// The real address, for those who may see it.
    #[xml(attr)]
    pub jid: Option<JidCow<'a>>,
    /// The nickname.
    #[xml(attr)]
    pub nick: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The chat of two that goes on in the room (XEP-0045, 7.9).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::MUC_USER, name = "continue", section = "XEP-0045, 7.9")]
#[non_exhaustive]
pub struct Continue<'a> {
    /// Its thread.
    #[xml(attr)]
    pub thread: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// An invitation by way of the room (XEP-0045, 7.8.2).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::MUC_USER, name = "invite", section = "XEP-0045, 7.8.2")]
#[non_exhaustive]
pub struct Invite<'a> {
    /// Who invites: the room says so.
    #[xml(attr)]
    pub from: Option<JidCow<'a>>,
    /// Who is invited: said to the room.
    #[xml(attr)]
    pub to: Option<JidCow<'a>>,
    /// Why, for people.
    #[xml(leaf)]
    pub reason: Option<Cow<'a, str>>,
    /// The chat that goes on in the room.
    #[xml(child)]
    pub continues: Option<Continue<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Somebody declines an invitation (XEP-0045, 7.8.2).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::MUC_USER, name = "decline", section = "XEP-0045, 7.8.2")]
#[non_exhaustive]
pub struct Decline<'a> {
    /// Who declines: the room says so.
    #[xml(attr)]
    pub from: Option<JidCow<'a>>,
    /// Who had invited: said to the room.
    #[xml(attr)]
    pub to: Option<JidCow<'a>>,
    /// Why, for people.
    #[xml(leaf)]
    pub reason: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The room does not exist any more (XEP-0045, 10.9).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::MUC_USER, name = "destroy", section = "XEP-0045, 10.9")]
#[non_exhaustive]
pub struct Destroy<'a> {
    /// Another room in its place.
    #[xml(attr)]
    pub jid: Option<JidCow<'a>>,
    /// The password of the other room.
    #[xml(leaf)]
    pub password: Option<Secret<'a>>,
    /// Why, for people.
    #[xml(leaf)]
    pub reason: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// What has happened, as a code (XEP-0045, 12).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = ns::MUC_USER, name = "status", section = "XEP-0045, 12")]
#[non_exhaustive]
pub struct Status<'a> {
    /// The code: one of the constants here, or another one.
    #[xml(attr)]
    pub code: u16,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The codes of XEP-0045, 16.6.2.
impl Status<'_> {
    /// All occupants see each other's real addresses.
    pub const NON_ANONYMOUS_ROOM: u16 = 100;
    /// One's affiliation has changed while one was away.
    pub const AFFILIATION_CHANGED: u16 = 101;
    /// The room shows unavailable members from now on.
    pub const SHOWS_UNAVAILABLE: u16 = 102;
    /// The room does not show unavailable members any more.
    pub const HIDES_UNAVAILABLE: u16 = 103;
    /// The configuration has changed, not that of privacy.
    pub const CONFIGURATION_CHANGED: u16 = 104;
    /// The presence is one's own.
    pub const SELF_PRESENCE: u16 = 110;
    /// The room is logged.
    pub const LOGGING_ENABLED: u16 = 170;
    /// The room is not logged any more.
    pub const LOGGING_DISABLED: u16 = 171;
    /// All occupants see each other's real addresses from now on.
    pub const NOW_NON_ANONYMOUS: u16 = 172;
    /// Only moderators see real addresses from now on.
    pub const NOW_SEMI_ANONYMOUS: u16 = 173;
    /// The room has been created.
    pub const CREATED: u16 = 201;
    /// The room has chosen or changed one's nickname.
    pub const NICK_CHANGED_BY_ROOM: u16 = 210;
    /// Somebody has been banned.
    pub const BANNED: u16 = 301;
    /// Somebody has a new nickname.
    pub const NICK_CHANGED: u16 = 303;
    /// Somebody has been kicked.
    pub const KICKED: u16 = 307;
    /// Somebody has been removed as the affiliation changed.
    pub const REMOVED_BY_AFFILIATION: u16 = 321;
    /// Somebody has been removed who is no member of what is now for members only.
    pub const REMOVED_AS_NON_MEMBER: u16 = 322;
    /// Somebody has been removed as the service is shut down.
    pub const REMOVED_BY_SHUTDOWN: u16 = 332;
    /// Somebody has been removed as stanzas to them failed.
    pub const REMOVED_BY_ERROR: u16 = 333;
}
