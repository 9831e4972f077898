//! `<iq/>`: RFC 6120, section 8.2.3.

mod builder;

use alloc::borrow::Cow;

use xmpp_xml::{ElementRef, WriteXml};

use crate::invalid::Rule;
use crate::view::{View, view};
use crate::words::words;
use crate::{AnyElement, Invalid, Payload, StanzaError, StanzaKind};

pub use builder::IqBuilder;

/// An iq: a request, or the answer to one (RFC 6120, section 8.2.3).
///
/// It is a view of an element, as a [`Message`](crate::Message) is. Those that are to
/// be sent are made by [`get`](Self::get), [`set`](Self::set) and
/// [`result`](Self::result), or answer a [received one](crate::StanzaRef::result).
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use xmpp_stanza::{Iq, IqContent, ping::Ping};
/// # use xmpp_xml::Element;
/// # let received = Element::parse("<iq xmlns='jabber:client' type='get' id='p1' \
/// #     from='example.com'><ping xmlns='urn:xmpp:ping'/></iq>")?;
/// // `received` is an element, from a stream or anywhere else.
/// let iq = Iq::parse(received.as_ref())?;
/// if matches!(iq.content(), IqContent::Get(_)) && iq.payload::<Ping>()?.is_some() {
///     let pong = iq.stanza().empty_result();
///     # assert!(pong.is_some());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Iq<'a> {
    view: View<'a>,
    iq_type: IqType,
}

/// The type of an iq and what goes with it.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "RFC 6120 closes the list (6120-8.2.3-03)")]
pub enum IqContent<'a> {
    /// Asks for information.
    Get(ElementRef<'a>),
    /// Provides data or asks for an action.
    Set(ElementRef<'a>),
    /// The request was successful.
    Result(Option<ElementRef<'a>>),
    /// The request was not successful.
    Error {
        /// Why not.
        error: StanzaError,
        /// The payload of the request, if it was sent along.
        request: Option<ElementRef<'a>>,
    },
}

words! {
    /// The `type` of an iq (RFC 6120, section 8.2.3).
    pub enum IqType {
        /// Asks for information.
        Get = "get",
        /// Provides data or asks for an action.
        Set = "set",
        /// Answers: the request was successful.
        Result = "result",
        /// Answers: the request was not successful.
        Error = "error",
    }
}

impl IqType {
    /// Whether it asks (`get`, `set`), so that it must be answered.
    #[must_use]
    pub const fn is_request(self) -> bool {
        matches!(self, Self::Get | Self::Set)
    }
}

view!(Iq, iq_type);

impl<'a> Iq<'a> {
    /// Begins a request for information.
    pub fn get<P: WriteXml + ?Sized>(
        id: impl Into<alloc::string::String>,
        payload: &P,
    ) -> IqBuilder {
        IqBuilder::get(id, payload)
    }

    /// Begins a request that provides data or asks for an action.
    pub fn set<P: WriteXml + ?Sized>(
        id: impl Into<alloc::string::String>,
        payload: &P,
    ) -> IqBuilder {
        IqBuilder::set(id, payload)
    }

    /// Begins the answer that a request was successful, without a payload; one is
    /// added by [`with`](IqBuilder::with). The other answer is
    /// [`IqBuilder::error`].
    pub fn result(id: impl Into<alloc::string::String>) -> IqBuilder {
        IqBuilder::result(id)
    }

    /// Takes the element for an `<iq/>`, of any content namespace, after one look at
    /// each of its children.
    ///
    /// # Errors
    ///
    /// If it is no iq, has no type or one that RFC 6120 does not have
    /// (`6120-8.2.3-03`); if a request or a result has no `id`
    /// (`6120-8.2.3-01`) or has an `<error/>` (`6120-8.3.1-10`), a request not
    /// exactly one payload (`6120-8.2.3-07`), a result more than one
    /// (`6120-8.2.3-08`). Addresses never are the reason: see
    /// [`AddressRef`](crate::AddressRef).
    ///
    /// An error is accepted whatever is wrong with it: without an `id` it has an
    /// empty one, without an `<error/>` it is `undefined-condition`, and of
    /// several `<error/>`s or payloads the first counts.
    pub fn parse(element: ElementRef<'a>) -> Result<Self, Invalid> {
        Self::of(element.into())
    }

    fn of(element: AnyElement<'a>) -> Result<Self, Invalid> {
        Self::of_view(View::of(element, StanzaKind::Iq)?)
    }

    pub(crate) fn of_view(view: View<'a>) -> Result<Self, Invalid> {
        const SECTION: &str = "RFC 6120, 8.2.3";
        let element = view.element();
        let missing = |name| Invalid::new("iq", Rule::MissingAttribute, SECTION).in_attribute(name);
        let Some(stanza_type) = element.attr("type") else { return Err(missing("type")) };
        let Some(iq_type) = IqType::from_name(&stanza_type) else {
            return Err(Invalid::new("iq", Rule::UnknownValue, SECTION)
                .in_attribute("type")
                .found(&stanza_type));
        };
        // An error cannot be answered (6120-8.2.3-06), so nothing is refused.
        if iq_type != IqType::Error {
            if !element.attrs().any(|attr| attr.ns().is_empty() && attr.name() == "id") {
                return Err(missing("id"));
            }
            let mut payloads = 0;
            for child in element.children() {
                if child.is(view.content(), "error") {
                    // An error in anything but an error is against 6120-8.3.1-10, and
                    // no payload either, since those are of other namespaces (8.4). A
                    // result that says so is no success and no error: to take it for
                    // either could take a failure for a success.
                    let rule = Rule::UnexpectedChild("error");
                    return Err(Invalid::new("iq", rule, "RFC 6120, 8.3.1"));
                }
                payloads += 1;
                if payloads > 1 {
                    let rule = Rule::TooManyChildren(1);
                    return Err(Invalid::new("iq", rule, SECTION).found(child.name()));
                }
            }
            if payloads == 0 && iq_type.is_request() {
                return Err(Invalid::new("iq", Rule::MissingPayload, SECTION));
            }
        }
        Ok(Self { view, iq_type })
    }

    /// What kind of iq it is.
    #[must_use]
    pub const fn iq_type(&self) -> IqType {
        self.iq_type
    }

    /// Identifies the request to its sender; the answer bears the same. Empty in an
    /// error that has none, as it is when the request had none (`6120-8.3.1-05`).
    #[must_use]
    pub fn id(&self) -> Cow<'_, str> {
        self.stanza().id().unwrap_or_default()
    }

    /// What it asks or answers.
    #[must_use]
    pub fn content(&self) -> IqContent<'_> {
        let payload = self.payload_element();
        match (self.iq_type, payload) {
            (IqType::Get, Some(payload)) => IqContent::Get(payload),
            (IqType::Set, Some(payload)) => IqContent::Set(payload),
            (IqType::Error, request) => {
                IqContent::Error { error: self.error().unwrap_or_default(), request }
            }
            // A request has one.
            (_, payload) => IqContent::Result(payload),
        }
    }

    /// The error, of an iq of type `error`; `undefined-condition` if the iq does not
    /// say which.
    #[must_use]
    pub fn error(&self) -> Option<StanzaError> {
        (self.iq_type == IqType::Error).then(|| self.stanza().error().unwrap_or_default())
    }

    /// The payload, that of a request sent along with an error included.
    #[must_use]
    pub fn payload_element(&self) -> Option<ElementRef<'_>> {
        let content = self.view.content();
        self.element().children().find(|child| !child.is(content, "error"))
    }

    /// The payload, if there is one and it is a `T`.
    ///
    /// # Errors
    ///
    /// If it breaks the rules of `T`.
    pub fn payload<'s, T: Payload<'s>>(&'s self) -> Result<Option<T>, Invalid> {
        self.payload_element().filter(|child| T::matches(*child)).map(T::parse).transpose()
    }
}
