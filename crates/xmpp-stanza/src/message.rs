//! `<message/>`: RFC 6121, section 5.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use xmpp_xml::{Element, ElementRef, Ns, Sharing, WriteXml, Writer};

use crate::envelope::{self, Attribute, Envelope, EnvelopeRef};
use crate::invalid::Rule;
use crate::text::{lookup, primary};
use crate::words::words;
use crate::{Address, Invalid, LangText, Payload, StanzaCondition, StanzaError, payload};

/// A message: text or payloads pushed to somebody (RFC 6121, section 5).
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use xmpp_stanza::{Message, MessageType};
///
/// let message = Message::new(MessageType::Chat)
///     .with_to("juliet@example.com".parse::<xmpp_jid::Jid>()?)
///     .with_id("m1")
///     .with_body("Art thou not Romeo?");
/// assert_eq!(message.body(), Some("Art thou not Romeo?"));
/// # Ok(())
/// # }
/// ```
///
/// # What is kept
///
/// The children in the order of the document (an `<error/>` alone is written
/// last), those of no known kind as [`Element`]s; attributes that RFC 6120 does
/// not define; not character data directly inside `<message/>`, where no schema
/// has any.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// To whom.
    pub to: Address,
    /// From whom; on a client's own messages the server sets it.
    pub from: Address,
    /// Identifies the message to its sender; an answer bears the same.
    pub id: Option<String>,
    /// The language in scope: that of the stanza, or where it was read within
    /// a stream, the stream's (RFC 6120, section 8.1.5).
    pub lang: Option<String>,
    message_type: MessageType,
    error: Option<Box<StanzaError>>,
    children: Vec<MessageChild>,
    attributes: Vec<Attribute>,
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

/// A child element of a message.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum MessageChild {
    /// The topic, in one language (RFC 6121, section 5.2.4).
    Subject(LangText),
    /// The text, in one language (RFC 6121, section 5.2.3).
    Body(LangText),
    /// The conversation thread (RFC 6121, section 5.2.5).
    Thread(Thread),
    /// Anything else.
    Payload(Element),
}

/// The conversation thread that a message belongs to (RFC 6121, section 5.2.5).
///
/// Both values are opaque: there is nothing to read from them, and only exact
/// comparisons mean something.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Thread {
    /// The identifier of the thread.
    pub id: String,
    /// The thread that this one is an offshoot of.
    pub parent: Option<String>,
}

impl Thread {
    /// A thread of its own.
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), parent: None }
    }

    /// A thread that began within another.
    pub fn with_parent(id: impl Into<String>, parent: impl Into<String>) -> Self {
        Self { id: id.into(), parent: Some(parent.into()) }
    }
}

impl Message {
    /// An empty message without addresses.
    ///
    /// One of type [`Error`](MessageType::Error) has the error
    /// `undefined-condition` until [`set_error`](Self::set_error) says better.
    #[must_use]
    pub fn new(message_type: MessageType) -> Self {
        let error = (message_type == MessageType::Error)
            .then(|| Box::new(StanzaError::new(StanzaCondition::UndefinedCondition)));
        Self {
            to: Address::Absent,
            from: Address::Absent,
            id: None,
            lang: None,
            message_type,
            error,
            children: Vec::new(),
            attributes: Vec::new(),
        }
    }

    /// Reads a `<message/>` of any content namespace.
    ///
    /// # Errors
    ///
    /// If it is no message, or if a child that RFC 6121 defines breaks its
    /// syntax: child elements in `<body/>`, `<subject/>` or `<thread/>`, a
    /// second `<thread/>`. Addresses never are the reason: see [`Address`].
    ///
    /// A message of type `error` is read whatever is wrong with it: such
    /// children are kept among the payloads, and without an `<error/>` it is
    /// `undefined-condition`.
    pub fn parse(element: ElementRef<'_>) -> Result<Self, Invalid> {
        let content = envelope::content(element, "message")?;
        let Envelope { to, from, id, lang, stanza_type, attributes } = Envelope::parse(element);
        let message_type = MessageType::from_attribute(stanza_type.as_deref());
        let is_error = message_type == MessageType::Error;
        let mut message = Self {
            to,
            from,
            id,
            lang,
            message_type,
            error: None,
            children: Vec::new(),
            attributes,
        };
        let mut sharing = Sharing::new(element);
        for child in element.children() {
            match message.read(child, content, &mut sharing) {
                // What an error sends back is no reason to lose the error: it
                // is kept as it came (6120-8.3.1-08, 6120-8.3.1-11).
                Err(_) if is_error => {
                    message.children.push(MessageChild::Payload(sharing.share(child)));
                }
                read => read?,
            }
        }
        if is_error && message.error.is_none() {
            message.set_error(StanzaError::new(StanzaCondition::UndefinedCondition));
        }
        Ok(message)
    }

    fn read<'a>(
        &mut self,
        child: ElementRef<'a>,
        content: Ns<'_>,
        sharing: &mut Sharing<'a>,
    ) -> Result<(), Invalid> {
        let name = if child.has_ns(content) { child.name() } else { "" };
        let child = match name {
            "body" => MessageChild::Body(envelope::lang_text(child, "body", "RFC 6121, 5.2.3")?),
            "subject" => {
                MessageChild::Subject(envelope::lang_text(child, "subject", "RFC 6121, 5.2.4")?)
            }
            "thread" if self.thread().is_some() => {
                return Err(Invalid::new("thread", Rule::Repeated, "RFC 6121, 5.2.5"));
            }
            "thread" => MessageChild::Thread(Thread {
                id: envelope::text(child, "thread", "RFC 6121, 5.2.5")?.into_owned(),
                parent: child.attr("parent").map(String::from),
            }),
            "error" if self.message_type == MessageType::Error => {
                // The first counts; kept beside it, another would be the first
                // when the error is written last.
                if self.error.is_none() {
                    self.error = Some(Box::new(StanzaError::parse(child)?));
                }
                return Ok(());
            }
            _ => MessageChild::Payload(sharing.share(child)),
        };
        self.children.push(child);
        Ok(())
    }

    /// What kind of message it is.
    #[must_use]
    pub const fn message_type(&self) -> MessageType {
        self.message_type
    }

    /// Makes it another kind of message; an error is dropped or made as by [`new`](Self::new).
    pub fn set_message_type(&mut self, message_type: MessageType) {
        if message_type != MessageType::Error {
            self.error = None;
        } else if self.error.is_none() {
            self.set_error(StanzaError::new(StanzaCondition::UndefinedCondition));
        }
        self.message_type = message_type;
    }

    /// The error, of a message of type `error` and of no other.
    #[must_use]
    pub fn error(&self) -> Option<&StanzaError> {
        self.error.as_deref()
    }

    /// Makes it a message of type `error`.
    pub fn set_error(&mut self, error: StanzaError) {
        self.message_type = MessageType::Error;
        self.error = Some(Box::new(error));
    }

    /// The bodies in the order of the document: the same text in several languages.
    pub fn bodies(&self) -> impl Iterator<Item = &LangText> + Clone {
        self.children.iter().filter_map(|child| match child {
            MessageChild::Body(text) => Some(text),
            _ => None,
        })
    }

    /// The body in the stanza's own language, else the first.
    #[must_use]
    pub fn body(&self) -> Option<&str> {
        primary(self.bodies(), self.lang.as_deref()).map(|text| text.text.as_str())
    }

    /// The body for a reader of the language `range`, by RFC 4647's lookup;
    /// if there is none, as [`body`](Self::body).
    #[must_use]
    pub fn body_for(&self, range: &str) -> Option<&LangText> {
        lookup(self.bodies(), self.lang.as_deref(), range)
    }

    /// The subjects in the order of the document: the same in several languages.
    pub fn subjects(&self) -> impl Iterator<Item = &LangText> + Clone {
        self.children.iter().filter_map(|child| match child {
            MessageChild::Subject(text) => Some(text),
            _ => None,
        })
    }

    /// The subject in the stanza's own language, else the first.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        primary(self.subjects(), self.lang.as_deref()).map(|text| text.text.as_str())
    }

    /// The subject for a reader of the language `range`, by RFC 4647's lookup;
    /// if there is none, as [`subject`](Self::subject).
    #[must_use]
    pub fn subject_for(&self, range: &str) -> Option<&LangText> {
        lookup(self.subjects(), self.lang.as_deref(), range)
    }

    /// The conversation thread.
    #[must_use]
    pub fn thread(&self) -> Option<&Thread> {
        self.children.iter().find_map(|child| match child {
            MessageChild::Thread(thread) => Some(thread),
            _ => None,
        })
    }

    /// The children of no kind that RFC 6121 defines, in the order of the document.
    pub fn payloads(&self) -> impl Iterator<Item = &Element> + Clone {
        self.children.iter().filter_map(|child| match child {
            MessageChild::Payload(element) => Some(element),
            _ => None,
        })
    }

    /// The first payload of type `T`, if there is one.
    ///
    /// # Errors
    ///
    /// If there is one and it breaks the rules of `T`.
    pub fn payload<'s, T: Payload<'s>>(&'s self) -> Result<Option<T>, Invalid> {
        payload::first(self.payloads())
    }

    /// All children, in the order of the document.
    #[must_use]
    pub fn children(&self) -> &[MessageChild] {
        &self.children
    }

    /// Appends a child. A thread takes the place of the one that is there.
    pub fn push(&mut self, child: MessageChild) {
        if let MessageChild::Thread(_) = child {
            self.children.retain(|child| !matches!(child, MessageChild::Thread(_)));
        }
        self.children.push(child);
    }

    /// Keeps the children for which `keep` says so.
    pub fn retain(&mut self, keep: impl FnMut(&MessageChild) -> bool) {
        self.children.retain(keep);
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

    /// Returns this value with that `id`.
    #[must_use]
    pub fn with_id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// The same, in the language of that RFC 5646 tag.
    #[must_use]
    pub fn with_lang(mut self, lang: impl Into<String>) -> Self {
        self.lang = Some(lang.into());
        self
    }

    /// Returns this value with one more body.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<LangText>) -> Self {
        self.push(MessageChild::Body(body.into()));
        self
    }

    /// Returns this value with one more subject.
    #[must_use]
    pub fn with_subject(mut self, subject: impl Into<LangText>) -> Self {
        self.push(MessageChild::Subject(subject.into()));
        self
    }

    /// The same, in that thread.
    #[must_use]
    pub fn with_thread(mut self, thread: Thread) -> Self {
        self.push(MessageChild::Thread(thread));
        self
    }

    /// Returns this value with one more payload.
    #[must_use]
    pub fn with_payload(mut self, payload: impl Into<Element>) -> Self {
        self.push(MessageChild::Payload(payload.into()));
        self
    }
}

impl WriteXml for Message {
    fn write_xml(&self, w: &mut Writer<'_>) {
        let stanza_type = match self.message_type {
            MessageType::Normal => None,
            other => Some(other.as_str()),
        };
        let content = envelope::start(
            w,
            "message",
            stanza_type,
            EnvelopeRef {
                to: &self.to,
                from: &self.from,
                id: self.id.as_deref(),
                lang: self.lang.as_deref(),
                attributes: &self.attributes,
            },
        );
        // What several of them inherit is declared once.
        for payload in self.payloads() {
            w.declare_for(payload.as_ref());
        }
        for child in &self.children {
            match child {
                MessageChild::Subject(text) => {
                    envelope::write_lang_text(w, content, "subject", text)
                }
                MessageChild::Body(text) => envelope::write_lang_text(w, content, "body", text),
                MessageChild::Thread(thread) => {
                    w.start(content, "thread").attr_opt("parent", thread.parent.as_deref());
                    w.text(&thread.id).end();
                }
                MessageChild::Payload(element) => {
                    w.element(element.as_ref());
                }
            }
        }
        if let Some(error) = &self.error {
            w.write(&**error);
        }
        w.end();
    }
}
