//! What a reader of payloads passes over, and who wants to know.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use crate::Invalid;
use crate::invalid::Rule;

/// What becomes of the things in a payload that its type does not define.
///
/// RFC 6120, section 8.4, has one ignore what one does not know, and that is
/// what [`Payload::parse`](crate::Payload::parse) does. A tester wants to
/// [hear](Self::collect) of it; a strict receiver may want to
/// [refuse](Self::refuse) it.
///
/// ```
/// use xmpp_stanza::{Findings, Payload};
/// # use std::borrow::Cow;
/// # use xmpp_xml::{Element, Ns};
/// # #[derive(Payload)]
/// # #[xml(ns = Ns::new("http://jabber.org/protocol/nick"), name = "nick", section = "XEP-0172, 2")]
/// # struct Nick<'a> { #[xml(text)] name: Cow<'a, str> }
/// let element = Element::parse("<nick xmlns='http://jabber.org/protocol/nick' shiny='1'>Ishmael</nick>")?;
/// assert!(Nick::parse(element.as_ref()).is_ok());
///
/// let mut findings = Findings::collect(100);
/// Nick::parse_noting(element.as_ref(), &mut findings)?;
/// assert_eq!(findings.iter().next().unwrap().to_string(), "<nick>: unknown attribute 'shiny'");
///
/// assert!(Nick::parse_noting(element.as_ref(), &mut Findings::refuse()).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Findings {
    mode: Mode,
    found: Vec<Finding>,
}

#[derive(Debug)]
enum Mode {
    Ignore,
    Collect { most: usize },
    Refuse,
}

impl Findings {
    /// Nobody wants to know: they are passed over.
    #[must_use]
    pub const fn ignore() -> Self {
        Self { mode: Mode::Ignore, found: Vec::new() }
    }

    /// They are passed over and kept to be told, the first `most` of them.
    #[must_use]
    pub const fn collect(most: usize) -> Self {
        Self { mode: Mode::Collect { most }, found: Vec::new() }
    }

    /// The first one is an error.
    #[must_use]
    pub const fn refuse() -> Self {
        Self { mode: Mode::Refuse, found: Vec::new() }
    }

    /// Those that were found, in the order of reading.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Finding> {
        self.found.iter()
    }

    /// Whether none was found.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Notes one: for those who read a payload by hand.
    ///
    /// # Errors
    ///
    /// If findings are [refused](Self::refuse).
    pub fn note(&mut self, finding: impl FnOnce() -> Finding) -> Result<(), Invalid> {
        match self.mode {
            Mode::Ignore => Ok(()),
            Mode::Collect { most } => {
                if self.found.len() < most {
                    self.found.push(finding());
                }
                Ok(())
            }
            Mode::Refuse => Err(finding().into_invalid()),
        }
    }
}

/// Something in a payload that its type does not define, or that breaks the
/// rules in a way that a lenient reader can do without.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    element: &'static str,
    section: &'static str,
    kind: FindingKind,
    name: Box<str>,
}

/// What a [`Finding`] is.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum FindingKind {
    /// An attribute that is not defined.
    UnknownAttribute,
    /// A child element that is not defined.
    UnknownChild,
    /// Character data where there should be none.
    UnexpectedText,
    /// A child element that may be there once is there again.
    Repeated,
    /// An optional value or child that breaks its rules: it counts as absent.
    Bad(Invalid),
}

/// Of a name, at most this many characters are kept.
const MAX_NAME: usize = 64;

impl Finding {
    /// In an element of that name, defined in that section.
    #[must_use]
    pub fn new(
        element: &'static str,
        section: &'static str,
        kind: FindingKind,
        name: &str,
    ) -> Self {
        let name = name.chars().take(MAX_NAME).collect();
        Self { element, section, kind, name }
    }

    /// What it is.
    #[must_use]
    pub const fn kind(&self) -> &FindingKind {
        &self.kind
    }

    /// The element that it is in.
    #[must_use]
    pub const fn element(&self) -> &'static str {
        self.element
    }

    /// The attribute or child that it is about; empty for character data.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    fn into_invalid(self) -> Invalid {
        let rule = match self.kind {
            FindingKind::Bad(invalid) => return invalid,
            FindingKind::UnknownAttribute => Rule::Undefined,
            FindingKind::UnknownChild => Rule::Undefined,
            FindingKind::UnexpectedText => Rule::UnexpectedText,
            FindingKind::Repeated => Rule::Repeated,
        };
        Invalid::new(self.element, rule, self.section).found(&self.name)
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            FindingKind::UnknownAttribute => {
                write!(f, "<{}>: unknown attribute '{}'", self.element, self.name)
            }
            FindingKind::UnknownChild => {
                write!(f, "<{}>: unknown child <{}>", self.element, self.name)
            }
            FindingKind::UnexpectedText => {
                write!(f, "<{}>: character data where none is defined", self.element)
            }
            FindingKind::Repeated => {
                write!(f, "<{}>: <{}> more than once", self.element, self.name)
            }
            FindingKind::Bad(invalid) => invalid.fmt(f),
        }
    }
}
