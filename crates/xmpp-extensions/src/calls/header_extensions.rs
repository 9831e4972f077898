//! Extensions of the headers of RTP: XEP-0294.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{Payload, Rest};

use super::jingle::Senders;

/// The namespace of these elements.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:jingle:apps:rtp:rtp-hdrext:0");

/// An extension of the headers of RTP (RFC 8285) (XEP-0294, 3).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "rtp-hdrext", section = "XEP-0294, 3")]
#[non_exhaustive]
pub struct HeaderExtension<'a> {
    /// Its number in the headers: from 1 to 256, or from 4096 to 4351 while it is not
    /// settled.
    #[xml(attr)]
    pub id: u16,
    /// What it is.
    #[xml(attr)]
    pub uri: Cow<'a, str>,
    /// Who sends it.
    #[xml(attr, default)]
    pub senders: Senders,
    /// Its parameters.
    #[xml(child)]
    pub parameters: Vec<HeaderParameter<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A parameter of an extension (XEP-0294, 3).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "parameter", section = "XEP-0294, 3")]
#[non_exhaustive]
pub struct HeaderParameter<'a> {
    /// Its name.
    #[xml(attr)]
    pub name: Cow<'a, str>,
    /// Its value.
    #[xml(attr)]
    pub value: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
