//! The stream header: RFC 6120, sections 4.7 and 4.8.

use alloc::borrow::Cow;
use alloc::string::String;
use core::fmt;

use xmpp_xml::{ElementRef, Framing, Ns, SendBuffer, WriteError, ns};

use crate::envelope::CONTENT;
use crate::invalid::Rule;
use crate::{Address, Invalid};

/// The start tag that opens a stream (RFC 6120, sections 4.7 and 4.8), or the
/// `<open/>` that does over WebSocket (RFC 7395, section 3.4).
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use xmpp_stanza::StreamHeader;
/// use xmpp_xml::{Framing, SendBuffer, ns};
///
/// let header = StreamHeader::new(ns::CLIENT)
///     .with_to("example.com".parse::<xmpp_jid::Jid>()?)
///     .with_lang("en");
/// let mut tx = SendBuffer::new(Framing::WebSocket);
/// header.write(&mut tx)?;
/// assert_eq!(
///     str::from_utf8(tx.unsent())?,
///     "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='example.com' version='1.0' \
///      xml:lang='en'/>"
/// );
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StreamHeader {
    /// The content namespace as declared for elements without prefix, or none:
    /// each stanza declares its own then, as over WebSocket it always does.
    pub content: Option<Cow<'static, str>>,
    /// The domain that is expected to be served here.
    pub to: Address,
    /// The account or the domain that opens the stream, or answers.
    pub from: Address,
    /// The identifier of the stream, which the receiving entity makes.
    pub id: Option<String>,
    /// The language of the stream.
    pub lang: Option<String>,
    /// The version of XMPP; none is 0.9 (`6120-4.7.5-08`).
    pub version: Option<Version>,
    /// Whether the namespace of server dialback (XEP-0220) is declared, with
    /// the prefix `db`, as the servers of old want it.
    pub dialback: bool,
}

impl StreamHeader {
    /// A header of version 1.0 with that content namespace.
    #[must_use]
    pub fn new(content: Ns<'static>) -> Self {
        Self {
            content: Some(Cow::Borrowed(content.uri())),
            to: Address::Absent,
            from: Address::Absent,
            id: None,
            lang: None,
            version: Some(Version::V1_0),
            dialback: false,
        }
    }

    /// Reads the start tag of a stream, or `<open/>`.
    ///
    /// Whether the content namespace and the version are supported, and the
    /// addresses right, is for the connection to say.
    ///
    /// # Errors
    ///
    /// If the element is no `<stream/>` of the stream namespace (`6120-4.8.1-01`)
    /// and no `<open/>` of the framing namespace (RFC 7395, section 3.3.2),
    /// declares the stream namespace as the content namespace
    /// (`6120-4.8.2-02`), or has a version that is not of the form `1.0`.
    /// [`Invalid::stream_condition`] is what to answer.
    pub fn parse(element: ElementRef<'_>) -> Result<Self, Invalid> {
        let invalid = |rule, section| Invalid::new("stream", rule, section);
        let framed = element.is(ns::FRAMING, "open");
        if !framed && !element.has_ns(ns::STREAM) {
            return Err(invalid(Rule::WrongNamespace, "RFC 6120, 4.8.1").found(element.ns()));
        }
        if !framed && element.name() != "stream" {
            return Err(invalid(Rule::WrongElement, "RFC 6120, 4.2").found(element.name()));
        }
        // RFC 6120 section 4.8.2, second example: a header without a prefix
        // declares its own namespace, and no content namespace.
        let own = framed || element.prefix().is_empty();
        let declared = element.declared("").filter(|uri| !own && !uri.is_empty());
        if declared == Some(ns::STREAM.uri()) {
            return Err(invalid(Rule::WrongNamespace, "RFC 6120, 4.8.2").found(ns::STREAM.uri()));
        }
        let content = declared.map(|uri| match known(uri) {
            Some(content) => Cow::Borrowed(content.uri()),
            None => Cow::Owned(uri.into()),
        });
        let version = match element.attr("version") {
            None => None,
            Some(text) => match Version::parse(&text) {
                Some(version) => Some(version),
                None => {
                    return Err(invalid(Rule::UnknownValue, "RFC 6120, 4.7.5")
                        .in_attribute("version")
                        .found(&text));
                }
            },
        };
        Ok(Self {
            content,
            to: Address::from_attribute(element.attr("to").as_deref()),
            from: Address::from_attribute(element.attr("from").as_deref()),
            id: element.attr("id").map(Cow::into_owned),
            lang: crate::envelope::own_lang(element).map(Cow::into_owned),
            version,
            dialback: element.declarations().any(|d| Ns::new(d.uri()) == ns::DIALBACK),
        })
    }

    /// Whether that is the content namespace.
    #[must_use]
    pub fn has_content(&self, content: Ns<'_>) -> bool {
        self.content.as_deref().is_some_and(|uri| Ns::new(uri) == content)
    }

    /// The version, 0.9 if none is given (`6120-4.7.5-08`).
    #[must_use]
    pub fn effective_version(&self) -> Version {
        self.version.unwrap_or(Version { major: 0, minor: 9 })
    }

    /// Returns this header with that 'to'.
    #[must_use]
    pub fn with_to(mut self, to: impl Into<Address>) -> Self {
        self.to = to.into();
        self
    }

    /// Returns this header with that 'from'.
    #[must_use]
    pub fn with_from(mut self, from: impl Into<Address>) -> Self {
        self.from = from.into();
        self
    }

    /// Returns this header with that stream identifier.
    #[must_use]
    pub fn with_id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Returns this header with that language, an RFC 5646 tag.
    #[must_use]
    pub fn with_lang(mut self, lang: impl Into<String>) -> Self {
        self.lang = Some(lang.into());
        self
    }

    /// Appends the XML declaration and the start tag, without an end tag; or
    /// `<open/>`, if the buffer is for messages. The content namespace is that
    /// of the buffer from here on.
    ///
    /// # Errors
    ///
    /// If a value has characters that XML does not allow;
    /// [`WriteError::InvalidNamespace`] if the content namespace is one that
    /// stanzas cannot be in, in [`Framing::Stream`] also if there is none.
    /// Nothing is appended then.
    pub fn write(&self, tx: &mut SendBuffer) -> Result<(), WriteError> {
        let content = match self.content.as_deref().map(known) {
            Some(Some(content)) => content,
            None if tx.framing() == Framing::WebSocket => tx.context().content,
            _ => return Err(WriteError::InvalidNamespace),
        };
        let version = self.version.map(|version| alloc::format!("{version}"));
        let dialback = [("db", ns::DIALBACK)];
        tx.open(
            content,
            if self.dialback { &dialback } else { &[] },
            &[
                ("from", self.from.as_str()),
                ("to", self.to.as_str()),
                ("id", self.id.as_deref()),
                ("version", version.as_deref()),
                ("xml:lang", self.lang.as_deref()),
            ],
        )
    }
}

/// The content namespace of that URI, if it is one.
fn known(uri: &str) -> Option<Ns<'static>> {
    CONTENT.into_iter().find(|content| content.uri() == uri)
}

/// A version of XMPP (RFC 6120, section 4.7.5): two numbers, compared as such.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_structs, reason = "RFC 6120 has two numbers")]
pub struct Version {
    /// The major version.
    pub major: u16,
    /// The minor version.
    pub minor: u16,
}

impl Version {
    /// The version of RFC 6120.
    pub const V1_0: Self = Self { major: 1, minor: 0 };

    /// `1.0` and the like; leading zeros do not count (`6120-4.7.5-02`).
    fn parse(text: &str) -> Option<Self> {
        let (major, minor) = text.split_once('.')?;
        let number = |digits: &str| {
            let digital = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            digital.then(|| digits.parse().ok()).flatten()
        };
        Some(Self { major: number(major)?, minor: number(minor)? })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}
