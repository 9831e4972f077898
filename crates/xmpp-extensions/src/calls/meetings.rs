//! Meetings on the web: XEP-0483.

use alloc::borrow::Cow;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{DateTime, Payload, Rest};

use super::invites::Invite;

/// The namespace of these elements.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:http:online-meetings:0");

/// Asks for a meeting, and tells of it (XEP-0483, 4).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "query", section = "XEP-0483, 4")]
#[non_exhaustive]
pub struct Query<'a> {
    /// What the meeting is to use, such as `jitsi`.
    #[xml(attr = "type")]
    pub kind: Option<Cow<'a, str>>,
    /// The id of the meeting that is asked for.
    #[xml(attr)]
    pub id: Option<Cow<'a, str>>,
    /// What it is about.
    #[xml(leaf)]
    pub desc: Option<Cow<'a, str>>,
    /// The meeting.
    #[xml(child)]
    pub initiate: Option<Initiate<'a>>,
    /// The invitation to send.
    #[xml(child)]
    pub invite: Option<Invite<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A meeting that there is now (XEP-0483, 4).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "initiate", section = "XEP-0483, 4")]
#[non_exhaustive]
pub struct Initiate<'a> {
    /// What it uses.
    #[xml(attr = "type")]
    pub kind: Option<Cow<'a, str>>,
    /// Where it is.
    #[xml(leaf)]
    pub url: Cow<'a, str>,
    /// What it is about.
    #[xml(leaf)]
    pub desc: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// What a meeting is, in an invitation (XEP-0482) (XEP-0483, 6.1).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "meeting", section = "XEP-0483, 6.1")]
#[non_exhaustive]
pub struct Meeting<'a> {
    /// What it uses.
    #[xml(attr = "type")]
    pub kind: Option<Cow<'a, str>>,
    /// Where it is.
    #[xml(attr)]
    pub url: Option<Cow<'a, str>>,
    /// What it is about.
    #[xml(attr)]
    pub desc: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// When to ask again, beside the condition of an error (XEP-0483, 5).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "retry", section = "XEP-0483, 5")]
#[non_exhaustive]
pub struct Retry<'a> {
    /// The time.
    #[xml(attr)]
    pub stamp: DateTime,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
