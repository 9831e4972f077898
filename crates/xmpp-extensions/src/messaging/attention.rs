//! Attention: XEP-0224.

use xmpp_stanza::Payload;
use xmpp_stanza::xml::Ns;

/// The namespace of these elements.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:attention:0");

/// Asks for the reader's attention (XEP-0224, 3).
///
/// In a message that came late (`base::delay`) it has no effect
/// (XEP-0224, 4).
#[derive(Payload, Clone, Copy, Debug, Default, PartialEq, Eq)]
#[xml(ns = NS, name = "attention", section = "XEP-0224, 3")]
#[non_exhaustive]
pub struct Attention {}
