//! Trust messages: XEP-0434.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{Base64, JidCow, Payload, Rest};

/// The namespace of these elements.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:tm:1");

/// Which keys somebody trusts, and which not any more (XEP-0434, 4).
///
/// Within an envelope it has padding and a time
/// ([`Profile::TRUST_MESSAGE`](super::stanza_content::Profile::TRUST_MESSAGE)).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "trust-message", section = "XEP-0434, 4")]
#[non_exhaustive]
pub struct TrustMessage<'a> {
    /// What it is used for, by its namespace: [`automatic_trust::NS`](super::automatic_trust::NS).
    #[xml(attr)]
    pub usage: Cow<'a, str>,
    /// The encryption that the keys belong to, by its namespace.
    #[xml(attr)]
    pub encryption: Cow<'a, str>,
    /// The keys, by whose they are.
    #[xml(child)]
    pub key_owners: Vec<KeyOwner<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The keys of an account (XEP-0434, 4).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "key-owner", section = "XEP-0434, 4")]
#[non_exhaustive]
pub struct KeyOwner<'a> {
    /// The account: a bare address.
    #[xml(attr)]
    pub jid: JidCow<'a>,
    /// The ids of keys that are trusted.
    #[xml(leaf)]
    pub trust: Vec<Base64>,
    /// The ids of keys that are not trusted any more.
    #[xml(leaf)]
    pub distrust: Vec<Base64>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
