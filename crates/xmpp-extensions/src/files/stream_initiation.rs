//! Files as they were offered before Jingle: XEP-0095 and XEP-0096.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{AnyElement, DateTime, Hex, Payload, Rest};

use crate::base::forms::Form;

/// The namespace of these elements.
pub const NS: Ns<'static> = Ns::new("http://jabber.org/protocol/si");

/// The namespace of XEP-0096, and its profile.
pub const FILE: Ns<'static> = Ns::new("http://jabber.org/protocol/si/profile/file-transfer");

/// Of XEP-0020.
const NEGOTIATION: Ns<'static> = Ns::new("http://jabber.org/protocol/feature-neg");

/// Offers a stream: an iq of type `set`. Deprecated (XEP-0095, 4.1).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "si", section = "XEP-0095, 4.1")]
#[non_exhaustive]
pub struct StreamInitiation<'a> {
    /// The id of the stream.
    #[xml(attr)]
    pub id: Option<Cow<'a, str>>,
    /// The media type of what is sent.
    #[xml(attr = "mime-type")]
    pub mime_type: Option<Cow<'a, str>>,
    /// What the stream is for: a namespace.
    #[xml(attr)]
    pub profile: Option<Cow<'a, str>>,
    /// The file (XEP-0096).
    #[xml(child)]
    pub file: Option<OfferedFile<'a>>,
    /// How the stream can be made, or is.
    #[xml(child)]
    pub negotiation: Option<Negotiation<'a>>,
    /// What other profiles say.
    #[xml(any)]
    pub others: Vec<AnyElement<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// How a stream can be made, or is (XEP-0020) (XEP-0095, 4.1).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NEGOTIATION, name = "feature", section = "XEP-0095, 4.1")]
#[non_exhaustive]
pub struct Negotiation<'a> {
    /// The field `stream-method` has the namespaces.
    #[xml(child)]
    pub form: Form<'a>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A file (XEP-0096, 3).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = FILE, name = "file", section = "XEP-0096, 3")]
#[non_exhaustive]
pub struct OfferedFile<'a> {
    /// When it was last changed.
    #[xml(attr)]
    pub date: Option<DateTime>,
    /// Its MD5.
    #[xml(attr)]
    pub hash: Option<Hex>,
    /// Its name. It is there in an offer.
    #[xml(attr)]
    pub name: Option<Cow<'a, str>>,
    /// Its size in bytes. It is there in an offer.
    #[xml(attr)]
    pub size: Option<u64>,
    /// What it is, for people.
    #[xml(leaf)]
    pub desc: Option<Cow<'a, str>>,
    /// The part that is asked for, or that a part can be.
    #[xml(child)]
    pub range: Option<OfferedRange<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A part of a file (XEP-0096, 3).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = FILE, name = "range", section = "XEP-0096, 3")]
#[non_exhaustive]
pub struct OfferedRange<'a> {
    /// How many bytes; all the rest, if it does not say.
    #[xml(attr)]
    pub length: Option<u64>,
    /// Where it begins, in bytes; at 0, if it does not say.
    #[xml(attr)]
    pub offset: Option<u64>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Why there is no stream, beside the condition of an error (XEP-0095, 4.2).
#[derive(Payload, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[xml(ns = NS, section = "XEP-0095, 4.2")]
#[non_exhaustive]
pub enum StreamError {
    /// The profile is not understood.
    #[xml(name = "bad-profile")]
    BadProfile,
    /// None of the ways is supported.
    #[xml(name = "no-valid-streams")]
    NoValidStreams,
}
