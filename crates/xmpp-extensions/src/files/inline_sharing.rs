//! Files that are referred to: XEP-0385.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{Payload, Rest};

use super::file_transfer::File;

/// The namespace of these elements.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:sims:1");

/// A file, within a reference to it (XEP-0372) (XEP-0385, 4.1).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "media-sharing", section = "XEP-0385, 4.1")]
#[non_exhaustive]
pub struct MediaSharing<'a> {
    /// What is known of it.
    #[xml(child)]
    pub file: File<'a>,
    /// Where it is.
    #[xml(child)]
    pub sources: MediaSources<'a>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Where a file is (XEP-0385, 4.1).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "sources", section = "XEP-0385, 4.1")]
#[non_exhaustive]
pub struct MediaSources<'a> {
    /// References to it.
    #[xml(child)]
    pub sources: Vec<MediaSource<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Where a file is: a reference (XEP-0372) (XEP-0385, 4.1).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = REFERENCE, name = "reference", section = "XEP-0385, 4.1")]
#[non_exhaustive]
pub struct MediaSource<'a> {
    /// The kind of the reference: `data`.
    #[xml(attr = "type")]
    pub kind: Cow<'a, str>,
    /// The URI: of HTTP, or of a Jingle session (XEP-0358).
    #[xml(attr)]
    pub uri: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Of references (XEP-0372).
const REFERENCE: Ns<'static> = Ns::new("urn:xmpp:reference:0");
