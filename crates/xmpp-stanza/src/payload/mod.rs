//! Payloads: what stanzas carry, in types of one's own.

mod encoded;
mod findings;
mod own;
mod read;
mod rest;
mod secret;
mod shape;
mod time;
mod value;
mod write;
mod xml;

use alloc::boxed::Box;

use xmpp_xml::{Element, ElementRef, Limits, Ns, WriteError, WriteXml};

use crate::Invalid;
use crate::invalid::Rule;

pub use encoded::{Base64, Hex};
pub use findings::{Finding, FindingKind, Findings};
pub use own::IntoOwned;
pub use read::{Reader, Slot, read_empty};
pub use rest::Rest;
pub use secret::Secret;
pub use shape::{Cardinality, Field, FieldKind, Shape, ValueKind};
pub use time::{Date, DateTime};
pub use value::Value;
pub use write::{Output, Place};
pub use xml::AnyElement;

#[doc(hidden)]
pub use alloc::{borrow::Cow, vec::Vec};

/// A child element of a stanza (or a stream feature) as a type.
///
/// `#[derive(Payload)]` (feature `derive`) implements it, with [`WriteXml`] and
/// [`IntoOwned`], for the elements of an extension; `message.payload::<T>()`,
/// `iq.payload::<T>()` and their like find them then.
///
/// ```
/// use std::borrow::Cow;
/// use xmpp_stanza::{Message, MessageType, Payload, Rest};
/// use xmpp_xml::Ns;
///
/// /// XEP-0172: User Nickname.
/// #[derive(Payload, Clone, Debug, PartialEq)]
/// #[xml(ns = Ns::new("http://jabber.org/protocol/nick"), name = "nick", section = "XEP-0172, 2")]
/// struct Nick<'a> {
///     /// The nickname.
///     #[xml(text)]
///     name: Cow<'a, str>,
///     /// What else is in it.
///     #[xml(rest)]
///     rest: Rest<'a>,
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let message = Message::builder(MessageType::Chat).with(&Nick::new("CallMeIshmael")).build()?;
/// assert_eq!(message.payload()?, Some(Nick::new("CallMeIshmael")));
/// # Ok(())
/// # }
/// ```
///
/// # Fields
///
/// | attribute | is | types |
/// |---|---|---|
/// | `#[xml(attr)]` | an attribute of that name; `attr = "…"` for another, `ns = …` for one in a namespace, `default` for one that is its `Default` where it is missing; `lenient` for one that has to be there, and is its `Default` where a peer leaves it out | `T`, `Option<T>` of a [`Value`] |
/// | `#[xml(lang)]` | `xml:lang` | `Option<Cow<str>>` |
/// | `#[xml(text)]` | the element's own character data | `T`, `Option<T>` of a [`Value`] |
/// | `#[xml(leaf)]` | a child with character data alone; `leaf = "…"`, `ns = …` | `T`, `Option<T>`, `Vec<T>` of a [`Value`] |
/// | `#[xml(flag)]` | a child that says something by being there; `flag = "…"`, `ns = …` | `bool` |
/// | `#[xml(child)]` | a child with a type of its own, or one of several by an enum | `T`, `Option<T>`, `Vec<T>`, `Box<T>` of a [`Payload`] |
/// | `#[xml(any)]` | children that no other field is for | `Option<AnyElement>`, `Vec<AnyElement>` |
/// | `#[xml(rest)]` | what is unknown, and in which order all is | [`Rest`] |
///
/// The name of an attribute or child is that of the field, with `-` for `_`.
/// Fields between the tags are written in the order of the type.
///
/// An enum of unit variants and of variants that hold one payload is a choice
/// of elements: `#[xml(name = "…")]` names the element of a unit variant.
///
/// The derive also makes a `new` of what must be there and a `with_…` of each
/// other field (not with `#[xml(plain)]` on the type).
///
/// # What is unknown or wrong
///
/// What a type does not define is never refused (RFC 6120, section 8.4); a type
/// with a [`Rest`] keeps it and writes it again. What is known and wrong is
/// [`Invalid`] if it has to be there, and counts as absent if not.
/// [`parse_noting`](Self::parse_noting) tells of everything of the kind.
pub trait Payload<'a>: WriteXml + Sized {
    /// The namespace of the element; of a choice, that of its own names.
    const NS: Ns<'static>;
    /// The local name of the element; of a choice, that of its first.
    const NAME: &'static str;
    /// What it is made of.
    const SHAPE: &'static Shape = &Shape::opaque(Self::NS, Self::NAME);

    /// Reads the element. It borrows from where the element lies.
    ///
    /// # Errors
    ///
    /// If it is another element ([`check`](Self::check) tells), or if it
    /// breaks the rules of its own.
    fn parse(element: ElementRef<'a>) -> Result<Self, Invalid>;

    /// Reads the element, and tells `findings` what it passes over.
    ///
    /// # Errors
    ///
    /// As [`parse`](Self::parse); and for all there is to tell, if `findings`
    /// are [refused](Findings::refuse).
    fn parse_noting(element: ElementRef<'a>, findings: &mut Findings) -> Result<Self, Invalid> {
        let _ = findings;
        Self::parse(element)
    }

    /// Whether the element has the name and the namespace of this type.
    #[must_use]
    fn matches(element: ElementRef<'_>) -> bool {
        Self::SHAPE.matches(element)
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

impl<'a, T: Payload<'a>> Payload<'a> for Box<T>
where
    Self: WriteXml,
{
    const NS: Ns<'static> = T::NS;
    const NAME: &'static str = T::NAME;
    const SHAPE: &'static Shape = T::SHAPE;

    fn parse(element: ElementRef<'a>) -> Result<Self, Invalid> {
        T::parse(element).map(Self::new)
    }

    fn parse_noting(element: ElementRef<'a>, findings: &mut Findings) -> Result<Self, Invalid> {
        T::parse_noting(element, findings).map(Self::new)
    }
}

/// Any value as an element.
pub(crate) fn to_element(value: &(impl WriteXml + ?Sized)) -> Result<Element, WriteError> {
    let mut xml = Vec::new();
    let mut w = xmpp_xml::Writer::document(&mut xml);
    w.write(value);
    w.finish()?;
    // It is well-formed, and may be larger than what one takes from a peer.
    Element::parse_within(xml, Limits::trusted()).map_err(|_| WriteError::TooLarge)
}

/// The first of `elements` that is a `T`.
pub(crate) fn first<'e, T: Payload<'e>>(
    mut elements: impl Iterator<Item = &'e Element>,
) -> Result<Option<T>, Invalid> {
    elements.find(|element| T::matches(element.as_ref())).map(|e| T::parse(e.as_ref())).transpose()
}
