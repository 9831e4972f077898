//! What the views of message, presence and iq have in common.

use xmpp_xml::{ElementRef, Ns};

use crate::{AnyElement, Invalid, StanzaKind, StanzaRef, envelope};

/// An element that is a stanza of one kind.
#[derive(Clone)]
pub(crate) struct View<'a> {
    element: AnyElement<'a>,
    content: Ns<'static>,
    kind: StanzaKind,
}

impl<'a> View<'a> {
    pub(crate) fn of(element: AnyElement<'a>, kind: StanzaKind) -> Result<Self, Invalid> {
        let content = envelope::content(element.as_ref(), kind.as_str())?;
        Ok(Self::known(element, content, kind))
    }

    /// One whose namespace and name have been looked at.
    pub(crate) const fn known(
        element: AnyElement<'a>,
        content: Ns<'static>,
        kind: StanzaKind,
    ) -> Self {
        Self { element, content, kind }
    }

    pub(crate) fn element(&self) -> ElementRef<'_> {
        self.element.as_ref()
    }

    pub(crate) const fn content(&self) -> Ns<'static> {
        self.content
    }

    pub(crate) fn stanza(&self) -> StanzaRef<'_> {
        StanzaRef::of(self.element(), self.content, self.kind)
    }

    pub(crate) fn into_any(self) -> AnyElement<'a> {
        self.element
    }

    pub(crate) fn into_owned(self) -> View<'static> {
        let element = crate::IntoOwned::into_owned(self.element);
        View { element, content: self.content, kind: self.kind }
    }
}

/// The methods and traits that the three have in common. They hold a `view` and a
/// type.
macro_rules! view {
    ($name:ident, $stanza_type:ident) => {
        impl<'a> $name<'a> {
            /// The whole element.
            #[must_use]
            pub fn element(&self) -> xmpp_xml::ElementRef<'_> {
                self.view.element()
            }

            /// The stanza as any other, to be routed or answered.
            #[must_use]
            pub fn stanza(&self) -> crate::StanzaRef<'_> {
                self.view.stanza()
            }

            /// The element, to be kept or changed.
            #[must_use]
            pub fn into_element(self) -> xmpp_xml::Element {
                self.view.into_any().into_element()
            }

            /// A stanza on its own, `'static` and cheap to clone: of a stanza in a
            /// receive buffer that is a copy, two allocations whatever its size.
            #[must_use]
            pub fn into_owned(self) -> $name<'static> {
                $name { view: self.view.into_owned(), $stanza_type: self.$stanza_type }
            }

            /// To whom.
            #[must_use]
            pub fn to(&self) -> crate::AddressRef<'_> {
                self.stanza().to()
            }

            /// From whom; on what a client sends the server sets it.
            #[must_use]
            pub fn from(&self) -> crate::AddressRef<'_> {
                self.stanza().from()
            }

            /// The language in scope: that of the stanza, or where it was read within
            /// a stream, the stream's (RFC 6120, section 8.1.5).
            #[must_use]
            pub fn lang(&self) -> Option<alloc::borrow::Cow<'_, str>> {
                self.stanza().lang()
            }

            /// The attributes that RFC 6120 does not define.
            pub fn attributes(&self) -> impl Iterator<Item = xmpp_xml::Attr<'_>> + Clone {
                self.element().attrs().filter(|attr| match attr.ns() {
                    "" => !matches!(attr.name(), "to" | "from" | "id" | "type"),
                    uri => uri != xmpp_xml::ns::XML.uri() || attr.name() != "lang",
                })
            }
        }

        impl<'a> TryFrom<crate::AnyElement<'a>> for $name<'a> {
            type Error = crate::Invalid;

            /// As [`parse`](Self::parse).
            fn try_from(element: crate::AnyElement<'a>) -> Result<Self, crate::Invalid> {
                Self::of(element)
            }
        }

        impl<'a> TryFrom<xmpp_xml::ElementRef<'a>> for $name<'a> {
            type Error = crate::Invalid;

            /// As [`parse`](Self::parse).
            fn try_from(element: xmpp_xml::ElementRef<'a>) -> Result<Self, crate::Invalid> {
                Self::of(element.into())
            }
        }

        impl TryFrom<xmpp_xml::Element> for $name<'_> {
            type Error = crate::Invalid;

            /// As [`parse`](Self::parse), without a borrow.
            fn try_from(element: xmpp_xml::Element) -> Result<Self, crate::Invalid> {
                Self::of(element.into())
            }
        }

        impl crate::IntoOwned for $name<'_> {
            type Owned = $name<'static>;

            fn into_owned(self) -> $name<'static> {
                self.into_owned()
            }
        }

        impl xmpp_xml::WriteXml for $name<'_> {
            /// Writes the stanza as it came, in the content namespace of the stream.
            fn write_xml(&self, w: &mut xmpp_xml::Writer<'_>) {
                w.element(self.element());
            }
        }

        impl PartialEq<$name<'_>> for $name<'_> {
            /// Whether the elements are equal.
            fn eq(&self, other: &$name<'_>) -> bool {
                self.element() == other.element()
            }
        }

        impl core::fmt::Debug for $name<'_> {
            /// The expanded name only: content can be somebody's secret.
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                self.element().fmt(f)
            }
        }
    };
}
pub(crate) use view;

/// What the views of message and presence have in common; an iq has an `id` and one
/// payload.
macro_rules! view_of_several {
    ($name:ident) => {
        impl $name<'_> {
            /// Identifies the stanza to its sender; an answer bears the same.
            #[must_use]
            pub fn id(&self) -> Option<alloc::borrow::Cow<'_, str>> {
                self.stanza().id()
            }

            /// The error, of a stanza of type `error` and of no other;
            /// `undefined-condition` if the stanza does not say which.
            #[must_use]
            pub fn error(&self) -> Option<crate::StanzaError> {
                self.stanza().is_error().then(|| self.stanza().error().unwrap_or_default())
            }

            /// The children of no kind that RFC 6121 defines, in the order of the
            /// document.
            pub fn payloads(&self) -> impl Iterator<Item = xmpp_xml::ElementRef<'_>> + Clone {
                self.parts()
                    .filter(|(part, _)| matches!(part, Part::Payload))
                    .map(|(_, child)| child)
            }

            /// The first payload of type `T`, if there is one.
            ///
            /// # Errors
            ///
            /// If there is one and it breaks the rules of `T`.
            pub fn payload<'s, T: crate::Payload<'s>>(
                &'s self,
            ) -> Result<Option<T>, crate::Invalid> {
                self.payloads().find(|child| T::matches(*child)).map(T::parse).transpose()
            }

            /// The texts of that kind.
            fn texts(&self, kind: Part) -> impl Iterator<Item = xmpp_xml::ElementRef<'_>> + Clone {
                self.parts().filter(move |(part, _)| *part == kind).map(|(_, child)| child)
            }
        }
    };
}
pub(crate) use view_of_several;
