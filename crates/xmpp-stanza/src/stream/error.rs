//! `<stream:error/>`: RFC 6120, section 4.9.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use xmpp_jid::Domainpart;
use xmpp_xml::{Element, ElementRef, Sharing, WriteXml, Writer, ns};

use crate::envelope;
use crate::invalid::Rule;
use crate::text::{lookup, primary};
use crate::{Invalid, LangText, StreamCondition};

/// The error that ends a stream (RFC 6120, section 4.9).
///
/// ```
/// use xmpp_stanza::{StreamCondition, StreamError};
///
/// let error = StreamError::new(StreamCondition::PolicyViolation).with_text("stanza too large");
/// assert_eq!(error.to_string(), "policy-violation: stanza too large");
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct StreamError {
    /// What is wrong.
    pub condition: StreamCondition,
    /// With `see-other-host`: where to connect to instead, as it came;
    /// [`other_host`](Self::other_host) reads it. It is not written with any
    /// other condition.
    pub see_other_host: Option<String>,
    /// Descriptions, one a language. They are for diagnosis, not for programs
    /// to interpret (`6120-4.9.2-09`).
    pub texts: Vec<LangText<'static>>,
    /// Application-specific conditions, and conditions of the namespace of
    /// stream errors that RFC 6120 does not define, in the order of the document.
    pub extensions: Vec<Element>,
}

impl StreamError {
    /// An error without a description.
    #[must_use]
    pub const fn new(condition: StreamCondition) -> Self {
        Self { condition, see_other_host: None, texts: Vec::new(), extensions: Vec::new() }
    }

    /// Connect to `host` instead: a domainpart or `domainpart:port`, an IPv6
    /// address in brackets (`6120-4.9.3.19-01`).
    ///
    /// # Security
    ///
    /// Not before the stream is protected by TLS (`6120-4.9.3.19-06`).
    #[must_use]
    pub fn see_other_host(host: impl Into<String>) -> Self {
        Self { see_other_host: Some(host.into()), ..Self::new(StreamCondition::SeeOtherHost) }
    }

    /// Returns this value with one more description.
    #[must_use]
    pub fn with_text<'t>(mut self, text: impl Into<LangText<'t>>) -> Self {
        self.texts.push(text.into().into_owned());
        self
    }

    /// Returns this value with an application-specific condition.
    #[must_use]
    pub fn with_extension(mut self, condition: impl Into<Element>) -> Self {
        self.extensions.push(condition.into());
        self
    }

    /// Reads a `<stream:error/>`.
    ///
    /// Since the stream ends with it, as little as possible is refused: a
    /// missing or unknown condition is `undefined-condition` (`6120-4.9.2-03`).
    ///
    /// # Errors
    ///
    /// Only if the element is no `<error/>` of the stream namespace.
    pub fn parse(element: ElementRef<'_>) -> Result<Self, Invalid> {
        if !element.is(ns::STREAM, "error") {
            return Err(
                Invalid::new("error", Rule::WrongElement, "RFC 6120, 4.9").found(element.name())
            );
        }
        let mut error = Self::new(StreamCondition::UndefinedCondition);
        let mut condition = None;
        let mut sharing = Sharing::new(element);
        // Nothing else keeps the language that the texts inherit from here.
        let lang = envelope::own_lang(element);
        for child in element.children() {
            let known = child.has_ns(ns::STREAMS_ERR).then(|| child.name());
            match (known, known.and_then(StreamCondition::from_name)) {
                (_, Some(found)) if condition.is_none() => {
                    condition = Some(found);
                    if found == StreamCondition::SeeOtherHost {
                        error.see_other_host = Some(envelope::trimmed(&child.text()).into());
                    }
                }
                (Some("text"), None) => error.texts.push(
                    LangText {
                        lang: envelope::own_lang(child).or_else(|| lang.clone()),
                        text: child.text(),
                    }
                    .into_owned(),
                ),
                _ => error.extensions.push(sharing.share(child)),
            }
        }
        error.condition = condition.unwrap_or(StreamCondition::UndefinedCondition);
        Ok(error)
    }

    /// The description in no particular language, else the first.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        primary(self.texts.iter(), None).map(|text| &*text.text)
    }

    /// The description for a reader of the language `range`, by RFC 4647's
    /// lookup; if there is none, as [`text`](Self::text).
    #[must_use]
    pub fn text_for(&self, range: &str) -> Option<&LangText<'static>> {
        lookup(self.texts.iter(), None, range)
    }

    /// Where to connect to instead, of an error `see-other-host`.
    ///
    /// # Errors
    ///
    /// If what is named is no domainpart, or no port follows the colon
    /// (`6120-4.9.3.19-01`).
    ///
    /// # Security
    ///
    /// To be followed only over TLS, a few times at most, and with the same
    /// identity to be verified as before (`6120-4.9.3.19-05` to `-07`).
    pub fn other_host(&self) -> Result<Option<OtherHost>, Invalid> {
        match (self.condition, &self.see_other_host) {
            (StreamCondition::SeeOtherHost, Some(text)) => OtherHost::parse(text).map(Some),
            (StreamCondition::SeeOtherHost, None) => OtherHost::parse("").map(Some),
            _ => Ok(None),
        }
    }
}

/// Where `see-other-host` points (RFC 6120, section 4.9.3.19).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OtherHost {
    /// The domain name or the IP address, an IPv6 address in brackets: its
    /// [`host`](Domainpart::host) tells which.
    pub host: Domainpart,
    /// The port; if there is none, a domain name is to be resolved as ever.
    pub port: Option<u16>,
}

impl OtherHost {
    fn parse(text: &str) -> Result<Self, Invalid> {
        const SECTION: &str = "RFC 6120, 4.9.3.19";
        let invalid = |rule| Invalid::new("see-other-host", rule, SECTION);
        // The colon of the port is the one after the brackets of an IPv6 address.
        let address_end = if text.starts_with('[') { text.find(']').unwrap_or(0) } else { 0 };
        let colon = text.get(address_end..).and_then(|rest| rest.find(':'));
        let (host, port) = match colon.map(|at| text.split_at(at + address_end)) {
            None => (text, None),
            Some((host, port)) => {
                let digits = port.trim_start_matches(':');
                let number = digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse());
                match number {
                    Some(Ok(number)) if number != 0 && port.len() == digits.len() + 1 => {
                        (host, Some(number))
                    }
                    _ => return Err(invalid(Rule::NotInRange(1, 65535)).found(digits)),
                }
            }
        };
        let host = Domainpart::new(host).map_err(|error| invalid(Rule::Jid(error)))?;
        Ok(Self { host, port })
    }
}

impl fmt::Display for OtherHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.host.as_str())?;
        match self.port {
            Some(port) => write!(f, ":{port}"),
            None => Ok(()),
        }
    }
}

impl From<StreamCondition> for StreamError {
    fn from(condition: StreamCondition) -> Self {
        Self::new(condition)
    }
}

impl fmt::Display for StreamError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.condition.as_str())?;
        if let (StreamCondition::SeeOtherHost, Some(host)) = (self.condition, &self.see_other_host)
        {
            write!(f, " ({host})")?;
        }
        if let Some(text) = self.text() {
            write!(f, ": {text}")?;
        }
        Ok(())
    }
}

impl core::error::Error for StreamError {}

impl WriteXml for StreamError {
    fn write_xml(&self, w: &mut Writer<'_>) {
        w.start(ns::STREAM, "error");
        w.start(ns::STREAMS_ERR, self.condition.as_str());
        if let (StreamCondition::SeeOtherHost, Some(host)) = (self.condition, &self.see_other_host)
        {
            w.text(host);
        }
        w.end();
        for text in &self.texts {
            envelope::write_lang_text(w, ns::STREAMS_ERR, "text", text);
        }
        for extension in &self.extensions {
            w.element(extension.as_ref());
        }
        w.end();
    }
}
