//! Pre-authenticated subscription: XEP-0379.

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{Payload, Rest, Secret};

/// The namespace of XEP-0379.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:pars:0");

/// A token that says that one is invited: in a subscription request (XEP-0379,
/// 3.4), or before one registers (XEP-0445, 4).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "preauth", section = "XEP-0379, 3.4")]
#[non_exhaustive]
pub struct PreAuth<'a> {
    /// The token.
    #[xml(attr)]
    pub token: Secret<'a>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
