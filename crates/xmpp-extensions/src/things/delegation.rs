//! Namespaces that others answer for: XEP-0355.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{JidCow, Payload, Rest};

use crate::base::forwarding::Forwarded;

/// The namespace of these elements.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:delegation:2");

/// What is delegated, in a message; or a delegated iq, in an iq (XEP-0355, 4.1).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "delegation", section = "XEP-0355, 4.1")]
#[non_exhaustive]
pub struct Delegation<'a> {
    /// Whose iqs, if not all are delegated (5.1).
    #[xml(attr)]
    pub to: Option<JidCow<'a>>,
    /// The namespaces.
    #[xml(child)]
    pub delegated: Vec<Delegated<'a>>,
    /// The iq, or the answer to it (4.3).
    #[xml(child)]
    pub forwarded: Option<Forwarded<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A namespace is delegated (XEP-0355, 4.1).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "delegated", section = "XEP-0355, 4.1")]
#[non_exhaustive]
pub struct Delegated<'a> {
    /// The namespace.
    #[xml(attr)]
    pub namespace: Cow<'a, str>,
    /// Only of elements that have these attributes.
    #[xml(child)]
    pub attributes: Vec<FilteringAttribute<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// An attribute that is looked for (XEP-0355, 4.1).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "attribute", section = "XEP-0355, 4.1")]
#[non_exhaustive]
pub struct FilteringAttribute<'a> {
    /// Its name.
    #[xml(attr)]
    pub name: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Asks for namespaces: an iq of type `set` (XEP-0355, 5.1).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "query", section = "XEP-0355, 5.1")]
#[non_exhaustive]
pub struct Query<'a> {
    /// Who is to answer for them.
    #[xml(attr)]
    pub to: JidCow<'a>,
    /// The namespaces.
    #[xml(child)]
    pub delegates: Vec<Delegate<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A namespace that is asked for (XEP-0355, 5.1).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "delegate", section = "XEP-0355, 5.1")]
#[non_exhaustive]
pub struct Delegate<'a> {
    /// The namespace.
    #[xml(attr)]
    pub namespace: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
