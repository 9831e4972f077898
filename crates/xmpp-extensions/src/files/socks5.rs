//! Streams that begin with SOCKS5: XEP-0065.

use alloc::borrow::Cow;
#[cfg(feature = "hashes")]
use alloc::string::String;
use alloc::vec::Vec;
#[cfg(feature = "hashes")]
use core::fmt::Write as _;

#[cfg(feature = "hashes")]
use sha1::Digest as _;
#[cfg(feature = "hashes")]
use xmpp_jid::Jid;
use xmpp_stanza::xml::Ns;
use xmpp_stanza::{JidCow, Payload, Rest, Word};

/// The namespace of these elements.
pub const NS: Ns<'static> = Ns::new("http://jabber.org/protocol/bytestreams");

/// Sets up a stream (XEP-0065, 9.1).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "query", section = "XEP-0065, 9.1")]
#[non_exhaustive]
pub struct Query<'a> {
    /// The address that SOCKS5 asks for, if it is not [`destination`].
    #[xml(attr)]
    pub dstaddr: Option<Cow<'a, str>>,
    /// With which protocol; TCP, if it does not say.
    #[xml(attr)]
    pub mode: Option<Mode>,
    /// The id of the stream. It is there, except if a proxy is asked for its address.
    #[xml(attr)]
    pub sid: Option<Cow<'a, str>>,
    /// The hosts to be tried.
    #[xml(child)]
    pub hosts: Vec<StreamHost<'a>>,
    /// The host that is taken.
    #[xml(child)]
    pub used: Option<StreamHostUsed<'a>>,
    /// To a proxy: whom the other end belongs to.
    #[xml(leaf)]
    pub activate: Option<JidCow<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A host to be tried (XEP-0065, 9.2).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "streamhost", section = "XEP-0065, 9.2")]
#[non_exhaustive]
pub struct StreamHost<'a> {
    /// Its address of XMPP.
    #[xml(attr)]
    pub jid: JidCow<'a>,
    /// Its name or address.
    #[xml(attr)]
    pub host: Cow<'a, str>,
    /// The port; 1080, if it does not say.
    #[xml(attr)]
    pub port: Option<u16>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The host that is taken (XEP-0065, 9.3).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "streamhost-used", section = "XEP-0065, 9.3")]
#[non_exhaustive]
pub struct StreamHostUsed<'a> {
    /// Its address of XMPP.
    #[xml(attr)]
    pub jid: JidCow<'a>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Datagrams arrive (XEP-0065, 9.5).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "udpsuccess", section = "XEP-0065, 9.5")]
#[non_exhaustive]
pub struct UdpSuccess<'a> {
    /// The address that SOCKS5 asked for.
    #[xml(attr)]
    pub dstaddr: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// With which protocol (XEP-0065, 9.1).
#[derive(Word, Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Mode {
    /// TCP.
    #[default]
    Tcp,
    /// UDP.
    Udp,
}

/// The address that SOCKS5 asks for (XEP-0065, 10.2, `DST.ADDR`): the SHA-1 of
/// the id of the stream and the two addresses (feature `hashes`).
///
/// The addresses are prepared already, as those of [`Jid`] are.
#[cfg(feature = "hashes")]
#[must_use]
pub fn destination(sid: &str, requester: &Jid, target: &Jid) -> String {
    let mut hash = sha1::Sha1::new();
    for part in [sid, requester.as_str(), target.as_str()] {
        hash.update(part.as_bytes());
    }
    let mut hex = String::with_capacity(40);
    for byte in hash.finalize() {
        // Writing to a string does not fail.
        _ = write!(hex, "{byte:02x}");
    }
    hex
}

#[cfg(all(test, feature = "hashes"))]
mod tests {
    use super::*;

    #[test]
    fn the_destination_of_the_examples() {
        // XEP-0260, examples 1 and 3; and what a shell makes of it.
        let romeo = "romeo@montague.lit/orchard".parse().unwrap();
        let juliet = "juliet@capulet.lit/balcony".parse().unwrap();
        let to_romeo = destination("vj3hs98y", &romeo, &juliet);
        let to_juliet = destination("vj3hs98y", &juliet, &romeo);
        assert_eq!(to_romeo, "972b7bf47291ca609517f67f86b5081086052dad");
        assert_eq!(to_juliet, "1a12fb7bc625e55f3ed5b29a53dbe0e4aa7d80ba");
    }
}
