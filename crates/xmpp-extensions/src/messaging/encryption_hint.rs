//! Explicit message encryption: XEP-0380.

use alloc::borrow::Cow;

use xmpp_stanza::xml::ns;
use xmpp_stanza::{Payload, Rest};

/// How the message is encrypted, for those who cannot decrypt it
/// (XEP-0380, 3.1).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = ns::EME, name = "encryption", section = "XEP-0380, 3.1")]
#[non_exhaustive]
pub struct Encryption<'a> {
    /// The namespace of the encryption.
    #[xml(attr)]
    pub namespace: Cow<'a, str>,
    /// A name for people, of an encryption that XEP-0380 does not list.
    #[xml(attr)]
    pub name: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

impl Encryption<'_> {
    /// What to call the encryption: the name that XEP-0380, 3.2, lists for the
    /// namespace, else the sender's, else the namespace.
    ///
    /// ```
    /// use xmpp_extensions::messaging::encryption_hint::Encryption;
    ///
    /// let hint = Encryption::new("eu.siacs.conversations.axolotl").with_name("Trust me");
    /// assert_eq!(hint.display_name(), "OMEMO");
    /// ```
    #[must_use]
    pub fn display_name(&self) -> &str {
        match &*self.namespace {
            "urn:xmpp:otr:0" => "OTR",
            "jabber:x:encrypted" => "Legacy OpenPGP",
            "urn:xmpp:openpgp:0" => "OpenPGP for XMPP",
            "eu.siacs.conversations.axolotl" => "OMEMO",
            "urn:xmpp:omemo:1" => "OMEMO 1",
            "urn:xmpp:omemo:2" => "OMEMO 2",
            other => self.name.as_deref().unwrap_or(other),
        }
    }
}
