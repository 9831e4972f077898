//! Calls that all devices hear of: XEP-0353.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{AnyElement, Payload, Rest};

use super::jingle::{Application, Reason};

/// The namespace of these elements.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:jingle-message:0");

/// Somebody calls (XEP-0353, 3.1).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "propose", section = "XEP-0353, 3.1")]
#[non_exhaustive]
pub struct Propose<'a> {
    /// The id of the session to be.
    #[xml(attr)]
    pub id: Cow<'a, str>,
    /// What the call is about: descriptions, which are empty but for the media.
    #[xml(child)]
    pub applications: Vec<Application<'a>>,
    /// Descriptions that have no type here.
    #[xml(any)]
    pub others: Vec<AnyElement<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A device rings (XEP-0353, 3.2).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "ringing", section = "XEP-0353, 3.2")]
#[non_exhaustive]
pub struct Ringing<'a> {
    /// The id of the session to be.
    #[xml(attr)]
    pub id: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The call is not wanted any more (XEP-0353, 3.3).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "retract", section = "XEP-0353, 3.3")]
#[non_exhaustive]
pub struct Retract<'a> {
    /// The id of the session to be.
    #[xml(attr)]
    pub id: Cow<'a, str>,
    /// Why.
    #[xml(child)]
    pub reason: Option<Reason<'a>>,
    /// Whether it is so because both have called at a time (4.1).
    #[xml(flag = "tie-break")]
    pub tie_break: bool,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The call is taken: Jingle may begin (XEP-0353, 3.4).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "proceed", section = "XEP-0353, 3.4")]
#[non_exhaustive]
pub struct Proceed<'a> {
    /// The id of the session to be.
    #[xml(attr)]
    pub id: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The call is taken, to the other devices of the one who takes it: of version 0.3, not
/// in the text any more (XEP-0353, 3.4).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "accept", section = "XEP-0353, 3.4")]
#[non_exhaustive]
pub struct Accept<'a> {
    /// The id of the session to be.
    #[xml(attr)]
    pub id: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The call is not taken (XEP-0353, 3.5).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "reject", section = "XEP-0353, 3.5")]
#[non_exhaustive]
pub struct Reject<'a> {
    /// The id of the session to be.
    #[xml(attr)]
    pub id: Cow<'a, str>,
    /// Why.
    #[xml(child)]
    pub reason: Option<Reason<'a>>,
    /// Whether it is so because both have called at a time (4.1).
    #[xml(flag = "tie-break")]
    pub tie_break: bool,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The call is over (XEP-0353, 3.7).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "finish", section = "XEP-0353, 3.7")]
#[non_exhaustive]
pub struct Finish<'a> {
    /// The id of the session.
    #[xml(attr)]
    pub id: Cow<'a, str>,
    /// Why.
    #[xml(child)]
    pub reason: Option<Reason<'a>>,
    /// The session that takes its place.
    #[xml(child)]
    pub migrated: Option<Migrated<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The session that takes the place of one (XEP-0353, 4.2).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "migrated", section = "XEP-0353, 4.2")]
#[non_exhaustive]
pub struct Migrated<'a> {
    /// Its id.
    #[xml(attr)]
    pub to: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
