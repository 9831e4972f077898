//! Streams that begin with SOCKS5, in Jingle: XEP-0260.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{JidCow, Payload, Rest, Word};

use crate::files::socks5::Mode;

/// The namespace of these elements.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:jingle:transports:s5b:1");

/// Streams that begin with SOCKS5, for a content of Jingle (XEP-0260, 2.2).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "transport", section = "XEP-0260, 2.2")]
#[non_exhaustive]
pub struct Transport<'a> {
    /// The address that SOCKS5 asks for: see
    /// [`destination`](crate::files::socks5::destination).
    #[xml(attr)]
    pub dstaddr: Option<Cow<'a, str>>,
    /// With which protocol; TCP, if it does not say.
    #[xml(attr)]
    pub mode: Option<Mode>,
    /// The id of the stream.
    #[xml(attr)]
    pub sid: Cow<'a, str>,
    /// The hosts to be tried.
    #[xml(child)]
    pub candidates: Vec<Candidate<'a>>,
    /// What has come of it.
    #[xml(child)]
    pub outcome: Option<Outcome<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A host to be tried (XEP-0260, 2.2).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "candidate", section = "XEP-0260, 2.2")]
#[non_exhaustive]
pub struct Candidate<'a> {
    /// An id.
    #[xml(attr)]
    pub cid: Cow<'a, str>,
    /// Its address.
    #[xml(attr)]
    pub host: Cow<'a, str>,
    /// Its address of XMPP.
    #[xml(attr)]
    pub jid: JidCow<'a>,
    /// The port; 1080, if it does not say.
    #[xml(attr)]
    pub port: Option<u16>,
    /// Its priority, see [`priority`](CandidateType::priority).
    #[xml(attr)]
    pub priority: u32,
    /// What it is; `direct`, if it does not say.
    #[xml(attr = "type")]
    pub kind: Option<CandidateType>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// What has come of the candidates (XEP-0260, 2.4).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, section = "XEP-0260, 2.4")]
#[non_exhaustive]
pub enum Outcome<'a> {
    /// The proxy has been activated.
    Activated(Activated<'a>),
    /// None can be reached.
    #[xml(name = "candidate-error")]
    CandidateError,
    /// One has been reached.
    CandidateUsed(CandidateUsed<'a>),
    /// The proxy cannot be activated.
    #[xml(name = "proxy-error")]
    ProxyError,
}

/// The proxy has been activated (XEP-0260, 2.4).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "activated", section = "XEP-0260, 2.4")]
#[non_exhaustive]
pub struct Activated<'a> {
    /// The id of the candidate.
    #[xml(attr)]
    pub cid: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A candidate has been reached (XEP-0260, 2.3).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "candidate-used", section = "XEP-0260, 2.3")]
#[non_exhaustive]
pub struct CandidateUsed<'a> {
    /// Its id.
    #[xml(attr)]
    pub cid: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// What a candidate is (XEP-0260, 2.1).
#[derive(Word, Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CandidateType {
    /// An address that a NAT was asked for.
    Assisted,
    /// An address of the host itself.
    #[default]
    Direct,
    /// A proxy.
    Proxy,
    /// A tunnel, such as Teredo.
    Tunnel,
}

impl CandidateType {
    /// The priority of a candidate of that type (XEP-0260, 2.2): `preference`
    /// is that among those of the type, the greater the better.
    ///
    /// ```
    /// use xmpp_extensions::calls::socks5::CandidateType;
    ///
    /// assert_eq!(CandidateType::Direct.priority(4), 8_257_540);
    /// ```
    #[must_use]
    pub const fn priority(self, preference: u16) -> u32 {
        let type_preference: u32 = match self {
            Self::Direct => 126,
            Self::Assisted => 120,
            Self::Tunnel => 110,
            Self::Proxy => 10,
        };
        (type_preference << 16) + preference as u32
    }
}
