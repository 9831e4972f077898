//! Message processing hints: XEP-0334.

use xmpp_stanza::Payload;
use xmpp_stanza::xml::ns;

/// What servers should do with a message, or leave (XEP-0334, 4). A message
/// may have several.
#[derive(Payload, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[xml(ns = ns::HINTS, section = "XEP-0334, 4")]
#[non_exhaustive]
pub enum Hint {
    /// Keep it for those who are offline, but in no archive (XEP-0334, 4.1).
    #[xml(name = "no-permanent-store")]
    NoPermanentStore,
    /// Store it nowhere (XEP-0334, 4.2).
    #[xml(name = "no-store")]
    NoStore,
    /// Do not copy it to other devices (XEP-0334, 4.3).
    #[xml(name = "no-copy")]
    NoCopy,
    /// Store it, though it has no body (XEP-0334, 4.4).
    #[xml(name = "store")]
    Store,
}
