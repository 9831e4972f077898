//! What is archived: XEP-0441.

use alloc::vec::Vec;

use xmpp_stanza::xml::ns;
use xmpp_stanza::{JidCow, Payload, Rest, Word};

/// The command that configures an archive in more detail (XEP-0441, 2.2).
pub const ADVANCED: &str = "urn:xmpp:mam#configure";

/// What is archived; the request for it, if it is empty (XEP-0441, 2.1).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::MAM, name = "prefs", section = "XEP-0441, 2.1")]
#[non_exhaustive]
pub struct Preferences<'a> {
    /// What is done about all others. An answer has to have it.
    #[xml(attr)]
    pub default: Option<Policy>,
    /// Those whose messages are archived. An answer has to have it.
    #[xml(child)]
    pub always: Option<AlwaysArchive<'a>>,
    /// Those whose messages are not archived. An answer has to have it.
    #[xml(child)]
    pub never: Option<NeverArchive<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// What is done about those who are not listed (XEP-0441, 2.1.1).
#[derive(Word, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "XEP-0441 has them all")]
pub enum Policy {
    /// All is archived.
    Always,
    /// Nothing is archived.
    Never,
    /// What comes from those in the roster, or goes to them, is archived.
    Roster,
}

/// Those whose messages are archived (XEP-0441, 2.1).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::MAM, name = "always", section = "XEP-0441, 2.1")]
#[non_exhaustive]
pub struct AlwaysArchive<'a> {
    /// Their addresses; a bare one means all its resources.
    #[xml(leaf = "jid")]
    pub jids: Vec<JidCow<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Those whose messages are not archived (XEP-0441, 2.1).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::MAM, name = "never", section = "XEP-0441, 2.1")]
#[non_exhaustive]
pub struct NeverArchive<'a> {
    /// Their addresses; a bare one means all its resources.
    #[xml(leaf = "jid")]
    pub jids: Vec<JidCow<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
