//! UDP to an address that is known: XEP-0177.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{Payload, Rest};

use super::ice_udp::CandidateType;

/// The namespace of these elements.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:jingle:transports:raw-udp:1");

/// UDP to an address that is known, for a content of Jingle (XEP-0177, 4.2).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "transport", section = "XEP-0177, 4.2")]
#[non_exhaustive]
pub struct Transport<'a> {
    /// The address, once a component.
    #[xml(child)]
    pub candidates: Vec<Candidate<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// An address to send to (XEP-0177, 4.2).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "candidate", section = "XEP-0177, 4.2")]
#[non_exhaustive]
pub struct Candidate<'a> {
    /// The component of the media: 1 is RTP, 2 is RTCP. It has to be there.
    #[xml(attr)]
    pub component: Option<u8>,
    /// Which time, beginning with 0.
    #[xml(attr, lenient)]
    pub generation: u8,
    /// An id.
    #[xml(attr)]
    pub id: Cow<'a, str>,
    /// The address.
    #[xml(attr)]
    pub ip: Cow<'a, str>,
    /// The port.
    #[xml(attr)]
    pub port: u16,
    /// Where it comes from.
    #[xml(attr = "type")]
    pub kind: Option<CandidateType>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
