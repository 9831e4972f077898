//! Delayed delivery: XEP-0203.

use alloc::borrow::Cow;

use xmpp_stanza::xml::ns;
use xmpp_stanza::{DateTime, JidCow, Payload, Rest};

/// When a stanza was first sent (XEP-0203, 4).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = ns::DELAY, name = "delay", section = "XEP-0203, 4")]
#[non_exhaustive]
pub struct Delay<'a> {
    /// Who delayed it: a server, a room, the sender.
    #[xml(attr)]
    pub from: Option<JidCow<'a>>,
    /// When it was first sent.
    #[xml(attr)]
    pub stamp: DateTime,
    /// Why it came late, for people.
    #[xml(text)]
    pub reason: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
