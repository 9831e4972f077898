//! The sources of RTP: XEP-0339.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{Payload, Rest};

/// The namespace of these elements.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:jingle:apps:rtp:ssma:0");

/// A source of RTP (RFC 5576) (XEP-0339, 2.1).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "source", section = "XEP-0339, 2.1")]
#[non_exhaustive]
pub struct Source<'a> {
    /// The 32 bits that identify it.
    #[xml(attr)]
    pub ssrc: u32,
    /// What is said of it, such as its `cname`.
    #[xml(child)]
    pub parameters: Vec<SourceParameter<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// What is said of a source (XEP-0339, 2.1).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "parameter", section = "XEP-0339, 2.1")]
#[non_exhaustive]
pub struct SourceParameter<'a> {
    /// The name of the attribute.
    #[xml(attr)]
    pub name: Cow<'a, str>,
    /// Its value.
    #[xml(attr)]
    pub value: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Sources that belong together (XEP-0339, 2.2).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "ssrc-group", section = "XEP-0339, 2.2")]
#[non_exhaustive]
pub struct SourceGroup<'a> {
    /// How: `FID` if one repeats what the other has sent, `SIM` if they show the same.
    #[xml(attr)]
    pub semantics: Cow<'a, str>,
    /// The sources.
    #[xml(child)]
    pub sources: Vec<Source<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
