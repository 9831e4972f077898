//! Message fastening: XEP-0422.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{AnyElement, Payload, Rest};

/// The namespace of these elements.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:fasten:0");

/// What is said of an earlier message (XEP-0422, 3.1).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "apply-to", section = "XEP-0422, 3.1")]
#[non_exhaustive]
pub struct ApplyTo<'a> {
    /// The id of the earlier message.
    #[xml(attr)]
    pub id: Cow<'a, str>,
    /// Whether what was said of this kind before is taken back (XEP-0422, 3.4).
    #[xml(attr, default)]
    pub clear: bool,
    /// Whether what is said is in the encrypted content (XEP-0422, 3.5).
    #[xml(attr, default)]
    pub shell: bool,
    /// What is said: elements of one name.
    #[xml(any)]
    pub payloads: Vec<AnyElement<'a>>,
    /// Children of the message that belong to it (XEP-0422, 3.2).
    #[xml(child)]
    pub external: Vec<External<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A child element of the message that belongs to what is fastened
/// (XEP-0422, 3.2).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "external", section = "XEP-0422, 3.2")]
#[non_exhaustive]
pub struct External<'a> {
    /// Its name.
    #[xml(attr)]
    pub name: Cow<'a, str>,
    /// Its namespace; that of the message, if there is none.
    #[xml(attr)]
    pub element_namespace: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
