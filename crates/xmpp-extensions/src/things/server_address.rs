//! One's own address on the Internet: XEP-0279.

use alloc::borrow::Cow;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{Payload, Rest};

/// The namespace of these elements.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:sic:1");

/// Asks a server for the address that it sees, and the answer (XEP-0279, 2).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "address", section = "XEP-0279, 2")]
#[non_exhaustive]
pub struct Address<'a> {
    /// The address, of IPv4 or IPv6.
    #[xml(leaf)]
    pub ip: Option<Cow<'a, str>>,
    /// The port.
    #[xml(leaf)]
    pub port: Option<u16>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
