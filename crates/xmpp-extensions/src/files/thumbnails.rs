//! Small pictures of files: XEP-0264.

use alloc::borrow::Cow;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{Payload, Rest};

/// The namespace of these elements.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:thumbs:1");

/// A small picture of a file (XEP-0264, 4).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "thumbnail", section = "XEP-0264, 4")]
#[non_exhaustive]
pub struct Thumbnail<'a> {
    /// Where it is: `cid:` for a bit of binary (XEP-0231).
    #[xml(attr)]
    pub uri: Cow<'a, str>,
    /// Its media type.
    #[xml(attr = "media-type")]
    pub media_type: Option<Cow<'a, str>>,
    /// Its width in pixels.
    #[xml(attr)]
    pub width: Option<u16>,
    /// Its height in pixels.
    #[xml(attr)]
    pub height: Option<u16>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
