//! References: XEP-0372.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{AnyElement, Payload, Rest, Word};

/// The namespace of these elements.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:reference:0");

/// A reference to a person or a thing (XEP-0372, 4.1).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "reference", section = "XEP-0372, 4.1")]
#[non_exhaustive]
pub struct Reference<'a> {
    /// What kind of thing it is.
    #[xml(attr = "type")]
    pub kind: Kind<'a>,
    /// The URI of the thing. Some that XEP-0385 describes have none: their
    /// sources are in [`content`](Self::content).
    #[xml(attr)]
    pub uri: Option<Cow<'a, str>>,
    /// Where in the body it begins, in characters (Unicode code points).
    #[xml(attr)]
    pub begin: Option<u32>,
    /// Where in the body it ends: the character behind it.
    #[xml(attr)]
    pub end: Option<u32>,
    /// The URI of the earlier message that the reference belongs to, if it is
    /// not this one (XEP-0372, 4.4).
    #[xml(attr)]
    pub anchor: Option<Cow<'a, str>>,
    /// What is said of the thing (XEP-0385).
    #[xml(any)]
    pub content: Vec<AnyElement<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// What a reference refers to.
#[derive(Word, Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind<'a> {
    /// A person (XEP-0372, 4.2).
    Mention,
    /// Data that can be fetched (XEP-0372, 4.3).
    Data,
    /// Another kind.
    #[word(other)]
    Other(Cow<'a, str>),
}
