//! Jingle among many: XEP-0272.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{AnyElement, JidCow, Payload, Rest};

use super::jingle::Application;
use crate::files::file_transfer::Party;

/// The namespace of these elements.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:jingle:muji:0");

/// Jingle among many: in the presence in a room, in a session, in an invitation
/// (XEP-0272, 3).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "muji", section = "XEP-0272, 3")]
#[non_exhaustive]
pub struct Muji<'a> {
    /// The room, if it is not that in which it is said.
    #[xml(attr)]
    pub room: Option<JidCow<'a>>,
    /// Whether somebody is about to join.
    #[xml(flag)]
    pub preparing: bool,
    /// What somebody takes part in.
    #[xml(child)]
    pub contents: Vec<Content<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// What somebody takes part in (XEP-0272, 3).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "content", section = "XEP-0272, 3")]
#[non_exhaustive]
pub struct Content<'a> {
    /// Who made it.
    #[xml(attr, lenient)]
    pub creator: Party,
    /// Its name.
    #[xml(attr)]
    pub name: Cow<'a, str>,
    /// What is sent.
    #[xml(child)]
    pub application: Option<Application<'a>>,
    /// What it is, if it has no type here.
    #[xml(any)]
    pub others: Vec<AnyElement<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
