//! OMEMO as it is deployed: XEP-0384 in its version 0.3,
//! `eu.siacs.conversations.axolotl`. It encrypts the text of the body alone.

use alloc::vec::Vec;

use xmpp_stanza::xml::ns;
use xmpp_stanza::{Base64, Payload, Rest};

/// The node of the list of devices (XEP-0384 (0.3), 4.2).
pub const DEVICES: &str = "eu.siacs.conversations.axolotl.devicelist";
/// What the node of a device's bundle begins with; the device's id follows
/// (XEP-0384 (0.3), 4.3).
pub const BUNDLES: &str = "eu.siacs.conversations.axolotl.bundles:";

/// An encrypted message (XEP-0384 (0.3), 4.5).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = ns::OMEMO_LEGACY, name = "encrypted", section = "XEP-0384 (0.3), 4.5")]
#[non_exhaustive]
pub struct Encrypted<'a> {
    /// The keys, for each device.
    #[xml(child)]
    pub header: Header<'a>,
    /// The body, encrypted. Without it the message transports a key (XEP-0384
    /// (0.3), 4.6; XEP-0396, 4).
    #[xml(leaf)]
    pub payload: Option<Base64>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The keys of an encrypted message (XEP-0384 (0.3), 4.5).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = ns::OMEMO_LEGACY, name = "header", section = "XEP-0384 (0.3), 4.5")]
#[non_exhaustive]
pub struct Header<'a> {
    /// The device of the sender.
    #[xml(attr)]
    pub sid: u32,
    /// The keys, of all accounts.
    #[xml(child)]
    pub keys: Vec<Key<'a>>,
    /// The initialisation vector: 12 bytes, of old clients 16.
    #[xml(leaf)]
    pub iv: Option<Base64>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The key for a device, encrypted for it (XEP-0384 (0.3), 4.5).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = ns::OMEMO_LEGACY, name = "key", section = "XEP-0384 (0.3), 4.5")]
#[non_exhaustive]
pub struct Key<'a> {
    /// The device.
    #[xml(attr)]
    pub rid: u32,
    /// Whether it begins a session.
    #[xml(attr, default)]
    pub prekey: bool,
    /// The message of the session.
    #[xml(text)]
    pub data: Base64,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The devices of an account (XEP-0384 (0.3), 4.2).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::OMEMO_LEGACY, name = "list", section = "XEP-0384 (0.3), 4.2")]
#[non_exhaustive]
pub struct Devices<'a> {
    /// The devices.
    #[xml(child)]
    pub devices: Vec<Device<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A device (XEP-0384 (0.3), 4.2).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = ns::OMEMO_LEGACY, name = "device", section = "XEP-0384 (0.3), 4.2")]
#[non_exhaustive]
pub struct Device<'a> {
    /// Its id.
    #[xml(attr)]
    pub id: u32,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The public keys of a device (XEP-0384 (0.3), 4.3).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::OMEMO_LEGACY, name = "bundle", section = "XEP-0384 (0.3), 4.3")]
#[non_exhaustive]
pub struct Bundle<'a> {
    /// The signed pre-key.
    #[xml(child)]
    pub signed_pre_key: Option<SignedPreKey<'a>>,
    /// The signature of it.
    #[xml(leaf = "signedPreKeySignature")]
    pub signature: Option<Base64>,
    /// The identity key.
    #[xml(leaf = "identityKey")]
    pub identity_key: Option<Base64>,
    /// The pre-keys.
    #[xml(child)]
    pub pre_keys: Option<PreKeys<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The signed pre-key (XEP-0384 (0.3), 4.3).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = ns::OMEMO_LEGACY, name = "signedPreKeyPublic", section = "XEP-0384 (0.3), 4.3")]
#[non_exhaustive]
pub struct SignedPreKey<'a> {
    /// Its id.
    #[xml(attr = "signedPreKeyId")]
    pub id: Option<u32>,
    /// The key.
    #[xml(text)]
    pub key: Base64,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The pre-keys (XEP-0384 (0.3), 4.3).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::OMEMO_LEGACY, name = "prekeys", section = "XEP-0384 (0.3), 4.3")]
#[non_exhaustive]
pub struct PreKeys<'a> {
    /// The pre-keys.
    #[xml(child)]
    pub keys: Vec<PreKey<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A pre-key (XEP-0384 (0.3), 4.3).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = ns::OMEMO_LEGACY, name = "preKeyPublic", section = "XEP-0384 (0.3), 4.3")]
#[non_exhaustive]
pub struct PreKey<'a> {
    /// Its id.
    #[xml(attr = "preKeyId")]
    pub id: u32,
    /// The key.
    #[xml(text)]
    pub key: Base64,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
