//! Authentication of before SASL: XEP-0078. To be read, not to be offered.

use alloc::borrow::Cow;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{Payload, Rest, Secret};

/// The namespace of XEP-0078.
pub const NS: Ns<'static> = Ns::new("jabber:iq:auth");
/// The namespace of its stream feature.
pub const FEATURE_NS: Ns<'static> = Ns::new("http://jabber.org/features/iq-auth");

/// Logs in, or says which fields have to be filled in (XEP-0078, 3).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "query", section = "XEP-0078, 3")]
#[non_exhaustive]
pub struct LegacyAuth<'a> {
    /// The name of the account.
    #[xml(leaf)]
    pub username: Option<Cow<'a, str>>,
    /// The password.
    #[xml(leaf)]
    pub password: Option<Secret<'a>>,
    /// The SHA-1 of the id of the stream and the password, in hexadecimal
    /// digits.
    #[xml(leaf)]
    pub digest: Option<Secret<'a>>,
    /// The resource.
    #[xml(leaf)]
    pub resource: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The stream feature (XEP-0078, 4).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = FEATURE_NS, name = "auth", section = "XEP-0078, 4")]
#[non_exhaustive]
pub struct LegacyAuthFeature<'a> {
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
