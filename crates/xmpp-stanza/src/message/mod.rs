//! `<message/>`: RFC 6121, section 5.

mod builder;
mod child;

use alloc::borrow::Cow;

use xmpp_xml::ElementRef;

use crate::text::{lookup, primary};
use crate::view::{View, view, view_of_several};
use crate::words::words;
use crate::{AnyElement, Invalid, LangText, StanzaKind};

pub use builder::MessageBuilder;
pub use child::{MessageChild, Thread};
use child::{Part, Parts, Rules};

/// A message: text or payloads pushed to somebody (RFC 6121, section 5).
///
/// It is a view of an element, borrowed from where it was received or
/// [on its own](Self::into_owned): to read one allocates nothing, and what is asked
/// for is looked up then. One that is to be sent is made by a
/// [builder](Self::builder).
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use xmpp_stanza::{Message, MessageType};
/// # use xmpp_xml::Element;
/// # let received = Element::parse("<message xmlns='jabber:client' type='chat' id='m1' \
/// #     from='juliet@example.com/balcony'><body>Art thou not Romeo?</body></message>")?;
/// // `received` is an element, from a stream or anywhere else.
/// let message = Message::parse(received.as_ref())?;
/// assert_eq!(message.message_type(), MessageType::Chat);
/// assert_eq!(message.from().as_str(), Some("juliet@example.com/balcony"));
/// assert_eq!(message.body().as_deref(), Some("Art thou not Romeo?"));
/// # Ok(())
/// # }
/// ```
///
/// Written again it is the element as it came, with all that is unknown in it.
#[derive(Clone)]
pub struct Message<'a> {
    view: View<'a>,
    message_type: MessageType,
}

words! {
    /// The `type` of a message (RFC 6121, section 5.2.2).
    ///
    /// A type that is missing or not understood is
    /// [`Normal`](Self::Normal) (`6121-5.2.2-06`).
    pub enum MessageType {
        /// One of a one-to-one chat.
        Chat = "chat",
        /// The answer to a message that could not be processed.
        Error = "error",
        /// One to a chat of many.
        Groupchat = "groupchat",
        /// An alert, a notice, transient news: no reply is expected.
        Headline = "headline",
        /// One by itself, to which a reply is expected.
        Normal = "normal",
    }
}

impl MessageType {
    /// The type for the attribute as it came.
    #[must_use]
    pub fn from_attribute(value: Option<&str>) -> Self {
        value.and_then(Self::from_name).unwrap_or(Self::Normal)
    }
}

view!(Message, message_type);
view_of_several!(Message);

impl<'a> Message<'a> {
    /// Begins a message that is to be sent.
    ///
    /// One of type [`Error`](MessageType::Error) has the error
    /// `undefined-condition` until [`with_error`](MessageBuilder::with_error) says
    /// better.
    pub fn builder(message_type: MessageType) -> MessageBuilder {
        MessageBuilder::new(message_type)
    }

    /// Takes the element for a `<message/>`, of any content namespace, after one look
    /// at each of its children.
    ///
    /// # Errors
    ///
    /// If it is no message, or if a child that RFC 6121 defines breaks its
    /// syntax: child elements in `<body/>`, `<subject/>` or `<thread/>`, a
    /// second `<thread/>`. Addresses never are the reason: see
    /// [`AddressRef`](crate::AddressRef).
    ///
    /// A message of type `error` is accepted whatever is wrong with it: such
    /// children count as payloads, and without an `<error/>` it is
    /// `undefined-condition`.
    pub fn parse(element: ElementRef<'a>) -> Result<Self, Invalid> {
        Self::of(element.into())
    }

    fn of(element: AnyElement<'a>) -> Result<Self, Invalid> {
        Self::of_view(View::of(element, StanzaKind::Message)?)
    }

    pub(crate) fn of_view(view: View<'a>) -> Result<Self, Invalid> {
        let element = view.element();
        let message_type = MessageType::from_attribute(element.attr("type").as_deref());
        // Nothing can be answered to an error, so nothing is refused.
        if message_type != MessageType::Error {
            let mut rules = Rules::new(view.content(), false);
            for child in element.children() {
                rules.part(child)?;
            }
        }
        Ok(Self { view, message_type })
    }

    fn parts(&self) -> Parts<'_> {
        let is_error = self.message_type == MessageType::Error;
        let rules = Rules::accepted(self.view.content(), is_error);
        Parts { children: self.element().children(), rules }
    }

    /// What kind of message it is.
    #[must_use]
    pub const fn message_type(&self) -> MessageType {
        self.message_type
    }

    /// The bodies in the order of the document: the same text in several languages.
    pub fn bodies(&self) -> impl Iterator<Item = LangText<'_>> + Clone {
        self.texts(Part::Body).map(LangText::of)
    }

    /// The body in the stanza's own language, else the first.
    #[must_use]
    pub fn body(&self) -> Option<Cow<'_, str>> {
        primary(self.texts(Part::Body), self.lang().as_deref()).map(ElementRef::text)
    }

    /// The body for a reader of the language `range`, by RFC 4647's lookup;
    /// if there is none, as [`body`](Self::body).
    #[must_use]
    pub fn body_for(&self, range: &str) -> Option<LangText<'_>> {
        lookup(self.texts(Part::Body), self.lang().as_deref(), range).map(LangText::of)
    }

    /// The subjects in the order of the document: the same in several languages.
    pub fn subjects(&self) -> impl Iterator<Item = LangText<'_>> + Clone {
        self.texts(Part::Subject).map(LangText::of)
    }

    /// The subject in the stanza's own language, else the first.
    #[must_use]
    pub fn subject(&self) -> Option<Cow<'_, str>> {
        primary(self.texts(Part::Subject), self.lang().as_deref()).map(ElementRef::text)
    }

    /// The subject for a reader of the language `range`, by RFC 4647's lookup;
    /// if there is none, as [`subject`](Self::subject).
    #[must_use]
    pub fn subject_for(&self, range: &str) -> Option<LangText<'_>> {
        lookup(self.texts(Part::Subject), self.lang().as_deref(), range).map(LangText::of)
    }

    /// The conversation thread.
    #[must_use]
    pub fn thread(&self) -> Option<Thread<'_>> {
        self.texts(Part::Thread).next().map(Thread::of)
    }

    /// All children but an [error](Self::error), in the order of the document.
    pub fn children(&self) -> impl Iterator<Item = MessageChild<'_>> + Clone {
        self.parts().filter_map(|(part, child)| {
            Some(match part {
                Part::Subject => MessageChild::Subject(LangText::of(child)),
                Part::Body => MessageChild::Body(LangText::of(child)),
                Part::Thread => MessageChild::Thread(Thread::of(child)),
                Part::Error => return None,
                Part::Payload => MessageChild::Payload(child),
            })
        })
    }
}
