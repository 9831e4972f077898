//! Objects that are signed or encrypted end to end (RFC 3923). A gateway takes
//! the wrapping off or puts it on and leaves them as they are (RFC 3923 §8).

use alloc::borrow::Cow;
use core::fmt;

use xmpp_stanza::{Message, Presence};
use xmpp_xml::{Element, ElementRef, Limits, Ns, ns};

use crate::mime::{ContentType, canonical_crlf};

/// Another spelling of [`ns::E2E`], in most examples of RFC 3923 and in the title of
/// its section 9: section 12 registers `urn:ietf:params:xml:ns:xmpp-e2e`.
const UNREGISTERED: Ns<'static> = Ns::new("urn:ietf:params:xml:xmpp-e2e");

/// Whether a namespace is that of RFC 3923, by any of the names it goes by.
#[must_use]
pub fn is_secured_ns(element: ElementRef<'_>) -> bool {
    element.has_ns(ns::E2E) || element.has_ns(UNREGISTERED)
}

/// Whether it is an `<e2e/>` payload.
#[must_use]
pub fn is_secured_payload(element: ElementRef<'_>) -> bool {
    element.name() == "e2e" && is_secured_ns(element)
}

/// The MIME object in an `<e2e/>` payload, with the line ends that XML took from
/// it, and without the blanks that may stand before it; `None` if the element is
/// another.
///
/// ```
/// use xmpp_cpim::mapping::{secured_object, secured_payload};
///
/// let object = b"Content-Type: multipart/signed; boundary=next\r\n\r\n--next\r\n";
/// let payload = secured_payload(object)?;
/// assert_eq!(secured_object(payload.as_ref()).as_deref(), Some(&object[..]));
/// # Ok::<(), xmpp_cpim::mapping::NotText>(())
/// ```
#[must_use]
pub fn secured_object(payload: ElementRef<'_>) -> Option<Cow<'_, [u8]>> {
    if !is_secured_payload(payload) {
        return None;
    }
    match payload.text() {
        Cow::Borrowed(text) => Some(canonical_crlf(text.trim_ascii_start().as_bytes())),
        Cow::Owned(text) => {
            Some(Cow::Owned(canonical_crlf(text.trim_ascii_start().as_bytes()).into_owned()))
        }
    }
}

/// The `<e2e/>` payload around a MIME object, in a CDATA section as RFC 3923 §3.1
/// has it. A server may turn that into plain character data, which means the
/// same.
///
/// # Errors
///
/// [`NotText`] if the object would not come out as it goes in: it is not UTF-8,
/// has characters that XML does not, or a CR or LF alone, which XML does not
/// tell from CR LF. What is encrypted or signed in base64 always goes.
pub fn secured_payload(object: &[u8]) -> Result<Element, NotText> {
    let text = core::str::from_utf8(object).map_err(|_| NotText)?;
    if matches!(canonical_crlf(object), Cow::Owned(_)) || text.starts_with([' ', '\t', '\r', '\n'])
    {
        return Err(NotText);
    }
    // `]]>` would end the section: it is cut in two there.
    let text = text.replace("]]>", "]]]]><![CDATA[>");
    let start = "<e2e xmlns='urn:ietf:params:xml:ns:xmpp-e2e'><![CDATA[";
    let xml = [start, &text, "]]></e2e>"].concat();
    let bytes = u32::try_from(xml.len()).map_err(|_| NotText)?;
    Element::parse_within(xml, Limits::default().max_element_bytes(bytes)).map_err(|_| NotText)
}

/// The object cannot go into XML (RFC 6120 §11) and come out as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotText;

impl fmt::Display for NotText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "the object is not text that XML can carry unchanged: use a transfer encoding in it",
        )
    }
}

impl core::error::Error for NotText {}

/// The secured object that a message bears.
pub(super) fn of_message<'s>(message: &'s Message<'_>) -> Option<Cow<'s, [u8]>> {
    message.payloads().find_map(secured_object)
}

/// The secured object that a presence bears.
pub(super) fn of_presence<'s>(presence: &'s Presence<'_>) -> Option<Cow<'s, [u8]>> {
    presence.payloads().find_map(secured_object)
}

/// Whether content of this type is secured as RFC 3923 has it.
pub(super) fn is_secured(content_type: &ContentType) -> bool {
    content_type.is("multipart", "signed")
        || content_type.is("multipart", "encrypted")
        || content_type.is("application", "pkcs7-mime")
        || content_type.is("application", "x-pkcs7-mime")
}
