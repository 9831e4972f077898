//! What is seen or heard: XEP-0507.

use alloc::borrow::Cow;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{Payload, Rest, Word};

/// The namespace of these elements.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:jingle:apps:category:0");

/// What is seen or heard in a content of a call (XEP-0507, 2).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "category", section = "XEP-0507, 2")]
#[non_exhaustive]
pub struct Category<'a> {
    /// What it is.
    #[xml(attr)]
    pub name: Kind<'a>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// What is seen or heard (RFC 4796).
#[derive(Word, Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind<'a> {
    /// A presentation.
    Slides,
    /// Somebody who speaks.
    Speaker,
    /// Somebody who signs.
    #[word("sl")]
    SignLanguage,
    /// The main source.
    Main,
    /// Another source.
    #[word("alt")]
    Alternative,
    /// Something else.
    #[word(other)]
    Other(Cow<'a, str>),
}
