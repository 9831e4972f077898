//! ZRTP: XEP-0262.

use alloc::borrow::Cow;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{Hex, Payload, Rest};

/// The namespace of these elements.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:jingle:apps:rtp:zrtp:1");

/// The hash of the first message of ZRTP (RFC 6189) (XEP-0262, 1).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "zrtp-hash", section = "XEP-0262, 1")]
#[non_exhaustive]
pub struct ZrtpHash<'a> {
    /// The version of ZRTP.
    #[xml(attr)]
    pub version: Cow<'a, str>,
    /// The hash: SHA-256.
    #[xml(text)]
    pub hash: Hex,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
