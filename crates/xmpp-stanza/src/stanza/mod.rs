//! Any stanza: to be looked at as it is, and in typed form.

mod any;

use alloc::borrow::Cow;

use xmpp_xml::{ElementRef, Ns};

use crate::envelope;
use crate::words::words;
use crate::{AddressRef, Invalid, IqType, MessageType, Payload, PresenceType, StanzaError};

pub use any::{Stanza, StanzaBuilder};

/// A stanza where it lies in the receive buffer: what routing and matching need.
///
/// It is a view of the element, made without looking at more than its name, and
/// each call looks at what it tells. Nothing is allocated for a stanza whose
/// attributes have no references in them and whose addresses are in canonical
/// form, which is every ordinary one.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use xmpp_stanza::{IqType, StanzaRef, ping::Ping};
/// # use xmpp_xml::Element;
/// # let received = Element::parse("<iq xmlns='jabber:client' type='get' id='p1' \
/// #     from='example.com'><ping xmlns='urn:xmpp:ping'/></iq>")?;
/// // `received` is an element, from a stream or anywhere else.
/// let stanza = StanzaRef::new(received.as_ref()).ok_or("no stanza")?;
/// if stanza.iq_type() == Some(IqType::Get) && stanza.payload_is::<Ping>() {
///     assert_eq!(stanza.from().as_str(), Some("example.com"));
///     let pong = stanza.empty_result();
///     # assert!(pong.is_some());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct StanzaRef<'a> {
    element: ElementRef<'a>,
    content: Ns<'static>,
    kind: StanzaKind,
}

words! {
    /// The three kinds of stanzas (RFC 6120, section 8.2).
    pub enum StanzaKind {
        /// Pushes information to another entity.
        Message = "message",
        /// Tells availability, to all who have subscribed to it.
        Presence = "presence",
        /// Asks, or answers.
        Iq = "iq",
    }
}

impl<'a> StanzaRef<'a> {
    /// The element as a stanza; `None` if it is none, by its name or its namespace.
    #[must_use]
    pub fn new(element: ElementRef<'a>) -> Option<Self> {
        let content = envelope::content_namespace(element)?;
        let kind = StanzaKind::from_name(element.name())?;
        Some(Self { element, content, kind })
    }

    pub(crate) const fn of(
        element: ElementRef<'a>,
        content: Ns<'static>,
        kind: StanzaKind,
    ) -> Self {
        Self { element, content, kind }
    }

    /// The whole element.
    #[must_use]
    pub const fn element(self) -> ElementRef<'a> {
        self.element
    }

    /// The content namespace it is in.
    #[must_use]
    pub const fn content(self) -> Ns<'static> {
        self.content
    }

    /// Which of the three it is.
    #[must_use]
    pub const fn kind(self) -> StanzaKind {
        self.kind
    }

    /// The `type` as it came.
    #[must_use]
    pub fn type_attribute(self) -> Option<Cow<'a, str>> {
        self.element.attr("type")
    }

    /// The type of a message; `None` for the other kinds.
    #[must_use]
    pub fn message_type(self) -> Option<MessageType> {
        (self.kind == StanzaKind::Message)
            .then(|| MessageType::from_attribute(self.type_attribute().as_deref()))
    }

    /// The type of a presence; `None` if it is none of RFC 6121's, and for the
    /// other kinds.
    #[must_use]
    pub fn presence_type(self) -> Option<PresenceType> {
        if self.kind != StanzaKind::Presence {
            return None;
        }
        PresenceType::from_attribute(self.type_attribute().as_deref())
    }

    /// The type of an iq; `None` if it is none of RFC 6120's, and for the other
    /// kinds.
    #[must_use]
    pub fn iq_type(self) -> Option<IqType> {
        if self.kind != StanzaKind::Iq {
            return None;
        }
        IqType::from_name(&self.type_attribute()?)
    }

    /// Whether it is of type `error`.
    #[must_use]
    pub fn is_error(self) -> bool {
        self.type_attribute().as_deref() == Some("error")
    }

    /// Whether it is an iq that must be answered.
    #[must_use]
    pub fn is_request(self) -> bool {
        self.iq_type().is_some_and(IqType::is_request)
    }

    /// Whether it is an iq that answers one.
    #[must_use]
    pub fn is_response(self) -> bool {
        self.iq_type().is_some_and(|iq_type| !iq_type.is_request())
    }

    /// Whether an error may answer it: not if it is an error itself
    /// (`6120-8.3.1-11`) or the result of a request (`6120-8.2.3-06`).
    #[must_use]
    pub fn may_be_answered_with_error(self) -> bool {
        !self.is_error() && self.iq_type() != Some(IqType::Result)
    }

    /// The `id`.
    #[must_use]
    pub fn id(self) -> Option<Cow<'a, str>> {
        self.element.attr("id")
    }

    /// To whom.
    #[must_use]
    pub fn to(self) -> AddressRef<'a> {
        AddressRef::from_attribute(self.element.attr("to"))
    }

    /// From whom.
    #[must_use]
    pub fn from(self) -> AddressRef<'a> {
        AddressRef::from_attribute(self.element.attr("from"))
    }

    /// The language in scope.
    #[must_use]
    pub fn lang(self) -> Option<Cow<'a, str>> {
        self.element.lang()
    }

    /// The payloads: the child elements of namespaces other than the stanza's own.
    pub fn payloads(self) -> impl Iterator<Item = ElementRef<'a>> {
        self.element.children().filter(move |child| !child.has_ns(self.content))
    }

    /// The first payload, of an iq the only one.
    #[must_use]
    pub fn first_payload(self) -> Option<ElementRef<'a>> {
        self.payloads().next()
    }

    /// The first payload of type `T`, if there is one.
    ///
    /// # Errors
    ///
    /// If there is one and it breaks the rules of `T`.
    pub fn payload<T: Payload<'a>>(self) -> Result<Option<T>, Invalid> {
        self.payloads().find(|child| T::matches(*child)).map(T::parse).transpose()
    }

    /// Whether the first payload has the name and the namespace of `T`.
    #[must_use]
    pub fn payload_is<T: Payload<'a>>(self) -> bool {
        self.first_payload().is_some_and(T::matches)
    }

    /// The `<error/>`, as an element; of a stanza of type `error`.
    #[must_use]
    pub fn error_element(self) -> Option<ElementRef<'a>> {
        if self.is_error() { self.element.child(self.content, "error") } else { None }
    }

    /// The `<error/>`, in typed form; of a stanza of type `error`.
    #[must_use]
    pub fn error(self) -> Option<StanzaError> {
        StanzaError::parse(self.error_element()?).ok()
    }
}
