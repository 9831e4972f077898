//! Contents that belong together: XEP-0338.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{Payload, Rest};

/// The namespace of these elements.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:jingle:apps:grouping:0");

/// Contents that belong together (RFC 5888) (XEP-0338, 2).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "group", section = "XEP-0338, 2")]
#[non_exhaustive]
pub struct Group<'a> {
    /// How: `LS` if they are played together, `BUNDLE` if they share a transport.
    #[xml(attr)]
    pub semantics: Cow<'a, str>,
    /// The contents.
    #[xml(child)]
    pub contents: Vec<GroupedContent<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A content of a group (XEP-0338, 2).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "content", section = "XEP-0338, 2")]
#[non_exhaustive]
pub struct GroupedContent<'a> {
    /// The name of the content.
    #[xml(attr)]
    pub name: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
