//! Message delivery receipts: XEP-0184.

use alloc::borrow::Cow;

use xmpp_stanza::xml::ns;
use xmpp_stanza::{Payload, Rest};

/// Asks for a receipt (XEP-0184, 5.1).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::RECEIPTS, name = "request", section = "XEP-0184, 5.1")]
#[non_exhaustive]
pub struct Request<'a> {
    /// What is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A message has been delivered (XEP-0184, 5.2).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = ns::RECEIPTS, name = "received", section = "XEP-0184, 5.2")]
#[non_exhaustive]
pub struct Received<'a> {
    /// The id of the message.
    #[xml(attr)]
    pub id: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
