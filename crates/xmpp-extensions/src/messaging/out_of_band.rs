//! Out of band data: XEP-0066.

use alloc::borrow::Cow;

use xmpp_stanza::xml::{Ns, ns};
use xmpp_stanza::{Payload, Rest};

/// Of files that are offered by an iq.
pub const NS_IQ: Ns<'static> = Ns::new("jabber:iq:oob");

/// A URI that belongs to a message or a presence (XEP-0066, 3).
///
/// Most clients take a message for an attachment if its body is this URI alone.
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = ns::OOB, name = "x", section = "XEP-0066, 3")]
#[non_exhaustive]
pub struct Data<'a> {
    /// The URI.
    #[xml(leaf)]
    pub url: Cow<'a, str>,
    /// What it is, for people.
    #[xml(leaf)]
    pub desc: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The offer of a file, as an iq of type `set` (XEP-0066, 2). It is answered
/// once the file has been fetched.
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS_IQ, name = "query", section = "XEP-0066, 2")]
#[non_exhaustive]
pub struct Query<'a> {
    /// The stream that was negotiated for it (XEP-0066, 6).
    #[xml(attr)]
    pub sid: Option<Cow<'a, str>>,
    /// The URI.
    #[xml(leaf)]
    pub url: Cow<'a, str>,
    /// What it is, for people.
    #[xml(leaf)]
    pub desc: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
