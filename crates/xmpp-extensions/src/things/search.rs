//! Search: XEP-0055.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{JidCow, Payload, Rest};

use crate::base::forms::{Form, form_fields};
use crate::base::result_set::ResultSet;

/// The namespace of these elements, and the `FORM_TYPE` of its forms.
pub const NS: Ns<'static> = Ns::new("jabber:iq:search");

/// A search: an iq of type `get` asks what can be searched for, one of type `set`
/// searches (XEP-0055, 2.1).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "query", section = "XEP-0055, 2.1")]
#[non_exhaustive]
pub struct Query<'a> {
    /// What is to be done, for people.
    #[xml(leaf)]
    pub instructions: Option<Cow<'a, str>>,
    /// The given name.
    #[xml(leaf)]
    pub first: Option<Cow<'a, str>>,
    /// The family name.
    #[xml(leaf)]
    pub last: Option<Cow<'a, str>>,
    /// The nickname.
    #[xml(leaf)]
    pub nick: Option<Cow<'a, str>>,
    /// The address of mail.
    #[xml(leaf)]
    pub email: Option<Cow<'a, str>>,
    /// What was found.
    #[xml(child)]
    pub items: Vec<Item<'a>>,
    /// The form, or what was found (3).
    #[xml(child)]
    pub form: Option<Form<'a>>,
    /// Which part of it (XEP-0059, 2.6).
    #[xml(child)]
    pub set: Option<ResultSet<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Somebody who was found (XEP-0055, 2.1).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "item", section = "XEP-0055, 2.1")]
#[non_exhaustive]
pub struct Item<'a> {
    /// The address.
    #[xml(attr)]
    pub jid: JidCow<'a>,
    /// The given name.
    #[xml(leaf)]
    pub first: Option<Cow<'a, str>>,
    /// The family name.
    #[xml(leaf)]
    pub last: Option<Cow<'a, str>>,
    /// The nickname.
    #[xml(leaf)]
    pub nick: Option<Cow<'a, str>>,
    /// The address of mail.
    #[xml(leaf)]
    pub email: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

form_fields! {
    /// The fields of a search that has a form (XEP-0055, 7.2).
    SearchFields = "jabber:iq:search";
    /// The given name.
    first: one Cow<'a, str> = "first",
    /// The family name.
    last: one Cow<'a, str> = "last",
    /// The nickname.
    nick: one Cow<'a, str> = "nick",
    /// The address of mail.
    email: one Cow<'a, str> = "email",
}
