//! Requests of HTTP that are confirmed: XEP-0070.

use alloc::borrow::Cow;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{Payload, Rest};

/// The namespace of these elements.
pub const NS: Ns<'static> = Ns::new("http://jabber.org/protocol/http-auth");

/// Asks whether somebody has made a request: in an iq of type `get`, or in a message;
/// the answer to the latter has it again (XEP-0070, 4.5).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "confirm", section = "XEP-0070, 4.5")]
#[non_exhaustive]
pub struct Confirm<'a> {
    /// What the one who has made it was told.
    #[xml(attr)]
    pub id: Cow<'a, str>,
    /// The method of HTTP.
    #[xml(attr)]
    pub method: Cow<'a, str>,
    /// The URL.
    #[xml(attr)]
    pub url: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
