//! Elements of any kind within a payload.

use core::fmt;

use xmpp_xml::{Element, ElementRef, WriteXml, Writer};

use super::own::IntoOwned;

/// An element of any kind: borrowed from where it was received, or shared.
///
/// The fields of payloads that can hold anything are of this type.
#[derive(Clone)]
pub struct AnyElement<'a>(Storage<'a>);

#[derive(Clone)]
enum Storage<'a> {
    Borrowed(ElementRef<'a>),
    Shared(Element),
}

impl AnyElement<'_> {
    /// The element.
    #[must_use]
    pub fn as_ref(&self) -> ElementRef<'_> {
        match &self.0 {
            Storage::Borrowed(element) => *element,
            Storage::Shared(element) => element.as_ref(),
        }
    }

    /// The element as a value of its own. A shared one costs nothing more.
    #[must_use]
    pub fn into_element(self) -> Element {
        match self.0 {
            Storage::Borrowed(element) => element.into_shared(),
            Storage::Shared(element) => element,
        }
    }
}

impl<'a> From<ElementRef<'a>> for AnyElement<'a> {
    fn from(element: ElementRef<'a>) -> Self {
        Self(Storage::Borrowed(element))
    }
}

impl From<Element> for AnyElement<'_> {
    fn from(element: Element) -> Self {
        Self(Storage::Shared(element))
    }
}

impl IntoOwned for AnyElement<'_> {
    type Owned = AnyElement<'static>;

    fn into_owned(self) -> AnyElement<'static> {
        AnyElement(Storage::Shared(self.into_element().detach()))
    }
}

impl WriteXml for AnyElement<'_> {
    fn write_xml(&self, w: &mut Writer<'_>) {
        w.element(self.as_ref());
    }
}

impl PartialEq<AnyElement<'_>> for AnyElement<'_> {
    fn eq(&self, other: &AnyElement<'_>) -> bool {
        self.as_ref() == other.as_ref()
    }
}

impl fmt::Debug for AnyElement<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_ref().fmt(f)
    }
}
