//! Files that are shared encrypted: XEP-0448.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::vec::Vec;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{Base64, Payload, Rest};

use super::sharing::Sources;
use crate::base::hashes::Hash;

/// The namespace of these elements.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:esfs:0");

/// Where an encrypted file is, and its key (XEP-0448, 3.1).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "encrypted", section = "XEP-0448, 3.1")]
#[non_exhaustive]
pub struct Encrypted<'a> {
    /// How it is encrypted: a namespace (4).
    #[xml(attr)]
    pub cipher: Cow<'a, str>,
    /// The key.
    #[xml(leaf)]
    pub key: Base64,
    /// The initialisation vector.
    #[xml(leaf)]
    pub iv: Base64,
    /// The hashes of the encrypted file.
    #[xml(child)]
    pub hashes: Vec<Hash<'a>>,
    /// Where the encrypted file is.
    #[xml(child)]
    pub sources: Option<Box<Sources<'a>>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
