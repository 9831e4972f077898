//! Rooms, configured and destroyed: `http://jabber.org/protocol/muc#owner`.

use alloc::borrow::Cow;

use xmpp_stanza::xml::ns;
use xmpp_stanza::{JidCow, Payload, Rest, Secret};

use crate::base::forms::Form;

/// Asks for the configuration, is it, or changes it; or destroys the room
/// (XEP-0045, 10).
///
/// An empty form of type `submit` makes an instant room; one of type `cancel`
/// leaves a new room unmade (XEP-0045, 10.1).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::MUC_OWNER, name = "query", section = "XEP-0045, 19.4")]
#[non_exhaustive]
pub struct Query<'a> {
    /// The configuration; [`Config`](super::config::Config) reads it.
    #[xml(child)]
    pub form: Option<Form<'a>>,
    /// Destroys the room.
    #[xml(child)]
    pub destroy: Option<Destroy<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Destroys a room (XEP-0045, 10.9).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::MUC_OWNER, name = "destroy", section = "XEP-0045, 10.9")]
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
