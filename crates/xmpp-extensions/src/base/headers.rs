//! Stanza headers and internet metadata: XEP-0131.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{Payload, Rest};

/// The namespace of XEP-0131.
pub const NS: Ns<'static> = Ns::new("http://jabber.org/protocol/shim");

/// Headers of a stanza (XEP-0131, 4).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "headers", section = "XEP-0131, 4")]
#[non_exhaustive]
pub struct Headers<'a> {
    /// The headers, in their order; a name can be there several times.
    #[xml(child)]
    pub headers: Vec<Header<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A header (XEP-0131, 4).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "header", section = "XEP-0131, 4")]
#[non_exhaustive]
pub struct Header<'a> {
    /// Its name, such as `Urgency`.
    #[xml(attr)]
    pub name: Cow<'a, str>,
    /// What it says.
    #[xml(text)]
    pub value: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

impl Headers<'_> {
    /// What the first header of that name says.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|header| header.name == name).map(|header| &*header.value)
    }
}
