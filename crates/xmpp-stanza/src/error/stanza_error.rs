//! `<error/>` in a stanza: RFC 6120, section 8.3.2.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use xmpp_xml::{Element, ElementRef, Sharing, WriteXml, Writer, ns};

use super::legacy;
use crate::envelope;
use crate::text::{lookup, primary};
use crate::{Address, ErrorType, Invalid, LangText, StanzaCondition};

/// The error in a stanza of type `error` (RFC 6120, section 8.3).
///
/// ```
/// use xmpp_stanza::{ErrorType, StanzaCondition, StanzaError};
///
/// let error = StanzaError::new(StanzaCondition::ItemNotFound).with_text("no such room");
/// assert_eq!(error.error_type, ErrorType::Cancel);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct StanzaError {
    /// What the sender can do about it.
    pub error_type: ErrorType,
    /// What is wrong.
    pub condition: StanzaCondition,
    /// With `gone` and `redirect`: the URI at which the entity or the
    /// information can be had instead. It is not written with any other
    /// condition.
    ///
    /// # Security
    ///
    /// Ask a human before following it: another entity may be behind it
    /// (`6120-8.3.3.14-02`).
    pub new_address: Option<String>,
    /// The numeric code that errors had before RFC 3920 (XEP-0086), and that
    /// some servers still send.
    pub code: Option<u16>,
    /// The entity that detected the error.
    pub by: Address,
    /// Descriptions, one a language. They are for diagnosis, not for programs
    /// to interpret (`6120-8.3.2-10`).
    pub texts: Vec<LangText<'static>>,
    /// Application-specific conditions, and conditions of the namespace of
    /// stanza errors that RFC 6120 does not define, in the order of the document.
    pub extensions: Vec<Element>,
}

impl StanzaError {
    /// An error of the type that RFC 6120 recommends for the condition.
    #[must_use]
    pub const fn new(condition: StanzaCondition) -> Self {
        Self {
            error_type: condition.default_type(),
            condition,
            new_address: None,
            code: None,
            by: Address::Absent,
            texts: Vec::new(),
            extensions: Vec::new(),
        }
    }

    /// The entity is no longer here but, if anywhere, at the URI `new_address`.
    #[must_use]
    pub fn gone(new_address: Option<String>) -> Self {
        Self { new_address, ..Self::new(StanzaCondition::Gone) }
    }

    /// To be had for a while, if anywhere, at the URI `new_address`.
    #[must_use]
    pub fn redirect(new_address: Option<String>) -> Self {
        Self { new_address, ..Self::new(StanzaCondition::Redirect) }
    }

    /// Returns this error with that type.
    #[must_use]
    pub const fn with_type(mut self, error_type: ErrorType) -> Self {
        self.error_type = error_type;
        self
    }

    /// Returns this value with the entity that detected it.
    #[must_use]
    pub fn with_by(mut self, by: impl Into<Address>) -> Self {
        self.by = by.into();
        self
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

    /// Reads an `<error/>`.
    ///
    /// Since an error cannot be answered, as little as possible is refused. An
    /// unknown condition is `undefined-condition` (`6120-8.3.2-05`), a missing
    /// one that of the legacy [code](Self::code), if there is one, else
    /// `undefined-condition`; a missing or unknown type is the one that goes with
    /// the condition. Character data directly in the element is a legacy
    /// description (XEP-0086), for which `<text/>` has taken its place.
    ///
    /// # Errors
    ///
    /// Only if the element is no `<error/>` of a content namespace.
    pub fn parse(element: ElementRef<'_>) -> Result<Self, Invalid> {
        envelope::content(element, "error")?;
        let mut error = Self::new(StanzaCondition::UndefinedCondition);
        let mut condition = None;
        let mut sharing = Sharing::new(element);
        // Nothing else keeps the language that the texts inherit from here.
        let lang = envelope::own_lang(element);
        for child in element.children() {
            let known = child.has_ns(ns::STANZAS_ERR).then(|| child.name());
            match (known, known.and_then(StanzaCondition::from_name)) {
                (_, Some(found)) if condition.is_none() => {
                    condition = Some(found);
                    if found.has_address() {
                        let address = child.text();
                        let address = envelope::trimmed(&address);
                        error.new_address = (!address.is_empty()).then(|| address.into());
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
        error.code = element.attr("code").and_then(|code| code.trim_ascii().parse().ok());
        if error.texts.is_empty() {
            let text = element.text();
            let text = envelope::trimmed(&text);
            let text =
                (!text.is_empty()).then(|| LangText { lang, text: text.into() }.into_owned());
            error.texts.extend(text);
        }
        // A condition that is not known has no other known beside it.
        let unknown = error.extensions.iter().any(|child| child.as_ref().has_ns(ns::STANZAS_ERR));
        let legacy = error.code.filter(|_| !unknown).and_then(legacy::meaning);
        let (condition, error_type) = match (condition, legacy) {
            (Some(condition), _) => (condition, condition.default_type()),
            (None, Some(legacy)) => legacy,
            (None, None) => {
                let undefined = StanzaCondition::UndefinedCondition;
                (undefined, undefined.default_type())
            }
        };
        error.condition = condition;
        error.error_type =
            element.attr("type").and_then(|name| ErrorType::from_name(&name)).unwrap_or(error_type);
        error.by = Address::from_attribute(element.attr("by").as_deref());
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

    /// The first application-specific condition of type `T`, if there is one.
    ///
    /// # Errors
    ///
    /// If there is one and it breaks the rules of `T`.
    pub fn extension<'s, T: crate::Payload<'s>>(&'s self) -> Result<Option<T>, Invalid> {
        crate::payload::first(self.extensions.iter())
    }
}

impl Default for StanzaError {
    /// `undefined-condition`: what is known of an error that does not say.
    fn default() -> Self {
        Self::new(StanzaCondition::UndefinedCondition)
    }
}

impl From<StanzaCondition> for StanzaError {
    fn from(condition: StanzaCondition) -> Self {
        Self::new(condition)
    }
}

impl From<&Invalid> for StanzaError {
    /// The error that answers a stanza with that fault. It says which element,
    /// attribute and rule, and repeats nothing of what was found.
    fn from(invalid: &Invalid) -> Self {
        Self::new(invalid.condition())
            .with_text(LangText::in_lang("en", alloc::format!("{}", invalid.without_found())))
    }
}

impl fmt::Display for StanzaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.condition, self.error_type)?;
        if let Some(text) = self.text() {
            write!(f, ": {text}")?;
        }
        Ok(())
    }
}

impl core::error::Error for StanzaError {}

impl WriteXml for StanzaError {
    fn write_xml(&self, w: &mut Writer<'_>) {
        let content = w.content();
        w.start(content, "error");
        w.attr("type", self.error_type.as_str());
        w.attr_opt("by", self.by.as_str());
        if let Some(code) = self.code {
            w.attr("code", &alloc::format!("{code}"));
        }
        // What several of them inherit is declared once.
        for extension in &self.extensions {
            w.declare_for(extension.as_ref());
        }
        w.start(ns::STANZAS_ERR, self.condition.as_str());
        if let (true, Some(address)) = (self.condition.has_address(), &self.new_address) {
            w.text(address);
        }
        w.end();
        for text in &self.texts {
            envelope::write_lang_text(w, ns::STANZAS_ERR, "text", text);
        }
        for extension in &self.extensions {
            w.element(extension.as_ref());
        }
        w.end();
    }
}
