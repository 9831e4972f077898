//! Objects that are signed or encrypted end to end (RFC 3923). A gateway takes
//! the wrapping off or puts it on and leaves them as they are (RFC 3923 §8).

use alloc::borrow::Cow;
use alloc::vec::Vec;

use xmpp_xml::{Element, ElementRef, Ns};

use super::{IllegalCharacters, MapError, characters};
use crate::mime::{ContentType, canonical_crlf};

/// The namespace of `<e2e/>`, as it is registered.
pub const E2E: Ns<'static> = Ns::new("urn:ietf:params:xml:ns:xmpp-e2e");

/// The same as most examples of RFC 3923 spell it.
const E2E_OF_EXAMPLES: Ns<'static> = Ns::new("urn:ietf:params:xml:xmpp-e2e");

/// The MIME object in an `<e2e/>` payload, with the line ends that XML took from
/// it; `None` if the element is another.
///
/// ```
/// use xmpp_cpim::mapping::{secured_object, secured_payload};
///
/// let object = b"Content-Type: multipart/signed; boundary=next\r\n\r\n--next\r\n";
/// let payload = secured_payload(object)?;
/// assert_eq!(secured_object(payload.as_ref()).as_deref(), Some(&object[..]));
/// # Ok::<(), xmpp_cpim::mapping::MapError>(())
/// ```
#[must_use]
pub fn secured_object(payload: ElementRef<'_>) -> Option<Cow<'_, [u8]>> {
    if !payload.is(E2E, "e2e") && !payload.is(E2E_OF_EXAMPLES, "e2e") {
        return None;
    }
    match payload.text() {
        Cow::Borrowed(text) => Some(canonical_crlf(text.as_bytes())),
        Cow::Owned(text) => Some(Cow::Owned(canonical_crlf(text.as_bytes()).into_owned())),
    }
}

/// The `<e2e/>` payload around a MIME object.
///
/// # Errors
///
/// An object that is not text, such as one in the transfer encoding `binary`:
/// XML cannot carry it.
pub fn secured_payload(object: &[u8]) -> Result<Element, MapError> {
    let text = core::str::from_utf8(object).map_err(|_| MapError::NotInCharset)?;
    // Replacing a character would break the signature.
    let text = characters::for_xml(text, IllegalCharacters::Refuse, &mut Vec::new())?;
    Element::builder(E2E, "e2e").text(&text).build().map_err(MapError::Write)
}

/// Whether content of this type is secured as RFC 3923 has it.
pub(super) fn is_secured(content_type: &ContentType) -> bool {
    content_type.is("multipart", "signed")
        || content_type.is("multipart", "encrypted")
        || content_type.is("application", "pkcs7-mime")
}
