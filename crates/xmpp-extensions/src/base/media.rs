//! Pictures and sounds in forms: XEP-0221.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{Payload, Rest};

const NS: Ns<'static> = Ns::new("urn:xmpp:media-element");

/// A picture or a sound, in all the formats that there are (XEP-0221, 2).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "media", section = "XEP-0221, 2")]
#[non_exhaustive]
pub struct Media<'a> {
    /// The height to show it in, in pixels.
    #[xml(attr)]
    pub height: Option<u16>,
    /// The width to show it in, in pixels.
    #[xml(attr)]
    pub width: Option<u16>,
    /// Where it is found, once a format.
    #[xml(child)]
    pub uris: Vec<MediaUri<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Where a format of it is found (XEP-0221, 2).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "uri", section = "XEP-0221, 2")]
#[non_exhaustive]
pub struct MediaUri<'a> {
    /// The media type, such as `audio/x-wav`.
    #[xml(attr = "type")]
    pub kind: Cow<'a, str>,
    /// The URI: `http:`, `https:`, or `cid:` for a bit of binary (XEP-0231).
    #[xml(text)]
    pub uri: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
