//! Invitations to calls: XEP-0482.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{AnyElement, JidCow, Payload, Rest};

use super::meetings::Meeting;
use super::muji::Muji;

/// The namespace of these elements.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:call-invites:0");

/// Invites to a call. The id of the message is the id of the call (XEP-0482, 2.1).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "invite", section = "XEP-0482, 2.1")]
#[non_exhaustive]
pub struct Invite<'a> {
    /// Whether pictures are wanted.
    #[xml(attr, default)]
    pub video: bool,
    /// Whether sound is wanted; it is, if it does not say.
    #[xml(attr)]
    pub audio: Option<bool>,
    /// By Jingle.
    #[xml(child)]
    pub jingle: Vec<JingleSession<'a>>,
    /// By something else that has a URI.
    #[xml(child)]
    pub external: Vec<External<'a>>,
    /// What the meeting on the web is (XEP-0483).
    #[xml(child)]
    pub meeting: Option<Meeting<'a>>,
    /// By a conference of many (XEP-0272).
    #[xml(child)]
    pub muji: Option<Muji<'a>>,
    /// By other means.
    #[xml(any)]
    pub others: Vec<AnyElement<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The call is not wanted any more (XEP-0482, 2.2).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "retract", section = "XEP-0482, 2.2")]
#[non_exhaustive]
pub struct Retract<'a> {
    /// The id of the message that has invited.
    #[xml(attr)]
    pub id: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The call is taken, by one of the means of the invitation (XEP-0482, 2.3).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "accept", section = "XEP-0482, 2.3")]
#[non_exhaustive]
pub struct Accept<'a> {
    /// The id of the message that has invited.
    #[xml(attr)]
    pub id: Cow<'a, str>,
    /// By Jingle.
    #[xml(child)]
    pub jingle: Vec<JingleSession<'a>>,
    /// By something else that has a URI.
    #[xml(child)]
    pub external: Vec<External<'a>>,
    /// What the meeting on the web is (XEP-0483).
    #[xml(child)]
    pub meeting: Option<Meeting<'a>>,
    /// By a conference of many (XEP-0272).
    #[xml(child)]
    pub muji: Option<Muji<'a>>,
    /// By other means.
    #[xml(any)]
    pub others: Vec<AnyElement<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The call is not taken (XEP-0482, 2.4).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "reject", section = "XEP-0482, 2.4")]
#[non_exhaustive]
pub struct Reject<'a> {
    /// The id of the message that has invited.
    #[xml(attr)]
    pub id: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Somebody has left the call (XEP-0482, 2.5).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "left", section = "XEP-0482, 2.5")]
#[non_exhaustive]
pub struct Left<'a> {
    /// The id of the message that has invited.
    #[xml(attr)]
    pub id: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// By Jingle (XEP-0482, 2.1).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "jingle", section = "XEP-0482, 2.1")]
#[non_exhaustive]
pub struct JingleSession<'a> {
    /// The id of the session.
    #[xml(attr)]
    pub sid: Cow<'a, str>,
    /// Who begins the session; the sender of the invitation, if there is none.
    #[xml(attr)]
    pub jid: Option<JidCow<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// By something else (XEP-0482, 2.1).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "external", section = "XEP-0482, 2.1")]
#[non_exhaustive]
pub struct External<'a> {
    /// Its URI: a page of the web, a telephone number.
    #[xml(attr)]
    pub uri: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
