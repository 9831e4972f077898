use alloc::string::{String, ToString};
use core::fmt;

use super::{Address, Header, Message, check_content};
use crate::mime::{Entity, Field, Headers};
use crate::{DateTime, ParseError, ParseErrorKind};

/// Makes a [`Message`], header by header in the order they will have.
///
/// What goes wrong is remembered and told by [`build`](Self::build).
///
/// ```
/// use xmpp_cpim::message::{Address, Message};
/// use xmpp_cpim::mime::Entity;
///
/// let message = Message::builder()
///     .from(&Address::new("im:juliet@example.com")?)
///     .to(&Address::new("im:romeo@example.net")?)
///     .subject(Some("cs"), "Ahoj!")
///     .content(Entity::text("Wherefore art thou, Romeo?"))
///     .build()?;
/// assert_eq!(
///     message.to_vec(),
///     b"Content-Type: Message/CPIM\r\n\
///     \r\n\
///     From: <im:juliet@example.com>\r\n\
///     To: <im:romeo@example.net>\r\n\
///     Subject:;lang=cs Ahoj!\r\n\
///     \r\n\
///     Content-Type: text/plain; charset=utf-8\r\n\
///     \r\n\
///     Wherefore art thou, Romeo?"
/// );
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Builder<'a> {
    message: Message<'a>,
    error: Option<BuildError>,
}

impl<'a> Builder<'a> {
    pub(super) fn new() -> Self {
        Self {
            message: Message {
                mime_headers: Headers::of_type("Message/CPIM"),
                headers: alloc::vec::Vec::new(),
                declarations: alloc::vec::Vec::new(),
                content: Entity::new(Headers::new(), alloc::borrow::Cow::Borrowed(&[][..])),
            },
            error: None,
        }
    }

    /// A MIME header field of the object, after its `Content-Type`.
    pub fn mime_header(mut self, field: Field<'a>) -> Self {
        self.message.mime_headers.push(field);
        self
    }

    /// `From`
    pub fn from(self, address: &Address<'_>) -> Self {
        self.structured("From", &address.to_string())
    }

    /// `To`; can be repeated.
    pub fn to(self, address: &Address<'_>) -> Self {
        self.structured("To", &address.to_string())
    }

    /// `cc`; can be repeated.
    pub fn cc(self, address: &Address<'_>) -> Self {
        self.structured("cc", &address.to_string())
    }

    /// `DateTime`
    pub fn date_time(self, sent: DateTime) -> Self {
        self.structured("DateTime", &sent.to_string())
    }

    /// `Subject`, with its language if that is known; can be repeated.
    pub fn subject(self, lang: Option<&str>, text: &str) -> Self {
        let header = match lang {
            Some(tag) => Header::with_lang("Subject", tag, text),
            None => Header::new("Subject", text),
        };
        self.made("Subject", header)
    }

    /// `NS`: from here on, `prefix` stands for the namespace `uri`; without a
    /// prefix, `uri` is the namespace of names that have none.
    pub fn namespace(self, prefix: Option<&str>, uri: &str) -> Self {
        let mut value = String::from(prefix.unwrap_or_default());
        if prefix.is_some() {
            value.push(' ');
        }
        value.push('<');
        value.push_str(uri);
        value.push('>');
        self.structured("NS", &value)
    }

    /// `Require`: the names, with their prefixes, of what the receiver has to
    /// understand. None of them: no header.
    pub fn require<'n>(self, names: impl IntoIterator<Item = &'n str>) -> Self {
        let mut value = String::new();
        for name in names {
            if !value.is_empty() {
                value.push(',');
            }
            value.push_str(name);
        }
        if value.is_empty() { self } else { self.structured("Require", &value) }
    }

    /// Any header.
    pub fn header(mut self, header: Header<'a>) -> Self {
        if let Err((header, error)) = self.message.admit(header, 0) {
            self.fail(header.name(), error.kind);
        }
        self
    }

    /// The encapsulated MIME object, which needs a `Content-Type`.
    pub fn content(mut self, content: Entity<'a>) -> Self {
        self.message.content = content;
        self
    }

    /// The message.
    ///
    /// # Errors
    ///
    /// The first header that could not be, or an encapsulated object without a
    /// `Content-Type`.
    pub fn build(self) -> Result<Message<'a>, BuildError> {
        if let Some(error) = self.error {
            return Err(error);
        }
        check_content(&self.message.content, 0).map_err(|error| BuildError {
            header: String::from("Content-Type"),
            kind: error.kind,
        })?;
        Ok(self.message)
    }

    fn structured(self, name: &str, value: &str) -> Self {
        let header = Header::structured(name, value);
        self.made(name, header)
    }

    fn made(mut self, name: &str, header: Result<Header<'static>, ParseError>) -> Self {
        match header {
            Ok(header) => self.header(header),
            Err(error) => {
                self.fail(name, error.kind);
                self
            }
        }
    }

    fn fail(&mut self, header: &str, kind: ParseErrorKind) {
        if self.error.is_none() {
            self.error = Some(BuildError::of(header, kind));
        }
    }
}

/// Why there is no such message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BuildError {
    /// The name of the header that cannot be.
    pub header: String,
    /// The rule that it breaks.
    pub kind: ParseErrorKind,
}

impl BuildError {
    pub(crate) fn of(header: &str, kind: ParseErrorKind) -> Self {
        Self { header: String::from(header), kind }
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} ({})", self.header, self.kind, self.kind.section())
    }
}

impl core::error::Error for BuildError {}
