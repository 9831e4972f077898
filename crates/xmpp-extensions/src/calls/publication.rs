//! Sessions that can be asked for: XEP-0358.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{AnyElement, JidCow, Payload, Rest};

use super::jingle::Application;

/// The namespace of these elements.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:jinglepub:1");

/// A session that can be asked for: in a message, as an item, as the source of a file
/// (XEP-0358, 2.1).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "jinglepub", section = "XEP-0358, 2.1")]
#[non_exhaustive]
pub struct JinglePublication<'a> {
    /// Whom to ask.
    #[xml(attr)]
    pub from: JidCow<'a>,
    /// Its id.
    #[xml(attr)]
    pub id: Cow<'a, str>,
    /// What it is, for people.
    #[xml(attr)]
    pub description: Option<Cow<'a, str>>,
    /// Its title.
    #[xml(attr)]
    pub title: Option<Cow<'a, str>>,
    /// Where else it can be found.
    #[xml(leaf)]
    pub uri: Option<Cow<'a, str>>,
    /// What it is, for people, by language.
    #[xml(child)]
    pub metas: Vec<Meta<'a>>,
    /// What is sent.
    #[xml(child)]
    pub applications: Vec<Application<'a>>,
    /// Descriptions that have no type here.
    #[xml(any)]
    pub others: Vec<AnyElement<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// What a session is, for people (XEP-0358, 2.1).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "meta", section = "XEP-0358, 2.1")]
#[non_exhaustive]
pub struct Meta<'a> {
    /// The language.
    #[xml(lang)]
    pub lang: Option<Cow<'a, str>>,
    /// What it is.
    #[xml(attr)]
    pub summary: Option<Cow<'a, str>>,
    /// Its title.
    #[xml(attr)]
    pub title: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Asks for a session: an iq of type `get` (XEP-0358, 2.2).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "start", section = "XEP-0358, 2.2")]
#[non_exhaustive]
pub struct Start<'a> {
    /// The id of what is published.
    #[xml(attr)]
    pub id: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The session begins (XEP-0358, 2.2).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "starting", section = "XEP-0358, 2.2")]
#[non_exhaustive]
pub struct Starting<'a> {
    /// The id of the session.
    #[xml(attr)]
    pub sid: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
