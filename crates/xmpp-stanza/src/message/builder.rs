//! Messages to be sent.

use alloc::boxed::Box;
use alloc::string::String;

use xmpp_xml::{Fragment, WriteXml, Writer};

use super::{Message, MessageType, Thread};
use crate::builder::{self, builder};
use crate::{Address, LangText, StanzaCondition, StanzaError, envelope};

/// A message that is to be sent.
///
/// Texts and payloads are written when they are put into it, and are copied into the
/// stream from there; what is wrong with them is told when the message is sent.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use xmpp_stanza::{Message, MessageType};
/// use xmpp_xml::{Writer, ns};
///
/// let message = Message::builder(MessageType::Chat)
///     .with_to("juliet@example.com".parse::<xmpp_jid::Jid>()?)
///     .with_id("m1")
///     .with_body("Art thou not Romeo?");
///
/// let mut tx = Vec::new();
/// let mut w = Writer::in_stream(&mut tx, ns::CLIENT);
/// w.write(&message);
/// w.finish()?;
/// assert_eq!(
///     String::from_utf8(tx)?,
///     "<message to='juliet@example.com' id='m1' type='chat'>\
///      <body>Art thou not Romeo?</body></message>",
/// );
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a message must be sent"]
pub struct MessageBuilder {
    /// To whom.
    pub to: Address,
    /// From whom; on a client's own messages the server sets it.
    pub from: Address,
    /// Identifies the message to its sender; an answer bears the same.
    pub id: Option<String>,
    /// The language of what it says (RFC 6120, section 8.1.5).
    pub lang: Option<String>,
    message_type: MessageType,
    thread: Option<Thread<'static>>,
    error: Option<Box<StanzaError>>,
    content: Fragment,
}

builder!(MessageBuilder, Message);

impl MessageBuilder {
    pub(super) fn new(message_type: MessageType) -> Self {
        let error = (message_type == MessageType::Error)
            .then(|| Box::new(StanzaError::new(StanzaCondition::UndefinedCondition)));
        Self {
            to: Address::Absent,
            from: Address::Absent,
            id: None,
            lang: None,
            message_type,
            thread: None,
            error,
            content: Fragment::new(),
        }
    }

    /// What kind of message it is.
    #[must_use]
    pub const fn message_type(&self) -> MessageType {
        self.message_type
    }

    /// Adds a body.
    pub fn with_body<'t>(self, body: impl Into<LangText<'t>>) -> Self {
        self.with_text("body", &body.into())
    }

    /// Adds a subject.
    pub fn with_subject<'t>(self, subject: impl Into<LangText<'t>>) -> Self {
        self.with_text("subject", &subject.into())
    }

    fn with_text(mut self, name: &str, text: &LangText<'_>) -> Self {
        self.content.push(|w| envelope::write_lang_text(w, w.content(), name, text));
        self
    }

    /// Sets the thread, and replaces an earlier one.
    pub fn with_thread(mut self, thread: Thread<'_>) -> Self {
        self.thread = Some(thread.into_owned());
        self
    }

    /// Adds a payload: one of a [type](crate::Payload), or an
    /// element.
    pub fn with<P: WriteXml + ?Sized>(mut self, payload: &P) -> Self {
        self.push(payload);
        self
    }

    /// Adds one more payload.
    pub fn push<P: WriteXml + ?Sized>(&mut self, payload: &P) -> &mut Self {
        self.content.write(payload);
        self
    }

    /// Makes it a message of type `error`, which says that.
    pub fn with_error(mut self, error: impl Into<StanzaError>) -> Self {
        self.message_type = MessageType::Error;
        self.error = Some(Box::new(error.into()));
        self
    }
}

impl WriteXml for MessageBuilder {
    fn write_xml(&self, w: &mut Writer<'_>) {
        let stanza_type = match self.message_type {
            MessageType::Normal => None,
            other => Some(other.as_str()),
        };
        let (id, lang) = (self.id.as_deref(), self.lang.as_deref());
        let content = builder::start(w, "message", stanza_type, (&self.to, &self.from), id, lang);
        w.fragment(&self.content);
        if let Some(thread) = &self.thread {
            w.start(content, "thread").attr_opt("parent", thread.parent.as_deref());
            w.text(&thread.id).end();
        }
        if let Some(error) = &self.error {
            w.write(&**error);
        }
        w.end();
    }
}
