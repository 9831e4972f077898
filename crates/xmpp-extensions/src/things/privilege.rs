//! Entities that may do more: XEP-0356.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{AnyElement, Payload, Rest, Word};

use crate::base::forwarding::Forwarded;

/// The namespace of these elements.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:privilege:2");

/// What an entity may do, in a message of its server; or a message that it sends for
/// somebody (XEP-0356, 4.2).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "privilege", section = "XEP-0356, 4.2")]
#[non_exhaustive]
pub struct Privilege<'a> {
    /// What it may do.
    #[xml(child)]
    pub permissions: Vec<Permission<'a>>,
    /// The message that it sends (5.3).
    #[xml(child)]
    pub forwarded: Option<Forwarded<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// What an entity may do (XEP-0356, 4.2).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "perm", section = "XEP-0356, 4.2")]
#[non_exhaustive]
pub struct Permission<'a> {
    /// With what.
    #[xml(attr)]
    pub access: Access<'a>,
    /// What it may do with it.
    #[xml(attr = "type")]
    pub kind: Option<PermissionType<'a>>,
    /// Whether it hears of changes of the roster; it does, if it does not say.
    #[xml(attr)]
    pub push: Option<bool>,
    /// With which iqs (6.2).
    #[xml(child)]
    pub namespaces: Vec<Namespace<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Iqs of a namespace (XEP-0356, 6.2).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "namespace", section = "XEP-0356, 6.2")]
#[non_exhaustive]
pub struct Namespace<'a> {
    /// The namespace.
    #[xml(attr)]
    pub ns: Cow<'a, str>,
    /// What may be done.
    #[xml(attr = "type")]
    pub kind: PermissionType<'a>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// An iq that is sent for somebody, within an iq (XEP-0356, 6.3).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "privileged_iq", section = "XEP-0356, 6.3")]
#[non_exhaustive]
pub struct PrivilegedIq<'a> {
    /// The iq, in the namespace `jabber:client`.
    #[xml(any)]
    pub iq: Option<AnyElement<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// With what something may be done.
#[derive(Word, Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Access<'a> {
    /// With rosters.
    Roster,
    /// With messages.
    Message,
    /// With iqs.
    Iq,
    /// With presence.
    Presence,
    /// With something else.
    #[word(other)]
    Other(Cow<'a, str>),
}

/// What may be done.
#[derive(Word, Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PermissionType<'a> {
    /// Nothing.
    None,
    /// It may be read.
    Get,
    /// It may be changed.
    Set,
    /// It may be read and changed.
    Both,
    /// Messages may be sent.
    Outgoing,
    /// The presence of users is seen.
    #[word("managed_entity")]
    ManagedEntity,
    /// The presence of their contacts is seen, too.
    Roster,
    /// Something else.
    #[word(other)]
    Other(Cow<'a, str>),
}
