//! `<e2e/>` in a stanza, and the conditions of errors that answer it (RFC 3923
//! sections 3, 7 and 9).

use std::borrow::Cow;

use xmpp_stanza::{ErrorType, StanzaCondition, StanzaError};
use xmpp_xml::{Element, ElementRef, Ns, ns};

use crate::open::Case;

/// As several examples of RFC 3923 and the title of its section 9 spell the
/// namespace that its section 12 registers as `urn:ietf:params:xml:ns:xmpp-e2e`.
const UNREGISTERED: Ns<'static> = Ns::new("urn:ietf:params:xml:xmpp-e2e");

/// The `<e2e/>` element around a MIME entity, in a CDATA section as RFC 3923
/// section 3.1 has it. A server may turn it into plain character data, which
/// means the same.
///
/// # Errors
///
/// [`NotText`] if XML cannot carry the entity: it is not UTF-8, or has control
/// characters. Encrypted and opaque ones are base64 and always go.
pub fn to_payload(entity: &[u8]) -> Result<Element, NotText> {
    let text = core::str::from_utf8(entity).map_err(|_| NotText)?;
    let mut xml = String::with_capacity(text.len() + 96);
    xml.push_str("<e2e xmlns='urn:ietf:params:xml:ns:xmpp-e2e'><![CDATA[");
    // `]]>` would end the section: it is cut in two there.
    xml.push_str(&text.replace("]]>", "]]]]><![CDATA[>"));
    xml.push_str("]]></e2e>");
    let bytes = u32::try_from(xml.len()).map_err(|_| NotText)?;
    Element::parse_within(xml, xmpp_xml::Limits::default().max_element_bytes(bytes.max(1 << 10)))
        .map_err(|_| NotText)
}

/// The text of an `<e2e/>` element, by any of the names it goes by; `None` if
/// it is another element.
#[must_use]
pub fn from_payload(element: ElementRef<'_>) -> Option<Cow<'_, str>> {
    is_payload(element).then(|| element.text())
}

/// Whether it is an `<e2e/>` element.
#[must_use]
pub fn is_payload(element: ElementRef<'_>) -> bool {
    element.is(ns::E2E, "e2e") || element.is(UNREGISTERED, "e2e")
}

/// The entity cannot go into XML (RFC 6120 section 11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotText;

impl core::fmt::Display for NotText {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("the object is not text that XML can carry: use a transfer encoding in it")
    }
}

impl core::error::Error for NotText {}

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
            if !element.has_ns(ns::E2E) && !element.has_ns(UNREGISTERED) {
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
