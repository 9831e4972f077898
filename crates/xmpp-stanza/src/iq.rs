//! `<iq/>`: RFC 6120, section 8.2.3.

use alloc::string::String;
use alloc::vec::Vec;

use xmpp_xml::{Element, ElementRef, Ns, WriteXml, Writer};

use crate::envelope::{self, Attribute, Envelope, EnvelopeRef};
use crate::invalid::Rule;
use crate::words::words;
use crate::{Address, Invalid, Payload, StanzaCondition, StanzaError};

/// An iq: a request, or the answer to one (RFC 6120, section 8.2.3).
///
/// To read one gives an `Iq`, that is an `Iq<Element>`. One to be sent can have
/// any payload that can be written:
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use xmpp_stanza::{Iq, ping::Ping};
///
/// let request = Iq::get("p1", Ping).with_to("example.com".parse::<xmpp_jid::Jid>()?);
/// let answer = request.to_result::<Ping>(None);
/// assert_eq!(answer.id, "p1");
/// # Ok(())
/// # }
/// ```
///
/// Of what stands in the element, attributes that RFC 6120 does not define are
/// kept, character data directly in it is not.
#[derive(Clone, Debug, PartialEq)]
pub struct Iq<P = Element> {
    /// To whom; absent where it is for the server or one's own account.
    pub to: Address,
    /// From whom; on a client's own requests the server sets it.
    pub from: Address,
    /// Identifies the request to its sender; the answer bears the same. Empty
    /// in an error that has none, as it is when the request had none
    /// (`6120-8.3.1-05`).
    pub id: String,
    /// The language in scope: that of the stanza, or where it was read within
    /// a stream, the stream's (RFC 6120, section 8.1.5).
    pub lang: Option<String>,
    /// What it asks or answers.
    pub content: IqContent<P>,
    attributes: Vec<Attribute>,
}

/// The type of an iq and what goes with it.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "RFC 6120 closes the list (6120-8.2.3-03)")]
pub enum IqContent<P = Element> {
    /// Asks for information.
    Get(P),
    /// Provides data or asks for an action.
    Set(P),
    /// The request was successful.
    Result(Option<P>),
    /// The request was not successful.
    Error {
        /// Why not.
        error: StanzaError,
        /// The payload of the request, if it was sent along.
        request: Option<P>,
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

impl<P> IqContent<P> {
    /// The `type` that goes with it.
    #[must_use]
    pub const fn iq_type(&self) -> IqType {
        match self {
            Self::Get(_) => IqType::Get,
            Self::Set(_) => IqType::Set,
            Self::Result(_) => IqType::Result,
            Self::Error { .. } => IqType::Error,
        }
    }

    /// The payload, that of a request sent along with an error included.
    #[must_use]
    pub const fn payload(&self) -> Option<&P> {
        match self {
            Self::Get(payload) | Self::Set(payload) => Some(payload),
            Self::Result(payload) | Self::Error { request: payload, .. } => payload.as_ref(),
        }
    }
}

impl<P> Iq<P> {
    /// An iq with that content and no addresses.
    pub fn new(id: impl Into<String>, content: IqContent<P>) -> Self {
        Self {
            to: Address::Absent,
            from: Address::Absent,
            id: id.into(),
            lang: None,
            content,
            attributes: Vec::new(),
        }
    }

    /// A request for information.
    pub fn get(id: impl Into<String>, payload: P) -> Self {
        Self::new(id, IqContent::Get(payload))
    }

    /// A request that provides data or asks for an action.
    pub fn set(id: impl Into<String>, payload: P) -> Self {
        Self::new(id, IqContent::Set(payload))
    }

    /// What kind of iq it is.
    #[must_use]
    pub const fn iq_type(&self) -> IqType {
        self.content.iq_type()
    }

    /// The error, of an iq of type `error`.
    #[must_use]
    pub const fn error(&self) -> Option<&StanzaError> {
        match &self.content {
            IqContent::Error { error, .. } => Some(error),
            _ => None,
        }
    }

    /// The answer that the request was successful: the addresses the other
    /// way round, the same `id`.
    ///
    /// For requests only: a result or an error is never answered
    /// (`6120-8.2.3-06`). The answer to a borrowed request,
    /// [`StanzaRef::result`](crate::StanzaRef::result), sees to that.
    pub fn to_result<Q>(&self, payload: Option<Q>) -> Iq<Q> {
        self.answer(IqContent::Result(payload))
    }

    /// The answer that the request was not successful, without its payload:
    /// the addresses the other way round, the same `id`.
    ///
    /// For requests only: a result or an error is never answered
    /// (`6120-8.2.3-06`). The answer to a borrowed request,
    /// [`StanzaRef::error_reply`](crate::StanzaRef::error_reply), sees to that.
    pub fn to_error(&self, error: impl Into<StanzaError>) -> Iq {
        self.answer(IqContent::Error { error: error.into(), request: None })
    }

    fn answer<Q>(&self, content: IqContent<Q>) -> Iq<Q> {
        Iq {
            to: self.from.clone(),
            from: self.to.clone(),
            id: self.id.clone(),
            lang: None,
            content,
            attributes: Vec::new(),
        }
    }

    /// The attributes that RFC 6120 does not define.
    #[must_use]
    pub fn attributes(&self) -> &[Attribute] {
        &self.attributes
    }

    /// The same, to `to`.
    #[must_use]
    pub fn with_to(mut self, to: impl Into<Address>) -> Self {
        self.to = to.into();
        self
    }

    /// The same, from `from`.
    #[must_use]
    pub fn with_from(mut self, from: impl Into<Address>) -> Self {
        self.from = from.into();
        self
    }

    /// The same, in the language of that RFC 5646 tag.
    #[must_use]
    pub fn with_lang(mut self, lang: impl Into<String>) -> Self {
        self.lang = Some(lang.into());
        self
    }
}

impl Iq {
    /// Reads an `<iq/>` of any content namespace.
    ///
    /// # Errors
    ///
    /// If it is no iq, has no type or one that RFC 6120 does not have
    /// (`6120-8.2.3-03`); if a request or a result has no `id`
    /// (`6120-8.2.3-01`) or has an `<error/>` (`6120-8.3.1-10`), a request not
    /// exactly one payload (`6120-8.2.3-07`), a result more than one
    /// (`6120-8.2.3-08`). Addresses never are the reason: see [`Address`].
    ///
    /// An error is read whatever is wrong with it: without an `id` it has an
    /// empty one, without an `<error/>` it is `undefined-condition`, and of
    /// several `<error/>`s or payloads the first counts.
    pub fn parse(element: ElementRef<'_>) -> Result<Self, Invalid> {
        const SECTION: &str = "RFC 6120, 8.2.3";
        let namespace = envelope::content(element, "iq")?;
        let Envelope { to, from, id, lang, stanza_type, attributes } = Envelope::parse(element);
        let missing = |name| Invalid::new("iq", Rule::MissingAttribute, SECTION).in_attribute(name);
        let Some(stanza_type) = stanza_type else { return Err(missing("type")) };
        let Some(iq_type) = IqType::from_name(&stanza_type) else {
            return Err(Invalid::new("iq", Rule::UnknownValue, SECTION)
                .in_attribute("type")
                .found(&stanza_type));
        };
        if iq_type == IqType::Error {
            let content = read_error(element, namespace)?;
            return Ok(Self { to, from, id: id.unwrap_or_default(), lang, content, attributes });
        }
        let Some(id) = id else { return Err(missing("id")) };
        let content = read_content(element, iq_type, namespace)?;
        Ok(Self { to, from, id, lang, content, attributes })
    }

    /// The payload, if there is one and it is a `T`.
    ///
    /// # Errors
    ///
    /// If it breaks the rules of `T`.
    pub fn payload<'s, T: Payload<'s>>(&'s self) -> Result<Option<T>, Invalid> {
        crate::payload::first(self.content.payload().into_iter())
    }
}

fn read_content(
    element: ElementRef<'_>,
    iq_type: IqType,
    namespace: Ns<'_>,
) -> Result<IqContent, Invalid> {
    const SECTION: &str = "RFC 6120, 8.2.3";
    let mut payload = None;
    for child in element.children() {
        if child.is(namespace, "error") {
            // An error in anything but an error is against 6120-8.3.1-10, and
            // no payload either, since those are of other namespaces (8.4). A
            // result that says so is no success and no error: to take it for
            // either could take a failure for a success.
            return Err(Invalid::new("iq", Rule::UnexpectedChild("error"), "RFC 6120, 8.3.1"));
        } else if payload.is_some() {
            return Err(Invalid::new("iq", Rule::TooManyChildren(1), SECTION).found(child.name()));
        } else {
            payload = Some(child.into_shared());
        }
    }
    match (iq_type, payload) {
        (IqType::Get, Some(payload)) => Ok(IqContent::Get(payload)),
        (IqType::Set, Some(payload)) => Ok(IqContent::Set(payload)),
        (IqType::Get | IqType::Set, None) => Err(Invalid::new("iq", Rule::MissingPayload, SECTION)),
        (IqType::Result | IqType::Error, payload) => Ok(IqContent::Result(payload)),
    }
}

/// An error cannot be answered (6120-8.2.3-06), so nothing is refused.
fn read_error(element: ElementRef<'_>, namespace: Ns<'_>) -> Result<IqContent, Invalid> {
    let mut error = None;
    let mut request = None;
    for child in element.children() {
        if child.is(namespace, "error") {
            if error.is_none() {
                error = Some(StanzaError::parse(child)?);
            }
        } else if request.is_none() {
            request = Some(child.into_shared());
        }
    }
    let error = error.unwrap_or(StanzaError::new(StanzaCondition::UndefinedCondition));
    Ok(IqContent::Error { error, request })
}

impl<P: WriteXml> WriteXml for Iq<P> {
    fn write_xml(&self, w: &mut Writer<'_>) {
        envelope::start(
            w,
            "iq",
            Some(self.iq_type().as_str()),
            EnvelopeRef {
                to: &self.to,
                from: &self.from,
                id: Some(&self.id),
                lang: self.lang.as_deref(),
                attributes: &self.attributes,
            },
        );
        if let Some(payload) = self.content.payload() {
            w.write(payload);
        }
        if let Some(error) = self.error() {
            w.write(error);
        }
        w.end();
    }
}
