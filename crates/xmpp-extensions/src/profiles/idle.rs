//! Last user interaction in presence: XEP-0319.

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{DateTime, Payload, Rest};

/// The namespace of these elements.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:idle:1");

/// In a presence: since when somebody has not touched the client
/// (XEP-0319, 2.1).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "idle", section = "XEP-0319, 2.1")]
#[non_exhaustive]
pub struct Idle<'a> {
    /// Since when.
    #[xml(attr)]
    pub since: DateTime,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
