//! OMEMO: XEP-0384. What most clients still speak is in [`legacy`].

pub mod legacy;

use alloc::borrow::Cow;
use alloc::vec::Vec;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{Base64, JidCow, Payload, Rest};

/// The namespace of these elements.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:omemo:2");
/// The node of the list of devices (XEP-0384, 5.3.1).
pub const DEVICES: &str = "urn:xmpp:omemo:2:devices";
/// The node of the bundles: an item a device, with the device's id (XEP-0384, 5.3.2).
pub const BUNDLES: &str = "urn:xmpp:omemo:2:bundles";

/// Whether it can be the id of a device: from 1 to 2³¹ − 1 (XEP-0384, 5.1).
#[must_use]
pub const fn is_device_id(id: u32) -> bool {
    id >= 1 && id <= 0x7fff_ffff
}

/// An encrypted message (XEP-0384, 5.5.3).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "encrypted", section = "XEP-0384, 5.5.3")]
#[non_exhaustive]
pub struct Encrypted<'a> {
    /// The keys, for each device.
    #[xml(child)]
    pub header: Header<'a>,
    /// The [`Envelope`](super::stanza_content::Envelope), encrypted. Without it
    /// the message is about the keys alone.
    #[xml(leaf)]
    pub payload: Option<Base64>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The keys of an encrypted message (XEP-0384, 5.5.3).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "header", section = "XEP-0384, 5.5.3")]
#[non_exhaustive]
pub struct Header<'a> {
    /// The device of the sender.
    #[xml(attr)]
    pub sid: u32,
    /// The keys, by account.
    #[xml(child)]
    pub keys: Vec<Keys<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

impl Header<'_> {
    /// The key for a device of an account, by its bare address.
    #[must_use]
    pub fn key_for(&self, account: &str, device: u32) -> Option<&Key<'_>> {
        let of_account = self.keys.iter().filter(|keys| keys.jid.as_ref().as_str() == account);
        of_account.flat_map(|keys| &keys.keys).find(|key| key.rid == device)
    }
}

/// The keys for the devices of an account (XEP-0384, 5.5.3).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "keys", section = "XEP-0384, 5.5.3")]
#[non_exhaustive]
pub struct Keys<'a> {
    /// The account: a bare address.
    #[xml(attr)]
    pub jid: JidCow<'a>,
    /// The keys.
    #[xml(child)]
    pub keys: Vec<Key<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The key for a device, encrypted for it (XEP-0384, 5.5.3).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "key", section = "XEP-0384, 5.5.3")]
#[non_exhaustive]
pub struct Key<'a> {
    /// The device.
    #[xml(attr)]
    pub rid: u32,
    /// Whether it begins a session: `OMEMOKeyExchange`, not
    /// `OMEMOAuthenticatedMessage`.
    #[xml(attr, default)]
    pub kex: bool,
    /// The message of the session.
    #[xml(text)]
    pub data: Base64,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The devices of an account, as the item `current` of [`DEVICES`]
/// (XEP-0384, 5.3.1).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "devices", section = "XEP-0384, 5.3.1")]
#[non_exhaustive]
pub struct Devices<'a> {
    /// The devices.
    #[xml(child)]
    pub devices: Vec<Device<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A device (XEP-0384, 5.3.1).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "device", section = "XEP-0384, 5.3.1")]
#[non_exhaustive]
pub struct Device<'a> {
    /// Its id ([`is_device_id`]).
    #[xml(attr)]
    pub id: u32,
    /// What it is called, for people; 53 characters at most.
    #[xml(attr)]
    pub label: Option<Cow<'a, str>>,
    /// The signature of the label by the device's identity key.
    #[xml(attr)]
    pub labelsig: Option<Base64>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The public keys of a device (XEP-0384, 5.3.2).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "bundle", section = "XEP-0384, 5.3.2")]
#[non_exhaustive]
pub struct Bundle<'a> {
    /// The signed pre-key.
    #[xml(child)]
    pub spk: SignedPreKey<'a>,
    /// The signature of it.
    #[xml(leaf)]
    pub spks: Base64,
    /// The identity key.
    #[xml(leaf)]
    pub ik: Base64,
    /// The pre-keys.
    #[xml(child)]
    pub prekeys: PreKeys<'a>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The signed pre-key (XEP-0384, 5.3.2).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "spk", section = "XEP-0384, 5.3.2")]
#[non_exhaustive]
pub struct SignedPreKey<'a> {
    /// Its id.
    #[xml(attr)]
    pub id: u32,
    /// The key.
    #[xml(text)]
    pub key: Base64,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The pre-keys (XEP-0384, 5.3.2): 25 to 100 of them.
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "prekeys", section = "XEP-0384, 5.3.2")]
#[non_exhaustive]
pub struct PreKeys<'a> {
    /// The pre-keys.
    #[xml(child)]
    pub keys: Vec<PreKey<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A pre-key (XEP-0384, 5.3.2).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "pk", section = "XEP-0384, 5.3.2")]
#[non_exhaustive]
pub struct PreKey<'a> {
    /// Its id.
    #[xml(attr)]
    pub id: u32,
    /// The key.
    #[xml(text)]
    pub key: Base64,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Within an envelope: the account wants no encryption any more
/// (XEP-0384, 5.7). A client asks before it obeys.
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "opt-out", section = "XEP-0384, 5.7")]
#[non_exhaustive]
pub struct OptOut<'a> {
    /// Why, for people.
    #[xml(leaf)]
    pub reason: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
