//! Streams within stanzas: XEP-0047.

use alloc::borrow::Cow;

use xmpp_stanza::xml::ns;
use xmpp_stanza::{Base64, Payload, Rest, Word};

/// Opens a stream: an iq of type `set` (XEP-0047, 2.1).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = ns::IBB, name = "open", section = "XEP-0047, 2.1")]
#[non_exhaustive]
pub struct Open<'a> {
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

/// Bytes of a stream (XEP-0047, 2.2).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = ns::IBB, name = "data", section = "XEP-0047, 2.2")]
#[non_exhaustive]
pub struct Data<'a> {
    /// The number of the block: from 0 to 65535, and then from 0 again.
    #[xml(attr)]
    pub seq: u16,
    /// The id of the stream.
    #[xml(attr)]
    pub sid: Cow<'a, str>,
    /// The bytes.
    #[xml(text)]
    pub data: Base64,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Closes a stream: an iq of type `set` (XEP-0047, 2.3).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = ns::IBB, name = "close", section = "XEP-0047, 2.3")]
#[non_exhaustive]
pub struct Close<'a> {
    /// The id of the stream.
    #[xml(attr)]
    pub sid: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Which stanzas hold the bytes (XEP-0047, 4).
#[derive(Word, Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StanzaKind {
    /// An iq, and each is acknowledged.
    #[default]
    Iq,
    /// A message.
    Message,
}
