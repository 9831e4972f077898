//! Feedback of RTP: XEP-0293.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{Payload, Rest};

/// The namespace of these elements.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:jingle:apps:rtp:rtcp-fb:0");

/// A kind of feedback (RFC 4585) (XEP-0293, 3).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "rtcp-fb", section = "XEP-0293, 3")]
#[non_exhaustive]
pub struct Feedback<'a> {
    /// The kind, such as `nack` or `ccm`.
    #[xml(attr = "type")]
    pub kind: Cow<'a, str>,
    /// The kind of that kind, such as `pli`.
    #[xml(attr)]
    pub subtype: Option<Cow<'a, str>>,
    /// Its parameters.
    #[xml(child)]
    pub parameters: Vec<FeedbackParameter<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A parameter of feedback (XEP-0293, 3).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "parameter", section = "XEP-0293, 3")]
#[non_exhaustive]
pub struct FeedbackParameter<'a> {
    /// Its name.
    #[xml(attr)]
    pub name: Cow<'a, str>,
    /// Its value.
    #[xml(attr)]
    pub value: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// How often there is feedback at least (XEP-0293, 3).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "rtcp-fb-trr-int", section = "XEP-0293, 3")]
#[non_exhaustive]
pub struct FeedbackInterval<'a> {
    /// Milliseconds between two reports.
    #[xml(attr)]
    pub value: u32,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
