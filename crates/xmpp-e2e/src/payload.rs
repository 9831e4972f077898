//! The conditions of errors that answer `<e2e/>` (RFC 3923 section 7). The
//! element itself is [`xmpp_cpim::mapping`]'s.

use xmpp_cpim::mapping::is_secured_ns;
use xmpp_stanza::{ErrorType, StanzaCondition, StanzaError};
use xmpp_xml::{Element, ns};

use crate::open::Case;

impl Case {
    /// The stanza error that tells the sender: RFC 3923 section 7, examples 16
    /// to 18. It says no more than the case.
    #[must_use]
    pub fn to_stanza_error(self) -> StanzaError {
        let (condition, name) = match self {
            Self::BadTimestamp => (StanzaCondition::NotAcceptable, "bad-timestamp"),
            Self::UnverifiedSignature => (StanzaCondition::NotAcceptable, "unverified-signature"),
            Self::DecryptionFailed => (StanzaCondition::BadRequest, "decryption-failed"),
        };
        let error = StanzaError::new(condition).with_type(ErrorType::Modify);
        match Element::builder(ns::E2E, name).build() {
            Ok(element) => error.with_extension(element),
            // The three names above are XML names.
            Err(_) => error,
        }
    }

    /// The case a stanza error tells us of, by any of the names and namespaces
    /// that RFC 3923 uses.
    #[must_use]
    pub fn from_stanza_error(error: &StanzaError) -> Option<Self> {
        error.extensions.iter().find_map(|element| {
            if !is_secured_ns(element.as_ref()) {
                return None;
            }
            match element.name() {
                "bad-timestamp" => Some(Self::BadTimestamp),
                "unverified-signature" | "signature-unverified" => Some(Self::UnverifiedSignature),
                "decryption-failed" => Some(Self::DecryptionFailed),
                _ => None,
            }
        })
    }
}
