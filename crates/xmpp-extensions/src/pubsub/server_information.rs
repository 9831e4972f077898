//! What servers tell of themselves: XEP-0485.
//!
//! The node is told by a [form](crate::base::contact_addresses::ContactAddresses).

use alloc::borrow::Cow;
use alloc::vec::Vec;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{Payload, Rest, Word};

use crate::base::version::SoftwareVersion;

/// The namespace of XEP-0485.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:serverinfo:0");

/// An item: what a server tells of itself (XEP-0485, 4).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "serverinfo", section = "XEP-0485, 4")]
#[non_exhaustive]
pub struct ServerInfo<'a> {
    /// Its domain.
    #[xml(child)]
    pub domain: Domain<'a>,
    /// Its software (XEP-0092).
    #[xml(child)]
    pub version: Option<SoftwareVersion<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The domain of a server (XEP-0485, 4).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "domain", section = "XEP-0485, 4")]
#[non_exhaustive]
pub struct Domain<'a> {
    /// Its name.
    #[xml(attr)]
    pub name: Cow<'a, str>,
    /// The servers that it is connected with.
    #[xml(child)]
    pub federation: Option<Federation<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The servers that a server is connected with (XEP-0485, 4).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "federation", section = "XEP-0485, 4")]
#[non_exhaustive]
pub struct Federation<'a> {
    /// Each of them.
    #[xml(child)]
    pub remote_domains: Vec<RemoteDomain<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A server that a server is connected with (XEP-0485, 4).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "remote-domain", section = "XEP-0485, 4")]
#[non_exhaustive]
pub struct RemoteDomain<'a> {
    /// Its name; only those who publish theirs too have it told.
    #[xml(attr)]
    pub name: Option<Cow<'a, str>>,
    /// The connections.
    #[xml(child)]
    pub connections: Vec<Connection<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A connection (XEP-0485, 4).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "connection", section = "XEP-0485, 4")]
#[non_exhaustive]
pub struct Connection<'a> {
    /// Which way stanzas go on it.
    #[xml(attr = "type")]
    pub direction: Option<Direction>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Which way stanzas go on a connection (XEP-0485, 4).
#[derive(Word, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "there are no other ways")]
pub enum Direction {
    /// To the server.
    Incoming,
    /// From the server.
    Outgoing,
    /// Both.
    Bidi,
}
