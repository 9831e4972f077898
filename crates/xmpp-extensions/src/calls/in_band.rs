//! Streams within stanzas, in Jingle: XEP-0261.

use alloc::borrow::Cow;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{Payload, Rest};

use crate::files::in_band_bytestreams::StanzaKind;

/// The namespace of these elements.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:jingle:transports:ibb:1");

/// A stream within stanzas (XEP-0047), for a content of Jingle (XEP-0261, 2.1).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "transport", section = "XEP-0261, 2.1")]
#[non_exhaustive]
pub struct Transport<'a> {
    /// How many bytes a stanza holds at most, before base 64.
    #[xml(attr = "block-size")]
    pub block_size: u16,
    /// The id of the stream.
    #[xml(attr)]
    pub sid: Cow<'a, str>,
    /// Which stanzas hold them.
    #[xml(attr, default)]
    pub stanza: StanzaKind,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
