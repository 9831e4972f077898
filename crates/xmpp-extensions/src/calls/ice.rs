//! The way that ICE finds: XEP-0371.
#![allow(clippy::too_many_arguments, reason = "a candidate has that many parts")]

use alloc::borrow::Cow;
use alloc::vec::Vec;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{Payload, Rest, Secret, Word};

use super::data_channels::{Channel, SctpMap};
use super::dtls::Fingerprint;
use super::ice_udp::CandidateType;

/// The namespace of these elements.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:jingle:transports:ice:0");

/// The way that ICE finds, for a content of Jingle (XEP-0371, 5.3).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "transport", section = "XEP-0371, 5.3")]
#[non_exhaustive]
pub struct Transport<'a> {
    /// The password of the connectivity checks.
    #[xml(attr)]
    pub pwd: Option<Secret<'a>>,
    /// The name of the connectivity checks.
    #[xml(attr)]
    pub ufrag: Option<Cow<'a, str>>,
    /// Whether RFC 8445 is followed, and not its forerunner.
    #[xml(attr, default)]
    pub ice2: bool,
    /// The certificate of DTLS (XEP-0320).
    #[xml(child)]
    pub fingerprints: Vec<Fingerprint<'a>>,
    /// The port for data channels (XEP-0343).
    #[xml(child)]
    pub sctp_map: Option<SctpMap<'a>>,
    /// Data channels (XEP-0343).
    #[xml(child)]
    pub channels: Vec<Channel<'a>>,
    /// The addresses to be tried.
    #[xml(child)]
    pub candidates: Vec<Candidate<'a>>,
    /// The addresses of the other that are taken, once a component.
    #[xml(child)]
    pub remote_candidates: Vec<RemoteCandidate<'a>>,
    /// Whether there are no more candidates to come (5.7).
    #[xml(flag = "gathering-complete")]
    pub gathering_complete: bool,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// An address to be tried (XEP-0371, 5.3).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "candidate", section = "XEP-0371, 5.3")]
#[non_exhaustive]
pub struct Candidate<'a> {
    /// The component of the media: 1 is RTP, 2 is RTCP.
    #[xml(attr)]
    pub component: u8,
    /// What those that come from one address have in common.
    #[xml(attr)]
    pub foundation: Cow<'a, str>,
    /// Which time, beginning with 0: one more each time that ICE starts again.
    #[xml(attr)]
    pub generation: Option<u8>,
    /// An id.
    #[xml(attr)]
    pub id: Option<Cow<'a, str>>,
    /// The address: of IPv4, of IPv6, or a name that mDNS resolves.
    #[xml(attr)]
    pub ip: Cow<'a, str>,
    /// The number of the network that it is of.
    #[xml(attr, lenient)]
    pub network: u8,
    /// The port.
    #[xml(attr)]
    pub port: u16,
    /// The priority of RFC 8445, 5.1.2: the greater, the sooner.
    #[xml(attr)]
    pub priority: u32,
    /// The protocol: `udp` or `tcp`.
    #[xml(attr)]
    pub protocol: Cow<'a, str>,
    /// The address that one of the types `prflx`, `srflx`, `relay` is derived from.
    #[xml(attr = "rel-addr")]
    pub related_address: Option<Cow<'a, str>>,
    /// Its port.
    #[xml(attr = "rel-port")]
    pub related_port: Option<u16>,
    /// Who connects, if the protocol is `tcp` (RFC 6544).
    #[xml(attr)]
    pub tcptype: Option<TcpType>,
    /// Where it comes from.
    #[xml(attr = "type")]
    pub kind: CandidateType,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The address of the other that is taken (XEP-0371, 5.8).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "remote-candidate", section = "XEP-0371, 5.8")]
#[non_exhaustive]
pub struct RemoteCandidate<'a> {
    /// The component of the media.
    #[xml(attr)]
    pub component: u8,
    /// The address.
    #[xml(attr)]
    pub ip: Cow<'a, str>,
    /// The port.
    #[xml(attr)]
    pub port: u16,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Who connects to a candidate of TCP (RFC 6544).
#[derive(Word, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TcpType {
    /// It connects.
    Active,
    /// It is connected to.
    Passive,
    /// Both.
    #[word("so")]
    SimultaneousOpen,
}
