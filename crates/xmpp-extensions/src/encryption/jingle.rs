//! Jingle encrypted transports: XEP-0391, and with OMEMO: XEP-0396.

use alloc::borrow::Cow;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{AnyElement, Payload, Rest, Word};

/// The namespace of these elements.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:jingle:jet:0");
/// The feature of those who take the key by OMEMO (XEP-0396, 5).
pub const OMEMO: &str = "urn:xmpp:jingle:jet-omemo:0";

/// In the content of a Jingle session: with which key its bytes are encrypted
/// (XEP-0391, 4.1).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "security", section = "XEP-0391, 4.1")]
#[non_exhaustive]
pub struct Security<'a> {
    /// The content's name.
    #[xml(attr)]
    pub name: Option<Cow<'a, str>>,
    /// How the bytes are encrypted.
    #[xml(attr)]
    pub cipher: Cipher<'a>,
    /// How the key is encrypted: a namespace.
    #[xml(attr = "type")]
    pub kind: Cow<'a, str>,
    /// The key, encrypted: of OMEMO a message without a payload (XEP-0396, 4).
    #[xml(any)]
    pub envelope: Option<AnyElement<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// How bytes are encrypted (XEP-0391, 5).
#[derive(Word, Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Cipher<'a> {
    /// AES in Galois/Counter Mode, with a key of 16 bytes.
    #[word("urn:xmpp:ciphers:aes-128-gcm-nopadding:0")]
    Aes128Gcm,
    /// AES in Galois/Counter Mode, with a key of 32 bytes.
    #[word("urn:xmpp:ciphers:aes-256-gcm-nopadding:0")]
    Aes256Gcm,
    /// Another one, or one of these as the examples write it.
    #[word(other)]
    Other(Cow<'a, str>),
}

impl Cipher<'_> {
    /// How many bytes the key and the initialisation vector have, of a known
    /// one: also as the examples of XEP-0391 and XEP-0396 write it, without its
    /// version, and as XEP-0396, 4, does, without its namespace.
    #[must_use]
    pub fn sizes(&self) -> Option<(usize, usize)> {
        let name = self.as_str();
        let name = name.strip_prefix("urn:xmpp:ciphers:").unwrap_or(name);
        match name.strip_suffix(":0").unwrap_or(name) {
            "aes-128-gcm-nopadding" => Some((16, 12)),
            "aes-256-gcm-nopadding" => Some((32, 12)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_of_ciphers() {
        assert_eq!(Cipher::Aes128Gcm.sizes(), Some((16, 12)));
        let of = |name: &'static str| Cipher::Other(name.into()).sizes();
        assert_eq!(of("urn:xmpp:ciphers:aes-256-gcm-nopadding"), Some((32, 12)));
        assert_eq!(of("aes-128-gcm-nopadding:0"), Some((16, 12)));
        assert_eq!(of("urn:xmpp:ciphers:rot13:0"), None);
    }
}
