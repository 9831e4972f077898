//! Payloads: what stanzas carry, in types of one's own.

use xmpp_xml::{Element, ElementRef, Limits, Ns, WriteError, WriteXml};

use crate::Invalid;
use crate::invalid::Rule;

/// A child element of a stanza (or a stream feature) as a type.
///
/// Implement it, with [`WriteXml`], for the elements of an extension, and
/// `message.payload::<T>()`, `iq.payload::<T>()` and their like find it:
///
/// ```
/// use xmpp_stanza::{Invalid, Message, MessageType, Payload};
/// use xmpp_xml::{ElementRef, Ns, WriteXml, Writer};
///
/// /// XEP-0172: User Nickname.
/// #[derive(Debug, PartialEq)]
/// struct Nick(String);
///
/// impl Payload for Nick {
///     const NS: Ns<'static> = Ns::new("http://jabber.org/protocol/nick");
///     const NAME: &'static str = "nick";
///
///     fn parse(element: ElementRef<'_>) -> Result<Self, Invalid> {
///         Self::check(element)?;
///         Ok(Self(element.text().into_owned()))
///     }
/// }
///
/// impl WriteXml for Nick {
///     fn write_xml(&self, w: &mut Writer<'_>) {
///         w.leaf(Self::NS, Self::NAME, &self.0);
///     }
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let message = Message::new(MessageType::Chat).with_payload(Nick("CallMeIshmael".into()).to_element()?);
/// assert_eq!(message.payload()?, Some(Nick("CallMeIshmael".into())));
/// # Ok(())
/// # }
/// ```
///
/// # For implementors
///
/// Leave unknown attributes and child elements aside, never refuse them
/// (RFC 6120, section 8.4); refuse what is known and wrong.
pub trait Payload: WriteXml + Sized {
    /// The namespace of the element.
    const NS: Ns<'static>;
    /// The local name of the element.
    const NAME: &'static str;

    /// Reads the element.
    ///
    /// # Errors
    ///
    /// If it is another element ([`check`](Self::check) tells), or if it
    /// breaks the rules of its own.
    fn parse(element: ElementRef<'_>) -> Result<Self, Invalid>;

    /// Whether the element has the name and the namespace of this type.
    #[must_use]
    fn matches(element: ElementRef<'_>) -> bool {
        element.is(Self::NS, Self::NAME)
    }

    /// As [`matches`](Self::matches), for the beginning of [`parse`](Self::parse).
    ///
    /// # Errors
    ///
    /// [`Rule::WrongElement`] if it is another element.
    fn check(element: ElementRef<'_>) -> Result<(), Invalid> {
        if Self::matches(element) {
            Ok(())
        } else {
            Err(Invalid::new(Self::NAME, Rule::WrongElement, "RFC 6120, 8.4").found(element.name()))
        }
    }

    /// The payload as an element, to be put into a stanza.
    ///
    /// # Errors
    ///
    /// If a text in it has characters that XML does not allow.
    fn to_element(&self) -> Result<Element, WriteError> {
        to_element(self)
    }
}

/// Any value as an element.
pub(crate) fn to_element(value: &(impl WriteXml + ?Sized)) -> Result<Element, WriteError> {
    let mut xml = alloc::vec::Vec::new();
    let mut w = xmpp_xml::Writer::document(&mut xml);
    w.write(value);
    w.finish()?;
    // It is well-formed, and may be larger than what one takes from a peer.
    Element::parse_within(xml, Limits::trusted()).map_err(|_| WriteError::TooLarge)
}

/// The first of `elements` that is a `T`.
pub(crate) fn first<'e, T: Payload>(
    mut elements: impl Iterator<Item = &'e Element>,
) -> Result<Option<T>, Invalid> {
    elements.find(|element| T::matches(element.as_ref())).map(|e| T::parse(e.as_ref())).transpose()
}
