//! Roles and affiliations, asked for and changed:
//! `http://jabber.org/protocol/muc#admin`.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use xmpp_stanza::xml::ns;
use xmpp_stanza::{JidCow, Payload, Rest};

use super::{Affiliation, Role};

/// Asks for a list, is a list, or changes some of it (XEP-0045, 8 and 9).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::MUC_ADMIN, name = "query", section = "XEP-0045, 19.3")]
#[non_exhaustive]
pub struct Query<'a> {
    /// In a request: a role or an affiliation alone. Else who has, or gets, which.
    #[xml(child)]
    pub items: Vec<Item<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Who has, or gets, which role or affiliation (XEP-0045, 19.3).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::MUC_ADMIN, name = "item", section = "XEP-0045, 19.3")]
#[non_exhaustive]
pub struct Item<'a> {
    /// The affiliation.
    #[xml(attr)]
    pub affiliation: Option<Affiliation>,
    /// The real address: affiliations belong to it.
    #[xml(attr)]
    pub jid: Option<JidCow<'a>>,
    /// The nickname: roles belong to it.
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
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Who has changed a role or an affiliation (XEP-0045, 19.3).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::MUC_ADMIN, name = "actor", section = "XEP-0045, 19.3")]
#[non_exhaustive]
pub struct Actor<'a> {
    /// The real address.
    #[xml(attr)]
    pub jid: Option<JidCow<'a>>,
    /// The nickname.
    #[xml(attr)]
    pub nick: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
