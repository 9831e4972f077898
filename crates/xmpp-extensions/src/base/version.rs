//! Software version: XEP-0092.

use alloc::borrow::Cow;

use xmpp_stanza::xml::ns;
use xmpp_stanza::{Payload, Rest};

/// Which software an entity runs; the request for it, if it is empty
/// (XEP-0092, 2).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::VERSION, name = "query", section = "XEP-0092, 2")]
#[non_exhaustive]
pub struct SoftwareVersion<'a> {
    /// The name of the software. An answer has to have it.
    #[xml(leaf)]
    pub name: Option<Cow<'a, str>>,
    /// Its version. An answer has to have it.
    #[xml(leaf)]
    pub version: Option<Cow<'a, str>>,
    /// The operating system.
    #[xml(leaf)]
    pub os: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
