//! What is wrong with an element that does not fit its type.

use alloc::boxed::Box;
use core::fmt;

use crate::{StanzaCondition, StreamCondition};

/// An element that breaks the rules of the type it was to be read as.
///
/// It says where (element and attribute), which rule of which RFC, what was
/// found, and which condition tells the sender ([`condition`](Self::condition),
/// [`stream_condition`](Self::stream_condition)). It never comes from what a
/// type does not know: unknown elements and attributes are kept or left aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    element: &'static str,
    attribute: Option<&'static str>,
    rule: Rule,
    section: &'static str,
    found: Option<Box<str>>,
}

/// The kind of rule that was broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rule {
    /// It is another element than the one expected, by name or by namespace.
    WrongElement,
    /// A namespace that is not supported in this place.
    WrongNamespace,
    /// A required attribute is not there.
    MissingAttribute,
    /// A required child element is not there; this is its name.
    MissingChild(&'static str),
    /// An iq request without the one payload that it must have.
    MissingPayload,
    /// A child element that may not be there; this is its name.
    UnexpectedChild(&'static str),
    /// More child elements than there may be; this is how many there may be.
    TooManyChildren(usize),
    /// A child element that may be there once is there twice.
    Repeated,
    /// Child elements where only character data may be.
    MixedContent,
    /// A value that is none of those allowed.
    UnknownValue,
    /// A value that is no number, or not in the range; the range is this.
    NotInRange(i64, i64),
    /// An address that RFC 7622 does not allow.
    Jid(xmpp_jid::Error),
    /// Something that is not defined here, where nothing else is accepted.
    Undefined,
    /// Character data where there may be none.
    UnexpectedText,
    /// Character data that is not base 64 as RFC 4648, section 4, and
    /// RFC 6120, section 13.9.1, have it.
    Base64,
}

/// Of what was found, at most this many bytes are kept to be told.
const MAX_FOUND: usize = 64;

impl Invalid {
    /// `element` breaks `rule`, which stands in `section` ("RFC 6120, 8.2.3").
    ///
    /// For those who write a [`Payload`](crate::Payload) of their own.
    #[must_use]
    pub const fn new(element: &'static str, rule: Rule, section: &'static str) -> Self {
        Self { element, attribute: None, rule, section, found: None }
    }

    /// Returns this error, found in the attribute of that name.
    #[must_use]
    pub const fn in_attribute(mut self, name: &'static str) -> Self {
        self.attribute = Some(name);
        self
    }

    /// Returns this value with what was found (its first 64 bytes).
    #[must_use]
    pub fn found(mut self, what: &str) -> Self {
        let end = (0..=what.len().min(MAX_FOUND)).rev().find(|&at| what.is_char_boundary(at));
        self.found = Some(what.get(..end.unwrap_or(0)).unwrap_or("").into());
        self
    }

    /// A copy without what was found: to be sent or logged.
    #[must_use]
    pub fn without_found(&self) -> Self {
        Self { found: None, ..*self }
    }

    /// The local name of the element that is at fault.
    #[must_use]
    pub const fn element(&self) -> &'static str {
        self.element
    }

    /// The name of the attribute that is at fault, if it is one.
    #[must_use]
    pub const fn attribute(&self) -> Option<&'static str> {
        self.attribute
    }

    /// The rule that was broken.
    #[must_use]
    pub const fn rule(&self) -> Rule {
        self.rule
    }

    /// Where the rule stands, as in `RFC 6120, 8.2.3`.
    #[must_use]
    pub const fn section(&self) -> &'static str {
        self.section
    }

    /// The condition of the stanza error that answers a stanza with this fault.
    #[must_use]
    pub const fn condition(&self) -> StanzaCondition {
        match self.rule {
            Rule::Jid(_) => StanzaCondition::JidMalformed,
            _ => StanzaCondition::BadRequest,
        }
    }

    /// The condition of the stream error that answers a first-level element
    /// other than a stanza (a stream header, features, a nonza) with this fault.
    #[must_use]
    pub fn stream_condition(&self) -> StreamCondition {
        match (self.element, self.attribute, self.rule) {
            (_, _, Rule::WrongNamespace) => StreamCondition::InvalidNamespace,
            ("stream", Some("version"), _) => StreamCondition::UnsupportedVersion,
            ("stream", ..) => StreamCondition::BadFormat,
            (_, _, Rule::WrongElement) => StreamCondition::UnsupportedStanzaType,
            _ => StreamCondition::BadFormat,
        }
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.attribute {
            Some(name) => write!(f, "attribute '{name}' of <{}>: ", self.element)?,
            None => write!(f, "<{}>: ", self.element)?,
        }
        match self.rule {
            Rule::WrongElement => f.write_str("another element was expected")?,
            Rule::WrongNamespace => f.write_str("the namespace is not supported here")?,
            Rule::MissingAttribute => f.write_str("the attribute is required")?,
            Rule::MissingChild(name) => write!(f, "a child <{name}> is required")?,
            Rule::MissingPayload => f.write_str("one child element, the payload, is required")?,
            Rule::UnexpectedChild(name) => write!(f, "there may be no child <{name}> here")?,
            Rule::TooManyChildren(0) => f.write_str("there may be no child elements")?,
            Rule::TooManyChildren(1) => f.write_str("there may be only one child element")?,
            Rule::TooManyChildren(most) => {
                write!(f, "there may be no more than {most} child elements")?;
            }
            Rule::Repeated => f.write_str("there may be only one of these")?,
            Rule::MixedContent => f.write_str("there may be only character data, no elements")?,
            Rule::UnknownValue => f.write_str("the value is none of those allowed")?,
            Rule::NotInRange(low, high) => {
                write!(f, "the value must be a whole number from {low} to {high}")?;
            }
            Rule::Jid(error) => write!(f, "{error}")?,
            Rule::Undefined => f.write_str("nothing of the kind is defined here")?,
            Rule::UnexpectedText => f.write_str("there may be no character data here")?,
            Rule::Base64 => f.write_str("the character data is not base 64")?,
        }
        if let Some(found) = &self.found {
            write!(f, ", not {found:?}")?;
        }
        write!(f, " ({})", self.section)
    }
}

impl core::error::Error for Invalid {}
